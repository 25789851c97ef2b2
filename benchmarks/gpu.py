"""The released checkpoint's network on this machine's device: ``python -m benchmarks.gpu`` writes GPU.md.

Weights are random, which costs the same as trained ones. Run it where a GPU is and nothing needs changing: the device is found, and its
name, its memory and its arithmetic are written down. ``--equality`` also holds the network against transformers' T5Gemma at full size.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gc
import os
import re
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from benchmarks.machine import processor, system
from rlm_lsp.model.backends.torch_batches import Footprint
from rlm_lsp.model.backends.torch_device import Device, choose, release_memory
from rlm_lsp.model.backends.torch_runner import Runner, network_on, ran_out_of_memory
from rlm_lsp.model.config import Architecture, StackConfig
from rlm_lsp.model.decode import sample
from rlm_lsp.model.network import RLM
from rlm_lsp.model.numbers import PAD, NumberCodec
from rlm_lsp.model.sampling import uniforms

PAGE = Path(__file__).parent / "GPU.md"
PARAMETERS = 181_458_944
_ENCODER = StackConfig(
    vocab_size=256_000,
    layers=8,
    hidden_size=512,
    ffn_size=1024,
    heads=8,
    kv_heads=8,
    head_dim=64,
    query_scale=64.0,
    attention_softcap=50.0,
    sliding_window=4096,
    sliding_layers=(0, 2, 4, 6),
)
CODEC = NumberCodec(exponent_digits=2, mantissa_digits=5, signed=True, normalised=False)
ARCHITECTURE = Architecture(_ENCODER, replace(_ENCODER, vocab_size=CODEC.vocab_size), logit_softcap=30.0)
DRAWS = 64
_LENGTHS = (128, 512, 2048)
_BATCHES = (1, 4, 16, 64, 256)
_MOST = {"cpu": (2048, 4)}
_MOST_OF_A_GPU = (65_536, 256)
"""Tokens and functions of one batch. More at once is no faster on a CPU, and takes it minutes."""

_COLUMNS = "reading, ms a function | drawing, ms a function | of it processor time | functions/s | peak memory, MB | estimate, MB"
_HEAD = """# Benchmarks of the released checkpoint's size

The network of `akhauriyash/RLM-GemmaS-Code-v0`, 181,458,944 parameters, with random weights: what a function costs does not depend on their
values. Texts are random tokens, all of a batch equally long; nothing is cached; tokenising is not counted. Made by
`python -m benchmarks.gpu`, which finds the device itself. Where other work ran beside it (the load average says), the clock's times are too
long, and those of the processor are the ones to go by.

