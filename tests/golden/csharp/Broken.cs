class Broken
{
    int Good() { return 1; }

    int Typed(int a)
    {
        return a.;
    }

    int After() { return 2; }
}
