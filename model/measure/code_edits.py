"""A function's text with what its tree says of it, and byte-exact edits of it.

Edits, not `ast.unparse`: what is not touched stays as its author wrote it, and every Python version makes the same text. For the same
reason nothing inside an f-string is looked at: where it stands there depends on the version.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

Edit = tuple[int, int, str]  # from byte, to byte, the new text
Loop = ast.For | ast.While
T = TypeVar("T")

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
SEQUENCES = ("list", "str", "tuple", "bytes")
CONTAINERS = (*SEQUENCES, "dict", "set", "deque", "array", "sized")
_HEADS = {"Sequence": "list", "Mapping": "dict", "List": "list", "Dict": "dict", "Set": "set", "Tuple": "tuple", "frozenset": "set"}
_MAKERS = {**dict.fromkeys(("list", "sorted"), "list"), **dict.fromkeys(("dict", "Counter", "defaultdict"), "dict")}
_MAKERS |= {name: name for name in ("set", "tuple", "str", "deque")}
_CHANGERS = frozenset(("add", "append", "appendleft", "clear", "discard", "extend", "extendleft", "insert", "pop", "popitem", "popleft"))
_CHANGERS |= {"remove", "reverse", "rotate", "setdefault", "sort", "update"}
_DRAINERS = frozenset({"pop", "popleft", "popitem", "remove", "heappop", "next", "clear"})


@dataclass(frozen=True)
class Code:
    """One function's text, its `def` in column 0."""

    text: str

    @cached_property
    def data(self) -> bytes:
        """The text as the tree's columns count it."""
        return self.text.encode()

    @cached_property
    def function(self) -> ast.FunctionDef:
        """The `def` itself. Raises SyntaxError or ValueError where the text is something else."""
        (found,) = ast.parse(self.text).body
        if not isinstance(found, ast.FunctionDef):
            raise ValueError("not a plain def")
        return found

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node, outer before inner and in the order of the text, f-strings left closed."""
        return list(walk(self.function))

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """Of each node."""
        return {child: node for node in self.nodes for child in ast.iter_child_nodes(node)}

    @cached_property
    def identifiers(self) -> set[str]:
        """Every word of the text."""
        return set(re.findall(r"\w+", self.text))

    @cached_property
    def stored(self) -> list[str]:
        """Names that are bound, once for each time; parameters of the function are not among them."""
        found = [n.id for n in self.nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)]
        return found + [n.name for n in self.nodes[1:] if isinstance(n, ast.FunctionDef)]

    @cached_property
    def changed(self) -> set[str]:
        """Names whose value is changed in place: by a method, an element or `+=`."""
        found = set()
        for node in self.nodes:
            if isinstance(node, ast.Attribute) and node.attr in _CHANGERS and isinstance(node.value, ast.Name):
                found.add(node.value.id)
            elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
                base: ast.AST = node.value
                while isinstance(base, ast.Subscript):
                    base = base.value
                found |= {base.id} if isinstance(base, ast.Name) else set()
            elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                found.add(node.target.id)
            elif isinstance(node, ast.Call) and called(node).startswith("heap") and node.args and isinstance(node.args[0], ast.Name):
                found.add(node.args[0].id)
        return found

    @cached_property
    def lines(self) -> list[int]:
        """Byte at which each line starts, and the end."""
        starts = [0]
        for line in self.data.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        return starts

    def start(self, node: ast.expr | ast.stmt) -> int:
        """First byte of a node."""
        return self.lines[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr | ast.stmt) -> int:
        """Byte after a node."""
        return self.lines[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)

    def source(self, node: ast.expr | ast.stmt) -> str:
        """Text of a node."""
        return self.data[self.start(node) : self.end(node)].decode()

    def atom(self, node: ast.expr) -> str:
        """Text of a node that an operator may follow: in brackets where it needs them."""
        closed = isinstance(node, ast.Name | ast.Constant | ast.Call | ast.Attribute | ast.Subscript | ast.List | ast.Dict | ast.Set)
        text = self.source(node)
        return text if closed or isinstance(node, COMPREHENSIONS) else f"({text})"

    def body(self) -> list[ast.stmt]:
        """The function's statements after its docstring."""
        first = self.function.body[0]
        documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
        return self.function.body[documented:]

    def loops(self) -> list[Loop]:
        """The `for` and `while` statements of the function itself, bodies on lines of their own."""
        return [n for n in walk(self.function, inner=False) if isinstance(n, Loop) and n.body[0].lineno > n.lineno]

    def innermost(self) -> list[Loop]:
        """The loops without another loop statement in them."""
        return [loop for loop in self.loops() if not any(isinstance(n, Loop) for part in loop.body for n in walk(part))]

    def statement(self, node: ast.AST) -> ast.stmt | None:
        """The statement that evaluates an expression once: none if a comprehension, a lambda or a condition stands between them."""
        while not isinstance(node, ast.stmt):
            node = self.parents[node]
            if isinstance(node, (*COMPREHENSIONS, ast.Lambda, ast.IfExp, ast.BoolOp)):
                return None
        return node

    def repeated(self, node: ast.AST) -> bool:
        """Whether a node stands in a loop or a comprehension."""
        while node in self.parents:
            node = self.parents[node]
            if isinstance(node, (ast.For, ast.While, *COMPREHENSIONS)):
                return True
        return False

    def uses(self, name: str) -> list[ast.Name]:
        """Where a name is read."""
        return [n for n in self.nodes if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)]

    def parameters(self) -> dict[str, str]:
        """Kind of each positional parameter: "list", "str", "int", "array", "sized" (some container) and the like, or "" if unknown."""
        arguments = self.function.args
        return {a.arg: self._kind_of_parameter(a) for a in [*arguments.posonlyargs, *arguments.args]}

    def _kind_of_parameter(self, argument: ast.arg) -> str:
        head = self.source(argument.annotation).split("[")[0].split(".")[-1].strip("\"' ") if argument.annotation else "Any"
        if head != "Any":
            kind = _HEADS.get(head, head)
            return kind if kind in (*CONTAINERS, "int") else "array" if head in ("ndarray", "NDArray") else ""
        if "np" in self.identifiers or " @ " in self.text:
            return "array" if re.search(rf"\blen\({argument.arg}\)|\b{argument.arg}(\.|\[| [-+*@/])", self.text) else ""
        if re.search(rf"\b(len|enumerate|sum|max|min|sorted)\({argument.arg}\)|\bin {argument.arg}\b", self.text):
            return "sized"
        return "int" if re.search(rf"\brange\((\w+, )?{argument.arg}\b", self.text) else ""

    def kind(self, name: str) -> str:
        """Kind of a parameter, or of a local that is only ever assigned one kind."""
        if name in self.parameters():
            return "" if name in self.stored else self.parameters()[name]
        kinds = set()
        for node in self.nodes:
            if isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if any(isinstance(t, ast.Name) and t.id == name for t in targets):
                    kinds.add(_kind_of_value(node.value))
        steps = [n.target.id for n in self.nodes if isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Name)]
        return kinds.pop() if len(kinds) == 1 and self.stored.count(name) - steps.count(name) == 1 else ""

    def containers(self, kinds: Sequence[str] = CONTAINERS) -> list[str]:
        """Parameters of these kinds that keep their name's value."""
        return [name for name, kind in self.parameters().items() if kind in kinds and name not in self.stored]

    def fresh(self, *names: str) -> str:
        """The first of the names that the text does not use."""
        return next((name for name in names if name not in self.identifiers), f"{names[-1]}_")

    def pick(self, options: Sequence[T]) -> T | None:
        """One of the options, always the same for this text."""
        digest = int(hashlib.sha256(self.data).hexdigest()[:12], 16)
        return options[digest % len(options)] if options else None

    # edits

    def replace(self, node: ast.expr | ast.stmt, text: str) -> Edit:
        """Put a text in a node's place."""
        return self.start(node), self.end(node), text

    def before(self, statement: ast.stmt, *lines: str) -> Edit:
        """Lines before a statement, indented as it is."""
        place = self.lines[statement.lineno - 1]
        return place, place, "".join(f"{' ' * statement.col_offset}{line}\n" for line in lines)

    def after(self, statement: ast.stmt, *lines: str) -> Edit:
        """Lines after a statement, indented as it is."""
        place = self.lines[statement.end_lineno or statement.lineno]
        return place, place, "".join(f"{' ' * statement.col_offset}{line}\n" for line in lines)

    def remove(self, statement: ast.stmt) -> Edit:
        """Drop a statement's lines."""
        return self.lines[statement.lineno - 1], self.lines[statement.end_lineno or statement.lineno], ""

    def header(self, loop: Loop, *lines: str) -> Edit:
        """Put lines, indented as the loop is, in the place of all that comes before its body."""
        return (
            self.lines[loop.lineno - 1],
            self.lines[loop.body[0].lineno - 1],
            "".join(f"{' ' * loop.col_offset}{line}\n" for line in lines),
        )

    def wrap(self, statements: Sequence[ast.stmt], line: str) -> list[Edit] | None:
        """Put statements under a new line, one level deeper; None where that might change a string of several lines."""
        first, last = statements[0].lineno, statements[-1].end_lineno or 0
        rest = self.data[self.lines[first - 1] :]
        if any(torn in rest for torn in (b"\\\n", b'"""', b"'''")):
            return None
        places = [
            place for number, place in enumerate(self.lines[:-1], 1) if first <= number <= last and self.data[place : place + 1] != b"\n"
        ]
        return [self.before(statements[0], line), *((place, place, "    ") for place in places)]

    def edited(self, edits: Sequence[Edit]) -> str:
        """The text with edits made; those at one place in their order. Raises ValueError where edits overlap."""
        parts, place = [], 0
        for start, end, text in sorted(edits, key=lambda edit: edit[0]):
            if start < place:
                raise ValueError("edits overlap")
            parts += [self.data[place:start], text.encode()]
            place = end
        return b"".join([*parts, self.data[place:]]).decode()


