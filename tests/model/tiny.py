"""A checkpoint with random weights that is built in a second: for tests of everything that needs a model, but no good one."""

from __future__ import annotations

from pathlib import Path

from rlm_lsp.model.config import (
    Architecture,
    Limits,
    ModelConfig,
    ObjectiveConfig,
    QuantileLevels,
    StackConfig,
    Trained,
    TrainingRange,
)
from rlm_lsp.model.numbers import NumberCodec
from rlm_lsp.model.tokenizer import train_tokenizer

CORPUS = [
    "python function\ndef total(xs):\n s = 0\n for x in xs:\n  s += x\n return s",
    "python function\nargs: xs=list[1000], k=int\ndef first(xs, k):\n return sorted(xs)[:k]",
    "python program\nimport sys\nfor line in sys.stdin:\n print(line.strip())",
] * 4

TEXT_VOCABULARY = 320
STACK = StackConfig(vocab_size=TEXT_VOCABULARY, layers=2, hidden_size=32, ffn_size=48, heads=4, kv_heads=4, head_dim=8, query_scale=8.0)


def tiny_config() -> ModelConfig:
    """A small model of the shipped one's form; it knows Python functions and programs of 3 to 400 tokens."""
    codec = NumberCodec(exponent_digits=1)  # 1e-9 to 9.99e9: numbers that random weights may well give to a person
    decoder = StackConfig(
        vocab_size=codec.vocab_size + 2, layers=2, hidden_size=32, ffn_size=48, heads=4, kv_heads=4, head_dim=8, query_scale=8.0
    )
    return ModelConfig(
        id="tiny-test",
        device="no machine at all",
        architecture=Architecture(STACK, decoder),
        codec=codec,
        objectives=(ObjectiveConfig("latency@cpu", "s"), ObjectiveConfig("peak_heap@cpu", "B")),
        trained=(Trained("python", "function"), Trained("python", "program")),
        limits=Limits(whole=100, cut=500),
        training_range=TrainingRange(min_tokens=3, max_tokens=400),
        quantile_levels={"peak_heap@cpu": QuantileLevels(0.05, 0.5, 0.95)},
    )


def make_tiny_checkpoint(folder: Path, config: ModelConfig | None = None, seed: int = 0) -> Path:
    """Write it; needs torch and onnx. Its numbers are nonsense, but they depend on every token of the input."""
    import torch

    from rlm_lsp.model.checkpoint import save
    from rlm_lsp.model.network import RLM

    config = config or tiny_config()
    torch.manual_seed(seed)
    network = RLM(config.architecture)
    network.head.weight.data *= 20  # an untrained head is nearly indifferent
    save(folder, network, config, train_tokenizer(CORPUS, TEXT_VOCABULARY), "# tiny-test\n\nRandom weights.\n")
    return folder
