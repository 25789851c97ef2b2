"""What the numbers were measured on: the machine's description and the calibration program."""

from __future__ import annotations

import gc
import os
import platform
import sys
import time
from pathlib import Path
from time import perf_counter_ns

CALIBRATION_LOOPS = 125_000
CALIBRATION_REPEATS = 6
CALIBRATION_ROUNDS = 3
CALIBRATION_PAUSE_S = 0.3
PROBE_SHARE = 5  # a probe runs a fifth of the program
PROBE_REPEATS = 3


def describe_machine() -> dict[str, str]:
    """Processor model, kernel and interpreter, as stored in every row."""
    return {
        "cpu": _cpu_model(),
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def _cpu_model() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    names = {key.strip(): value.strip() for key, value in fields.items()}
    return " ".join(
        [names.get("model name", platform.machine()), *(f"{key} {names[key]}" for key in ("cpu family", "model") if key in names)]
    )


def calibrate() -> float:
    """Seconds of a fixed pure-Python loop (about 20-30 ms): the machine's speed at this moment.

    The minimum of several rounds a moment apart, so that a neighbour's short burst is not taken for a drift.
    """
    fastest = _fastest(CALIBRATION_LOOPS, CALIBRATION_REPEATS)
    for _ in range(CALIBRATION_ROUNDS - 1):
        time.sleep(CALIBRATION_PAUSE_S)
        fastest = min(fastest, _fastest(CALIBRATION_LOOPS, CALIBRATION_REPEATS))
    return fastest


def probe() -> float:
    """A quick estimate of `calibrate`, cheap enough (about 15 ms) to be run between any two tasks."""
    return _fastest(CALIBRATION_LOOPS // PROBE_SHARE, PROBE_REPEATS) * PROBE_SHARE


def _fastest(loops: int, repeats: int) -> float:
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return min(_calibration_run(loops) for _ in range(repeats)) * 1e-9
    finally:
        if was_enabled:
            gc.enable()


def _calibration_run(loops: int) -> int:
    table = list(range(256))
    total = 0
    start = perf_counter_ns()
    for i in range(loops):
        total = (total + table[i & 255] * i) & 0xFFFFFFFF
        table[total & 255] = i & 1023
    return perf_counter_ns() - start


def claim_one_core() -> None:
    """Keep this process and its children on one core (the last allowed one), before all other processes, where the system permits it."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    try:
        os.nice(-20)
    except OSError:
        return  # only a privileged user may
