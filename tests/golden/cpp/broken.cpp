int good() { return 1; }

class Half {
    void first() { return; }
    void second( {
        int x = ;
    }
    void third() { return; }
};

int fine() { return 2; }
