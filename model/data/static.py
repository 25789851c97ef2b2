"""Cheap first objectives: counts over a function's syntax tree (model.md, "cheap first objectives").

They cost nothing to compute, exist for any source text, and teach the encoder structure before it sees a measured cost.
"""

from __future__ import annotations

import ast
import warnings

STATIC_OBJECTIVES = ("nodes@static", "loop_depth@static", "loops@static", "calls@static", "branches@static")

_LOOPS = (ast.For, ast.While, ast.AsyncFor, ast.comprehension)
_BRANCHES = (ast.If, ast.IfExp, ast.Try, ast.BoolOp, ast.ExceptHandler)


def parsed(text: str) -> ast.Module | None:
    """Return the syntax tree, or ``None`` where the running interpreter cannot parse ``text``."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in other people's code
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def static_counts(text: str) -> dict[str, float] | None:
    """Return the counts by objective, or ``None`` where the running interpreter cannot parse ``text``."""
    tree = parsed(text)
    if tree is None:
        return None
    nodes = loops = calls = branches = deepest = 0
    stack: list[tuple[ast.AST, int]] = [(tree, 0)]
    while stack:
        node, depth = stack.pop()
        nodes += 1
        if isinstance(node, _LOOPS):
            loops += 1
            depth += 1
            deepest = max(deepest, depth)
        elif isinstance(node, ast.Call):
            calls += 1
        elif isinstance(node, _BRANCHES):
            branches += 1
        stack.extend((child, depth) for child in ast.iter_child_nodes(node))
    counts = (nodes, deepest, loops, calls, branches)
    return {name: float(count) for name, count in zip(STATIC_OBJECTIVES, counts, strict=True)}
