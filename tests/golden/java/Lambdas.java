class Lambdas {
    private Function<Integer, Integer> square = x -> x * x;
    static final Runnable NOTHING = () -> {
        // empty
    };

    void go(List<String> names) {
        BiFunction<Integer, Integer, Integer> add = (a, b) -> {
            return a + b;
        };
        names.stream()
            .filter(n -> n.length() > 1)
            .forEach(n -> {
                print(n);
            });
        Supplier<String> s = String::new;
    }
}
