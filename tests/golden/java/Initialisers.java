class Initialisers {
    static final Map<String, Integer> TABLE = new HashMap<>();
    static {
        TABLE.put("a", 1);
    }
    int[] values = {
        1,
        2,
    };
    {
        values[0] = 3;
    }
    Initialisers() {}
}
