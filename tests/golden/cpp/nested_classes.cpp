class Outer {
    struct Inner {
        void work() {
            struct Here { void go() {} };
            Here().go();
        }
        enum Kind { One, Two };
    };
    union Both { int i; float f; float get() { return f; } };
};
void Outer::Inner::rest() { }
