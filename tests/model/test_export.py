"""The ONNX graphs against the network they were made from, in every form that the network has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="graphs are exported with the extra `train`")
pytest.importorskip("onnx", reason="graphs are exported with the extra `train`")

import onnxruntime  # noqa: E402  # after importorskip

from rlm_lsp.model.export import DECODER_FILE, ENCODER_FILE, WEIGHTS_FILE, write_graphs  # noqa: E402
from rlm_lsp.model.network import RLM  # noqa: E402
from rlm_lsp.model.safetensors_file import write_tensors  # noqa: E402
from tests.model.test_network import VARIANTS, network  # noqa: E402


def exported(net: RLM, folder: Path) -> tuple[Any, Any]:
    """Sessions of both graphs; the network's weights are rounded to what is stored."""
    net.half().float()
    names = {name for name, _ in net.named_parameters()}
    write_tensors(folder / WEIGHTS_FILE, {name: t.numpy().astype(np.float16) for name, t in net.state_dict().items() if name in names})
    write_graphs(folder, net.config)
    return tuple(
        onnxruntime.InferenceSession(str(folder / name), providers=["CPUExecutionProvider"]) for name in (ENCODER_FILE, DECODER_FILE)
    )


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("length", [1, 13])
def test_graphs_compute_what_the_network_does(variant: str, length: int, tmp_path: Path) -> None:
    net = network(VARIANTS[variant])
    encoder, decoder = exported(net, tmp_path)
    ids = np.random.default_rng(length).integers(1, 50, (1, length))
    pieces = np.split(np.random.default_rng(0).integers(1, 15, (6, 9)), [3, 4, 5], axis=1)
    stack = net.config.decoder
    with torch.no_grad():
        expected_cross = net.encode(torch.from_numpy(ids))
        names = [f"cross_{role}_{index}" for index in range(stack.layers) for role in ("key", "value")]
        cross = dict(zip(names, encoder.run(names, {"input_ids": ids}), strict=True))
        for index, kv in enumerate(expected_cross):
            assert np.allclose(cross[f"cross_key_{index}"], kv.key[0].numpy(), atol=1e-4)
            assert np.allclose(cross[f"cross_value_{index}"], kv.value[0].numpy(), atol=1e-4)
        past_names = [name.removeprefix("cross_") for name in names]
        past = {name: np.zeros((6, stack.kv_heads, 0, stack.head_dim), np.float32) for name in past_names}
        expected_past = None
        for tokens in pieces:
            feeds = {"tokens": tokens, **cross, **{f"past_{name}": value for name, value in past.items()}}
            logits, *new = decoder.run(["logits", *past_names], feeds)
            past = dict(zip(past_names, new, strict=True))
            expected, expected_past = net.decode_step(torch.from_numpy(tokens), expected_cross, past=expected_past)
            assert np.allclose(logits, expected[:, -1].numpy(), atol=1e-4)
        assert logits.std() > 0.05
