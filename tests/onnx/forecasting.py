"""A checkpoint with random weights that reads networks, and small networks to ask it about."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from rlm_lsp.model.config import Limits, ModelConfig, ObjectiveConfig, Trained, TrainingRange
from tests.model.tiny import make_tiny_checkpoint, tiny_config

GRAPHS = (Trained("onnx", "graph"),)
IMAGES = "not one image of 1x3x32x32"
OBJECTIVES = (
    ObjectiveConfig("accuracy@cifar10", "%", trained=GRAPHS, pattern=r"(?m)^i0 1x3x32x32$", lacking=IMAGES),
    ObjectiveConfig("latency@pixel3", "s", trained=GRAPHS, pattern=r"(?m)^i0 1x3x32x32$", lacking=IMAGES),
    ObjectiveConfig("latency@v100", "s", trained=GRAPHS),
    ObjectiveConfig("latency@cpu", "s"),
    ObjectiveConfig("peak_rss@cpu", "B", trained=GRAPHS),
    ObjectiveConfig("latency@a6000", "s", trained=(Trained("triton", "function"),)),
)
MOST_TOKENS = 700
WEIGHT = "float[8,8] w{0} = {{" + ",".join(["1.0"] * 64) + "}}"


def networks_config() -> ModelConfig:
    """It reads compact texts of 5 to ``MOST_TOKENS`` tokens; of one objective it does not say for which networks it is."""
    tiny = tiny_config()
    decoder = replace(tiny.architecture.decoder, vocab_size=tiny.codec.vocab_size + len(OBJECTIVES))
    return replace(
        tiny,
        id="tiny-networks",
        architecture=replace(tiny.architecture, decoder=decoder),
        objectives=OBJECTIVES,
        trained=(*GRAPHS, Trained("triton", "function")),
        limits=Limits(whole=MOST_TOKENS, cut=MOST_TOKENS),
        training_range=TrainingRange(5, MOST_TOKENS),
        quantile_levels={},
        alone=False,
    )


def make_networks_model(folder: Path) -> Path:
    """Write it."""
    return make_tiny_checkpoint(folder, networks_config(), seed=1)


def put_in_use(model: Path, data: Path) -> None:
    """Have it answer for a user whose data lie in ``data``."""
    (data / "models").mkdir(parents=True)
    (data / "models" / "net").symlink_to(model, target_is_directory=True)
    (data / "model.json").write_text(json.dumps({"schema": 1, "use": "net"}))


def three_layers(size: str = "2,8") -> str:
    """Two layers that are the same, and one that is none; each is a block of its own, by its name."""
    weights = ", ".join(WEIGHT.format(number) for number in range(3))
    steps = []
    value = "x"
    for layer in range(3):
        last = "Relu" if layer < 2 else "Tanh"
        steps.append(f'["/layers.{layer}/MatMul"] m{layer} = MatMul({value}, w{layer})')
        steps.append(f'["/layers.{layer}/Add"] a{layer} = Add(m{layer}, {value})')
        value = f"v{layer}" if layer < 2 else "y"
        steps.append(f'["/layers.{layer}/{last}"] {value} = {last}(a{layer})')
    return f"(float[{size}] x) => (y) <{weights}> {{ {' '.join(steps)} }}"
