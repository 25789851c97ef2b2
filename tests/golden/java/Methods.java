package demo;

import java.util.*;

/** Documented. */
public class Methods<T extends Comparable<T>> extends Base implements Runnable {
    private static final int LIMIT = 3; // words

    public Methods(int size) throws IOException {
        super(size);
    }

    @Override
    public void run() {
        step();
    }

    @SuppressWarnings("unchecked")
    protected <U> List<U> map(Function<? super T, ? extends U> f)
            throws Exception {
        return null;
    }

    static int add(int a, int b) { return a + b; }
    static double add(double a, double b) { return a + b; }
    abstract void nothing();
    native int fast(int[] xs);
    int sum(int... xs) { return 0; }
}
