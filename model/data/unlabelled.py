"""Functions without measured costs, from permissively licensed wheels: the text of the first objectives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from rlm_lsp.model.data.corpus import Text, functions_in, text_hash
from rlm_lsp.model.data.examples import Example
from rlm_lsp.model.data.static import static_counts
from rlm_lsp.model.data.wheels import python_files

_LEAST_CHARS, _MOST_CHARS = 40, 3_000
_MOST_BYTES = 400_000


def functions_of(wheel: Path, most: int) -> Iterator[Example]:
    """Yield up to ``most`` functions of a wheel, spread evenly by a hash of their text, with what they call in their files."""
    package = wheel.name.split("-")[0].lower()
    found: dict[str, Text] = {}
    for _path, source in python_files(wheel):
        if len(source) > _MOST_BYTES:
            continue
        for _, function in functions_in(source):
            if _LEAST_CHARS <= len(function.text) <= _MOST_CHARS:
                found[text_hash(function.text)] = function
    for key in sorted(found)[:most]:
        text, called = found[key]
        counts = static_counts(text)
        if counts is not None:
            yield Example(key, "unlabelled", package, "train", text, counts, callees=list(called))


def unlabelled(wheels: Iterable[Path], most_per_package: int) -> Iterator[Example]:
    """Yield functions of all wheels, equal texts once."""
    seen: set[str] = set()
    for wheel in wheels:
        for example in functions_of(wheel, most_per_package):
            if example.id not in seen:
                seen.add(example.id)
                yield example
