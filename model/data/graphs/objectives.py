"""The objectives of networks: what they are called, in which unit they are stored, and what was measured."""

from __future__ import annotations

from typing import NamedTuple


class Objective(NamedTuple):
    """A name as in an example's targets, its unit, and what it stands for."""

    name: str
    unit: str
    description: str


ACCURACIES = {"cifar10": "CIFAR-10", "cifar100": "CIFAR-100", "imagenet16": "ImageNet16-120"}
"""Data sets by the last part of the objective's name."""

_DEVICES = {
    "1080ti": "GeForce GTX 1080 Ti",
    "2080ti": "GeForce RTX 2080 Ti",
    "titan_rtx": "Titan RTX",
    "titanx": "GeForce GTX Titan X",
    "titanxp": "Titan Xp",
    "v100": "Tesla V100",
    "gold_6226": "Xeon Gold 6226",
    "gold_6240": "Xeon Gold 6240",
    "silver_4114": "Xeon Silver 4114",
    "silver_4210r": "Xeon Silver 4210R",
    "raspi4": "Raspberry Pi 4",
    "essential_ph_1": "Essential PH-1 phone, in whole milliseconds",
    "pixel2": "Pixel 2 phone, in whole milliseconds",
    "pixel3": "Pixel 3 phone",
    "samsung_a50": "Samsung A50 phone, in whole milliseconds",
    "samsung_s7": "Samsung S7 phone, in whole milliseconds",
    "eyeriss": "Eyeriss accelerator, simulated",
    "fpga": "FPGA accelerator, estimated",
}
_GPUS = ("1080ti", "2080ti", "titan_rtx", "titanx", "titanxp", "v100")
_BATCHES = (1, 32, 64, 256)


def latency(device: str, batch: int = 1) -> str:
    """The name of a device's latency; of one batch size each."""
    return f"latency@{device}" if batch == 1 else f"latency@{device}_b{batch}"


def column_objective(column: str) -> str:
    """The objective of a column of the published tables, such as "2080ti_32" or "titan_xp_1".

    Raises:
        KeyError: no device of ours.
    """
    column = column.replace("titan_xp", "titanxp")
    if column in _DEVICES:
        return latency(column)
    device, _, batch = column.rpartition("_")
    if device not in _GPUS or not batch.isdigit():
        raise KeyError(column)
    return latency(device, int(batch))


OBJECTIVES = (
    *(Objective(f"accuracy@{name}", "%", f"accuracy on the test images of {title}") for name, title in ACCURACIES.items()),
    *(
        Objective(latency(device, batch), "s", f"latency on {title}" + (f" of a batch of {batch}" if device in _GPUS else ""))
        for device, title in _DEVICES.items()
        for batch in (_BATCHES if device in _GPUS else (1,))
    ),
    Objective("latency@cpu", "s", "latency with ONNX Runtime on one thread of the machine that measured the committed rows"),
    Objective("peak_rss@cpu", "B", "memory that loading and running the network adds to a process with ONNX Runtime"),
)
