int half(int x) { return x / 2; }

///
unittest
{
    assert(half(4) == 2);
}

@safe unittest { assert(half(1) == 0); }

struct S
{
    unittest { S s; }
}
