enum Operation {
    PLUS("+") {
        int apply(int a, int b) { return a + b; }
    },
    MINUS("-") {
        int apply(int a, int b) {
            return a - b;
        }
    };

    private final String sign;

    Operation(String sign) { this.sign = sign; }

    abstract int apply(int a, int b);
}
