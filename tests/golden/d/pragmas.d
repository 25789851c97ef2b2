pragma(inline, true)
int fast(int x)
{
    pragma(msg, "compiling");
    return x;
}
