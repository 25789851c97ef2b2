"""``args:`` lines of GPU workloads: every dimension of every tensor becomes a magnitude, as the sizes of a call's arguments do."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_MAKES_TENSOR = frozenset({"rand", "randn", "randint", "ones", "zeros", "empty", "full", "randperm", "arange"})
_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}


_UNKNOWN = object()


class _UnknownError(Exception):
    """An expression that is no constant."""


def described(value: object, sequence: str = "tensor") -> str:
    """Return a shape as ``tensor[8192x1024]``, an integer as ``int[64]``, and of anything else its type.

    ``sequence`` is what a sequence of integers is called. A negative integer (a dimension counted from behind) says no size.
    """
    if isinstance(value, list | tuple):
        whole = all(isinstance(n, int) for n in value)
        return f"{sequence}[{'x'.join(str(n) for n in value) or 'scalar'}]" if whole else sequence
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return f"int[{value}]"
    return type(value).__name__


def operator_args(input_size: Sequence[object]) -> str:
    """Return the line of a recorded call: shapes and scalars by position, ``a0=tensor[4096], a1=int[4]``."""
    return ", ".join(f"a{i}={described(value)}" for i, value in enumerate(input_size))


def module_args(source: str) -> str | None:
    """Return the line of a KernelBench problem: the shapes ``get_inputs`` makes and the values ``get_init_inputs`` returns.

    Read off the syntax tree, nothing is run; names are those of ``Model.forward`` and ``Model.__init__``. What is no constant there is
    left out; ``None`` where nothing is left.
    """
    tree = ast.parse(source)
    values = _constants(tree.body)
    inputs = _body(tree, "get_inputs")
    inside = _constants(inputs, values)
    calls = [node for part in inputs for node in ast.walk(part) if isinstance(node, ast.Call) and _name(node.func) in _MAKES_TENSOR]
    calls.sort(key=lambda node: (node.lineno, node.col_offset))
    shapes = [_shape(call, inside) for call in calls]
    returned = [part.value for part in _body(tree, "get_init_inputs") if isinstance(part, ast.Return)]
    elements = returned[-1].elts if returned and isinstance(returned[-1], ast.List) else []
    settings = [_known(element, values) for element in elements]
    words = [
        *_words(_parameters(tree, "forward", len(shapes)), shapes, "tensor"),
        *_words(_parameters(tree, "__init__", len(settings)), settings, "sizes"),
    ]
    return ", ".join(words) or None


def _words(names: Sequence[str], values: Sequence[object], sequence: str) -> list[str]:
    return [f"{name}={described(value, sequence)}" for name, value in zip(names, values, strict=True) if value is not _UNKNOWN]


def _body(tree: ast.Module, name: str) -> list[ast.stmt]:
    return next((node.body for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name), [])


def _parameters(tree: ast.Module, method: str, count: int) -> list[str]:
    """Return ``count`` names: those of a method of the class ``Model``, then positions."""
    names: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == "Model":
            found = next((part for part in node.body if isinstance(part, ast.FunctionDef) and part.name == method), None)
            names = [argument.arg for argument in found.args.args[1:]] if found else []
    return [*names, *(f"a{i}" for i in range(len(names), count))][:count]


def _name(function: ast.expr) -> str | None:
    return function.attr if isinstance(function, ast.Attribute) else None


def _shape(call: ast.Call, values: Mapping[str, Any]) -> object:
    """Return the shape a call of ``torch.randn(...)`` and the like makes, or _UNKNOWN."""
    size = next((keyword.value for keyword in call.keywords if keyword.arg == "size"), None)
    given = _known(ast.Tuple(list(call.args)) if size is None else ast.Tuple([size]), values)
    if not isinstance(given, tuple):
        return _UNKNOWN
    flat = next((tuple(part) for part in given if isinstance(part, list | tuple)), given)  # randint(0, 10, (3, 4)), randn((3, 4))
    return flat if all(isinstance(n, int) for n in flat) else _UNKNOWN


def _known(node: ast.expr, values: Mapping[str, Any]) -> object:
    """Return a constant expression's value, or _UNKNOWN."""
    try:
        return _value(node, values)
    except _UnknownError:
        return _UNKNOWN


def _constants(statements: Sequence[ast.stmt], known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the names that a block binds to constants."""
    values: dict[str, Any] = dict(known or {})
    for statement in statements:
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            continue
        value = _known(statement.value, values)
        if value is _UNKNOWN:
            continue
        target = statement.targets[0]
        if isinstance(target, ast.Name):
            values[target.id] = value
        elif isinstance(target, ast.Tuple) and isinstance(value, tuple) and len(value) == len(target.elts):
            values.update({name.id: part for name, part in zip(target.elts, value, strict=True) if isinstance(name, ast.Name)})
    return values


def _value(node: ast.expr, values: Mapping[str, Any]) -> Any:
    """Return a constant expression's value. Raises _UnknownError."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name) and node.id in values:
        return values[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        return -_value(node.operand, values)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _value(node.left, values), _value(node.right, values)
        if isinstance(left, int) and isinstance(right, int):
            return _OPERATORS[type(node.op)](left, right)
    if isinstance(node, ast.Tuple | ast.List):
        parts: list[Any] = []
        for element in node.elts:
            value = _value(element.value if isinstance(element, ast.Starred) else element, values)
            parts += value if isinstance(element, ast.Starred) else [value]
        return tuple(parts) if isinstance(node, ast.Tuple) else parts
    raise _UnknownError
