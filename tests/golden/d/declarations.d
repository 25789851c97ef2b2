enum Colour
{
    red, // first
    green = 2,
}

alias Handler = void delegate(int);

immutable int[string] table;
static immutable names = [
    "one",
    "two",
];

pragma(lib, "m");
