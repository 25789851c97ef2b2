"""`python -m rlm_lsp.model.measure {leetcode,enamel,coffe,kernels,mutants,graphs,trace} --out DIR`: build the corpus of measured rows."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from rlm_lsp.model.measure import campaign, lock
from rlm_lsp.model.measure.sandbox import SandboxError


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit 0 when everything was measured, 1 when the data or the sandbox failed, 130 on Ctrl+C (the rows so far are valid)."""
    options = parse(arguments)
    try:
        run(options)
    except KeyboardInterrupt:
        print("measure: stopped; run the same command again to go on", file=sys.stderr)
        return 130
    except (OSError, SandboxError) as error:
        print(f"measure: {error}", file=sys.stderr)
        return 1
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m rlm_lsp.model.measure", description="Measure functions by the reference protocol.")
    commands = parser.add_subparsers(dest="source", required=True)
    for name in ("leetcode", "enamel", "coffe", "kernels"):
        command = commands.add_parser(name, help="our own kernels" if name == "kernels" else f"the functions of the {name} data set")
        if name != "kernels":
            command.add_argument("--data", type=Path, required=True, help="folder that holds the data sets")
        command.add_argument("--limit", type=int, default=None, help="measure only the first so many functions")
    commands.add_parser("graphs", help="neural networks of our own, with ONNX Runtime (extra train)").set_defaults(limit=None)
    commands.add_parser("mutants", help="our own kernels after changes that move their cost").set_defaults(limit=None)
    command = commands.add_parser("trace", help="functions of an installed package, traced while its own tests run (CPython 3.12+)")
    command.add_argument("--package", required=True, action="append", help="importable package that ships its tests; may be repeated")
    command.add_argument("--minutes", type=float, default=10.0, help="measuring time for each package")
    for command in commands.choices.values():
        command.add_argument("--out", type=Path, required=True, help="folder for rows/ and log/")
        command.add_argument("--lock", type=Path, default=lock.LOCK_PATH, help="lock file shared with other CPU-heavy work")
    return parser.parse_args(arguments)


def run(options: argparse.Namespace) -> None:
    """Measure what the options name and print how it ended."""
    if options.source == "trace":
        from rlm_lsp.model.measure import trace  # needs sys.monitoring, which the other sources do not

        for package in options.package:
            with lock.only_one(campaign.log_path(options.out, package).with_suffix(".lock")):
                ends = trace.measure_package(package, options.out, options.minutes, lock_path=options.lock)
            print(f"{package}: {dict(ends)}")
        return
    from rlm_lsp.model.measure import kernels

    # imported by name: "graphs" needs onnx, which the other sources do not
    module: Any = import_module(f"{__package__}.{'ladder' if options.source == 'kernels' else options.source}")
    tasks = (module.load_tasks(options.data) if "data" in options else module.load_tasks())[: options.limit]
    needs_kernels = options.source in ("kernels", "mutants")
    preload = [module.__name__, *(f"{kernels.__name__}.{name}" for name in kernels.MODULES if needs_kernels)]
    source = module.SOURCE
    with lock.only_one(campaign.log_path(options.out, source).with_suffix(".lock")):
        ends = campaign.measure_functions(source, tasks, options.out, module.LIMITS, lock_path=options.lock, preload=preload)
    print(f"{source}: {dict(ends)}")


if __name__ == "__main__":
    sys.exit(main())
