int good() { return 1; }

int typed(int a)
{
    int b = (a +
    return b;
}

int after() { return 2; }
