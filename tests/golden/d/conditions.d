version (Windows)
{
    char separator() { return '\\'; }
}
else
{
    char separator() { return '/'; }
}

debug void trace(string s) { writeln(s); }

void run()
{
    version (Fast)
    {
        quick();
    }
    else
        slow();
    static if (size_t.sizeof == 8)
    {
        wide();
    }
}
