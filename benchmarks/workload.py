"""Real code to run on: functions of the running interpreter's standard library, in files of their own."""

from __future__ import annotations

import shutil
import sysconfig
from pathlib import Path

from rlm_lsp.chunk import chunk_source

_LEFT_OUT = {"site-packages", "test", "tests", "idlelib", "lib2to3", "__pycache__"}


def standard_library() -> list[Path]:
    """Return the standard library's modules in a stable order, without its tests."""
    root = Path(sysconfig.get_paths()["stdlib"])
    return sorted(path for path in root.rglob("*.py") if not _LEFT_OUT & set(path.relative_to(root).parts))


def copy_functions(folder: Path, wanted: int) -> tuple[int, int]:
    """Copy whole modules into ``folder`` until they hold ``wanted`` functions; return (functions, files)."""
    functions = files = 0
    for path in standard_library():
        if functions >= wanted:
            break
        count = sum(chunk.kind == "function" for chunk in chunk_source(path.read_bytes(), "python").chunks)
        if 0 < count <= max(20, wanted // 10):
            shutil.copy(path, folder / f"{files:04}_{path.name}")
            functions, files = functions + count, files + 1
    return functions, files


METHODS = 10  # in each class
METHOD_LINES = 8


def generated(functions: int, first: int = 0) -> str:
    """Return a file of classes with ten methods each, a thousand of them different; about 100 tokens a method."""
    lines: list[str] = []
    for group in range(functions // METHODS):
        lines.append(f"class Group{group}:")
        for method in range(METHODS):
            number = (first + group * METHODS + method) % 1_000
            lines += [
                f"    def method{method}(self, values, limit{number}):",
                f"        {number}",
                "        found = {}",
                "        for index, value in enumerate(values):",
                f"            if value % {number + 2} == 0 and len(found) < limit{number}:",
                f"                found[value] = sorted(values[index:index + {number % 37}], reverse=True)",
                "        return [key for key, chosen in found.items() if sum(chosen) > key]",
                "",
            ]
        lines += ["", ""]
    return "\n".join(lines)
