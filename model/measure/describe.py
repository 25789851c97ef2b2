"""The `args:` descriptor: how large a call's arguments are, in a few words, e.g. `xs=list[1000], k=int, m=list[10,list[10,int]]`.

Pure, deterministic and of bounded cost: it looks at a constant number of elements and runs no foreign code except a `__len__`
that is visibly straight-line. The measuring harness writes it beside every cost, and the product builds it for a user's call.
"""

from __future__ import annotations

import dis
import inspect
import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import CodeType, FunctionType

MAX_ARGUMENTS = 8
MAX_CHARACTERS = 120
MAX_NAME = 40
ELEMENTS_LOOKED_AT = 8
PLAIN = frozenset({int, float, bool, complex, type(None)})
TEXT = frozenset({str, bytes, bytearray})
SIZED_BUILTINS = (list, tuple, dict, set, frozenset, str, bytes, bytearray, range)


def describe_arguments(arguments: Iterable[tuple[str, object]]) -> str:
    """`name=size` pairs joined by ", ": at most 8 arguments and 120 characters; an argument that does not fit ends the list."""
    words: list[str] = []
    length = 0
    for name, value in arguments:
        if len(words) == MAX_ARGUMENTS:
            break
        text = describe_value(value)
        if name in ("self", "cls") and "[" not in text:
            continue
        word = f"{name}={text}"
        length += len(word) + (2 if words else 0)
        if length > MAX_CHARACTERS:
            break
        words.append(word)
    return ", ".join(words)


def describe_call(function: Callable[..., object], args: Sequence[object], kwargs: Mapping[str, object]) -> str:
    """The descriptor of `function(*args, **kwargs)`; positions are named by the signature where there is one."""
    try:
        bound = inspect.signature(function).bind(*args, **kwargs).arguments
    except (TypeError, ValueError):
        return describe_arguments([*((f"a{i}", value) for i, value in enumerate(args)), *kwargs.items()])
    return describe_arguments(bound.items())


def describe_value(value: object) -> str:
    """One value's type and size, with its elements' type and size where it is a sequence or mapping of something other than numbers."""
    kind = type(value)
    if kind in (list, tuple, dict):
        size = len(value)  # type: ignore[arg-type]  # kind is one of three sized types
        element = _describe_element(value, size)
        return f"{kind.__name__}[{size}{',' + element if element else ''}]"
    return _describe_flat(value)


def _describe_flat(value: object) -> str:
    kind = type(value)
    name = kind.__name__[:MAX_NAME]
    if value is None:
        return "None"
    if kind is int:
        return _describe_int(value)  # type: ignore[arg-type]  # kind is int
    if kind.__module__ == "numpy" and name == "ndarray":
        return _describe_array(value)
    size = _size(value)
    return name if size is None else f"{name}[{size}]"


def _describe_int(value: int) -> str:
    magnitude = abs(value)
    if magnitude < 10:
        return "int"
    exponent = int(math.log10(magnitude))  # looks at the leading digits only, so a million-digit int costs nothing
    if magnitude.bit_length() > 1000:
        return f"int[1e{exponent}]"
    exponent += (magnitude >= 10 ** (exponent + 1)) - (magnitude < 10**exponent)  # the logarithm is a float
    return f"int[{magnitude // 10**exponent}e{exponent}]"


def _describe_array(value: object) -> str:
    shape = "x".join(str(n) for n in value.shape) or "scalar"  # type: ignore[attr-defined]  # a numpy array, without importing numpy
    return f"ndarray[{shape},{str(value.dtype.str)[1:12]}]"  # type: ignore[attr-defined]


def _describe_element(container: object, size: int) -> str:
    """What the elements (a mapping's values) look like, from up to 8 of them; "" for plain numbers, whose size says nothing."""
    elements = _sample(container, size)
    if not elements:
        return ""
    kinds = {type(element) for element in elements}
    if kinds <= PLAIN:
        return ""
    first = elements[0]
    kind = type(first)
    if len(kinds) > 1:
        return "mixed"
    if kind in TEXT:
        return f"{kind.__name__}[{_middle(elements)}]"
    if kind in (list, tuple, dict):
        inner = next((next(iter(_sample(element, len(element))), None) for element in elements if len(element)), None)  # type: ignore[arg-type]  # sized
        return f"{kind.__name__}[{_middle(elements)}{',' + type(inner).__name__[:MAX_NAME] if inner is not None else ''}]"
    return _describe_flat(first)


def _middle(elements: Sequence[object]) -> int:
    return int(statistics.median(len(element) for element in elements))  # type: ignore[arg-type]  # callers pass sized elements


def _sample(container: object, size: int) -> list[object]:
    if isinstance(container, dict):
        # insertion order: deterministic, and the first few are as good as any
        return [value for _, value in zip(range(ELEMENTS_LOOKED_AT), container.values(), strict=False)]
    if isinstance(container, list | tuple):
        step = max(1, size // ELEMENTS_LOOKED_AT)
        return list(container[: step * ELEMENTS_LOOKED_AT : step])
    return []


def _size(value: object) -> int | None:
    kind = type(value)
    measure = getattr(kind, "__len__", None)
    if measure is None or isinstance(value, type):
        return None
    if isinstance(measure, FunctionType):
        if not _straight_line(measure.__code__):
            return None
    elif not isinstance(value, SIZED_BUILTINS) and kind.__module__ not in ("collections", "array"):
        return None
    try:
        size = measure(value)
    except Exception:  # a half-built object's __len__ may raise anything; it then has no size
        return None
    return size if type(size) is int else None


_STRAIGHT_LINE: dict[CodeType, bool] = {}


def _straight_line(code: CodeType) -> bool:
    """True for a short `__len__` without loops or inner functions: the only kind of foreign code that is run here."""
    known = _STRAIGHT_LINE.get(code)
    if known is None:
        known = (
            len(code.co_code) <= 120
            and not any(isinstance(constant, CodeType) for constant in code.co_consts)
            and not any("JUMP_BACKWARD" in op.opname or op.opname in ("FOR_ITER", "JUMP_ABSOLUTE") for op in dis.get_instructions(code))
        )
        _STRAIGHT_LINE[code] = known
    return known