"""


@dataclass(frozen=True)
class Measured:
    """Medians of one batch: seconds to read its texts and to draw its numbers, seconds of processors meanwhile, bytes at the peak.

    Processor time is all that a busy machine's clock can be checked by; memory counts from what was there before.
    """

    reading: float
    drawing: float
    busy: float
    peak: int


def full_size() -> RLM:
    """The network with random weights, on the CPU in float32.

    Raises:
        AssertionError: it does not have the number of parameters that is reported of the released one.
    """
    torch.manual_seed(0)
    network = RLM(ARCHITECTURE).eval().requires_grad_(False)
    count = sum(parameter.numel() for parameter in network.parameters())
    assert count == PARAMETERS, f"{count:,} parameters, not {PARAMETERS:,}"
    return network


def measure(runner: Runner, device: Device, length: int, texts: int, draws: int, repeats: int) -> Measured:
    """Medians of ``repeats`` batches of fresh texts, after one that does not count."""
    rng = np.random.default_rng(length * texts)
    prefixes = np.full((texts * draws, 1), PAD, dtype=np.int64)
    reading, drawing, busy, peaks = [], [], [], []
    for _ in range(repeats + 1):
        batch = rng.integers(1, ARCHITECTURE.encoder.vocab_size, (texts, length)).tolist()
        chance = np.concatenate([uniforms(ids, draws, CODEC.tokens_per_value) for ids in batch])
        runner.forget()
        before = _reset_peak(device)
        begun, busy_before = time.perf_counter(), time.process_time()
        step = runner.start(batch, draws, 1 + CODEC.tokens_per_value)
        _wait(device)
        read = time.perf_counter()
        sample(CODEC, prefixes, step, chance)
        drawn = time.perf_counter()
        busy.append(time.process_time() - busy_before)
        peaks.append(_peak(device) - before)
        reading.append(read - begun)
        drawing.append(drawn - read)
        del step
    return Measured(statistics.median(reading[1:]), statistics.median(drawing[1:]), statistics.median(busy[1:]), max(peaks))


def speeds(runner: Runner, device: Device, repeats: int) -> Iterator[str]:
    """The section on functions a second, by length and batch."""
    yield from ("## Functions a second", "", f"{DRAWS} draws a function, medians of {repeats}.", "")
    yield f"| tokens | functions at once | {_COLUMNS} |"
    yield "|---|---|---|---|---|---|---|---|"
    most_tokens, most_texts = _MOST.get(device.place.type, _MOST_OF_A_GPU)
    for length in _LENGTHS:
        for texts in _BATCHES:
            if length * texts <= most_tokens and texts <= most_texts:
                yield _row(runner, device, length, texts, DRAWS, repeats, f"| {length:,} | {texts}")


def fewer_draws(runner: Runner, device: Device, repeats: int) -> Iterator[str]:
    """The section on the number of draws."""
    yield from ("", "## Draws", "", "One function of 512 tokens.", "")
    yield f"| draws | {_COLUMNS} |"
    yield "|---|---|---|---|---|---|---|"
    for draws in (8, 64, 256):
        yield _row(runner, device, 512, 1, draws, repeats, f"| {draws}")


def _row(runner: Runner, device: Device, length: int, texts: int, draws: int, repeats: int, start: str) -> str:
    estimate = texts * Footprint(ARCHITECTURE, device.dtype.itemsize, draws, 1 + CODEC.tokens_per_value).of(length)
    try:
        seen = measure(runner, device, length, texts, draws, repeats)
    except Exception as error:
        if not ran_out_of_memory(error):
            raise
        release_memory(device.place)
        line = f"{start} | - | - | - | out of memory | - | {estimate / 1e6:,.0f} |"
    else:
        each = (seen.reading + seen.drawing) / texts
        times = " | ".join(f"{1000 * seconds / texts:.1f}" for seconds in (seen.reading, seen.drawing, seen.busy)) + f" | {1 / each:,.2f}"
        line = f"{start} | {times} | {seen.peak / 1e6:,.0f} | {estimate / 1e6:,.0f} |"
    print(line, flush=True)
    return line


def equality(network: RLM, texts: int = 2, length: int = 96) -> Iterator[str]:
    """The section on transformers' T5Gemma with the same weights, both in float32 on the CPU.

    Raises:
        AssertionError: a logit differs by more than 1e-3.
    """
    from tests.model.t5gemma import t5gemma, theirs

    reference = t5gemma(ARCHITECTURE)
    missing, unexpected = reference.load_state_dict({theirs(name): tensor for name, tensor in network.state_dict().items()}, strict=False)
    assert not missing, missing
    assert not unexpected, unexpected
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(1, ARCHITECTURE.encoder.vocab_size, (texts, length), generator=generator)
    lengths = torch.tensor([length, *[length * 2 // 3] * (texts - 1)])
    mask = torch.arange(length)[None, :] < lengths[:, None]
    decoder_ids = torch.randint(1, CODEC.vocab_size, (texts, CODEC.tokens_per_value), generator=generator)
    with torch.inference_mode():
        begun = time.perf_counter()
        ours = network(ids * mask, mask, decoder_ids)
        between = time.perf_counter()
        expected = reference(
            input_ids=ids * mask,
            attention_mask=mask.long(),
            decoder_input_ids=decoder_ids,
            decoder_attention_mask=torch.ones_like(decoder_ids),
            use_cache=False,
        ).logits
        ended = time.perf_counter()
    difference, spread = float((ours - expected).abs().max()), float(expected.std())
    assert difference < 1e-3, f"logits differ by {difference}"
    yield from ("", "## Against transformers' T5Gemma", "")
    yield from (f"{texts} texts of {length} tokens, one of them padded; float32 on the CPU.", "")
    yield from ("| | |", "|---|---|")
    yield f"| largest difference of a logit | {difference:.1e} (their standard deviation is {spread:.2f}) |"
    yield f"| ours | {between - begun:.2f} s |"
    yield f"| transformers | {ended - between:.2f} s |"


def machine(device: Device) -> list[str]:
    """Table rows that say what this was measured on."""
    rows = {"processor": processor(), "system": system(), "device": _device_name(device), "arithmetic": device.precision}
    if device.reason:
        rows["not used"] = device.reason
    rows |= {"torch": torch.__version__, "threads": str(torch.get_num_threads()), "date": time.strftime("%Y-%m-%d")}
    if hasattr(os, "getloadavg"):
        rows["load average"] = f"{os.getloadavg()[1]:.1f}, of all that ran"
    return ["| machine | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items()), ""]


def _device_name(device: Device) -> str:
    if device.place.type == "cuda":
        properties = torch.cuda.get_device_properties(device.place)
        return f"{properties.name}, {properties.total_memory / 1e9:.0f} GB, CUDA {torch.version.cuda or torch.version.hip}"
    return "Apple GPU" if device.place.type == "mps" else "the processor"


def _wait(device: Device) -> None:
    if device.place.type == "cuda":
        torch.cuda.synchronize()
    elif device.place.type == "mps":
        torch.mps.synchronize()


def _reset_peak(device: Device) -> int:
    """Forget earlier peaks of memory; bytes in use now."""
    gc.collect()
    if device.place.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
        return int(torch.cuda.memory_allocated())
    if device.place.type == "mps":
        return int(torch.mps.current_allocated_memory())
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        with contextlib.suppress(AttributeError):  # a C library other than glibc
            ctypes.CDLL(None).malloc_trim(0)  # what was freed would hide what is taken next
        clear.write_text("5")
    return _resident("VmRSS")


def _peak(device: Device) -> int:
    if device.place.type == "cuda":
        return int(torch.cuda.max_memory_allocated())
    if device.place.type == "mps":
        return int(torch.mps.current_allocated_memory())  # it keeps no peak
    return _resident("VmHWM")


def _resident(field: str) -> int:
    """Bytes of this process, from /proc (Linux); 0 elsewhere."""
    status = Path("/proc/self/status")
    found = re.search(rf"{field}:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found.group(1)) * 1024 if found else 0


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--device", choices=("auto", "cuda", "mps", "cpu"), default="auto")
    parser.add_argument("--compile", action="store_true", help="through torch.compile")
    parser.add_argument("--equality", action="store_true", help="also hold the network against transformers' at full size, on the CPU")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--output", type=Path, default=PAGE)
    options = parser.parse_args()
    device = choose(options.device)
    network = full_size()
    compared = list(equality(network)) if options.equality else []
    network = network_on(device, ARCHITECTURE, {name: tensor.numpy() for name, tensor in network.state_dict().items()})
    runner = Runner(network, device, compiled=options.compile)
    size = sum(parameter.nbytes for parameter in network.parameters())
    lines = [*machine(device), f"Weights: {size / 1e6:,.0f} MB{'; through torch.compile' if options.compile else ''}.", ""]
    lines += [*speeds(runner, device, options.repeats), *fewer_draws(runner, device, options.repeats), *compared]
    options.output.write_text(_HEAD + "\n".join(lines) + "\n", "utf-8")
    print(options.output.read_text("utf-8"))


if __name__ == "__main__":
    main()
