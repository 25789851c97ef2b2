"""Second opinions that tell a function with a body from a mere declaration; called as those of ``opinions.py`` are."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_TIMEOUT_S = 120


def ctags_bodies(path: Path, folder: Path, arguments: tuple[str, ...]) -> int:
    """universal-ctags' count of the tags of a language's kinds; ``end``: of those that it knows the end of. A third: what to pass by.

    It is a pattern of names, or of the line that a tag stands in.
    """
    language, kinds, which, *passed_by = arguments
    command = ["ctags", "--options=NONE", "--output-format=json", "--fields=+e", f"--language-force={language}", "-f", "-"]
    tags = [json.loads(line) for line in _output([*command, f"--kinds-{language}={kinds}", str(path)]).splitlines()]
    named = [
        tag
        for tag in tags
        if tag["_type"] == "tag" and not any(re.search(pattern, text) for pattern in passed_by for text in (tag["name"], tag["pattern"]))
    ]
    return sum("end" in tag or which != "end" for tag in named)


def gdc(path: Path, folder: Path, arguments: tuple[str, ...]) -> int:
    """The functions that have an end in the description of a module that GCC's D compiler writes, tests left out."""
    with tempfile.NamedTemporaryFile(suffix=".json") as description:
        _output(["gdc", "-fsyntax-only", f"-Xf{description.name}", str(path)])
        tree = json.loads(Path(description.name).read_text(encoding="utf-8"))
    kinds = ("function", "constructor", "destructor")
    functions = [node for node in _nodes(tree) if node.get("kind") in kinds and "endline" in node]
    return sum(not node["name"].startswith("__unittest") for node in functions)


def pygments(path: Path, folder: Path, arguments: tuple[str, ...]) -> int:
    """Among Pygments' tokens, the keywords of functions behind which a body begins before another declaration does.

    Arguments, words apart by blanks: the lexer, the keywords, what begins a body, what begins something else, what makes no keyword of a
    word before which it stands.
    """
    lexers: Any = importlib.import_module("pygments.lexers")  # it has no types, and only this opinion needs it
    token: Any = importlib.import_module("pygments.token")

    lexer, keywords, bodies, others, before = (argument.split() for argument in arguments)
    source = path.read_text(encoding="utf-8", errors="replace")
    tokens = [(kind, text.strip()) for kind, text in lexers.get_lexer_by_name(lexer[0]).get_tokens(source) if text.strip()]
    tokens = [(kind, text) for kind, text in tokens if kind not in token.Comment and kind not in token.String]
    count = depth = 0
    waiting, previous = False, ""
    for kind, text in tokens:
        if text in keywords and kind in token.Keyword and previous not in before:
            waiting, depth = True, 0
        elif waiting and depth == 0 and text in bodies:
            count += 1
            waiting = False
        elif waiting and depth == 0 and text in others:
            waiting = False
        depth += sum(text.count(bracket) for bracket in "([") - sum(text.count(bracket) for bracket in ")]")
        previous = text
    return count


BODIES = {"ctags_bodies": ctags_bodies, "gdc": gdc, "pygments": pygments}


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=_TIMEOUT_S, check=False).stdout
