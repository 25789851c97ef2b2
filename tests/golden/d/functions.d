/++ Documented. +/
module demo.app;

import std.stdio : writeln; // words

int add(int a, int b) { return a + b; }

T largest(T)(T[] items...)
    if (is(typeof(items[0] < items[0])))
{
    T best = items[0];
    foreach (item; items[1 .. $])
        if (item > best)
            best = item;
    return best;
}

@safe pure nothrow @nogc
int attributed(int x)
{
    return x;
}

auto twice(int x) => 2 * x;
ref int slot(return ref int x) { return x; }
void declared(int x);
extern (C) void exported() { }
