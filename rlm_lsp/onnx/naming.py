"""Which scope a node belongs to, by what the exporter wrote down: its modules (PyTorch's dynamo), or parts of its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from rlm_lsp.onnx.types import Node

Path = tuple[str, ...]
"""Labels from the outermost scope inwards."""

MAX_LEVELS = 32
_USABLE_SHARE = 0.5  # of the nodes that are not folded must have a scope, or names say nothing
_MIN_SCOPES = 2
_NO_MODULE = "_empty_nn_module_stack_from_metadata_hook"  # what PyTorch writes where it knows none


def scope_paths(
    numbers: Sequence[int], nodes: Sequence[Node], users: Mapping[int, Sequence[int]], folded: frozenset[int]
) -> tuple[Literal["modules", "names"], dict[int, Path]] | None:
    """The scope of each node of a graph, in topological order, and where it came from; None where the file names no scopes.

    ``users`` are those in the same graph. Nodes that have no scope of their own get the one that their users share.
    """
    work = [number for number in numbers if number not in folded]
    for source, path_of in (("modules", _by_modules), ("names", _by_slashes), ("names", _by_dots)):
        paths = {number: path_of(nodes[number]) for number in numbers}
        if _says_something(work, paths):
            _adopt(numbers, paths, users)
            return source, _without_common_beginning(paths)  # type: ignore[return-value]  # mypy widens the literals in the loop
    return None


def _by_modules(node: Node) -> Path:
    """Full module names such as "encoder", "encoder.layers.0" as labels "encoder", "layers.0"."""
    labels = []
    before = ""
    for name in node.modules[:MAX_LEVELS]:
        if not name or name in (before, _NO_MODULE):
            continue
        labels.append(name[len(before) + 1 :] if before and name.startswith(before + ".") else name)
        before = name
    return tuple(labels)


def _by_slashes(node: Node) -> Path:
    """Names such as "/encoder/layers.0/MatMul"; the last part is the node's own."""
    return tuple(part for part in node.name.split("/")[:-1] if part)[:MAX_LEVELS] if "/" in node.name else ()


def _by_dots(node: Node) -> Path:
    """Names such as "encoder.layers.0.MatMul"; "Conv.14" is only the fourteenth Conv."""
    parts = [part for part in node.name.split(".") if part]
    while parts and parts[-1].isdigit():
        parts.pop()
    return tuple(parts[:-1])[:MAX_LEVELS]


def _says_something(work: Sequence[int], paths: Mapping[int, Path]) -> bool:
    """Whether most nodes have a scope, and the scopes tell nodes apart without being one for each."""
    scoped = [paths[number] for number in work if paths[number]]
    distinct = set(scoped)
    return bool(scoped) and len(scoped) >= _USABLE_SHARE * len(work) and _MIN_SCOPES <= len(distinct) <= max(0.7 * len(scoped), _MIN_SCOPES)


def _adopt(numbers: Sequence[int], paths: dict[int, Path], users: Mapping[int, Sequence[int]]) -> None:
    """Give nodes without a scope, such as those a quantiser put in, the innermost one that holds all their users."""
    unscoped = {number for number in numbers if not paths[number]}
    for number in reversed(numbers):
        if number in unscoped:
            theirs = [paths[user] for user in users.get(number, ())]
            paths[number] = common_beginning(theirs) if theirs else ()


def common_beginning(paths: Sequence[Path]) -> Path:
    """What all paths begin with."""
    shortest, longest = min(paths), max(paths)  # the extremes in alphabetical order differ the most
    for place, label in enumerate(shortest):
        if place >= len(longest) or longest[place] != label:
            return shortest[:place]
    return shortest


def _without_common_beginning(paths: dict[int, Path]) -> dict[int, Path]:
    scoped = [path for path in paths.values() if path]
    shared = len(common_beginning(scoped)) if scoped else 0
    return {number: path[shared:] for number, path in paths.items()} if shared else paths
