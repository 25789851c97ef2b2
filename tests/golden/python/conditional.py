import sys
from typing import overload

if sys.version_info >= (3, 12):
    def batched(xs, n):
        return xs[:n]
elif sys.platform == "win32":
    def batched(xs, n):
        return xs
else:
    # the slow one
    def batched(xs, n):
        out = []
        for x in xs:
            out.append(x)
        else:
            out.append(None)
        return out

try:
    import json
except ImportError:
    def loads(s): return s
finally:
    def close(): pass


@overload
def get(key: int) -> int: ...
@overload
def get(key: str) -> str: ...
def get(key):
    return key


for _ in range(2):
    with open("f") as f:
        def in_loop(): return f
