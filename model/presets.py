"""Recipes for training at the released checkpoint's size: what the paper (arXiv 2509.26476) says of it, and what it leaves open."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """How to train, whatever on."""

    rate: float = 1e-3  # peak, for a decoder of random weights over T5Gemma's encoder
    fine_tuning_rate: float = 5e-5  # peak, for a trained snapshot
    warm_up: float = 0.1  # share of the steps
    clip: float = 2.0  # norm of the gradient
    code_tokens: int = 2048  # longer inputs are cut from the right
    graph_tokens: int = 4096
    batch_rows: int = 256  # not in the paper
    seed: int = 20

    def rate_at(self, step: int, steps: int, peak: float) -> float:
        """Learning rate of a step, counted from 0: linear up to the peak, then a cosine down to nothing."""
        warm = max(1, round(self.warm_up * steps))
        if step < warm:
            return peak * (step + 1) / warm
        return peak * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


PRESETS = {"gemma-s": Preset()}
