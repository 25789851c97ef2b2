from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_lsp.units import format_band, format_interval, format_limit, format_quantiles, format_value, is_range, parse_value


class Quantiles(NamedTuple):
    p10: float
    p50: float
    p90: float
    unit: str


@pytest.mark.parametrize(
    ("value", "unit", "two", "one"),
    [
        (0, "s", "0 ns", "0 ns"),
        (4e-10, "s", "0 ns", "0 ns"),
        (1.5e-9, "s", "2 ns", "2 ns"),
        (9.96e-7, "s", "1.0 µs", "1 µs"),
        (1.23e-6, "s", "1.2 µs", "1 µs"),
        (1.23e-3, "s", "1.2 ms", "1 ms"),
        (12.3e-3, "s", "12 ms", "10 ms"),
        (123e-3, "s", "120 ms", "100 ms"),
        (0.9996, "s", "1.0 s", "1 s"),
        (59.4, "s", "59 s", "1 min"),
        (59.7, "s", "1.0 min", "1 min"),
        (95, "s", "1.6 min", "2 min"),
        (1e9, "s", "1.7e+07 min", "2e+07 min"),
        (0, "B", "0 B", "0 B"),
        (0.7, "B", "1 B", "1 B"),
        (12, "B", "12 B", "10 B"),
        (137, "B", "140 B", "100 B"),
        (999.6, "B", "1.0 kB", "1 kB"),
        (3.4e6, "B", "3.4 MB", "3 MB"),
        (67_108_864, "B", "67 MB", "70 MB"),
        (1e13, "B", "10 TB", "10 TB"),
    ],
)
def test_values(value: float, unit: str, two: str, one: str) -> None:
    assert format_value(value, unit) == two
    assert format_value(value, unit, digits=1) == one


@pytest.mark.parametrize(
    ("quantiles", "middle", "band"),
    [
        (Quantiles(0.0004, 0.0012, 0.0031, "s"), "1.2 ms", "0.40–3.1 ms"),
        (Quantiles(0.001, 0.003, 0.0099, "s"), "3.0 ms", "1.0–9.9 ms"),
        (Quantiles(0.001, 0.003, 0.011, "s"), "3 ms", "1–10 ms"),
        (Quantiles(0.002, 0.0234, 0.15, "s"), "20 ms", "2–200 ms"),
        (Quantiles(0.01, 0.03, 1.001, "s"), "~0.01–1 s", "0.01–1 s"),
        (Quantiles(0.00001, 0.03, 1.0, "s"), "~10 µs–1 s", "10 µs–1 s"),
        (Quantiles(0.01, 0.03, 0.1, "s"), "30 ms", "10–100 ms"),
        (Quantiles(0.0007, 0.01, 0.1, "s"), "~0.7–100 ms", "0.7–100 ms"),
        (Quantiles(0.999, 1.001, 1.004, "s"), "1.0 s", "1.0 s"),
        (Quantiles(3, 3, 5, "B"), "3 B", "3–5 B"),
        (Quantiles(0, 0, 0, "B"), "0 B", "0 B"),
        (Quantiles(0, 0, 5, "B"), "0 B", "0–5 B"),
        (Quantiles(0, 50, 500, "B"), "~0–500 B", "0–500 B"),
        (Quantiles(1e3, 3.4e6, 9e6, "B"), "~1 kB–9 MB", "1 kB–9 MB"),
    ],
)
def test_intervals_have_no_more_digits_than_the_prediction(quantiles: Quantiles, middle: str, band: str) -> None:
    assert format_interval(quantiles) == middle
    assert format_band(quantiles) == band
    assert is_range(quantiles) == middle.startswith("~")


@given(st.lists(st.floats(0, 1e30, allow_nan=False), min_size=3, max_size=3), st.sampled_from(["s", "B"]))
def test_any_prediction_can_be_printed(values: list[float], unit: str) -> None:
    p10, p50, p90 = sorted(values)
    quantiles = Quantiles(p10, p50, p90, unit)
    for text in (format_interval(quantiles), format_band(quantiles)):
        assert text.isprintable()
        assert text.split()[-1] in {"ns", "µs", "ms", "s", "min", "B", "kB", "MB", "GB", "TB"}


@pytest.mark.parametrize(
    ("texts", "value", "unit"),
    [
        (["50 ms", "0.05 s", "5e-2 s", "50000us", "50000 µs", "50000 \u03bcs", " 50ms ", "5e1 ms"], 0.05, "s"),
        (["5ms", "5.0 ms", "5. ms", "0.005s"], 0.005, "s"),
        (["1 min", "60 s"], 60.0, "s"),
        (["2 h"], 7200.0, "s"),
        (["0 ns"], 0.0, "s"),
        (["64 MiB", "65536 KiB", "67108864 B", "0.0625GiB"], 67108864.0, "B"),
        (["3.4 MB", "3400 kB", "3400KB", "3400000 B"], 3.4e6, "B"),
        (["1 TB"], 1e12, "B"),
    ],
)
def test_equal_amounts_are_equal_however_they_are_written(texts: list[str], value: float, unit: str) -> None:
    assert [parse_value(text) for text in texts] == [(value, unit)] * len(texts)


@pytest.mark.parametrize(
    "text", ["", "50", "ms", "-5 ms", "5 parsecs", "5 Mb", "1e999 s", "nan s", "inf s", "5 m s", "٣ ms", "1e9999 ms", "5 ms 3 ms"]
)
def test_what_is_no_amount_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ValueError, match=r"^('.*' (is not a number with a unit|has no unit|is too large)).*$"):
        parse_value(text)


@given(st.floats(1e-9, 1e15), st.sampled_from(["s", "B"]))
def test_what_is_printed_can_be_read(value: float, unit: str) -> None:
    read, same = parse_value(format_value(value, unit))
    assert same == unit
    assert read == pytest.approx(value, rel=0.051, abs=0.51 if unit == "B" else 0.51e-9)


@pytest.mark.parametrize(
    "written",
    ["5 ms", "50 ms", "1.5 s", "1 min", "999 µs", "12.34 ms", "64 MiB", "1 GiB", "3 KiB", "1.25 GB", "100 MB", "1 B", "5 ns", "90 min"],
)
def test_limits_are_printed_as_they_were_written(written: str) -> None:
    assert format_limit(*parse_value(written)) == written


def test_any_limit_can_be_printed() -> None:
    assert format_limit(1.23456789e-3, "s") == "1.23457 ms"
    assert format_limit(0.0, "s") == "0 ns"
    assert format_limit(1e30, "B").endswith("TB")


def test_each_quantile_has_its_own_unit() -> None:
    assert format_quantiles(Quantiles(0.0004, 0.0012, 0.0031, "s")) == ("400 µs", "1.2 ms", "3.1 ms")
    assert format_quantiles(Quantiles(0.00001, 0.03, 1.0, "s")) == ("10 µs", "30 ms", "1 s")
