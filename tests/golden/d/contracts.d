int divide(int a, int b)
in
{
    assert(b != 0);
}
out (result)
{
    assert(result * b <= a);
}
do
{
    return a / b;
}

int shorter(int x)
in (x > 0)
{
    return x;
}
