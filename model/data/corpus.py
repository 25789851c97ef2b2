"""Measured rows (numbers and pointers) joined with the text they point to: the labelled examples.

The text comes from wheels and from a local copy of the published data sets; a row whose text cannot be found is left out and counted.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from rlm_lsp.chunk import chunk_source
from rlm_lsp.chunk.calls import callees_of
from rlm_lsp.chunk.types import Chunk
from rlm_lsp.model.data import wheels
from rlm_lsp.model.data.examples import HEAP, LATENCY, Example
from rlm_lsp.model.data.splits import in_strictest, split_of
from rlm_lsp.model.measure import coffe, ladder, mutants

SIZED_CALLS = 4  # of a traced function or a LeetCode problem, whose sizes differ little
LADDER_CALLS = 10  # of a function that was measured at growing sizes
_OURS = ("kernels", "mutants")
LADDERS = ("coffe", "enamel", *_OURS)
REFERENCE_CPU = "AMD EPYC cpu family 25 model 1"  # predictions are for it (ModelConfig.device)
REFERENCE_CALIBRATION = 0.0228  # s: what its calibration program took in the median
_LATENCY_RANGE = (2e-8, 100.0)  # s: below is a timer's noise, above was cut off
_HEAP_RANGE = (0.0, 64e9)  # B

Row = Mapping[str, Any]


def committed_rows(source: str) -> Iterator[Row]:
    """Yield the rows of ``model/data/rows/<source>.jsonl.gz``, as measured."""
    packed = (resources.files("rlm_lsp.model.data") / "rows" / f"{source}.jsonl.gz").read_bytes()
    for line in gzip.decompress(packed).decode("utf-8").splitlines():
        yield json.loads(line)


def committed_sources() -> list[str]:
    """Return the names of the committed row files of functions, sorted; those of networks are joined by ``graphs.own``."""
    folder = resources.files("rlm_lsp.model.data") / "rows"
    names = (entry.name.removesuffix(".jsonl.gz") for entry in folder.iterdir() if entry.name.endswith(".jsonl.gz"))
    return sorted(name for name in names if name != "graphs")


class Text(NamedTuple):
    """A measured function's normalised text, and those of the functions of its file that it calls."""

    text: str
    callees: tuple[str, ...]


def functions_in(source: bytes) -> Iterator[tuple[Chunk, Text]]:
    """Yield the functions of a Python file, in its order."""
    chunks = chunk_source(source, "python").chunks
    for chunk, called in zip(chunks, callees_of(chunks), strict=True):
        if chunk.kind == "function":
            yield chunk, Text(chunk.text, called)


class Texts:
    """Finds the normalised text of a measured function by its row's pointer."""

    def __init__(self, wheel_folder: Path, data: Path | None) -> None:
        self._wheels = wheel_folder
        self._data = data
        self._files: dict[tuple[str, str, str], dict[tuple[str, int], Text]] = {}

    def of(self, row: Row) -> Text | None:
        """Return the normalised text and its callees', or ``None`` where the pointer leads to no function.

        Raises:
            wheels.MissingWheelError: the row's wheel is not in the folder.
            FileNotFoundError: the row's data set is not in the data folder.
        """
        pointer = row["pointer"]
        if "package" in pointer:
            functions = self._package_file(pointer["package"], pointer["version"], pointer["path"])
            return functions.get((pointer["qualname"], pointer["line"]))
        program = mutants.text_of(row) if row["source"] == mutants.SOURCE else self._program(row["source"], pointer)
        return None if program is None else _last_function(program, pointer["qualname"])

    def _program(self, source: str, pointer: Mapping[str, Any]) -> str:
        if source == "leetcode":
            return self._leetcode[pointer["task_id"]]
        if source == "coffe":
            return self._coffe[pointer["task_id"]]
        if source == "kernels":
            return ladder.module_text(pointer["module"])
        return str(self._enamel(pointer["file"])[pointer["index"]][0])

    def _package_file(self, package: str, version: str, path: str) -> dict[tuple[str, int], Text]:
        key = (package, version, path)
        if key not in self._files:
            source = wheels.read(wheels.find(self._wheels, package, version), path)
            self._files[key] = {(chunk.qualified_name, chunk.span.start_line): text for chunk, text in functions_in(source)}
        return self._files[key]

    @cached_property
    def _leetcode(self) -> dict[str, str]:
        texts: dict[str, str] = {}
        for path in sorted(self._folder("leetcodedataset").glob("*.jsonl.gz")):
            with gzip.open(path, "rt", encoding="utf-8") as file:
                for line in file:
                    task = json.loads(line)
                    texts.setdefault(task["task_id"], task["completion"])
        return texts

    @cached_property
    def _coffe(self) -> dict[str, str]:
        return coffe.programs_by_group(self._folder("coffe"))

    def _enamel(self, file: str) -> Any:
        self._folder("enamel")
        return json.loads(((self._data or Path()) / file).read_text("utf-8"))

    def _folder(self, name: str) -> Path:
        folder = (self._data or Path("data")) / name
        if not folder.is_dir():
            raise FileNotFoundError(f"{folder} is missing: --data names the folder that holds {name}/; see model/data/README.md")
        return folder


