"""Numbers as short strings of digit tokens, and the grammar that says which strings are numbers.

The codec is the IEEE-like one of "Regression Language Models for Code" (arXiv 2509.26476): sign, exponent sign, exponent digits,
mantissa digits, so 72.5 is ``<+><+><1><7><2><5><0>`` with one exponent and four mantissa digits. The value is
sign * base^(+-exponent) * mantissa / base^(mantissa_digits - 1).

Token ids: ``<pad>`` = 0, ``<+>`` = 1, ``<->`` = 2, digit d = 3 + d (the sorted token strings). Objective tokens follow from
``NumberCodec.vocab_size`` on and are no business of this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

PAD, PLUS, MINUS, DIGIT_0 = 0, 1, 2, 3


class NumberError(ValueError):
    """A number this codec cannot write (NaN, or a negative one in an unsigned codec), or ids that are no number."""


class _State(NamedTuple):
    """What the next token's legality and order depend on."""

    position: int
    negative: bool = False  # the sign is <->: everything below is mirrored
    small: bool = False  # the exponent's sign is <->
    zeros: bool = False  # all exponent digits so far are 0
    nines: bool = False  # all exponent digits so far are base - 1
    null: bool = False  # the mantissa has begun with 0 where that means zero


@dataclass(frozen=True)
class NumberCodec:
    """Floats to and from fixed-length token ids.

    ``normalised``: every value has exactly one string: leading mantissa digit 1 to base - 1, no exponent of minus zero, and zero is
    one leaf below the smallest positive number (exponent -(base^E - 1), mantissa all 0). Then the strings form a tree whose
    leaves are strictly ordered by value when branches are visited in ``value_order``. Not normalised (the paper's released
    checkpoint): every digit is legal everywhere, so values repeat and there is no such order.
    ``signed``: ``<->`` is legal as the sign.
    """

    base: int = 10
    exponent_digits: int = 2
    mantissa_digits: int = 3
    signed: bool = False
    normalised: bool = True

    def __post_init__(self) -> None:
        if not 2 <= self.base <= 10:
            raise NumberError(f"base must be 2 to 10, not {self.base}")
        if self.exponent_digits < 1 or self.mantissa_digits < 1:
            raise NumberError("a number needs at least one exponent and one mantissa digit")
        if (self.max_exponent + self.mantissa_digits) * np.log2(self.base) > 1000:
            raise NumberError(f"exponents to {self.max_exponent} in base {self.base} do not fit into a float64")

    @property
    def vocab_size(self) -> int:
        """Pad, two signs, and the digits."""
        return DIGIT_0 + self.base

    @property
    def tokens_per_value(self) -> int:
        """Length of every encoded value."""
        return 2 + self.exponent_digits + self.mantissa_digits

    @property
    def max_exponent(self) -> int:
        """Largest exponent, and of the smallest numbers the negated exponent."""
        return int(self.base**self.exponent_digits) - 1

    # Encoding and decoding

    def encode(self, value: float) -> list[int]:
        """Token ids of the nearest representable number; see ``encode_many``."""
        ids: list[int] = self.encode_many([value])[0].tolist()
        return ids

    def encode_many(self, values: ArrayLike) -> NDArray[np.int64]:
        """Token ids (n, tokens_per_value) of the numbers nearest to ``values`` (n,).

        Rounds (the paper's library truncates), clamps what is too large, infinities included, and takes what is too small to the
        nearer of zero and the smallest number.

        Raises:
            NumberError: a value is NaN, or negative in an unsigned codec.
        """
        x = np.asarray(values, dtype=np.float64)
        if np.isnan(x).any():
            raise NumberError("NaN is not a number that can be encoded")
        if not self.signed and (x < 0).any():
            raise NumberError(f"this codec has no sign: {x[x < 0][0]} is negative")
        magnitude = np.abs(x)
        exponent, mantissa = self._nearest(np.where(np.isfinite(magnitude), magnitude, np.finfo(np.float64).max))

        is_zero = mantissa == 0
        if self.normalised:
            exponent = np.where(is_zero, -self.max_exponent, exponent)
            negative = (x < 0) & ~is_zero
            small = exponent < 0
        else:  # rlm-like strings: zero is <+><+>0..0, a number that underflows is sign <-> 0..0
            exponent = np.where(is_zero, 0, exponent)
            negative = x < 0
            small = (exponent < 0) | (is_zero & (x != 0))
        columns = [np.where(negative, MINUS, PLUS), np.where(small, MINUS, PLUS)]
        columns += [DIGIT_0 + d for d in self._digits(np.abs(exponent), self.exponent_digits)]
        columns += [DIGIT_0 + d for d in self._digits(mantissa, self.mantissa_digits)]
        return np.stack(columns, axis=-1)  # T x (n,) -> (n, T)

    def _nearest(self, magnitude: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Exponents and integer mantissas (0, or base^(M-1) to base^M - 1) nearest to non-negative finite magnitudes, each (n,)."""
        one, ten = self.base ** (self.mantissa_digits - 1), self.base**self.mantissa_digits
        largest = np.int64(self.max_exponent)
        tiny = magnitude < float(self.base) ** -self.max_exponent
        safe = np.where(tiny, 1.0, magnitude)
        exponent = np.floor(np.log(safe) / np.log(self.base)).astype(np.int64)
        exponent = np.clip(exponent, -largest, largest)
        mantissa = self._scaled(safe, exponent)
        # The logarithm may be one off at a power of the base, and 9.9996 rounds up into the next decade.
        exponent = np.clip(np.where(mantissa >= ten, exponent + 1, np.where(mantissa < one, exponent - 1, exponent)), -largest, largest)
        mantissa = np.clip(self._scaled(safe, exponent), one, ten - 1)
        rounds_up = magnitude >= 0.5 * float(self.base) ** -self.max_exponent
        mantissa = np.where(tiny, np.where(rounds_up, one, 0), mantissa)
        return np.where(tiny, -largest, exponent).astype(np.int64), mantissa.astype(np.int64)

    def _scaled(self, magnitude: NDArray[np.float64], exponent: NDArray[np.int64]) -> NDArray[np.float64]:
        """Magnitudes as mantissas, in units of their last digit, rounded to whole ones."""
        shift = self.mantissa_digits - 1 - exponent
        power: NDArray[np.float64] = np.float_power(self.base, np.abs(shift))
        with np.errstate(over="ignore"):  # a magnitude far over the largest number is clamped by the caller
            scaled: NDArray[np.float64] = np.rint(np.where(shift >= 0, magnitude * power, magnitude / power))
        return scaled

    def _digits(self, whole: NDArray[np.int64], count: int) -> list[NDArray[np.int64]]:
        return [whole // self.base**place % self.base for place in reversed(range(count))]

    def decode(self, ids: Sequence[int]) -> float:
        """The number written by ``ids``, as the float64 nearest to it.

        Raises:
            NumberError: the ids are not a string of this codec's grammar.
        """
        state = 0
        for token in ids:
            if not 0 <= token < self.vocab_size or not self.legal[state, token]:
                raise NumberError(f"{list(ids)} is not a number of this codec")
            state = int(self.next_state[state, token])
        if state != self.end:
            raise NumberError(f"{list(ids)} is not a whole number of this codec")
        digits = [token - DIGIT_0 for token in ids[2:]]
        exponent = self._integer(digits[: self.exponent_digits]) * (-1 if ids[1] == MINUS else 1)
        mantissa = self._integer(digits[self.exponent_digits :])
        power = exponent - (self.mantissa_digits - 1)
        # Python's integer division is correctly rounded, so 7.25e-5 comes back as 7.25e-05 to the printed digit.
        magnitude = float(mantissa * self.base**power) if power >= 0 else mantissa / self.base**-power
        return -magnitude if ids[0] == MINUS and mantissa else magnitude

    def decode_many(self, ids: ArrayLike) -> NDArray[np.float64]:
        """Numbers (n,) written by ``ids`` (n, tokens_per_value); raises like ``decode``."""
        return np.array([self.decode(row) for row in np.asarray(ids).tolist()], dtype=np.float64)

    def _integer(self, digits: Sequence[int]) -> int:
        value = 0
        for digit in digits:
            value = value * self.base + digit
        return value

    # Grammar: a deterministic automaton over the tokens of one value. State 0 is its start, ``end`` its only final state.

    @property
    def legal(self) -> NDArray[np.bool_]:
        """(states, vocab_size): whether this token may come next."""
        return self._tables[0]

    @property
    def next_state(self) -> NDArray[np.int64]:
        """(states, vocab_size): the state after this token; ``end`` where the token is illegal."""
        return self._tables[1]

    @property
    def value_order(self) -> NDArray[np.int64]:
        """(states, vocab_size): each row holds all tokens, the legal ones first, in ascending order of the values below them.

        Raises:
            NumberError: the codec is not normalised, so its strings are not ordered by value.
        """
        if not self.normalised:
            raise NumberError("a codec that is not normalised has no value order")
        return self._tables[2]

    @property
    def end(self) -> int:
        """The state after a whole value."""
        return len(self.legal) - 1

    def states(self, ids: ArrayLike) -> NDArray[np.int64]:
        """The state before each token: ``ids`` (n, tokens_per_value) of whole values -> (n, tokens_per_value)."""
        tokens = np.asarray(ids, dtype=np.int64)
        before = np.zeros_like(tokens)
        for position in range(1, tokens.shape[1]):
            before[:, position] = self.next_state[before[:, position - 1], tokens[:, position - 1]]
        return before

    @cached_property
    def _tables(self) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
        final = _State(self.tokens_per_value)
        number: dict[_State, int] = {_State(0): 0}
        branches: list[dict[int, _State]] = []
        for state in (queue := [_State(0)]):
            branches.append(self._branches(state))
            for after in branches[-1].values():
                if after not in number and after != final:
                    number[after] = len(number)
                    queue.append(after)
        number[final] = len(number)
        branches.append({})
        legal = np.zeros((len(number), self.vocab_size), dtype=np.bool_)
        next_state = np.full((len(number), self.vocab_size), number[final], dtype=np.int64)
        value_order = np.zeros((len(number), self.vocab_size), dtype=np.int64)
        for row, ordered in enumerate(branches):
            for token, after in ordered.items():
                legal[row, token] = True
                next_state[row, token] = number[after]
            value_order[row] = [*ordered, *(token for token in range(self.vocab_size) if token not in ordered)]
        for table in (legal, next_state, value_order):
            table.setflags(write=False)  # shared by every user of this codec
        return legal, next_state, value_order

    def _branches(self, state: _State) -> dict[int, _State]:
        """Legal tokens and the states they lead to, in ascending order of value."""
        after = state._replace(position=state.position + 1)
        first_mantissa = 2 + self.exponent_digits
        digits = list(range(self.base))
        if state.position == 0:
            signs = [MINUS, PLUS] if self.signed else [PLUS]
            return {sign: after._replace(negative=sign == MINUS and self.normalised) for sign in signs}
        if state.position == 1:
            tracked = self.normalised  # without normal forms nothing depends on what came before
            signs = [PLUS, MINUS] if state.negative else [MINUS, PLUS]
            small = {PLUS: after, MINUS: after._replace(small=True, zeros=True, nines=True) if tracked else after}
            return {sign: small[sign] for sign in signs}
        if state.position < first_mantissa:
            last = state.position == first_mantissa - 1
            steps = {}
            for d in reversed(digits) if state.small != state.negative else digits:
                zeros, nines = state.zeros and d == 0, state.nines and d == self.base - 1
                if last and zeros:
                    continue  # minus zero
                may_be_zero = nines and not (last and state.negative)  # there is no negative zero
                steps[DIGIT_0 + d] = after._replace(zeros=zeros, nines=may_be_zero, small=state.small and not last)
            return steps
        if not self.normalised:
            legal_digits = digits
        elif state.null:
            legal_digits = [0]
        elif state.position > first_mantissa or state.nines:
            legal_digits = digits
        else:
            legal_digits = digits[1:]
        ordered = reversed(legal_digits) if state.negative else legal_digits
        if after.position == self.tokens_per_value:
            return {DIGIT_0 + d: _State(self.tokens_per_value) for d in ordered}
        begins = state.position == first_mantissa and self.normalised
        return {DIGIT_0 + d: after._replace(nines=False, null=state.null or (begins and d == 0)) for d in ordered}
