class Shape : Base, Drawable
{
    private double size; /* words */

    this(double size)
    {
        this.size = size;
    }

    this() { this(1); }
    ~this() { release(); }
    static this() { count = 0; }

    override void draw() const
    {
        writeln(size);
    }

    abstract double area();
    final int sides() { return 4; }

    invariant
    {
        assert(size >= 0);
    }

    class Inner
    {
        void work() { }
    }
}

interface Drawable
{
    void draw();
    final void erase() { clear(); }
}
