"""``rlm-lsp onnx``: what a network costs, what changed between two, and how long one takes here."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rlm_lsp.check.output import ensure_writable, replace_file
from rlm_lsp.check.terminal import Style, say, wants_colour, write_lines
from rlm_lsp.onnx.network import Network, examine, readable
from rlm_lsp.onnx.options import DIFF, MEASURE
from rlm_lsp.onnx.predictions import forecast
from rlm_lsp.paths import printable


def run(arguments: argparse.Namespace) -> int:
    """Do what a command line asks; returns the exit code.

    Raises:
        RlmLspError: a file is no model, a binding names no dimension of it, it cannot be run, or a page cannot be written.
    """
    if arguments.onnx_command == DIFF:
        return _diff(arguments)
    if arguments.html is not None:
        ensure_writable(arguments.html)
    if arguments.onnx_command == MEASURE:
        return _measure(arguments)
    if arguments.form == "printable":
        from rlm_lsp.onnx.printer import printable_graph

        readable(arguments.file)  # says what is no model in one line
        write_lines(printable_graph(arguments.file).splitlines(), sys.stdout)
        return 0
    network = examine(arguments.file, arguments.bind)
    if arguments.html is not None:
        from rlm_lsp.onnx.document import document

        return _write_page(document(network, forecast(network, say), details=True), arguments.html)
    write_lines(_lines(network, arguments.form), sys.stdout)
    return 0


def _lines(network: Network, form: str) -> Iterable[str]:
    """The network in the form that was asked for; each is imported when it is needed."""
    if form == "json":
        from rlm_lsp.onnx.document import document

        return [_json(document(network, forecast(network, say), details=True))]
    if form == "text":
        from rlm_lsp.onnx.text import compact
        from rlm_lsp.onnx.told import told

        figures = told(network, range(len(network.nodes)))
        heading = [f"args: {figures}"] if figures is not None else []
        return [*heading, *compact(network.nodes, network.values, network.folded).splitlines()]
    if form in ("node-data", "netron"):
        from rlm_lsp.onnx import interchange

        return [json.dumps(interchange.node_data(network) if form == "node-data" else interchange.attachment(network), allow_nan=False)]
    from rlm_lsp.onnx import table

    return table.lines(network, forecast(network, say), Style(wants_colour(sys.stdout)))


def _diff(arguments: argparse.Namespace) -> int:
    from rlm_lsp.onnx import diff

    before, after = diff.examine_both(arguments.before, arguments.after, arguments.bind)
    found = diff.compare(before, after)
    lines = [_json(diff.as_dict(found))] if arguments.json else diff.lines(found, Style(wants_colour(sys.stdout)))
    write_lines(lines, sys.stdout)
    return 0


def _measure(arguments: argparse.Namespace) -> int:
    from rlm_lsp.onnx import measure

    measured = measure.measure(arguments.file, arguments.bind)
    if arguments.html is not None:
        return _write_page(measure.document(measured, forecast(measured.network, say)), arguments.html)
    if arguments.json:
        lines: Iterable[str] = [_json(measure.document(measured, forecast(measured.network, say)))]
    else:
        lines = measure.lines(measured, Style(wants_colour(sys.stdout)))
    write_lines(lines, sys.stdout)
    return 0


def _write_page(document: dict[str, Any], target: Path) -> int:
    from rlm_lsp.onnx.html import page  # with the viewer's script in it

    replace_file(target, page(document))
    say(f"wrote {printable(str(target))}")
    return 0


def _json(value: object) -> str:
    return json.dumps(value, allow_nan=False, separators=(",", ":"))
