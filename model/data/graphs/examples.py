"""Published architectures with their text and their labels: ``graphs.jsonl``.

Texts are made once and kept in ``graph-texts/SOURCE.jsonl``, so a run that was stopped goes on; delete the file when a builder changes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from rlm_lsp.model.data import examples
from rlm_lsp.model.data.corpus import text_hash
from rlm_lsp.model.data.examples import Example
from rlm_lsp.model.data.graphs import nb201, published
from rlm_lsp.model.data.graphs.builder import Builder, Value
from rlm_lsp.model.data.graphs.text import texts
from rlm_lsp.model.data.splits import split_of
from rlm_lsp.model.measure import rows

FAMILY = "architecture"
SEED = 201
PORTION = 9_000  # networks after which the examples so far are written
_CHUNK = 500


@dataclass(frozen=True)
class Source:
    """Architectures of one search space. ``group`` is the same for architectures that compute the same."""

    name: str
    labels: published.Labels
    build: Callable[[str], tuple[Builder, list[Value]]]
    group: Callable[[str], str]
    most: int | None = None

    def chosen(self) -> list[str]:
        """Architectures in an order that is random and always the same, so that any first part is a fair sample."""
        every = sorted(self.labels)
        random.Random(SEED).shuffle(every)
        return every[: self.most]


def sources(data: Path) -> list[Source]:
    """The search spaces.

    Raises:
        FileNotFoundError, published.TableError: a table is missing or is not as it was published.
    """
    folder = data / "nas"
    latencies = published.latencies(folder / "help_nb201_latency_ms.csv.gz")
    accuracies = published.accuracies(folder / "mini_nasbench201_accuracy.csv.gz")
    labels = {key: {**accuracies.get(key, {}), **values} for key, values in latencies.items()}
    return [Source("nb201", labels, nb201.build, lambda key: nb201.canonical(nb201.parse(key)))]


def write(data: Path, corpus: Path) -> dict[str, int]:
    """Make the texts that are missing and write ``graphs.jsonl``, also after the first portion; return how many of each source."""
    every = sources(data)
    counts: dict[str, int] = {}
    for source in every:
        for _ in make_texts(source, corpus):
            counts = _join(every, corpus)
    return counts or _join(every, corpus)


def make_texts(source: Source, corpus: Path) -> Iterator[int]:
    """Make the texts of a source that are not there yet; yield how many there are, after the first portion and at the end."""
    path = text_path(corpus, source.name)
    rows.mend(path)
    done = {row["key"] for row in rows.read(path)}
    chosen = source.chosen()
    missing = [key for key in chosen if key not in done]
    with texts() as writer, tqdm(total=len(chosen), initial=len(chosen) - len(missing), desc=source.name, unit="network") as bar:
        for start in range(0, len(missing), _CHUNK):
            part = missing[start : start + _CHUNK]
            made = [(key, *writer.of(*source.build(key))) for key in part]
            rows.append(path, [{"key": key, "text": text, "args": args} for key, text, args in made])
            bar.update(len(part))
            there = len(chosen) - len(missing) + start + len(part)
            if there - len(part) < PORTION <= there < len(chosen):
                yield there
    if missing:
        yield len(chosen)


def text_path(corpus: Path, source: str) -> Path:
    """Where the texts of a source are kept."""
    return corpus / "graph-texts" / f"{source}.jsonl"


def examples_of(source: Source, corpus: Path) -> Iterator[Example]:
    """The examples of those architectures whose text is there."""
    for row in rows.read(text_path(corpus, source.name)):
        group = source.group(row["key"])
        yield Example(
            id=text_hash(f"{source.name}\0{row['key']}"),
            source=source.name,
            group=f"{source.name}:{group}",
            split=split_of(FAMILY, f"{source.name}:{group}"),
            text=row["text"],
            targets=source.labels[row["key"]],
            args=row["args"],
            language="onnx",
            kind="graph",
        )


def _join(every: Sequence[Source], corpus: Path) -> dict[str, int]:
    counts: dict[str, int] = {}

    def counted() -> Iterator[Example]:
        for source in every:
            for example in examples_of(source, corpus):
                counts[source.name] = counts.get(source.name, 0) + 1
                yield example

    examples.write(corpus / "graphs.jsonl", counted())
    return counts
