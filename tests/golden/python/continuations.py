def long_condition(a, b,
                   c):
    if a and \
            b and \
       c:
        return a + \
            b

    value = foo(
        a,
            b,
    c
    )(
        1
    )
    text = "one \
    two"
    total = 1 \

    assert a, \
        "message"
    return {
        "k": [
            v
            for v in value
            if v
        ],
    }[
        "k"
    ], text, total
