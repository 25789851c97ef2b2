class Chains {
    String build(int a,
                 int b) {
        return new StringBuilder()
            .append(a)
            .append(
                b)
            .toString();
    }

    boolean both(boolean x) {
        return x
            && other(x,
                true);
    }
}
