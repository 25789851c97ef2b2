from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from rlm_lsp.paths import cache_folder, default_model_folder, printable


@pytest.mark.skipif(sys.platform == "win32", reason="the paths are written for POSIX")
@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({"HOME": "/home/a"}, "linux", "/home/a/.cache/rlm-lsp"),
        ({"HOME": "/home/a", "XDG_CACHE_HOME": "/fast"}, "linux", "/fast/rlm-lsp"),
        ({"HOME": "/home/a", "XDG_CACHE_HOME": "relative"}, "linux", "/home/a/.cache/rlm-lsp"),
        ({"HOME": "/Users/a", "XDG_CACHE_HOME": "/fast"}, "darwin", "/Users/a/Library/Caches/rlm-lsp"),
        ({"LOCALAPPDATA": "/local"}, "win32", "/local/rlm-lsp/cache"),
        ({"HOME": "/home/a", "RLM_LSP_CACHE_DIR": "/mine"}, "linux", "/mine"),
        ({}, "linux", None),
        ({}, "win32", None),
    ],
)
def test_cache_folder(environ: dict[str, str], platform: str, expected: str | None) -> None:
    assert cache_folder(environ, platform) == (None if expected is None else Path(expected))


def test_the_default_model_is_inside_the_installed_package() -> None:
    import rlm_lsp.model

    assert default_model_folder() == Path(next(iter(rlm_lsp.model.__path__))) / "weights" / "rlm-s"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/a.py", "src/a.py"),
        ("src/\u00fc\u4e2d.py", "src/\u00fc\u4e2d.py"),
        ("a\nb\x1b[31m.py", "a\\nb\\x1b[31m.py"),
        (os.fsdecode(b"bad\xff.py"), "bad\\xff.py"),
    ],
)
def test_paths_are_printed_on_one_line_of_valid_unicode(path: str, expected: str) -> None:
    assert printable(path) == expected
    assert printable(path).encode("utf-8")
