"""Published timings of GPU code joined with its text: TritonBench's kernels and operators, KernelBench's modules.

Sources: thunlp/TritonBench (Apache-2.0), whose performance files name no device (the paper says A100); ScalingIntelligence/KernelBench
(MIT), whose timing files lie in its history. The tables below ``--data`` hold numbers and pointers, and TritonBench's own data files; the
text of KernelBench's problems is read from a clone.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import geometric_mean
from typing import Any

from rlm_lsp.model.data.clones import MissingCloneError, read_blobs
from rlm_lsp.model.data.corpus import text_hash
from rlm_lsp.model.data.examples import Example
from rlm_lsp.model.data.file_text import file_text
from rlm_lsp.model.data.splits import split_of
from rlm_lsp.model.data.workloads import module_args, operator_args

TRITON_OBJECTIVE = "latency@a100"
KERNELBENCH = "ScalingIntelligence+KernelBench"

# The sets of January 2025, timed on one version of the same 250 problems; later ones mix versions of the problems' sizes.
CORE = {
    "A100_modal": "latency@a100_40gb_pytorch",
    "A100-80GB_modal": "latency@a100_pytorch",
    "A10G_modal": "latency@a10g",
    "L4_modal": "latency@l4",
    "T4_modal": "latency@t4",
    "L40S_modal": "latency@l40s",
    "L40S_matx3": "latency@l40s",
    "H100_together": "latency@h100",
}
_CORE_UNTIL = "2025-02"
_EAGER = "torch"

Record = Mapping[str, Any]


def tritonbench(data: Path) -> list[Example]:
    """Return one example a kernel file or operator and recorded input size.

    A size that was recorded more than once is one example with the geometric mean.

    Raises:
        FileNotFoundError: ``gpu_tritonbench/`` is not below ``data``.
    """
    folder = data / "gpu_tritonbench"
    kernels, operators = (_records(folder / name) for name in ("TritonBench_G_v1.json.gz", "TritonBench_T_v1.jsonl.gz"))
    texts = {("G", record["file"]): file_text(record["output"].encode(), "python") for record in kernels}
    texts |= {("T", _file(record["file"])): _operator_text(record) for record in operators}
    seconds: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    with (folder / "golden_results.jsonl").open(encoding="utf-8") as file:
        for record in map(json.loads, file):
            seconds[record["set"], _file(record["file"]), operator_args(record["input_size"])].append(record["ms"] / 1e3)
    return [
        Example(
            id=text_hash(texts[part, name] + "\0" + args),
            source=f"tritonbench-{part.lower()}",
            group=name,
            split=split_of("kernel", name),
            text=texts[part, name],
            targets={TRITON_OBJECTIVE: geometric_mean(values)},
            args=args,
            problem=name,
            kind="triton kernel" if part == "G" else "torch operator",
        )
        for (part, name, args), values in seconds.items()
    ]


def kernelbench(data: Path, clones: Path) -> list[Example]:
    """Return one example a problem text, timed in eager mode on up to seven kinds of GPU.

    Raises:
        FileNotFoundError: ``gpu_kernelbench/`` is not below ``data``.
        MissingCloneError: KernelBench is not among the clones.
    """
    with gzip.open(data / "gpu_kernelbench" / "baseline_timings.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if _is_core(row)]
    timed: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        number = row["problem"].partition("_")[0]
        timed[f"{row['level']}/{number}", row["problem_blob"]][CORE[row["hw_dir"]]].append(float(row["mean_ms"]) / 1e3)
    try:
        sources = read_blobs(clones, KERNELBENCH, (blob for _, blob in timed))
    except MissingCloneError as error:
        commits = ", ".join(sorted({row["commit"] for row in rows}))
        raise MissingCloneError(f"{error}; the rows point to commits {commits}") from None
    return [
        _module(group, sources[blob], {objective: geometric_mean(values) for objective, values in measured.items()})
        for (group, blob), measured in timed.items()
        if blob in sources
    ]


def _is_core(row: Mapping[str, str]) -> bool:
    return row["config"] == _EAGER and row["hw_dir"] in CORE and row["date"] < _CORE_UNTIL


def _module(group: str, source: bytes, targets: dict[str, float]) -> Example:
    text = file_text(source, "python")
    args = module_args(source.decode("utf-8"))
    return Example(
        id=text_hash(text),
        source="kernelbench",
        group=group,
        split=split_of("module", group),
        text=text,
        targets=targets,
        args=args,
        problem=group,
        kind="torch module",
    )


def _records(path: Path) -> list[Record]:
    records: list[Record] = json.loads(gzip.decompress(path.read_bytes()))
    return records


def _file(name: str) -> str:
    return name.replace("..py", ".py")  # as one name is misspelt in the timings


def _operator_text(record: Record) -> str:
    """Return an operator as a function: its signature, where that is Python, and the PyTorch calls that define it."""
    body = textwrap.indent(record["torch_code"], " ")
    signature = re.search(r"\(.*?\)(?= *(?:->|:|;|\n|$))", record["func_inputs"], re.DOTALL)
    name = record["name"].rpartition(".")[2]
    for header in (f"def {name}{signature[0]}:\n" if signature else "", f"def {name}():\n"):
        source = header + body
        if header and _compiles(source):
            return file_text(source.encode(), "python")
    return f"def {name}():\n" + "\n".join(line for line in body.splitlines() if line.strip())


def _compiles(source: str) -> bool:
    try:
        compile(source, "<operator>", "exec")
    except SyntaxError:
        return False
    return True


def by_source(data: Path, clones: Path) -> Iterator[tuple[str, list[Example] | FileNotFoundError]]:
    """Yield each source's name with its examples, or with which file or clone is missing."""
    readers: dict[str, Callable[[], list[Example]]] = {
        "tritonbench": lambda: tritonbench(data),
        "kernelbench": lambda: kernelbench(data, clones),
    }
    for name, read in readers.items():
        try:
            yield name, read()
        except FileNotFoundError as error:
            yield name, error
