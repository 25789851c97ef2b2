"""The tokenizer of the checkpoint for networks, kernels and judged programs: texts of their training splits, and lines of invented shapes.

The published networks know a handful of widths; what people open has others. So the merges of shapes are also learned from lines like those
of ``rlm_lsp.onnx.text`` with the widths and resolutions that networks usually have.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from random import Random

from rlm_lsp.model.data import examples
from rlm_lsp.model.tokenizer import TextTokenizer, train_tokenizer

SIZE = 6_144
_MOST = {"graphs": 1_500, "gpu": 400, "judged": 6_000, "typical": 3_000}  # texts of a file, chosen at random
_INVENTED = 6_000
_WIDTHS = (*range(8, 129, 8), *range(160, 513, 32), 576, 640, 768, 960, 1024, 1280, 1536, 2048, 3072, 4096)
_SIDES = (1, 2, 4, 7, 8, 14, 16, 28, 32, 56, 64, 112, 128, 224, 256)
_KERNELS = (1, 1, 3, 3, 5, 7)
_OTHERS = ("Add", "Mul", "Sigmoid", "HardSwish", "Clip", "Softmax a-1", "Concat a1", "MaxPool k3 p1 s2", "LayerNormalization", "Erf")


def train(corpus: Path) -> TextTokenizer:
    """Return the tokenizer; the same files give the same one. A file that is not there is left out."""
    rng = Random(1)
    texts: list[str] = []
    for name, most in _MOST.items():
        path = corpus / f"{name}.jsonl"
        rows = examples.read(path) if path.exists() else ()
        found = dict.fromkeys(f"{e.language} {e.kind}\n{e.text}" for e in rows if e.split == "train")
        texts += rng.sample(list(found), min(most, len(found)))
    return train_tokenizer([*texts, "\n".join(invented(rng))], SIZE, shapes=True)


def invented(rng: Random) -> Iterable[str]:
    """Yield lines of networks that nobody built."""
    for place in range(_INVENTED):
        old, width, side, kernel = rng.choice(_WIDTHS), rng.choice(_WIDTHS), rng.choice(_SIDES), rng.choice(_KERNELS)
        result = f"> {rng.choice((1, 1, 1, 2, 4))}x{width}x{side}x{side}"
        lines = (
            f"{place % 400} Conv p{kernel // 2} . w{width}x{old}x{kernel}x{kernel} w{width} {result}",
            f"{place % 400} Conv g{width} p1 . w{width}x1x3x3 w{width} {result}",
            f"{place % 400} BatchNormalization . w{width} w{width} w{width} w{width}",
            f"{place % 400} Gemm transB=1 . w{width}x{old} w{width} > 1x{width}",
            f"{place % 400} MatMul . w{old}x{width} > 1x{side * side}x{width}",
            f"{place % 400} {rng.choice(_OTHERS)} . {max(0, place % 400 - 3)}",
        )
        yield rng.choice(lines)
