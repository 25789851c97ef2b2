class Closures
{
    private readonly Func<int, int> square = x => x * x;
    static Action nothing = delegate { Log(); };

    int Run(List<int> values)
    {
        Func<int, int> add = n =>
        {
            return n + 1;
        };
        int Local(int y)
        {
            int Deeper() => y;
            return Deeper();
        }
        Action<int> old = delegate (int n) { Use(n); };
        values.Where(v => v > 1)
            .ToList()
            .ForEach(v =>
            {
                Use(v);
            });
        return values.Sum(v => add(v)) + Local(1);
    }
}
