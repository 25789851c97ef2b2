"""What ``rlm-lsp onnx`` can be asked on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

Parser = TypeVar("Parser", bound=argparse.ArgumentParser)

SHOW, DIFF, MEASURE = "show", "diff", "measure"
_COMMANDS = (SHOW, DIFF, MEASURE)


def with_command(argv: Sequence[str]) -> list[str]:
    """``rlm-lsp onnx FILE`` means ``rlm-lsp onnx show FILE``."""
    if argv[:1] != ["onnx"] or len(argv) < 2 or argv[1] in (*_COMMANDS, "-h", "--help"):
        return list(argv)
    return ["onnx", SHOW, *argv[1:]]


def add_parser(commands: argparse._SubParsersAction[Parser]) -> None:
    """The command and its sub-commands."""
    onnx = commands.add_parser(
        "onnx",
        help="what an ONNX network costs",
        description="What an ONNX network costs, what changed between two, and how long one takes here. No weight is read.",
        usage="rlm-lsp onnx FILE [--html OUT | --json | --table | --text] [--bind NAME=SIZE ...]\n"
        "       rlm-lsp onnx diff BEFORE AFTER [--json] [--bind NAME=SIZE ...]\n"
        "       rlm-lsp onnx measure FILE [--json] [--bind NAME=SIZE ...]",
        allow_abbrev=False,
    )
    actions = onnx.add_subparsers(dest="onnx_command", required=True, metavar="FILE", prog="rlm-lsp onnx")

    show = actions.add_parser(SHOW, help="static costs of a network", prog="rlm-lsp onnx", allow_abbrev=False)
    show.add_argument("file", type=Path, metavar="FILE", help="an .onnx file")
    form = show.add_mutually_exclusive_group()
    form.add_argument("--html", type=Path, metavar="OUT", help="write one HTML file that shows the network")
    form.add_argument("--json", action="store_const", dest="form", const="json", help="the document that the viewer reads")
    form.add_argument("--table", action="store_const", dest="form", const="table", help="totals and what is dearest (default)")
    form.add_argument(
        "--text", action="store_const", dest="form", const="text", help="what models read: the line of figures and the compact text"
    )
    form.add_argument("--printable", action="store_const", dest="form", const="printable", help="the text of onnx.helper.printable_graph")
    form.add_argument("--node-data", action="store_const", dest="form", const="node-data", help="figures by node for Model Explorer")
    form.add_argument("--netron", action="store_const", dest="form", const="netron", help="figures by node as an attachment for Netron")
    show.set_defaults(form="table")
    _add_bind(show)

    diff = actions.add_parser(DIFF, help="what changed from one network to another", allow_abbrev=False)
    diff.add_argument("before", type=Path, metavar="BEFORE")
    diff.add_argument("after", type=Path, metavar="AFTER")
    diff.add_argument("--json", action="store_true", help="as JSON")
    _add_bind(diff)

    measure = actions.add_parser(
        MEASURE,
        help="run a network here with onnxruntime",
        description="Runs the network with random inputs on one thread, which executes the file: only do that with one you trust.",
        allow_abbrev=False,
    )
    measure.add_argument("file", type=Path, metavar="FILE", help="an .onnx file that you trust")
    measure.add_argument("--json", action="store_true", help="the document that the viewer reads, with what was measured")
    measure.add_argument("--html", type=Path, metavar="OUT", help="write one HTML file that shows the network with what was measured")
    _add_bind(measure)


def _add_bind(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--bind", nargs="+", action="extend", default=[], metavar="NAME=SIZE", help="sizes of open dimensions, such as batch=1 seq=128"
    )