def walk(node: ast.AST, *, inner: bool = True) -> Iterator[ast.AST]:
    """A node and all below it in the order of the text, f-strings closed; `inner=False` leaves functions inside it closed too."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.JoinedStr) or (not inner and isinstance(child, FUNCTIONS)):
            continue
        yield from walk(child, inner=inner)


def called(node: ast.AST) -> str:
    """Name of what a call calls, without its module or object; "" for anything else."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""


def leaves(loop: Loop, *kinds: type[ast.stmt]) -> bool:
    """Whether a loop's own `break` or `continue` (the kinds named) is in its body."""

    def search(statements: Sequence[ast.AST]) -> bool:
        for statement in statements:
            if isinstance(statement, kinds):
                return True
            if not isinstance(statement, (ast.For, ast.While, *FUNCTIONS)) and search(list(ast.iter_child_nodes(statement))):
                return True
        return False

    return search(loop.body)


def drains(statements: Sequence[ast.stmt]) -> bool:
    """Whether something is taken out of a container, so that doing it again may find it empty."""
    return any(called(n) in _DRAINERS or isinstance(n, ast.Delete) for statement in statements for n in walk(statement))


def names_in(*nodes: ast.AST, context: type[ast.expr_context] = ast.Load) -> set[str]:
    """Names read (or bound: ast.Store) below nodes."""
    return {n.id for node in nodes for n in walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, context)}


def _kind_of_value(value: ast.expr | None) -> str:
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult | ast.Add):
        return _kind_of_value(value.left) or _kind_of_value(value.right)
    if isinstance(value, ast.Constant):
        return type(value.value).__name__ if isinstance(value.value, str | bytes) else ""
    literals = {
        ast.List: "list",
        ast.ListComp: "list",
        ast.Dict: "dict",
        ast.DictComp: "dict",
        ast.Set: "set",
        ast.SetComp: "set",
        ast.Tuple: "tuple",
    }
    return literals.get(type(value), "") if value is None or not isinstance(value, ast.Call) else _MAKERS.get(called(value), "")
