"""Blocks that repeat are written once: found in a sequence of nodes, by what they do and how they are wired."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

LONGEST = 512  # nodes in a block
_GRAM = 3  # nodes whose operators and shapes must recur before a block is looked for
_CANDIDATES = 24  # periods that are tried at one node
_EFFORT = 64  # comparisons of arguments for each node, on average, before no more blocks are looked for
_LEAST = 3  # lines that a block must save
_BASE, _MODULUS = 1_000_003, (1 << 61) - 1  # of the polynomial hash


Periods: TypeAlias = tuple[tuple[int, int], ...]
"""Beginning and length of the blocks around something, innermost first."""


class Ref(NamedTuple):
    """An argument that another node makes: its place in the order, and which of its outputs."""

    place: int
    output: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A node: operator with attributes, arguments, types of results, and lines of its bodies."""

    head: str
    arguments: tuple[str | Ref, ...]
    results: tuple[str, ...]
    bodies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A node of the text, with the places of its arguments that stay the same in all repetitions of the blocks around it.

    ``still`` has a string for each argument: of the blocks around it, innermost first, ``^`` where it stays and ``-`` where it moves.
    """

    place: int
    entry: Entry
    still: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Parts that are run ``times`` times, one after the other; they are those of the first time."""

    times: int
    parts: tuple[Line | Block, ...]


def fold(entries: Sequence[Entry]) -> list[Line | Block]:
    """The nodes, with runs of equal blocks written once."""
    kinds: dict[object, int] = {}
    signs = [
        kinds.setdefault((entry.head, tuple(_kind(argument) for argument in entry.arguments), entry.results, entry.bodies), len(kinds))
        for entry in entries
    ]
    return _Folder(entries, signs).parts(0, len(entries), ())


def lines_of(parts: Sequence[Line | Block]) -> list[str]:
    """The text of parts."""
    return list(_lines(parts, None))


def _kind(argument: str | Ref) -> object:
    return argument if isinstance(argument, str) else argument.output


class _Folder:
    """Looks for blocks in the whole sequence, and in the first of each run of blocks."""

    def __init__(self, entries: Sequence[Entry], signs: Sequence[int]) -> None:
        self._entries = entries
        self._effort = _EFFORT * len(entries)
        self._signs = signs
        self._sums, self._powers = [0], [1]
        for sign in signs:
            self._sums.append((self._sums[-1] * _BASE + sign + 1) % _MODULUS)
            self._powers.append(self._powers[-1] * _BASE % _MODULUS)
        self._next = self._next_grams()

    def parts(self, start: int, stop: int, periods: Periods) -> list[Line | Block]:
        """Those from ``start`` up to ``stop``."""
        found: list[Line | Block] = []
        place = start
        while place < stop:
            period, times = self._best(place, stop, periods)
            if times > 1:
                found.append(Block(times, tuple(self.parts(place, place + period, ((place, period), *periods)))))
                place += period * times
            else:
                entry = self._entries[place]
                found.append(Line(place, entry, tuple(self._still(place, index, periods) for index in range(len(entry.arguments)))))
                place += 1
        return found

    def _best(self, place: int, stop: int, periods: Periods) -> tuple[int, int]:
        """Length and number of the equal blocks from here on that save most lines; one block: there are none."""
        best, saved = (1, 1), _LEAST - 1
        following = self._next[place]
        for _ in range(_CANDIDATES):
            period = following - place
            if following < 0 or period > LONGEST or place + 2 * period > stop:
                break
            times = self._times(place, period, stop, periods)
            if period * (times - 1) > saved:
                best, saved = (period, times), period * (times - 1)
            following = self._next[following]
        return best

    def _times(self, place: int, period: int, stop: int, periods: Periods) -> int:
        """How many equal blocks of this length begin here."""
        times = 1
        while place + (times + 1) * period <= stop and self._same_signs(place, place + times * period, period):
            if self._effort <= 0 or not self._same_wiring(place, period, times, periods):
                break
            times += 1
        return times

    def _same_signs(self, one: int, other: int, length: int) -> bool:
        return self._hash(one, length) == self._hash(other, length)

    def _hash(self, start: int, length: int) -> int:
        return (self._sums[start + length] - self._sums[start] * self._powers[length]) % _MODULUS

    def _same_wiring(self, start: int, period: int, times: int, periods: Periods) -> bool:
        """Whether the arguments of the block number ``times`` are those of the first, moved along, or the same if they lie before it.

        What repetitions of the blocks around do with an argument has to be the same as well: a line has one mark for each of them.
        """
        shift = times * period
        for place in range(start, start + period):
            arguments, theirs = self._entries[place].arguments, self._entries[place + shift].arguments
            self._effort -= 1 + len(arguments) * (1 + len(periods))
            for index, (mine, other) in enumerate(zip(arguments, theirs, strict=True)):
                if isinstance(mine, Ref) and isinstance(other, Ref):
                    moves = other.place == mine.place + shift
                    stays = other.place == mine.place < start
                    settled = times > 1  # the second block has shown which of the two this argument does
                    still = self._stays(place, index, start, period) if settled else stays
                    around = self._still(place, index, periods) == self._still(place + shift, index, periods)
                    if not (stays if still else moves) or not around:
                        return False
        return True

    def _stays(self, place: int, index: int, start: int, period: int) -> bool:
        """Whether an argument is the same in the second block as in the first."""
        mine, other = self._entries[place].arguments[index], self._entries[place + period].arguments[index]
        return isinstance(mine, Ref) and mine == other and mine.place < start

    def _still(self, place: int, index: int, periods: Periods) -> str:
        if not isinstance(self._entries[place].arguments[index], Ref):
            return ""
        marks = "".join("^" if self._stays(place, index, start, period) else "-" for start, period in periods)
        return marks.rstrip("-")

    def _next_grams(self) -> list[int]:
        """For each place the next one with the same kinds of nodes there and behind it; -1: none."""
        latest: dict[tuple[int, ...], int] = {}
        found = [-1] * len(self._signs)
        for place in range(len(self._signs) - 1, -1, -1):
            gram = tuple(self._signs[place : place + _GRAM])
            found[place] = latest.get(gram, -1)
            latest[gram] = place
        return found


def _lines(parts: Sequence[Line | Block], before: tuple[str, ...] | None) -> Iterator[str]:
    """``before`` are the results of the line before, which are not written again; None: write them."""
    for part in parts:
        if isinstance(part, Block):
            yield f"x{part.times} {{"
            yield from _lines(part.parts, None)
            yield "}"
            before = None
            continue
        entry = part.entry
        arguments = " ".join(_argument(argument, part.place, still) for argument, still in zip(entry.arguments, part.still, strict=True))
        result = f"> {' '.join(entry.results)}" if entry.results and entry.results != before else ""
        yield " ".join(filter(None, (str(part.place), entry.head, arguments, result)))
        yield from (f" {line}" for line in entry.bodies)
        before = entry.results


def _argument(argument: str | Ref, place: int, still: str) -> str:
    if isinstance(argument, str):
        return argument
    if not still and argument == (place - 1, 0):
        return "."
    return f"{still}{argument.place}.{argument.output}" if argument.output else f"{still}{argument.place}"
