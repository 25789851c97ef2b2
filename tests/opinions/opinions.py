"""Others' counts of the functions in a file; each function takes the file, the folder of fetched packages and arguments of its own."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.opinions.bodies import BODIES

Opinion = Callable[[Path, Path, tuple[str, ...]], int]

_SCRIPT = Path(__file__).with_name("count_functions.js")
# OCaml's parse tree as text: a binding whose pattern is a name and whose expression, behind constraints, is a function; or a method.
_PARSETREE_FUNCTION = re.compile(
    r"<def>.*\n(?:\s+attribute .*\n(?:\s+\[\s*\n|\s+\]\s*\n|\s+structure_item.*\n|\s+Pstr_eval.*\n)*)?\s+pattern .*\n"
    r"(?:\s+Ppat_constraint\n\s+pattern .*\n)?\s+Ppat_var .*\n"
    r"(?:\s+(?:core_type .*|Ptyp_.*|\[\]?|\]|<.*>.*|Nolabel|Labelled.*|Optional.*)\n)*"
    r"\s+expression .*\n(?:\s+Pexp_(?:newtype|constraint)\b.*\n\s+expression .*\n)*\s+(?:Pexp_fun|Pexp_function)\b"
)


def ctags(path: Path, folder: Path, arguments: tuple[str, ...]) -> int:
    """universal-ctags' count of the tags of a language's kinds; behind a line that matches a third argument, if there is one."""
    language, kinds, *after = arguments
    command = [
        "ctags",
        "--options=NONE",
        f"--language-force={language}",
        f"--kinds-{language}={kinds}",
        "-x",
        "--_xformat=%n %N",
        str(path),
    ]
    # Its parser of shell scripts takes `name=(...)` for a function called `name=`.
    lines = [int(line.split()[0]) for line in _output(command).splitlines() if not (language == "Sh" and line.endswith("="))]
    begin = 0
    if after:
        text = path.read_text(encoding="utf-8", errors="replace").splitlines()
        begin = next((number for number, line in enumerate(text, 1) if re.match(after[0], line)), 0)
    return sum(line > begin for line in lines)


def typescript(path: Path, folder: Path, arguments: tuple[str, ...]) -> int:
    """The count in the TypeScript compiler's own syntax tree, by ``count_functions.js``."""
    return int(_output(["node", str(_SCRIPT), str(folder / arguments[0]), str(path)]))


def ocaml(path: Path, folder: Path, arguments: tuple[str, ...]) -> int:
    """The count of functions bound to names, and of methods, in the parse tree that OCaml's compiler prints."""
    compiler = folder / arguments[0]
    command = [str(compiler), "-nopervasives", "-nostdlib", "-stop-after", "parsing", "-dparsetree", "-c", "-impl", str(path)]
    tree = _output(command, merged=True)
    return len(_PARSETREE_FUNCTION.findall(tree)) + len(re.findall(r"Pcf_method \S+\n\s+\S.*\n\s+Concrete ", tree))


def hasktags(path: Path, folder: Path, arguments: tuple[str, ...]) -> int:
    """hasktags' count of different names that have a function's signature in the first column."""
    rows = [line.split("\t") for line in _output([str(folder / arguments[0]), "-c", "-x", "-f", "-", str(path)]).splitlines()]
    return len({row[0] for row in rows if len(row) > 4 and row[3] == "ft" and "->" in row[4] and not row[2].startswith("/^ ")})


def lines(path: Path, folder: Path, arguments: tuple[str, ...]) -> int:
    """How many lines match a pattern, for languages that no tool at hand parses; behind what matches a second one, if there is one."""
    pattern, *after = arguments
    text = path.read_text(encoding="utf-8", errors="replace")
    begin = re.search(after[0], text) if after else None
    return len(re.findall(pattern, text[begin.end() :] if begin else text, re.MULTILINE))


OPINIONS: dict[str, Opinion] = {"ctags": ctags, "typescript": typescript, "ocaml": ocaml, "hasktags": hasktags, "lines": lines, **BODIES}


def _output(command: list[str], *, merged: bool = False) -> str:
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    return (done.stdout + (done.stderr if merged else b"")).decode("utf-8", "replace")
