template Pair(A, B)
{
    struct Pair
    {
        A first;
        void swap() { }
    }

    void helper() { }
}

mixin template Counter()
{
    int count;
    void increment() { ++count; }
}

enum isSmall(T) = T.sizeof < 8;

class Box(T) if (isSmall!T)
{
    T get() { return value; }
}
