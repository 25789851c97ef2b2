"""What ``rlm-lsp check`` can be asked on the command line."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

Format = Literal["text", "json", "sarif", "github", "gitlab", "junit"]
FORMATS: tuple[Format, ...] = get_args(Format)
FORMAT_VARIABLE = "RLM_LSP_OUTPUT_FORMAT"

STDIN = "-"

DEFAULT_BASELINE = Path("rlm-lsp-baseline.json")


@dataclass(frozen=True)
class CheckOptions:
    """One run's options; ``--help`` explains them. ``top``: how many functions are listed, None: as many as suit where they go."""

    paths: tuple[str, ...]
    model: Path | None = None
    format: Format = "text"
    output_file: Path | None = None
    stdin_filename: str | None = None
    language: str | None = None
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
    """Everything but ``--model``, ``--top`` and ``--jobs``, which other commands have too."""
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="a file, or a folder, whose .gitignore files are honoured (with --base, --staged and --show-settings: default .); "
        "- alone is a text on stdin",
    )
    parser.add_argument("--stdin-filename", metavar="NAME", help="check stdin as if it were this file, which need not exist")
    parser.add_argument("--language", metavar="LANGUAGE", help="the language of stdin (default: by its name)")
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
    outcome.add_argument(
        "--format", choices=FORMATS, metavar="FORMAT", help=f"{', '.join(FORMATS)} (default: ${FORMAT_VARIABLE}, or else text)"
    )
    outcome.add_argument("--output-file", type=Path, metavar="FILE", help="where the report goes (default: stdout)")
    outcome.add_argument("--strict", action="store_true", help="warnings fail (exit code 1), and so do files that cannot be analysed (2)")
    outcome.add_argument("--exit-zero", action="store_true", help="exit with 0 even if a budget is broken or a function dearer")
    outcome.add_argument("--statistics", action="store_true", help="add counts and the spread of costs")


def from_arguments(arguments: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> CheckOptions:
    """The options of a command line, and what the environment says where it is silent. Ends the program where they make no sense."""
    if not arguments.paths and arguments.base is None and not arguments.staged and not arguments.show_settings:
        arguments.usage_error("the following arguments are required: PATH")
    arguments.format = arguments.format or environ.get(FORMAT_VARIABLE) or "text"
    if arguments.format not in FORMATS:
        arguments.usage_error(f"{FORMAT_VARIABLE} is {arguments.format!r}; there are {', '.join(FORMATS)}")
    if wrong := _wrong_about_stdin(arguments):
        arguments.usage_error(wrong)
    fields = {name: getattr(arguments, name) for name in CheckOptions.__dataclass_fields__ if name != "paths"}
    return CheckOptions(paths=tuple(arguments.paths) or (".",), **fields)


def _wrong_about_stdin(arguments: argparse.Namespace) -> str | None:
    """Why a command line that speaks of stdin cannot be meant."""
    if STDIN not in arguments.paths:
        named = [option for option in ("stdin_filename", "language") if getattr(arguments, option) is not None]
        return f"--{named[0].replace('_', '-')} is for a text on stdin, whose path is {STDIN}" if named else None
    if len(arguments.paths) > 1:
        return f"{STDIN} is stdin, and stands alone"
    if arguments.staged:
        return "--staged checks what git has, not stdin"
    if arguments.stdin_filename is None and arguments.language is None:
        return "what is on stdin? --stdin-filename NAME or --language LANGUAGE says it"
    if arguments.language is not None:
        from rlm_lsp.languages import LANGUAGES  # reading them takes a while

        if arguments.language not in LANGUAGES:
            return f"no grammar for {arguments.language!r}; there are {', '.join(LANGUAGES)}"
    return None
