"""Which device torch computes on, and why not a better one."""

from __future__ import annotations

import sys
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import torch

DeviceName = Literal["auto", "cuda", "mps", "cpu"]


@dataclass(frozen=True)
class Device:
    """A device that has answered, and the arithmetic it is used with.

    ``reason`` is one line on why it is not the device that was asked for; empty where it is.
    """

    place: torch.device
    dtype: torch.dtype
    reason: str = ""

    @property
    def precision(self) -> str:
        """Such as ``torch/cuda/bf16``; part of every cache key."""
        return f"torch/{self.place.type}/{'bf16' if self.dtype is torch.bfloat16 else 'fp32'}"

    @property
    def is_cpu(self) -> bool:
        """Whether it is the processor, which has nothing to gain from batches and keeps every number the same in any company."""
        return self.place.type == "cpu"


@lru_cache
def choose(wanted: DeviceName = "auto") -> Device:
    """The device asked for if it can be used, otherwise the CPU. ``auto`` asks for mps on macOS and for cuda elsewhere.

    bfloat16 where cuda has it; float32 elsewhere. Never raises: what is wrong with a device is the ``reason``. One probe a process.
    """
    name = ("mps" if sys.platform == "darwin" else "cuda") if wanted == "auto" else wanted
    if name == "cpu":
        return Device(torch.device("cpu"), torch.float32)
    problem = _problem(name)
    if problem is not None:
        return Device(torch.device("cpu"), torch.float32, f"{name}: {problem}")
    return Device(torch.device(name), torch.bfloat16 if name == "cuda" and _has_bfloat16() else torch.float32)


def device_memory(device: torch.device) -> int | None:
    """Bytes that are free on a GPU now; None for the CPU, whose memory is shared with everything else."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    if device.type == "mps":
        return int(torch.mps.recommended_max_memory()) - int(torch.mps.driver_allocated_memory())
    return None


def release_memory(device: torch.device) -> None:
    """Give blocks that torch keeps for later back to the device."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()


def _problem(name: str) -> str | None:
    """Why a device cannot be used, in one line; None if it computes."""
    if name == "mps":
        if not torch.backends.mps.is_built():
            return "this torch is built without it"
        return _refusal(name) if torch.backends.mps.is_available() else "needs macOS 14 or newer on an Apple processor"
    if torch.version.cuda is None and torch.version.hip is None:
        return f"this torch ({torch.__version__}) is built without it; https://pytorch.org/get-started/locally names the right package"
    with warnings.catch_warnings(record=True) as said:  # an old driver is told by a warning, and then by False
        warnings.simplefilter("always")
        available = torch.cuda.is_available()
    if not available:
        return _first_line(str(said[-1].message)) if said else "the driver shows no device"
    return _refusal(name)


def _refusal(name: str) -> str | None:
    """What a device says to a computation of eight numbers."""
    try:
        probe = torch.ones(8, device=name)
        answer = float(probe @ probe)
    except RuntimeError as error:  # torch's own errors of devices, memory and drivers are all RuntimeErrors
        return _first_line(str(error)) or type(error).__name__
    return None if answer == 8.0 else f"computes that 8 ones sum to {answer}"


def _has_bfloat16() -> bool:
    return bool(torch.cuda.is_bf16_supported(including_emulation=False))


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")[:200]
