"""The network of ``network.py`` as two ONNX graphs for onnxruntime: the encoder, and one step of the decoder.

The graphs hold no weights: their parameters are references into ``model.safetensors``, so one stored copy serves both back ends.

Encoder: ``input_ids`` (1, S), one text, unpadded -> ``cross_key_i``, ``cross_value_i`` (K, S, D) of every decoder layer i.
Decoder: ``tokens`` (R, T) after P earlier ones, ``past_key_i``, ``past_value_i`` (R, K, P, D), and the encoder's outputs ->
``logits`` (R, V) after the last token, ``key_i``, ``value_i`` (R, K, P + T, D).

Letters as in ``network.py``; R rows decode the same text; G = H / K query heads share a key head. Activations are (tokens, d).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto

from rlm_lsp.model.config import Architecture, StackConfig
from rlm_lsp.model.onnx_graph import MICROSOFT, Graph
from rlm_lsp.model.safetensors_file import TensorEntry, read_header

WEIGHTS_FILE, ENCODER_FILE, DECODER_FILE = "model.safetensors", "encoder.onnx", "decoder.onnx"


def write_graphs(folder: Path, architecture: Architecture) -> None:
    """Write both graphs beside the folder's ``model.safetensors``, whose tensors have the names of ``RLM``'s parameters."""
    entries = read_header(folder / WEIGHTS_FILE)
    onnx.save(encoder_graph(architecture, entries), folder / ENCODER_FILE)
    onnx.save(decoder_graph(architecture, entries), folder / DECODER_FILE)


def encoder_graph(architecture: Architecture, entries: Mapping[str, TensorEntry]) -> onnx.ModelProto:
    """Text to cross keys and values."""
    config = architecture.encoder
    graph = Graph("encoder", entries, WEIGHTS_FILE)
    ids = graph.op("Reshape", graph.input("input_ids", TensorProto.INT64, [1, "S"]), graph.constant([-1]))  # (1, S) -> (S,)
    length = graph.op("Shape", ids)
    rotary = _Rotary(graph, config, graph.constant([0]), length)
    window = _window_mask(graph, config, length) if config.sliding_layers else None
    x = _embed(graph, "encoder.embed_tokens.weight", ids, config)  # (S,) -> (S, d)
    for index in range(config.layers):
        layer = f"encoder.layers.{index}"
        normed = _norm(graph, f"{layer}.pre_self_attn_layernorm.weight", x, config)
        query = rotary.rotate(_linear(graph, f"{layer}.self_attn.q_proj.weight", normed), rows=1)  # (1, S, H*D)
        key = rotary.rotate(_linear(graph, f"{layer}.self_attn.k_proj.weight", normed), rows=1)  # (1, S, K*D)
        value = _linear(graph, f"{layer}.self_attn.v_proj.weight", normed)  # (S, K*D)
        mask = window if index in config.sliding_layers else None
        mixed = _attention(
            graph, config, _query_heads(graph, query, config), _key_heads(graph, key, config), _key_heads(graph, value, config), mask
        )
        x = _add(graph, x, f"{layer}.self_attn.o_proj.weight", mixed, f"{layer}.post_self_attn_layernorm.weight", config)
        x = _feed_forward(graph, layer, x, config)
    states = _norm(graph, "encoder.norm.weight", x, config)
    decoder = architecture.decoder
    for index in range(decoder.layers):
        for role in ("key", "value"):
            projected = _linear(graph, f"decoder.layers.{index}.cross_attn.{role[0]}_proj.weight", states)  # (S, d) -> (S, K*D)
            heads = _key_heads(graph, projected, decoder)
            graph.output(
                graph.op("Squeeze", heads, graph.constant([1])),
                f"cross_{role}_{index}",
                TensorProto.FLOAT,
                [decoder.kv_heads, "S", decoder.head_dim],
            )
    return graph.model()


def decoder_graph(architecture: Architecture, entries: Mapping[str, TensorEntry]) -> onnx.ModelProto:
    """One step of R rows over one text."""
    config = architecture.decoder
    graph = Graph("decoder", entries, WEIGHTS_FILE)
    tokens = graph.input("tokens", TensorProto.INT64, ["R", "T"])
    past = {
        (role, i): graph.input(f"past_{role}_{i}", TensorProto.FLOAT, ["R", config.kv_heads, "P", config.head_dim])
        for i in range(config.layers)
        for role in ("key", "value")
    }
    cross = {
        (role, i): graph.input(f"cross_{role}_{i}", TensorProto.FLOAT, [config.kv_heads, "S", config.head_dim])
        for i in range(config.layers)
        for role in ("key", "value")
    }
    rows_only = graph.op("Shape", tokens, end=1)
    length = graph.op("Shape", tokens, start=1)
    before = graph.op("Shape", past["key", 0], start=2, end=3)
    rotary = _Rotary(graph, config, before, length)
    causal, window = _causal_masks(graph, config, before, length)
    by_rows = {
        groups: graph.op("Concat", rows_only, graph.constant([-1, config.kv_heads, groups, config.head_dim]), axis=0)
        for groups in {1, config.heads // config.kv_heads}
    }
    kv_shape = graph.op("Concat", rows_only, graph.constant([-1, config.kv_heads, config.head_dim]), axis=0)
    by_row = graph.op("Concat", rows_only, length, graph.constant([-1]), axis=0)
    x = _embed(graph, "decoder.embed_tokens.weight", graph.op("Reshape", tokens, graph.constant([-1])), config)  # (R, T) -> (R*T, d)
    for index in range(config.layers):
        layer = f"decoder.layers.{index}"
        normed = _norm(graph, f"{layer}.pre_self_attn_layernorm.weight", x, config)
        projected = {role: _linear(graph, f"{layer}.self_attn.{role}_proj.weight", normed) for role in "qkv"}  # (R*T, n*D)
        query = rotary.rotate(graph.op("Reshape", projected["q"], by_row))  # (R*T, H*D) -> (R, T, H*D)
        query = graph.op("Reshape", query, by_rows[config.heads // config.kv_heads])  # -> (R, T, K, G, D)
        query = graph.op("Transpose", query, perm=[0, 2, 3, 1, 4])  # -> (R, K, G, T, D)
        key = rotary.rotate(graph.op("Reshape", projected["k"], by_row))  # (R*T, K*D) -> (R, T, K*D)
        new = {}
        for role, tensor in (("key", key), ("value", projected["v"])):
            heads = graph.op("Transpose", graph.op("Reshape", tensor, kv_shape), perm=[0, 2, 1, 3])  # -> (R, T, K, D) -> (R, K, T, D)
            new[role] = graph.op("Concat", past[role, index], heads, axis=2)  # (R, K, P + T, D)
            graph.output(new[role], f"{role}_{index}", TensorProto.FLOAT, ["R", config.kv_heads, "P+T", config.head_dim])
        grouped = {role: graph.op("Unsqueeze", tensor, graph.constant([2])) for role, tensor in new.items()}  # (R, K, 1, P + T, D)
        mask = window if index in config.sliding_layers else causal
        mixed = _mix(graph, config, query, grouped["key"], grouped["value"], mask)  # (R, K, G, T, D)
        mixed = graph.op("Transpose", mixed, perm=[0, 3, 1, 2, 4])  # (R, T, K, G, D)
        mixed = graph.op("Reshape", mixed, graph.constant([-1, config.heads * config.head_dim]))  # (R*T, H*D)
        x = _add(graph, x, f"{layer}.self_attn.o_proj.weight", mixed, f"{layer}.post_self_attn_layernorm.weight", config)

        query = _linear(graph, f"{layer}.cross_attn.q_proj.weight", _norm(graph, f"{layer}.pre_cross_attn_layernorm.weight", x, config))
        grouped = {role: graph.op("Unsqueeze", cross[role, index], graph.constant([1])) for role in ("key", "value")}  # (K, 1, S, D)
        mixed = _attention(graph, config, _query_heads(graph, query, config), grouped["key"], grouped["value"], None)
        x = _add(graph, x, f"{layer}.cross_attn.o_proj.weight", mixed, f"{layer}.post_cross_attn_layernorm.weight", config)
        x = _feed_forward(graph, layer, x, config)
    last = graph.op("Gather", graph.op("Reshape", x, by_row), graph.constant(np.int64(-1)), axis=1)  # (R*T, d) -> (R, T, d) -> (R, d)
    states = _norm(graph, "decoder.norm.weight", last, config)
    head = "decoder.embed_tokens.weight" if architecture.tied_head else "head.weight"
    logits = _softcap(graph, _linear(graph, head, states), architecture.logit_softcap)  # (R, d) -> (R, V)
    graph.output(logits, "logits", TensorProto.FLOAT, ["R", config.vocab_size])
    return graph.model()


class _Rotary:
    """Rotary angles of ``length`` positions from ``start`` on; both are one-element int64 tensors."""

    def __init__(self, graph: Graph, config: StackConfig, start: str, length: str) -> None:
        exponents = np.arange(0, config.head_dim, 2, dtype=np.float32) / np.float32(config.head_dim)
        frequencies = np.float32(config.rope_theta) ** -exponents  # (D/2,)
        positions = graph.op("Cast", _positions(graph, start, length), to=TensorProto.FLOAT)
        angles = graph.op("Mul", graph.op("Unsqueeze", positions, graph.constant([1])), graph.constant(frequencies))  # (length, D/2)
        self._graph = graph
        self._cos, self._sin, self._first = graph.op("Cos", angles), graph.op("Sin", angles), graph.constant([0])

    def rotate(self, x: str, rows: int | None = None) -> str:
        """(rows, length, n*D) -> the same; with ``rows`` given, from (rows * length, n*D)."""
        if rows is not None:
            x = self._graph.op("Unsqueeze", x, self._graph.constant([0]))
        return self._graph.op("RotaryEmbedding", x, self._first, self._cos, self._sin, domain=MICROSOFT)


def _positions(graph: Graph, start: str, length: str) -> str:
    """start, start + 1, ..., (length,)."""
    first = graph.op("Squeeze", start)
    return graph.op("Range", first, graph.op("Add", first, graph.op("Squeeze", length)), graph.constant(np.int64(1)))


def _window_mask(graph: Graph, config: StackConfig, length: str) -> str:
    """(S, S): 0 where two positions are at most a window apart, else -inf."""
    position = _positions(graph, graph.constant([0]), length)
    distance = graph.op("Sub", graph.op("Unsqueeze", position, graph.constant([1])), position)  # (S, S)
    return _bias(graph, graph.op("LessOrEqual", graph.op("Abs", distance), graph.constant(np.int64(config.sliding_window or 0))))


def _causal_masks(graph: Graph, config: StackConfig, before: str, length: str) -> tuple[str, str | None]:
    """(T, P + T): 0 at every position up to the query's own (and, second, inside the window), else -inf."""
    query = graph.op("Unsqueeze", _positions(graph, before, length), graph.constant([1]))  # (T, 1)
    key = _positions(graph, graph.constant([0]), graph.op("Add", before, length))  # (P + T,)
    causal = graph.op("LessOrEqual", key, query)
    if not config.sliding_layers:
        return _bias(graph, causal), None
    near = graph.op("Less", graph.op("Sub", query, key), graph.constant(np.int64(config.sliding_window or 0)))
    return _bias(graph, causal), _bias(graph, graph.op("And", causal, near))


