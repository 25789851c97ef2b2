class Linq
{
    IEnumerable<string> Names(IEnumerable<Person> people)
    {
        var query = from p in people
                    where p.Age > 18
                    select p.Name;
        return query
            .Distinct()
            .OrderBy(n => n);
    }

    unsafe void Raw(byte* p) { *p = 1; }
    (int low, int high) Pair() => (1, 2);
    IEnumerator<int> Count() { yield return 1; }
}
