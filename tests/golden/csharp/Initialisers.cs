class Data
{
    static readonly Dictionary<string, int> Table = new()
    {
        ["a"] = 1,
        ["b"] = 2,
    };

    Point Make()
    {
        return new Point
        {
            X = 1,
            Y = Compute(2,
                3),
        };
    }
}
