"""What ``rlm-lsp check`` can be asked on the command line."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Format = Literal["text", "json"]

DEFAULT_BASELINE = Path("rlm-lsp-baseline.json")


@dataclass(frozen=True)
class CheckOptions:
    """One run's options; ``--help`` explains them. ``top``: how many functions are listed, None: as many as suit where they go."""

    paths: tuple[str, ...]
    model: Path | None = None
    format: Format = "text"
    top: int | Literal["all"] | None = None
    jobs: int | None = None
    base: str | None = None
    staged: bool = False
    diff_only: bool = False
    baseline: Path | None = None
    write_baseline: bool = False
    config: Path | None = None
    isolated: bool = False
    strict: bool = False
    exit_zero: bool = False
    statistics: bool = False
    show_files: bool = False
    show_settings: bool = False


def add_options(parser: argparse.ArgumentParser) -> None:
    """Everything but ``--model``, ``--format``, ``--top`` and ``--jobs``, which other commands have too."""
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="a file, or a folder, whose .gitignore files are honoured (with --base, --staged and --show-settings: default .)",
    )
    parser.set_defaults(usage_error=parser.error)
    against = parser.add_argument_group("comparison")
    against.add_argument("--base", metavar="REF", help="compare with the commit where REF and HEAD parted")
    against.add_argument("--staged", action="store_true", help="check what is staged, and compare with HEAD if there is no --base")
    against.add_argument("--diff-only", action="store_true", help="look only at functions that were changed or added")
    against.add_argument(
        "--baseline", type=Path, metavar="FILE", help="accept broken budgets that FILE knows, as long as they don't get worse"
    )
    against.add_argument(
        "--write-baseline", action="store_true", help=f"replace that file by what is broken now in PATHs (default: {DEFAULT_BASELINE})"
    )
    settings = parser.add_argument_group("settings")
    source = settings.add_mutually_exclusive_group()
    source.add_argument(
        "--config", type=Path, metavar="FILE", help="settings from this file (default: the nearest one, up to the repository)"
    )
    source.add_argument("--isolated", action="store_true", help="no settings file at all")
    settings.add_argument("--show-settings", action="store_true", help="print the settings that hold, and stop")
    settings.add_argument("--show-files", action="store_true", help="print the files that would be checked, and stop")
    outcome = parser.add_argument_group("outcome")
    outcome.add_argument("--strict", action="store_true", help="warnings fail (exit code 1), and so do files that cannot be analysed (2)")
    outcome.add_argument("--exit-zero", action="store_true", help="exit with 0 even if a budget is broken or a function dearer")
    outcome.add_argument("--statistics", action="store_true", help="add counts and the spread of costs")


def from_arguments(arguments: argparse.Namespace) -> CheckOptions:
    """The options of a command line. Ends the program where paths are missing."""
    if not arguments.paths and arguments.base is None and not arguments.staged and not arguments.show_settings:
        arguments.usage_error("the following arguments are required: PATH")
    fields = {name: getattr(arguments, name) for name in CheckOptions.__dataclass_fields__ if name != "paths"}
    return CheckOptions(paths=tuple(arguments.paths) or (".",), **fields)
