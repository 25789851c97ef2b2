namespace Demo.Files;

public static class Extensions
{
    public static int Half(this int x) => x / 2;
    public static T Largest<T>(this IEnumerable<T> items) where T : IComparable<T>
    {
        foreach (var item in items)
            return item;
        throw new Exception();
    }
}

record Point(int X, int Y)
{
    public double Length() { return Math.Sqrt(X * X + Y * Y); }
}
