import sys

def old(x):
    print x, "y"
    print >>sys.stderr, "error"
    exec "x = 1"
    if x <> 1:
        raise ValueError, "bad"
    try:
        return `x`
    except ValueError, e:
        return 0777, 10L, ur"x"
