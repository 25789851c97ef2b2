"""The command line. Each command is imported when it is called, so ``--help`` costs nothing."""

from __future__ import annotations

import argparse
import math
import os
import re
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NoReturn

from rlm_lsp import __version__
from rlm_lsp.check.options import add_options, from_arguments
from rlm_lsp.onnx import options as onnx_options
from rlm_lsp.predict.errors import RlmLspError
from rlm_lsp.predict.installed import model_folder

_DESCRIPTION = "Predicted latency and memory of every function, before anyone runs it."
_EPILOG = """\
rlm-lsp --check PATH... is the same as rlm-lsp check PATH...
rlm-lsp --stdio, or rlm-lsp alone with a pipe on stdin, is the language server

exit codes: 0 done, even if some files could not be analysed; 1 a budget is broken, a function clearly dearer than in the base, a tuned
model no better, or a model not as it should be; 2 could not run; 130 interrupted; measure passes the test suite's on"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code."""
    arguments = _arguments(sys.argv[1:] if argv is None else argv)
    from rlm_lsp.check.terminal import drop_stdout, say

    try:
        code = _run(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        drop_stdout()
        return 0
    except RlmLspError as error:
        say(f"error: {error}")
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    except OSError as error:  # stdout's disk is full, say
        say(f"error: {error}")
    except Exception:  # an uncaught one would exit with 1, which means a broken budget
        import traceback

        traceback.print_exc()
    return 2


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    """What was asked for; of ``measure``, everything after the first ``--`` is another program's and not looked at."""
    if argv[:1] == ["measure"] and "--" in argv:
        cut = argv.index("--")
        return _parser().parse_args(argv[:cut], argparse.Namespace(test_command=list(argv[cut + 1 :])))
    return _parser().parse_args(_with_command(argv), argparse.Namespace(test_command=[]))


def _run(arguments: argparse.Namespace) -> int:
    if arguments.command == "serve":
        return _serve(arguments)
    if arguments.command == "measure":
        from rlm_lsp.check.measure import measure

        return measure(arguments.test_command, arguments.output)
    if arguments.command == "check":
        from rlm_lsp.check.run import check

        return check(from_arguments(arguments))
    if arguments.command == "predict":
        from rlm_lsp.check.batch import predict

        return predict(arguments.jsonl, arguments.output, model_folder(arguments.model), arguments.jobs, arguments.ray)
    if arguments.command == "onnx":
        from rlm_lsp.onnx.command import run

        return run(arguments)
    return _model(arguments)


def _model(arguments: argparse.Namespace) -> int:
    if arguments.model_command == "tune":
        from rlm_lsp.check.tune import tune

        return tune(arguments.data, model_folder(arguments.model), arguments.out, arguments.minutes)
    if arguments.model_command == "info":
        from rlm_lsp.check.info import info

        return info(model_folder(arguments.model), arguments.format)
    if arguments.model_command == "add":
        from rlm_lsp.check.model_add import add

        return add(arguments.repository, arguments.source, arguments.name)
    from rlm_lsp.check import model_manage

    if arguments.model_command == "list":
        return model_manage.list_models(arguments.format)
    if arguments.model_command == "verify":
        return model_manage.verify(model_folder(arguments.model))
    return model_manage.use(arguments.name) if arguments.model_command == "use" else model_manage.remove(arguments.name)


def _serve(arguments: argparse.Namespace) -> int:
    import gc

    gc.disable()  # until ``serve``: a tenth of the start, for types that stay for good
    from rlm_lsp.check.terminal import say
    from rlm_lsp.lsp.server import serve
    from rlm_lsp.lsp.transport import listen, stdio

    flags = {} if arguments.model is None else {"model": arguments.model}
    connect = stdio if arguments.tcp is None else lambda: listen(arguments.tcp, say)
    return serve(connect, flags, arguments.client_process_id, say)


def _with_command(argv: Sequence[str]) -> list[str]:
    """``--check`` as an option means the command ``check``, and what editors start a server with means ``serve``."""
    options = argv[: argv.index("--")] if "--" in argv else argv
    if "--check" in options:
        index = options.index("--check")
        return ["check", *argv[:index], *argv[index + 1 :]]
    if (not argv and _stdin_is_a_pipe()) or any(re.match("--(stdio|tcp)(=|$)", option) for option in options):
        return ["serve", *(argv[1:] if argv[:1] == ["serve"] else argv)]
    return onnx_options.with_command(argv)


def _stdin_is_a_pipe() -> bool:
    try:
        mode = os.fstat(0).st_mode
    except OSError:  # it is closed
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as everything else does."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message}; {self.prog} --help says more\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        "rlm-lsp", description=_DESCRIPTION, epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"rlm-lsp {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    check = _command(commands, "check", "predict every function in files and folders")
    add_options(check)
    check.add_argument("--top", type=_top, metavar="N", help="print the N dearest functions, or all (default: 50 on a terminal)")
    _add_jobs(check)

    predict = _command(commands, "predict", "score functions from a JSON Lines file")
    predict.add_argument("--jsonl", required=True, metavar="IN", help='lines of {"id", "text", "language", "kind"}; - is stdin')
    predict.add_argument("--output", default="-", metavar="OUT", help="where a line for each input line goes (default: stdout)")
    predict.add_argument(
        "--ray", nargs="?", const="", metavar="ADDRESS", help="on all machines of a Ray cluster (default: that of RAY_ADDRESS, or one here)"
    )
    _add_jobs(predict)

    serve = _command(commands, "serve", "the language server")
    transport = serve.add_mutually_exclusive_group()
    transport.add_argument("--stdio", action="store_true", help="speak on stdin and stdout (default)")
    transport.add_argument("--tcp", type=_port, metavar="PORT", help="wait for one client on 127.0.0.1, for debugging; 0 is any free port")
    serve.add_argument("--clientProcessId", dest="client_process_id", type=_positive, metavar="PID", help="end when this process does")

    model = commands.add_parser("model", help="the model that answers", allow_abbrev=False)
    model_commands = model.add_subparsers(dest="model_command", required=True, metavar="COMMAND")
    info = _command(model_commands, "info", "which model answers, and what it knows")
    _add_format(info)
    tune = _command(model_commands, "tune", "fit a model to your own measured rows")
    tune.add_argument("--data", type=Path, required=True, metavar="ROWS", help="JSON Lines, as rlm-lsp measure writes them")
    tune.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="a new folder for the tuned model")
    tune.add_argument("--minutes", type=_minutes, default=10.0, metavar="N", help="how long it may take, about (default: 10)")
    _add_model_management(model_commands)

    onnx_options.add_parser(commands)

    measure = commands.add_parser(
        "measure",
        help="record what functions cost in your own test suite",
        description="Runs a test suite twice and writes what your functions cost, with their text and the sizes of their arguments.",
        usage="rlm-lsp measure [--output ROWS] -- pytest ...",
        allow_abbrev=False,
    )
    measure.add_argument("--output", type=Path, default=Path("rows.jsonl"), metavar="ROWS", help="where to (default: rows.jsonl)")
    return parser


def _add_model_management(commands: argparse._SubParsersAction[_Parser]) -> None:
    add = _bare(commands, "add", "add a model: download the paper's released checkpoint, or take a folder")
    add.add_argument("repository", nargs="?", metavar="REPOSITORY", help="akhauriyash/RLM-GemmaS-Code-v0")
    add.add_argument("--from", dest="source", type=Path, metavar="DIR", help="a local copy, one of the same layout, or a tuned model")
    add.add_argument("--name", metavar="NAME", help="what to call it (default: by the repository or the folder)")
    _add_format(_bare(commands, "list", "the models that can be chosen"))
    for name, summary in (("use", "have a model answer wherever none is named"), ("remove", "delete an added model")):
        _bare(commands, name, summary).add_argument("name", metavar="NAME", help="as model list shows it")
    verify = _bare(commands, "verify", "hold all files, keys and tensors of a model against what is known of them")
    verify.add_argument("model", nargs="?", type=Path, metavar="MODEL", help="a name or a folder (default: the model in use)")


def _bare(commands: argparse._SubParsersAction[_Parser], name: str, summary: str) -> argparse.ArgumentParser:
    return commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.", allow_abbrev=False)


def _command(commands: argparse._SubParsersAction[_Parser], name: str, summary: str) -> argparse.ArgumentParser:
    command = _bare(commands, name, summary)
    command.add_argument("--model", type=Path, metavar="MODEL", help="a model's folder, or an added one's name (default: the one in use)")
    return command


def _add_format(command: argparse.ArgumentParser) -> None:
    command.add_argument("--format", choices=("text", "json"), default="text", help="how to print (default: text)")


def _add_jobs(command: argparse.ArgumentParser) -> None:
    command.add_argument("--jobs", type=_positive, metavar="N", help="functions to work on at once (default: one for each processor)")


def _positive(text: str) -> int:
    """A number that counts something."""
    if not text.isascii() or not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return int(text)


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = math.nan
    if not 0 < minutes <= 10_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of minutes")
    return minutes


def _port(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port")
    return int(text)


def _top(text: str) -> int | Literal["all"]:
    return "all" if text == "all" else _positive(text)
