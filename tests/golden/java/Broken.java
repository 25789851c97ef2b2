class Broken {
    int good() { return 1; }

    int typed(int a) {
        return a.;
    }

    int after() { return 2; }
}
