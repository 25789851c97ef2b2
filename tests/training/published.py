"""What training at the released checkpoint's class reads, in small: parquet files in the schema of the paper's data sets, and a T5Gemma."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow
from pyarrow import parquet as pq

from rlm_lsp.model.config import Architecture, StackConfig
from rlm_lsp.model.tokenizer import train_tokenizer

STACK = StackConfig(
    vocab_size=320,
    layers=2,
    hidden_size=32,
    ffn_size=48,
    heads=4,
    kv_heads=4,
    head_dim=8,
    query_scale=8.0,
    attention_softcap=50.0,
    sliding_window=64,
    sliding_layers=(0,),
)

Code = tuple[str, "str | None", "float | None", "str | None"]  # space, input, target, metadata
Graph = tuple[str, str, float]  # space, input, val_accuracy


def code_table(rows: Sequence[Code]) -> Any:
    """Code-Regression."""
    metrics = {"APPS": "memory_bytes", "CDSS": "memory_bytes", "KBSS": "latency_ms"}
    return pyarrow.table(
        {
            "identifier": [f"{space}_{number}" for number, (space, *_) in enumerate(rows)],
            "space": [space for space, *_ in rows],
            "input": pyarrow.array([text for _, text, _, _ in rows], pyarrow.string()),
            "target": pyarrow.array([value for _, _, value, _ in rows], pyarrow.float64()),
            "target_metric": ["target" for _ in rows],
            "metric_type": [metrics[space] for space, *_ in rows],
            "metadata": pyarrow.array([metadata for *_, metadata in rows], pyarrow.string()),
        }
    )


def graph_table(rows: Sequence[Graph]) -> Any:
    """GraphArch-Regression."""
    return pyarrow.table(
        {
            "identifier": [f"{space}_{number}" for number, (space, *_) in enumerate(rows)],
            "space": [space for space, *_ in rows],
            "uid": [str(number) for number in range(len(rows))],
            "arch_str": ["|nor_conv_3x3~0|" for _ in rows],
            "input": [text for _, text, _ in rows],
            "target_metric": ["val_accuracy" for _ in rows],
            "val_accuracy": [value for *_, value in rows],
            "flops": [1.0 for _ in rows],
            "params": [1.0 for _ in rows],
            "metadata": ["{'zcp_synflow': 1.0}" for _ in rows],
            "metainformation": pyarrow.array([None for _ in rows], pyarrow.string()),
        }
    )


def write(path: Path, table: Any, rows_in_a_group: int = 50) -> Path:
    """Write a table in row groups."""
    pq.write_table(table, path, row_group_size=rows_in_a_group)
    return path


def program(number: int) -> str:
    return f"n = int(input())\nx = [0] * {10 ** (number % 4)}\nprint(x[n], {number})"


def tiny_t5gemma(folder: Path) -> Path:
    """A T5Gemma of random weights, as transformers saves it, with a tokenizer that knows ``program``s."""
    import torch

    from tests.model.t5gemma import t5gemma

    torch.manual_seed(0)
    t5gemma(Architecture(STACK, STACK, logit_softcap=30.0)).save_pretrained(folder)
    tokenizer = train_tokenizer([program(number) for number in range(400)], STACK.vocab_size)
    (folder / "tokenizer.json").write_text(tokenizer.to_json(), "utf-8")
    return folder
