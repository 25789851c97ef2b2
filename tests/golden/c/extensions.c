__attribute__((noinline)) int cold(int x) { return x; }

int hot(int x) __attribute__((hot));

int statement_expression(int a)
{
    return ({
        int b = a * 2;
        b + 1;
    });
}

int outer(int n)
{
    int inner(int m) { return m + n; }
    return inner(1);
}

void low(void)
{
    __asm__ volatile(
        "nop\n\t"
        "nop"
        ::: "memory");
}
