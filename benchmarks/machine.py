"""What the benchmarks run on, and what its processes hold; /proc tells (Linux)."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path


def processor() -> str:
    """The processor's name and its number of cores."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text()) if Path("/proc/cpuinfo").exists() else None
    return f"{model.group(1) if model else platform.processor()}, {os.cpu_count()} cores"


def system() -> str:
    """The operating system and the interpreter."""
    return f"{platform.system()} {platform.release()}, CPython {platform.python_version()}"


def children(pid: int) -> list[int]:
    """The processes that any thread of ``pid`` started."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in path.read_text().split()]
        except OSError:  # the thread has ended
            continue
    return found


def descendants(pid: int) -> list[int]:
    """These, and theirs."""
    own = children(pid)
    return own + [further for child in own for further in descendants(child)]