def _bias(graph: Graph, allowed: str) -> str:
    return graph.op("Where", allowed, graph.constant(0.0), graph.constant(-np.inf))


def _embed(graph: Graph, table: str, ids: str, config: StackConfig) -> str:
    """(n,) -> (n, d), scaled. The table stays as it is stored; only the rows in use are widened."""
    rows = graph.op("Cast", graph.op("Gather", graph.stored(table), ids), to=TensorProto.FLOAT)
    return graph.op("Mul", rows, graph.constant(float(config.hidden_size**0.5)))


def _linear(graph: Graph, weight: str, x: str) -> str:
    """(n, in) -> (n, out) with a weight of (out, in)."""
    return graph.op("Gemm", x, graph.parameter(weight), transB=1)


def _norm(graph: Graph, weight: str, x: str, config: StackConfig) -> str:
    """Root-mean-square norm times 1 + weight; onnxruntime makes one node of it."""
    scale = graph.op("Add", graph.parameter(weight), graph.constant(1.0))
    mean = graph.op("ReduceMean", graph.op("Pow", x, graph.constant(2.0)), graph.constant([-1]), keepdims=1)
    root = graph.op("Sqrt", graph.op("Add", mean, graph.constant(float(config.norm_eps))))
    return graph.op("Mul", graph.op("Div", x, root), scale)


