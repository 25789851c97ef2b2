"""What is printed where: findings on stdout, everything else on stderr, one line each."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TextIO, TypeVar

T = TypeVar("T")


def say(message: str) -> None:
    """One line on stderr."""
    print(f"rlm-lsp: {message}", file=sys.stderr, flush=True)


def write_lines(lines: Iterable[str], stream: TextIO) -> None:
    """Print lines; characters that the stream's encoding does not have become question marks."""
    encoding = stream.encoding or "utf-8"
    stream.write("".join(f"{line}\n" for line in lines).encode(encoding, "replace").decode(encoding))
    stream.flush()


def drop_stdout() -> None:
    """Print nothing more: the reader has seen enough (``| head``), and the flush at exit must not complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def wants_colour(stream: TextIO) -> bool:
    """Whether ``stream`` is a terminal with colours; NO_COLOR (no-color.org) and then FORCE_COLOR (force-color.org) overrule that."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM") != "dumb")


@dataclass(frozen=True)
class Style:
    """How text stands out on a terminal; without ``colour`` it does not."""

    colour: bool = False

    def dim(self, text: str) -> str:
        """What steps back."""
        return self._wrapped("2", text)

    def strong(self, text: str) -> str:
        """What stands out."""
        return self._wrapped("1", text)

    def bad(self, text: str) -> str:
        """What fails."""
        return self._wrapped("31", text)

    def plain(self, text: str) -> str:
        """Anything else."""
        return text

    def _wrapped(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text


def with_progress(items: Iterable[T], total: int | None, unit: str) -> Iterable[T]:
    """``items``, with a progress bar if stderr is a terminal."""
    if not sys.stderr.isatty():
        return items
    from tqdm import tqdm  # 60 ms, and only a terminal sees it

    bar: Iterable[T] = tqdm(items, total=total, unit=unit, leave=False, delay=0.5, dynamic_ncols=True)
    return bar
