"""Families of networks over features and sequences: dense stacks, mixers, transformers, convolutions in time, recurrent ones."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np
from onnx import TensorProto

from rlm_lsp.model.data.graphs.builder import Builder, Value
from rlm_lsp.model.data.graphs.families_convolution import gelu


def mlp(b: Builder, rng: Random) -> list[Value]:
    """Dense layers on a batch of features."""
    x = b.input(rng.choice((1, 1, 8, 32, 128)), rng.choice((16, 64, 128, 256, 784, 1024)))
    activation, width = rng.choice(("Relu", "Tanh", "Sigmoid")), 32 * rng.randint(1, 64)
    for _ in range(rng.randint(1, 8)):
        y = b.unary(activation, b.dense(x, width))
        x = b.add(x, y) if x.dims == y.dims and rng.random() < 0.3 else y
        if rng.random() < 0.3:
            width = max(16, width // 2)
    x = b.dense(x, rng.choice((1, 10, 100, 1000)))
    return [b.unary("Softmax", x, axis=-1) if rng.random() < 0.5 else x]


def _normed(b: Builder, x: Value) -> Value:
    return b.op("LayerNormalization", [x, b.weight(x.dims[-1], fill=1.0), b.weight(x.dims[-1])], x.dims, axis=-1)


def _feed_forward(b: Builder, x: Value, inner: int) -> Value:
    return b.dense(gelu(b, b.dense(x, inner)), x.dims[-1])


def mixer(b: Builder, rng: Random) -> list[Value]:
    """Dense layers over patches and over channels in turn (arXiv 2105.01601)."""
    tokens, width = rng.choice((16, 49, 64, 100, 196)), 32 * rng.randint(1, 12)
    x = b.dense(b.input(rng.choice((1, 1, 4)), tokens, rng.choice((48, 192, 768))), width)
    for _ in range(rng.randint(1, 8)):
        y = b.transpose(_normed(b, x), 0, 2, 1)
        x = b.add(x, b.transpose(_feed_forward(b, y, 2 * tokens), 0, 2, 1))
        x = b.add(x, _feed_forward(b, _normed(b, x), 4 * width))
    pooled = b.op("ReduceMean", [x], (x.dims[0], width), axes=[1], keepdims=0)
    return [b.dense(pooled, rng.choice((10, 100, 1000)))]


def _attention(b: Builder, x: Value, heads: int, mask: str | None = None) -> Value:
    """Multi-head self-attention (arXiv 1706.03762) as exporters write it."""
    n, tokens, width = x.dims
    each = width // heads
    query, key, value = (b.transpose(b.reshape(b.dense(x, width), n, tokens, heads, each), 0, 2, 1, 3) for _ in range(3))
    scores = b.op("MatMul", [query, b.transpose(key, 0, 1, 3, 2)], (n, heads, tokens, tokens))
    scores = b.scaled(scores, each**-0.5)
    if mask is not None:
        scores = b.op("Add", [scores, mask], scores.dims)
    mixed = b.op("MatMul", [b.unary("Softmax", scores, axis=-1), value], (n, heads, tokens, each))
    return b.dense(b.reshape(b.transpose(mixed, 0, 2, 1, 3), n, tokens, width), width)


def vit(b: Builder, rng: Random) -> list[Value]:
    """Patches by a strided convolution, then transformer layers (arXiv 2010.11929)."""
    patch, heads = rng.choice((8, 16)), rng.choice((2, 3, 4, 6))
    side, width = patch * rng.randint(4, 14), heads * 8 * rng.randint(2, 8)
    x = b.conv(b.input(1, 3, side, side), width, patch, stride=patch, pad=0)
    tokens = x.dims[2] * x.dims[3]
    x = b.transpose(b.reshape(x, 1, width, tokens), 0, 2, 1)
    x = b.op("Add", [x, b.weight(1, tokens, width)], x.dims)
    for _ in range(rng.randint(1, 8)):
        x = b.add(x, _attention(b, _normed(b, x), heads))
        x = b.add(x, _feed_forward(b, _normed(b, x), 4 * width))
    pooled = b.op("ReduceMean", [_normed(b, x)], (1, width), axes=[1], keepdims=0)
    return [b.dense(pooled, rng.choice((10, 100, 1000)))]


def bert(b: Builder, rng: Random) -> list[Value]:
    """Token embeddings and transformer layers with the normalisation behind (arXiv 1810.04805)."""
    heads = rng.choice((2, 4, 8, 12))
    n, tokens, width = rng.choice((1, 1, 2, 4)), rng.choice((8, 16, 32, 64, 128, 256)), heads * 8 * rng.randint(2, 8)
    ids = b.input(n, tokens, dtype=TensorProto.INT64)
    x = b.op("Gather", [b.weight(rng.choice((1_000, 8_000, 30_522)), width, fan=width), ids], (n, tokens, width))
    x = _normed(b, b.op("Add", [x, b.weight(1, tokens, width)], x.dims))
    for _ in range(rng.randint(1, 8)):
        x = _normed(b, b.add(x, _attention(b, x, heads)))
        x = _normed(b, b.add(x, _feed_forward(b, x, 4 * width)))
    return [b.dense(x, rng.choice((2, 9, 128)))]


def decoder(b: Builder, rng: Random) -> list[Value]:
    """Transformer layers with a causal mask and a head over the vocabulary."""
    heads = rng.choice((2, 4, 8))
    tokens, width, words = rng.choice((8, 16, 32, 64, 128)), heads * 8 * rng.randint(2, 8), rng.choice((256, 1_000, 5_000))
    ids = b.input(1, tokens, dtype=TensorProto.INT64)
    x = b.op("Gather", [b.weight(words, width, fan=width), ids], (1, tokens, width))
    mask = b.weight(1, 1, tokens, tokens)
    for _ in range(rng.randint(1, 8)):
        x = b.add(x, _attention(b, _normed(b, x), heads, mask))
        x = b.add(x, _feed_forward(b, _normed(b, x), 4 * width))
    return [b.dense(_normed(b, x), words)]


def conv1d(b: Builder, rng: Random) -> list[Value]:
    """Dilated convolutions in time (arXiv 1803.01271)."""
    width = 8 * rng.randint(1, 24)
    x = b.input(rng.choice((1, 1, 4)), rng.choice((1, 12, 40, 80)), rng.choice((64, 128, 256, 512, 1024, 2048)))
    x = b.conv_norm(x, width, rng.choice((3, 5, 7)))
    for level in range(rng.randint(1, 6)):
        y = b.relu(b.conv_norm(x, width, 3, dilation=1 << level))
        x = b.relu(b.add(x, b.conv_norm(y, width, 3, dilation=1 << level)))
        if rng.random() < 0.3 and x.dims[2] >= 32:
            x = b.pool(x, "Max", 2, stride=2)
    return [b.classifier(x, rng.choice((2, 10, 35)))]


def recurrent(b: Builder, rng: Random) -> list[Value]:
    """Layers of LSTM or GRU cells over a sequence."""
    kind, hidden = rng.choice(("LSTM", "GRU")), 16 * rng.randint(1, 24)
    steps, n = rng.choice((8, 16, 32, 64, 128)), rng.choice((1, 1, 4, 16))
    x = b.input(steps, n, rng.choice((16, 40, 64, 128, 300)))
    gates = 4 if kind == "LSTM" else 3
    for _ in range(rng.randint(1, 3)):
        features = x.dims[2]
        weights = (
            b.weight(1, gates * hidden, features, fan=features),
            b.weight(1, gates * hidden, hidden, fan=hidden),
            b.weight(1, 2 * gates * hidden),
        )
        y = b.op(kind, [x, *weights], (steps, 1, n, hidden), hidden_size=hidden)
        x = b.op("Squeeze", [y, b.constant([1])], (steps, n, hidden))
    last = b.op("Gather", [x, b.constant(np.array(-1))], (n, hidden), axis=0)
    return [b.dense(last, rng.choice((1, 2, 10, 100)))]


SEQUENCE: dict[str, Callable[[Builder, Random], list[Value]]] = {
    "mlp": mlp,
    "mixer": mixer,
    "vit": vit,
    "bert": bert,
    "decoder": decoder,
    "conv1d": conv1d,
    "recurrent": recurrent,
}
