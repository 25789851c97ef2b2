struct Vec
{
    float x, y;

    this(this) { ++copies; }

    Vec opBinary(string op)(Vec other) const
        if (op == "+" || op == "-")
    {
        return mixin("Vec(x " ~ op ~ " other.x, y)");
    }

    bool opEquals(const Vec other) const { return x == other.x; }
    int opCmp(ref const Vec other) const { return x < other.x ? -1 : 1; }
    @property float length() const { return sqrt(x * x + y * y); }

    union Bits
    {
        float f;
        uint bits() { return 0; }
    }
}
