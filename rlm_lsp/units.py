"""Seconds and bytes as people read and write them, with no more precision than a prediction has.

Bytes are printed in decimal units (1 kB = 1000 B), as disks and networks are sold and as ``ls --si`` prints; binary ones (1 KiB = 1024 B)
are read too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

_STEPS: dict[str, Sequence[tuple[float, str]]] = {
    "s": ((60.0, "min"), (1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")),
    "B": ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B")),
}
_RESOLUTION = {"s": 1e-9, "B": 1.0}  # nothing below it is printed: there is no half byte, and no clock here sees a picosecond
_LARGEST = 1e6  # of the largest unit; above it, powers of ten

METRIC_UNITS = {"latency": "s", "peak-heap": "B"}
"""The metrics that a user may name, with the units of their values."""

_VALUE = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e([+-]?[0-9]{1,3}))?\s*([A-Za-zµμ]+)\s*", re.ASCII)
_WRITTEN: dict[str, tuple[str, int, float]] = {  # unit as written: base unit, power of ten, and a factor that floats hold exactly
    **{name: ("s", power, 1.0) for name, power in (("ns", -9), ("us", -6), ("µs", -6), ("μs", -6), ("ms", -3), ("s", 0))},
    "min": ("s", 0, 60.0),
    "h": ("s", 0, 3600.0),
    **{name: ("B", power, 1.0) for name, power in (("B", 0), ("kB", 3), ("KB", 3), ("MB", 6), ("GB", 9), ("TB", 12))},
    **{
        name: ("B", 0, factor)
        for name, factor in (("KiB", 2.0**10), ("kiB", 2.0**10), ("MiB", 2.0**20), ("GiB", 2.0**30), ("TiB", 2.0**40))
    },
}

TWO_DIGITS_UP_TO = 10.0
"""Up to this p90/p10 a prediction is printed with two significant digits."""
ONE_DIGIT_UP_TO = 100.0
"""Up to this p90/p10 it is printed with one; above, as a range instead of a middle."""


class Interval(Protocol):
    """What is printed: quantiles in ``unit``, "s" or "B"."""

    @property
    def p10(self) -> float: ...  # noqa: D102 - the quantiles are named by themselves
    @property
    def p50(self) -> float: ...  # noqa: D102
    @property
    def p90(self) -> float: ...  # noqa: D102
    @property
    def unit(self) -> str: ...  # noqa: D102


@lru_cache(maxsize=1 << 15)
def format_value(value: float, unit: str, digits: int = 2) -> str:
    """``value`` with ``digits`` significant digits in the unit that suits it: ``format_value(0.0012, "s")`` is ``1.2 ms``."""
    value = _rounded(value, unit, digits)
    step, name = _step_for(value, unit)
    return f"{_number(value / step, 0 if step == _RESOLUTION[unit] else digits)} {name}"


def format_interval(prediction: Interval) -> str:
    """The middle of a prediction, or a range where its middle would say too much.

    Two significant digits where p90/p10 is at most 10, one where it is at most 100, and ``~10–100 ms`` above.
    """
    digits = _digits(prediction)
    if digits == 0:
        return "~" + _range(prediction.p10, prediction.p90, prediction.unit, 1)
    return format_value(prediction.p50, prediction.unit, digits)


def format_band(prediction: Interval) -> str:
    """The range p10–p90 with as many digits as the middle has: ``0.4–3.1 ms``."""
    return _range(prediction.p10, prediction.p90, prediction.unit, max(_digits(prediction), 1))


def parse_value(text: str) -> tuple[float, str]:
    """The value and base unit, "s" or "B", of what a person wrote: ``50 ms``, ``5ms``, ``0.05 s``, ``64 MiB``, ``3.4 MB``.

    Equal amounts are equal floats whatever unit they are written in.

    Raises:
        ValueError: there is no number from 0 up with a unit; the message says what is missing.
    """
    match = _VALUE.fullmatch(text)
    if match is None:
        raise ValueError(f'{_quoted(text)} is not a number with a unit, such as "50 ms" or "64 MiB"')
    number, exponent, written = match.groups()
    if written not in _WRITTEN:
        raise ValueError(f"{_quoted(text)} has no unit that is known here ({', '.join(_WRITTEN)})")
    unit, power, factor = _WRITTEN[written]
    value = float(f"{number}e{int(exponent or 0) + power}") * factor
    if math.isinf(value):
        raise ValueError(f"{_quoted(text)} is too large")
    return value, unit


def format_limit(value: float, unit: str) -> str:
    """An exact amount that a person chose, in the shortest way to write it: ``5 ms``, ``64 MiB``, ``1.25 GB``."""
    ways = [format_value(value, unit, digits) for digits in range(1, 5)]
    if unit == "B":
        ways += [f"{value / factor:.0f} {name}" for name, factor in (("GiB", 2.0**30), ("MiB", 2.0**20), ("KiB", 2.0**10))]
    exact = [text for text in ways if parse_value(text)[0] == value]
    return min(exact, key=len, default=format_value(value, unit, 6))


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "…")


def format_quantiles(prediction: Interval) -> tuple[str, str, str]:
    """p10, p50 and p90, each in its own unit, with as many digits as the middle has (one where a range is printed instead of it)."""
    digits = max(_digits(prediction), 1)
    p10, p50, p90 = (format_value(value, prediction.unit, digits) for value in (prediction.p10, prediction.p50, prediction.p90))
    return p10, p50, p90


def is_range(prediction: Interval) -> bool:
    """Whether ``format_interval`` prints a range, which ``format_band`` would only repeat."""
    return _digits(prediction) == 0


def _digits(prediction: Interval) -> int:
    """Significant digits that a prediction supports: 2, 1, or 0 for none."""
    floor = _RESOLUTION[prediction.unit]
    ratio = max(prediction.p90, floor) / max(prediction.p10, floor)
    if ratio <= TWO_DIGITS_UP_TO:
        return 2
    return 1 if ratio <= ONE_DIGIT_UP_TO else 0


def _range(low: float, high: float, unit: str, digits: int) -> str:
    """``low–high unit`` where both read well in one unit, else each with its own."""
    low, high = _rounded(low, unit, digits), _rounded(high, unit, digits)
    if low == high:
        return format_value(high, unit, digits)
    step, name = _step_for(high, unit)
    whole = step == _RESOLUTION[unit]
    if low == 0 or low / step >= 0.01 or whole:
        shown = 0 if whole else digits
        return f"{_number(low / step, shown)}–{_number(high / step, shown)} {name}"
    return f"{format_value(low, unit, digits)}–{format_value(high, unit, digits)}"


@lru_cache(maxsize=1 << 15)  # a model writes few digits, so tables of many functions hold the same values again and again
def _rounded(value: float, unit: str, digits: int) -> float:
    """``value`` rounded to significant digits *of the unit it will be printed in* (59.7 s becomes 1.0 min, not 60 s)."""
    floor = _RESOLUTION[unit]
    if not value >= floor / 2:
        return 0.0
    value = max(value, floor)
    for _ in range(2):  # rounding may carry into the next unit, whose digits then count
        step, _name = _step_for(value, unit)
        scaled = value / step
        places = digits - 1 - math.floor(math.log10(scaled))
        if step == floor:
            places = min(places, 0)  # whole bytes, whole nanoseconds
        value = round(scaled, places) * step
    return value


def _step_for(value: float, unit: str) -> tuple[float, str]:
    steps = _STEPS[unit]
    for step, name in steps:
        if value >= step * (1 - 1e-12):
            return step, name
    return steps[-1]


def _number(value: float, digits: int) -> str:
    """``value`` in plain notation with ``digits`` significant digits; 0 digits: a whole number."""
    if value == 0:
        return "0"
    if value >= _LARGEST:
        return f"{value:.{max(digits - 1, 0)}e}"
    if digits == 0:
        return f"{value:.0f}"
    places = max(digits - 1 - math.floor(math.log10(value) + 1e-12), 0)
    return f"{value:.{places}f}"
