"""Texts that are nothing like the functions of the corpus, to see whether the product says so: all made here by chance, from a seed.

Some are made out of functions (shuffled, renamed), the others out of nothing. Functions in other languages come from a folder of
HumanEval-X, handed in as if they were Python.
"""

from __future__ import annotations

import gzip
import json
import keyword
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from random import Random

_KEPT = frozenset({*keyword.kwlist, "self", "cls", "range", "len", "int", "str", "list", "dict", "set", "tuple"})
_NAME = re.compile(r"[A-Za-z_]\w*")
_TOKEN = re.compile(r"\w+|[^\w\s]|\s+")
_WORDS = """
the of and to in is you that it he was for on are as with his they at be this have from or one had by word but not what all were we when
your can said there use an each which she do how their if will up other about out many then them these so some her would make like him
into time has look two more write go see number no way could people my than first water been call who oil its now find long down day
""".split()  # noqa: SIM905 - a list literal would put each word on a line
_LANGUAGES = ("cpp", "go", "java", "js", "rust")


def made_of(functions: Sequence[str], seed: int) -> dict[str, list[str]]:
    """Return changed copies of functions, by the name of the change."""
    rng = Random(seed)
    return {
        "tokens in random order": [_shuffled(_TOKEN.findall(text), "", rng) for text in functions],
        "words in random order, on one line": [_shuffled(text.split(), " ", rng) for text in functions],
        "lines in random order": [_shuffled(text.split("\n"), "\n", rng) for text in functions],
        "every name a hexadecimal hash": [_renamed(text, lambda name: f"_0x{name.getrandbits(24):06x}") for text in functions],
        "every name eight random letters": [_renamed(text, lambda name: _letters(name, 8)) for text in functions],
        "every name one or two letters": [_renamed(text, lambda name: _letters(name, name.randint(1, 2))) for text in functions],
    }


def made_up(count: int, seed: int) -> dict[str, list[str]]:
    """Return ``count`` texts each of what generators write and people do not, by name."""
    rng = Random(seed)
    repeated = ("total += xs[0]", "out.append(item)", "self.step()")
    makers: dict[str, Callable[[], str]] = {
        "tables of whole numbers": lambda: _table("[]", (str(rng.randrange(10**6)) for _ in _times(rng, 40, 300))),
        "tables of bytes, hexadecimal": lambda: _table("[]", (hex(rng.randrange(256)) for _ in _times(rng, 40, 300))),
        "tables of names and numbers": lambda: _table("{}", (_entry(rng) for _ in _times(rng, 30, 150))),
        "parser tables": lambda: _table("{}", (f"{i}: {_row(rng)}" for i in _times(rng, 10, 60))),
        "state machines": lambda: "def step(state, char):" + "".join(_state(rng, i) for i in _times(rng, 20, 90)),
        "one line many times": lambda: "def run(xs):" + f"\n {rng.choice(repeated)}" * rng.randint(40, 150),
        "unrolled loops": lambda: "def mix(a):" + "".join(f"\n a[{i}] = a[{i + 1}] ^ a[{i + 7}]" for i in _times(rng, 20, 100)),
        "encoded data in a string": lambda: f'def data():\n return b"{_base64(rng)}"',
        "prose": lambda: " ".join(rng.choice(_WORDS) for _ in _times(rng, 20, 120)),
    }
    return {name: [make() for _ in range(count)] for name, make in makers.items()}


def other_languages(folder: Path, count: int) -> dict[str, list[str]]:
    """Return the first ``count`` solutions of each language of HumanEval-X; an empty dict without the folder's files."""
    found = {}
    for language in _LANGUAGES:
        path = folder / f"humaneval_{language}.jsonl.gz"
        if path.exists():
            with gzip.open(path, "rt", encoding="utf-8") as file:
                problems = [json.loads(line) for line, _ in zip(file, range(count), strict=False)]
            found[f"{language}, as if it were Python"] = [problem["declaration"] + problem["canonical_solution"] for problem in problems]
    return found


def _table(brackets: str, entries: Iterable[str]) -> str:
    return f"def table():\n return {brackets[0]}{', '.join(entries)}{brackets[1]}"


def _times(rng: Random, least: int, most: int) -> Iterable[int]:
    return range(rng.randint(least, most))


def _shuffled(parts: list[str], between: str, rng: Random) -> str:
    return between.join(rng.sample(parts, len(parts)))


def _renamed(text: str, fresh: Callable[[Random], str]) -> str:
    """Return the text with another word for every name, the same for the same name."""
    return _NAME.sub(lambda match: match[0] if match[0] in _KEPT else fresh(Random(match[0])), text)


def _letters(rng: Random, count: int) -> str:
    return "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=count))


def _entry(rng: Random) -> str:
    return f"'{_letters(rng, rng.randint(3, 8))}': {rng.random():.4f}"


def _row(rng: Random) -> str:
    return f"[{', '.join(str(rng.choice((-1, 1)) * rng.randrange(200)) for _ in _times(rng, 2, 12))}]"


def _state(rng: Random, number: int) -> str:
    word = "elif" if number else "if"
    return f"\n {word} state == {number}:\n  if char == {rng.randrange(256)}:\n   return {rng.randrange(90)}\n  return {rng.randrange(90)}"


def _base64(rng: Random) -> str:
    return "".join(rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", k=rng.randint(100, 1500)))