def _add(graph: Graph, x: str, projection: str, mixed: str, norm: str, config: StackConfig) -> str:
    """The residual plus the normed projection of ``mixed``; (n, d)."""
    return graph.op("Add", x, _norm(graph, norm, _linear(graph, projection, mixed), config))


def _feed_forward(graph: Graph, layer: str, x: str, config: StackConfig) -> str:
    """(n, d) -> (n, F) -> (n, d)."""
    normed = _norm(graph, f"{layer}.pre_feedforward_layernorm.weight", x, config)
    gate = graph.op("Gelu", _linear(graph, f"{layer}.mlp.gate_proj.weight", normed), approximate="tanh")
    gated = graph.op("Mul", gate, _linear(graph, f"{layer}.mlp.up_proj.weight", normed))
    return _add(graph, x, f"{layer}.mlp.down_proj.weight", gated, f"{layer}.post_feedforward_layernorm.weight", config)


def _query_heads(graph: Graph, x: str, config: StackConfig) -> str:
    """(n, H*D) -> (n, K, G, D) -> (K, G, n, D)."""
    shape = graph.constant([-1, config.kv_heads, config.heads // config.kv_heads, config.head_dim])
    return graph.op("Transpose", graph.op("Reshape", x, shape), perm=[1, 2, 0, 3])


def _key_heads(graph: Graph, x: str, config: StackConfig) -> str:
    """(n, K*D) -> (n, K, 1, D) -> (K, 1, n, D)."""
    shape = graph.constant([-1, config.kv_heads, 1, config.head_dim])
    return graph.op("Transpose", graph.op("Reshape", x, shape), perm=[1, 2, 0, 3])


def _attention(graph: Graph, config: StackConfig, query: str, key: str, value: str, mask: str | None) -> str:
    """Query (K, G, n, D), key and value (K, 1, S, D), mask (n, S) -> (n, H*D)."""
    mixed = graph.op("Transpose", _mix(graph, config, query, key, value, mask), perm=[2, 0, 1, 3])  # (K, G, n, D) -> (n, K, G, D)
    return graph.op("Reshape", mixed, graph.constant([-1, config.heads * config.head_dim]))  # -> (n, H*D)


def _mix(graph: Graph, config: StackConfig, query: str, key: str, value: str, mask: str | None) -> str:
    """Query (..., G, n, D), key and value (..., 1, S, D), mask (n, S) -> (..., G, n, D)."""
    scores = graph.op("FusedMatMul", query, key, domain=MICROSOFT, transB=1, alpha=float(config.query_scale**-0.5))  # (..., G, n, S)
    scores = _softcap(graph, scores, config.attention_softcap)
    if mask is not None:
        scores = graph.op("Add", scores, mask)
    return graph.op("MatMul", graph.op("Softmax", scores, axis=-1), value)


def _softcap(graph: Graph, x: str, cap: float | None) -> str:
    if cap is None:
        return x
    return graph.op("Mul", graph.op("Tanh", graph.op("Div", x, graph.constant(float(cap)))), graph.constant(float(cap)))
