int sound(int a) { return a; }

int typed(int b)
{
    int c = b +

int later(int d)
{
    return d;
}

int last(void) { return 3; }
