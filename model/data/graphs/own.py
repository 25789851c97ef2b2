"""Networks of our own with what they cost (`measure graphs`): ``own-graphs.jsonl``. Committed are names, numbers and costs only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tqdm import tqdm

from rlm_lsp.model.data import examples
from rlm_lsp.model.data.corpus import committed_rows, text_hash
from rlm_lsp.model.data.examples import Example
from rlm_lsp.model.data.graphs import families
from rlm_lsp.model.data.graphs.text import texts
from rlm_lsp.model.data.splits import in_strictest, split_of
from rlm_lsp.model.measure.graphs import SOURCE

LATENCY, MEMORY = "latency@cpu", "peak_rss@cpu"


def write(corpus: Path) -> int:
    """Draw the networks of the committed rows again, and write them with their text; return how many."""
    rows = [*committed_rows(SOURCE)]
    return examples.write(corpus / "own-graphs.jsonl", in_strictest(list(examples_of(tqdm(rows, desc="networks", unit="network")))))


def examples_of(rows: Iterable[Any]) -> Iterator[Example]:
    """Yield the example of each measured row: seconds of a run, bytes of loading and running; a family is a group."""
    with texts() as writer:
        for row in rows:
            pointer, call = row["pointer"], row["calls"][0]
            text, args = writer.of(*families.build(pointer["family"], pointer["number"]))
            yield Example(
                id=text_hash(f"families\0{row['key']}"),
                source="families",
                group=row["group"],
                split=split_of("graph-family", row["group"]),
                text=text,
                args=args,
                targets={LATENCY: row["latency"], MEMORY: float(max(call["peak_rss"], 4096))},
                language="onnx",
                kind="graph",
                split_halves={LATENCY: row["latency_split"]},
            )
