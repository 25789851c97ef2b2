"""The number codec: paper's table, rounding, and the order of its grammar's leaves."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_lsp.model.numbers import NumberCodec, NumberError

OURS = NumberCodec()
SIGNED = NumberCodec(exponent_digits=1, mantissa_digits=4, signed=True)
RELEASED = NumberCodec(mantissa_digits=5, signed=True, normalised=False)
LIBRARY_DEFAULT = NumberCodec(exponent_digits=1, mantissa_digits=4, signed=True, normalised=False)
TINY = [NumberCodec(base=3, exponent_digits=1, mantissa_digits=2, signed=signed) for signed in (False, True)]
SYMBOLS = ["<pad>", "<+>", "<->", *(f"<{d}>" for d in range(10))]


def text(codec: NumberCodec, value: float) -> str:
    return "".join(SYMBOLS[token] for token in codec.encode(value))


def leaves(codec: NumberCodec, state: int = 0, prefix: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    """All strings of the grammar, in visiting order."""
    if state == codec.end:
        yield prefix
    for token in codec.value_order[state, : codec.legal[state].sum()].tolist():
        yield from leaves(codec, int(codec.next_state[state, token]), (*prefix, token))


def test_token_ids_are_the_sorted_strings_after_the_pad() -> None:
    assert SYMBOLS[1:] == sorted(SYMBOLS[1:])
    assert (RELEASED.vocab_size, RELEASED.tokens_per_value) == (13, 9)


@pytest.mark.parametrize(
    ("codec", "value", "expected"),
    [
        (LIBRARY_DEFAULT, 72.5, "<+><+><1><7><2><5><0>"),
        (LIBRARY_DEFAULT, 9.999e9, "<+><+><9><9><9><9><9>"),
        (LIBRARY_DEFAULT, 1e12, "<+><+><9><9><9><9><9>"),
        (LIBRARY_DEFAULT, math.inf, "<+><+><9><9><9><9><9>"),
        (LIBRARY_DEFAULT, -math.inf, "<-><+><9><9><9><9><9>"),
        (LIBRARY_DEFAULT, 0.0, "<+><+><0><0><0><0><0>"),
        (LIBRARY_DEFAULT, 1e-30, "<+><-><0><0><0><0><0>"),
        (LIBRARY_DEFAULT, -1e-30, "<-><-><0><0><0><0><0>"),
        (RELEASED, 0.0, "<+><+><0><0><0><0><0><0><0>"),
        (RELEASED, -0.25, "<-><-><0><1><2><5><0><0><0>"),
        (RELEASED, 1.00005, "<+><+><0><0><1><0><0><0><1>"),  # the library would truncate to 1.0000
        (OURS, 72.5, "<+><+><0><1><7><2><5>"),
        (OURS, 9.9996, "<+><+><0><1><1><0><0>"),  # rounding carries into the next decade
        (OURS, 0.99951, "<+><+><0><0><1><0><0>"),
        (OURS, 1000.0, "<+><+><0><3><1><0><0>"),
        (OURS, 1e-99, "<+><-><9><9><1><0><0>"),
        (OURS, 6e-100, "<+><-><9><9><1><0><0>"),
        (OURS, 4e-100, "<+><-><9><9><0><0><0>"),
        (OURS, 5e-324, "<+><-><9><9><0><0><0>"),
        (OURS, 0.0, "<+><-><9><9><0><0><0>"),
        (OURS, -0.0, "<+><-><9><9><0><0><0>"),
        (OURS, 1.7e308, "<+><+><9><9><9><9><9>"),
        (SIGNED, -72.5, "<-><+><1><7><2><5><0>"),
        (SIGNED, -1e-30, "<+><-><9><0><0><0><0>"),
    ],
)
def test_written_form(codec: NumberCodec, value: float, expected: str) -> None:
    assert text(codec, value) == expected


def test_released_strings_with_leading_zeros_are_read_as_the_library_reads_them() -> None:
    ids = [SYMBOLS.index(f"<{symbol}>") for symbol in "+-10725"]
    assert NumberCodec(exponent_digits=1, mantissa_digits=4, signed=True, normalised=False).decode(ids) == 0.0725


@pytest.mark.parametrize("value", [math.nan, np.array([1.0, math.nan])])
def test_nan_is_refused(value: float) -> None:
    with pytest.raises(NumberError, match="NaN"):
        OURS.encode_many(np.atleast_1d(value))


def test_unsigned_codec_refuses_negatives() -> None:
    with pytest.raises(NumberError, match=r"-2\.0 is negative"):
        OURS.encode(-2.0)


@pytest.mark.parametrize(
    "ids",
    [
        [],
        [1, 1, 3, 4, 10, 5],
        [1, 1, 3, 4, 10, 5, 8, 8],
        [2, 1, 3, 4, 10, 5, 8],
        [1, 2, 3, 3, 4, 3, 3],
        [1, 1, 3, 4, 3, 5, 8],
        [1, 2, 12, 12, 3, 3, 4],
        [1, 1, 3, 4, 10, 5, 13],
        [0, 1, 3, 4, 10, 5, 8],
    ],
)
def test_strings_outside_the_grammar_are_refused(ids: list[int]) -> None:
    with pytest.raises(NumberError):
        OURS.decode(ids)


@pytest.mark.parametrize("settings", [{"base": 11}, {"base": 1}, {"exponent_digits": 0}, {"mantissa_digits": 0}, {"exponent_digits": 3}])
def test_impossible_codecs_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(NumberError):
        NumberCodec(**settings)  # type: ignore[arg-type]  # all of them are integers


@pytest.mark.parametrize(("codec", "count"), [(TINY[0], 31), (TINY[1], 61)])
def test_leaves_in_visiting_order_ascend_and_round_trip(codec: NumberCodec, count: int) -> None:
    strings = list(leaves(codec))
    values = [codec.decode(string) for string in strings]
    assert len(strings) == count
    assert all(a < b for a, b in itertools.pairwise(values))
    assert [tuple(codec.encode(value)) for value in values] == strings
    assert values[-1] == 3**2 * (2 + 2 / 3)
    assert 0.0 in values
    assert not codec.signed or values == [-value for value in reversed(values)]


@pytest.mark.parametrize("codec", TINY)
def test_encoding_takes_the_nearest_leaf(codec: NumberCodec) -> None:
    values = np.array([codec.decode(string) for string in leaves(codec)])
    points = np.random.default_rng(0).uniform(values[0] - 2, values[-1] + 2, 5000)
    points = np.concatenate([points, points / 50]) if codec.signed else np.abs(np.concatenate([points, points / 50]))
    distance = np.abs(codec.decode_many(codec.encode_many(points)) - points)
    assert np.allclose(distance, np.abs(values[None, :] - points[:, None]).min(1), rtol=1e-9, atol=1e-12)


def test_no_order_is_claimed_where_there_is_none() -> None:
    with pytest.raises(NumberError, match="no value order"):
        _ = RELEASED.value_order


def test_states_follow_the_automaton() -> None:
    ids = OURS.encode_many([72.5, 0.0, 1e-9])
    states = OURS.states(ids)
    assert (states[:, 0] == 0).all()
    assert OURS.legal[states, ids].all()
    assert (OURS.next_state[states[:, -1], ids[:, -1]] == OURS.end).all()


positive = st.floats(min_value=0, max_value=1e99, allow_nan=False)


@given(positive)
def test_ours_is_within_half_a_unit_of_the_last_digit(x: float) -> None:
    back = OURS.decode(OURS.encode(x))
    if x >= 1e-99:
        assert abs(back - x) <= x * 0.5e-2 * (1 + 1e-9)
    assert OURS.decode(OURS.encode(back)) == back
    assert float(f"{back:.2e}") == back  # never more than three digits are printed


@given(positive, positive)
def test_ours_is_monotone(x: float, y: float) -> None:
    low, high = sorted((x, y))
    assert OURS.decode(OURS.encode(low)) <= OURS.decode(OURS.encode(high))


@given(st.floats(allow_nan=False))
def test_signed_is_odd_and_vectorised_encoding_is_the_same(x: float) -> None:
    forward, backward = SIGNED.encode_many([x, -x])
    assert SIGNED.decode(forward.tolist()) == -SIGNED.decode(backward.tolist())
    assert forward.tolist() == SIGNED.encode(x)


@given(st.integers(-99, 99), st.integers(100, 999))
def test_every_leaf_round_trips(exponent: int, mantissa: int) -> None:
    value = float(f"{mantissa}e{exponent - 2}")
    assert OURS.decode(OURS.encode(value)) == value
