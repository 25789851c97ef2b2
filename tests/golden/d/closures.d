auto square = (int x) { return x * x; };

int run(int[] values)
{
    auto add = (int a, int b) => a + b;
    auto log = delegate void(int x) {
        writeln(x);
    };
    int helper(int x)
    {
        return x + 1;
    }
    return values
        .filter!(x => x > 1)
        .map!(x => helper(x))
        .sum;
}
