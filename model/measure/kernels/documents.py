"""Nested dictionaries and lists, as configuration and JSON have them."""

from __future__ import annotations

import copy
import functools
import json
import re
from collections.abc import Iterator
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def settings_of(n: int, random: Random) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for i in range(n):
        node = root
        for _ in range(random.randrange(4)):
            node = node.setdefault(f"group{random.randrange(6)}", {})
        node[f"key{i}"] = random.choice((1, "text", None, True, random.randrange(1000)))
    return root


def one_document(n: int, random: Random) -> tuple[Any, ...]:
    return (settings_of(n, random),)


def flat_keys_by_updates(tree: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            inner = flat_keys_by_updates(value)
            flat.update({f"{key}.{name}": leaf for name, leaf in inner.items()})
        else:
            flat[key] = value
    return flat


def flat_keys_by_stack(tree: dict[str, Any]) -> dict[str, Any]:
    flat = {}
    stack = [("", tree)]
    while stack:
        prefix, node = stack.pop()
        for key, value in node.items():
            if isinstance(value, dict):
                stack.append((prefix + key + ".", value))
            else:
                flat[prefix + key] = value
    return flat


def flat_keys_by_generator(tree: dict[str, Any]) -> dict[str, Any]:
    def leaves(node: dict[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
        for key, value in node.items():
            if isinstance(value, dict):
                yield from leaves(value, (*path, key))
            else:
                yield (*path, key), value

    return {".".join(path): value for path, value in leaves(tree, ())}


def flat_keys_by_levels(tree: dict[str, Any]) -> dict[str, Any]:
    flat = dict(tree)
    while any(isinstance(value, dict) for value in flat.values()):
        deeper: dict[str, Any] = {}
        for key, value in flat.items():
            if isinstance(value, dict):
                deeper.update((f"{key}.{k}", v) for k, v in value.items())
            else:
                deeper[key] = value
        flat = deeper
    return flat


def two_documents(n: int, random: Random) -> tuple[Any, ...]:
    return settings_of(n, random), settings_of(n // 4 + 1, random)


def overlay_copying(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    out = copy.deepcopy(base)
    stack = [(out, changes)]
    while stack:
        target, source = stack.pop()
        for key, value in source.items():
            if isinstance(value, dict) and isinstance(target.get(key), dict):
                stack.append((target[key], value))
            else:
                target[key] = copy.deepcopy(value)
    return out


def overlay_recursive(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    out = dict(base)
    for key, value in changes.items():
        held = out.get(key)
        out[key] = overlay_recursive(held, value) if isinstance(held, dict) and isinstance(value, dict) else value
    return out


def overlay_leaf_by_leaf(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    def put(node: dict[str, Any], path: list[str], value: Any) -> dict[str, Any]:
        if len(path) == 1:
            return {**node, path[0]: value}
        return {**node, path[0]: put(node.get(path[0], {}), path[1:], value)}

    def leaves(node: dict[str, Any], path: list[str]) -> Iterator[tuple[list[str], Any]]:
        for key, value in node.items():
            if isinstance(value, dict):
                yield from leaves(value, [*path, key])
            else:
                yield [*path, key], value

    for path, value in leaves(changes, []):
        base = put(base, path, value)
    return base


def overlay_through_json(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    def merge(low: Any, high: Any) -> Any:
        if not (isinstance(low, dict) and isinstance(high, dict)):
            return high
        return {k: merge(low[k], high[k]) if k in low and k in high else high.get(k, low.get(k)) for k in low.keys() | high.keys()}

    merged: dict[str, Any] = merge(json.loads(json.dumps(base)), json.loads(json.dumps(changes)))
    return merged


def feed(n: int, random: Random) -> tuple[Any, ...]:
    def post(i: int) -> dict[str, Any]:
        replies = [{"user": j, "likes": random.randrange(50)} for j in range(random.randrange(4))]
        return {"user": i, "likes": random.randrange(50), "body": {"text": "hello", "replies": replies}}

    return ({"version": 1, "posts": [post(i) for i in range(n)]},)


def likes_by_recursion(node: Any) -> int:
    if isinstance(node, dict):
        return sum(value if key == "likes" else likes_by_recursion(value) for key, value in node.items())
    if isinstance(node, list):
        return sum(likes_by_recursion(item) for item in node)
    return 0


def likes_by_stack(node: Any) -> int:
    total_likes, stack = 0, [node]
    while stack:
        top = stack.pop()
        if isinstance(top, dict):
            total_likes += top.get("likes", 0)
            stack.extend(top.values())
        elif isinstance(top, list):
            stack.extend(top)
    return total_likes


def likes_by_path(node: Any) -> int:
    return sum(p["likes"] + sum(r["likes"] for r in p["body"]["replies"]) for p in node["posts"])


def likes_in_text(node: Any) -> int:
    return sum(map(int, re.findall(r'"likes": (\d+)', json.dumps(node))))


def likes_by_breadth(node: Any) -> int:
    total_likes, level = 0, [node]
    while level:
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                total_likes += item.get("likes", 0)
                below = below + [v for v in item.values() if isinstance(v, dict | list)]
            else:
                below = below + [v for v in item if isinstance(v, dict)]
        level = below
    return total_likes


def two_snapshots(n: int, random: Random) -> tuple[Any, ...]:
    old = {f"file{random.randrange(n * 2)}": random.randrange(5) for _ in range(n)}
    new = {f"file{random.randrange(n * 2)}": random.randrange(5) for _ in range(n + n // 2)}
    return old, new


def changes_by_sets(old: dict[str, int], new: dict[str, int]) -> dict[str, list[str]]:
    return {
        "added": sorted(new.keys() - old.keys()),
        "removed": sorted(old.keys() - new.keys()),
        "changed": sorted(k for k in old.keys() & new.keys() if old[k] != new[k]),
    }


def changes_by_lists(old: dict[str, int], new: dict[str, int]) -> dict[str, list[str]]:
    before, after = sorted(old), sorted(new)
    return {
        "added": [k for k in after if k not in before],
        "removed": [k for k in before if k not in after],
        "changed": [k for k in before if k in after and old[k] != new[k]],
    }


def changes_by_merging(old: dict[str, int], new: dict[str, int]) -> dict[str, list[str]]:
    a, b = sorted(old.items()), sorted(new.items())
    found: dict[str, list[str]] = {"added": [], "removed": [], "changed": []}
    i = j = 0
    while i < len(a) or j < len(b):
        if j == len(b) or (i < len(a) and a[i][0] < b[j][0]):
            found["removed"].append(a[i][0])
            i += 1
        elif i == len(a) or b[j][0] < a[i][0]:
            found["added"].append(b[j][0])
            j += 1
        else:
            if a[i][1] != b[j][1]:
                found["changed"].append(a[i][0])
            i += 1
            j += 1
    return found


def document_and_paths(n: int, random: Random) -> tuple[Any, ...]:
    root = settings_of(n, random)
    paths = [
        ".".join([*(f"group{random.randrange(6)}" for _ in range(random.randrange(3))), f"key{random.randrange(n)}"]) for _ in range(20)
    ]
    return root, paths


def found_by_steps(root: dict[str, Any], paths: list[str]) -> list[Any]:
    out = []
    for path in paths:
        node: Any = root
        for step in path.split("."):
            node = node.get(step) if isinstance(node, dict) else None
        out.append(node)
    return out


def found_by_reduce(root: dict[str, Any], paths: list[str]) -> list[Any]:
    def down(node: Any, step: str) -> Any:
        return node[step] if isinstance(node, dict) and step in node else None

    return [functools.reduce(down, path.split("."), root) for path in paths]


def found_after_flattening(root: dict[str, Any], paths: list[str]) -> list[Any]:
    flat: dict[str, Any] = {}

    def visit(node: dict[str, Any], prefix: str) -> None:
        for key, value in node.items():
            if isinstance(value, dict):
                visit(value, prefix + key + ".")
            else:
                flat[prefix + key] = value

    visit(root, "")
    return [flat.get(path) for path in paths]


def found_by_searching(root: dict[str, Any], paths: list[str]) -> list[Any]:
    def search(node: dict[str, Any], here: str, wanted: str) -> Any:
        for key, value in node.items():
            name = here + key
            if name == wanted:
                return value
            if isinstance(value, dict):
                hit = search(value, name + ".", wanted)
                if hit is not None:
                    return hit
        return None

    return [search(root, "", path) for path in paths]


def parent_list(n: int, random: Random) -> tuple[Any, ...]:
    return ([-1] + [random.randrange(i) for i in range(1, n)],)


def branch_sizes_backwards(parents: list[int]) -> list[int]:
    sizes = [1] * len(parents)
    for i in range(len(parents) - 1, 0, -1):
        sizes[parents[i]] += sizes[i]
    return sizes


def branch_sizes_by_climbing(parents: list[int]) -> list[int]:
    sizes = [0] * len(parents)
    for node in range(len(parents)):
        while node >= 0:
            sizes[node] += 1
            node = parents[node]
    return sizes


def branch_sizes_by_scanning(parents: list[int]) -> list[int]:
    def size(node: int) -> int:
        return 1 + sum(size(child) for child, parent in enumerate(parents) if parent == node)

    sizes = [1] * len(parents)
    for i in range(len(parents)):
        sizes[i] = size(i) if i in parents else 1
    return sizes


def branch_sizes_by_children(parents: list[int]) -> list[int]:
    children: dict[int, list[int]] = {}
    for node, parent in enumerate(parents):
        children.setdefault(parent, []).append(node)
    sizes = [0] * len(parents)

    def size(node: int) -> int:
        sizes[node] = 1 + sum(map(size, children.get(node, ())))
        return sizes[node]

    size(0)
    return sizes


def pruned_by_recursion(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: pruned_by_recursion(value) for key, value in node.items() if value is not None}
    return node


def pruned_by_hook(node: Any) -> Any:
    def clean(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return {key: value for key, value in pairs if value is not None}

    return json.loads(json.dumps(node), object_pairs_hook=clean)


def pruned_by_deleting(node: Any) -> Any:
    out = copy.deepcopy(node)
    stack = [out]
    while stack:
        top = stack.pop()
        for key in list(top):
            if top[key] is None:
                del top[key]
            elif isinstance(top[key], dict):
                stack.append(top[key])
    return out


FAMILIES = [
    Family(
        "flat-keys",
        one_document,
        (flat_keys_by_updates, flat_keys_by_stack, flat_keys_by_generator, flat_keys_by_levels),
        100_000,
    ),
    Family(
        "overlaid-settings",
        two_documents,
        (overlay_copying, overlay_recursive, overlay_leaf_by_leaf, overlay_through_json),
        30_000,
    ),
    Family("likes-in-a-feed", feed, (likes_by_recursion, likes_by_stack, likes_by_path, likes_in_text, likes_by_breadth), 30_000),
    Family("changed-files", two_snapshots, (changes_by_sets, changes_by_lists, changes_by_merging), 100_000),
    Family("looking-deep", document_and_paths, (found_by_steps, found_by_reduce, found_after_flattening, found_by_searching), 100_000),
    Family(
        "branch-sizes",
        parent_list,
        (branch_sizes_backwards, branch_sizes_by_climbing, branch_sizes_by_scanning, branch_sizes_by_children),
        100_000,
    ),
    Family("pruned-documents", one_document, (pruned_by_recursion, pruned_by_hook, pruned_by_deleting), 100_000),
]
