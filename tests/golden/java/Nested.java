class Outer {
    class Inner {
        void work() {
            class Local {
                void here() {}
            }
            new Local().here();
        }
    }

    static class Entry<K, V> {
        K key() { return key; }
    }

    interface Visitor {
        void visit();
        default void leave() { visit(); }
        static Visitor none() { return null; }
    }

    @interface Marker {
        int value() default 1;
    }
}
