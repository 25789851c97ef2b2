"""Functions without measured costs, from permissively licensed wheels: the text of the first objectives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from rlm_lsp.chunk import chunk_source
from rlm_lsp.model.data.corpus import text_hash
from rlm_lsp.model.data.examples import Example
from rlm_lsp.model.data.static import static_counts
from rlm_lsp.model.data.wheels import python_files

_LEAST_CHARS, _MOST_CHARS = 40, 3_000
_MOST_BYTES = 400_000


def functions_of(wheel: Path, most: int) -> Iterator[Example]:
    """Yield up to ``most`` functions of a wheel, spread evenly over its files by a hash of their text."""
    package = wheel.name.split("-")[0].lower()
    found: dict[str, str] = {}
    for _path, source in python_files(wheel):
        if len(source) > _MOST_BYTES:
            continue
        for chunk in chunk_source(source, "python").chunks:
            if chunk.kind == "function" and _LEAST_CHARS <= len(chunk.text) <= _MOST_CHARS:
                found[text_hash(chunk.text)] = chunk.text
    for key in sorted(found)[:most]:
        counts = static_counts(found[key])
        if counts is not None:
            yield Example(key, "unlabelled", package, "train", found[key], counts)


def unlabelled(wheels: Iterable[Path], most_per_package: int) -> Iterator[Example]:
    """Yield functions of all wheels, equal texts once."""
    seen: set[str] = set()
    for wheel in wheels:
        for example in functions_of(wheel, most_per_package):
            if example.id not in seen:
                seen.add(example.id)
                yield example