def _last_function(source: str, qualified_name: str) -> Text | None:
    found = [text for chunk, text in functions_in(source.encode()) if chunk.qualified_name == qualified_name]
    return found[-1] if found else None


def family_of(row: Row) -> str:
    """Return the family of groups a row is split by: "package", "leetcode", "humaneval", "mbpp" or "kernels" (mutants among them)."""
    if "package" in row["pointer"]:
        return "package"
    if row["source"] in _OURS:
        return "kernels"
    if row["source"] == "leetcode":
        return "leetcode"
    return "mbpp" if row["group"].startswith("MBPP/") else "humaneval"


def text_hash(text: str) -> str:
    """Return 24 hexadecimal digits that stand for a normalised text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24]


def examples_of(row: Row, text: str, callees: Sequence[str] = ()) -> tuple[Example | None, list[Example]]:
    """Return the row's typical example (no ``args:`` line) and its sized ones (one a recorded size, spread evenly).

    What was measured on a ladder of sizes has no typical call: a median over it says where the ladder ends.
    """
    family = family_of(row)
    base = {
        "source": row["source"],
        "group": row["group"],
        "split": split_of(family, row["group"]),
        "text": text,
        "problem": row["group"] if family != "package" else None,
        "callees": list(callees),
    }
    halves = {LATENCY: row["latency_split"], HEAP: row["heap_split"]}
    scale = reference_share(row)
    typical = _plausible(row["latency"], row["peak_heap"], scale)
    whole = Example(
        id=text_hash(text),
        targets=typical,
        split_halves={name: pair for name, pair in halves.items() if name in typical and None not in pair},
        **base,
    )
    calls = sorted((call for call in row["calls"] if call["args"]), key=lambda call: call["latency_min"] or 0.0)
    most = LADDER_CALLS if row["source"] in LADDERS else SIZED_CALLS
    chosen = [calls[i * (len(calls) - 1) // max(1, min(most, len(calls)) - 1)] for i in range(min(most, len(calls)))]
    sized = []
    for call in chosen:
        # problems: repeats of one call, so the least disturbed one; traces: different calls of one size, so their middle
        seconds = call["latency_median" if family == "package" else "latency_min"]
        targets = _plausible(seconds, call["peak_heap"], scale)
        if targets:
            sized.append(Example(id=text_hash(text + "\0" + call["args"]), targets=targets, args=call["args"], **base))
    return (whole if typical and row["source"] not in LADDERS else None), sized


def reference_share(row: Row) -> float:
    """Return what a row's seconds are to be multiplied by to be the reference machine's: 1 for what was measured on it.

    By the calibration program, a loop in pure Python. Of 110 mutants that were measured on an EPYC and on a Xeon, the ratio after it is
    1.06 in the median and .93 to 1.28 in four fifths of 903 calls (model/measure/README.md).
    """
    return 1.0 if row["cpu"] == REFERENCE_CPU else REFERENCE_CALIBRATION / float(row["calibration"])


def _plausible(seconds: float | None, heap: float | None, scale: float) -> dict[str, float]:
    values = {LATENCY: None if seconds is None else seconds * scale, HEAP: heap}
    ranges = {LATENCY: _LATENCY_RANGE, HEAP: _HEAP_RANGE}
    return {name: float(v) for name, v in values.items() if v is not None and ranges[name][0] <= v <= ranges[name][1]}


def build(rows: Iterable[Row], texts: Texts) -> tuple[list[Example], list[Example], Counter[str]]:
    """Return typical examples, sized examples and counts of what was left out.

    A text that occurs in several splits is kept in the strictest one only (test before validation before train).
    """
    typical: list[Example] = []
    sized: list[Example] = []
    left_out: Counter[str] = Counter()
    for row in rows:
        found = texts.of(row)
        if found is None:
            left_out["text not found"] += 1
            continue
        whole, with_sizes = examples_of(row, *found)
        if whole is not None:
            typical.append(whole)
        elif row["source"] not in LADDERS:
            left_out["implausible label"] += 1
        sized.extend(with_sizes)
    kept = in_strictest([*typical, *sized])
    left_out["text also in a stricter split"] += len(typical) + len(sized) - len(kept)
    return [e for e in kept if e.args is None], [e for e in kept if e.args is not None], left_out
