"""Mutations of data and calls: another container, a copy, an input cut short, a call in place of a dearer or cheaper one.

Each gives edits, or None where it does not apply.
"""

from __future__ import annotations

import ast

from rlm_lsp.model.measure.code_edits import COMPREHENSIONS, Code, Edit, called, names_in, walk

Edits = list[Edit] | None
_SINGLES = (ast.Return, ast.Assign, ast.AugAssign, ast.Expr)


def copied_at_entry(code: Code) -> Edits:
    """A parameter is deep-copied first."""
    name = code.pick(code.containers(("list", "dict", "set", "deque", "array", "sized")))
    return [code.before(code.body()[0], f"{name} = copy.deepcopy({name})")] if name else None


def array_round_trip(code: Code) -> Edits:
    """An array becomes nested lists and an array again."""
    name = code.pick(code.containers(("array",)))
    return [code.before(code.body()[0], f"{name} = np.array({name}.tolist())")] if name else None


def first_of_input(code: Code, share: str) -> Edits:
    """Only the beginning of the only container is looked at."""
    names = code.containers()
    if (
        len(names) != 1
        or (code.kind(names[0]) == "array" and len(code.parameters()) > 1)
        or code.kind(names[0]) not in ("list", "str", "tuple", "bytes", "array")
    ):
        return None
    return [code.before(code.body()[0], f"{names[0]} = {names[0]}[:{share.format(names[0])}]")]


def set_to_list(code: Code) -> Edits:
    """A set that is only looked into and added to becomes a list."""
    for node, name in _assigned(code):
        value = node.value
        if code.kind(name) != "set" or value is None or not _all_uses(code, name, {"add"}):
            continue
        if isinstance(value, ast.Set | ast.SetComp):
            edits = [(code.start(value), code.start(value) + 1, "["), (code.end(value) - 1, code.end(value), "]")]
        elif isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
            edits = [code.replace(value.func, "list")] if value.args else [code.replace(value, "[]")]
        else:
            continue
        return [*edits, *_annotated(code, node, "set", "list"), *_renamed_calls(code, name, {"add": "append"})]
    return None


def deque_to_list(code: Code) -> Edits:
    """A deque becomes a list that is drained from its front."""
    for node, name in _assigned(code):
        value = node.value
        methods = {"append", "pop", "popleft", "extend", "clear"}
        if code.kind(name) != "deque" or not isinstance(value, ast.Call) or value.keywords or not _all_uses(code, name, methods):
            continue
        first = value.args[0] if value.args else None
        as_list = code.replace(value.func, "list") if first else code.replace(value, "[]")
        edits = [code.replace(value, code.source(first)) if isinstance(first, ast.List) else as_list]
        calls = [
            (use, above) for use in code.uses(name) if isinstance(above := code.parents[use], ast.Attribute) and above.attr == "popleft"
        ]
        fronts = [(code.end(use), code.end(whole), ".pop(0)") for use, above in calls if isinstance(whole := code.parents[above], ast.Call)]
        return [*edits, *_annotated(code, node, "deque", "list"), *fronts]
    return None


def heap_to_sorted_list(code: Code) -> Edits:
    """A heap becomes a list that is sorted after every push."""
    edits: list[Edit] = []
    for node in code.nodes:
        name = called(node)
        if not name.startswith("heap") or not isinstance(node, ast.Call):
            continue
        if name == "heappop" and len(node.args) == 1:
            edits.append(code.replace(node, f"{code.atom(node.args[0])}.pop(0)"))
        elif name == "heappush" and isinstance(code.parents[node], ast.Expr) and isinstance(node.args[0], ast.Name):
            heap = code.source(node.args[0])
            inside = any(called(n).startswith("heap") for argument in node.args for n in walk(argument))
            if inside or "\n" in code.source(node):
                return None
            statement = code.statement(node)
            edits += [code.replace(node, f"{heap}.append({code.source(node.args[1])})")]
            edits += [code.after(statement, f"{heap}.sort()")] if statement else []
        elif name == "heapify":
            edits.append(code.replace(node, f"{code.atom(node.args[0])}.sort()"))
        else:
            return None
    return edits or None


def bisect_by_counting(code: Code) -> Edits:
    """A binary search becomes a count of the smaller elements."""
    for node in code.nodes:
        if (
            called(node) in ("bisect_left", "bisect_right", "bisect")
            and isinstance(node, ast.Call)
            and len(node.args) == 2
            and not node.keywords
        ):
            item, sign = code.fresh("item", "entry", "element"), "<" if called(node) == "bisect_left" else "<="
            return [code.replace(node, f"sum(1 for {item} in {code.atom(node.args[0])} if {item} {sign} {code.atom(node.args[1])})")]
    return None


def extreme_by_sorting(code: Code) -> Edits:
    """`max(xs)` becomes `sorted(xs)[-1]`, `min(xs)` becomes `sorted(xs)[0]`."""
    sites = [n for n in code.nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id in ("max", "min")]
    plain = [n for n in sites if len(n.args) == 1 and all(k.arg == "key" for k in n.keywords)]
    site = code.pick([n for n in plain if not isinstance(n.args[0], ast.Starred)])
    if site is None:
        return None
    end = code.end(site)
    return [code.replace(site.func, "sorted"), (end, end, "[-1]" if called(site) == "max" else "[0]")]


def counted_one_by_one(code: Code) -> Edits:
    """`Counter(xs)` becomes a dictionary of `xs.count(x)`."""
    for node in code.nodes:
        if called(node) == "Counter" and isinstance(node, ast.Call) and len(node.args) == 1 and isinstance(node.args[0], ast.Name):
            name = node.args[0].id
            if code.kind(name) in ("list", "str", "tuple") and not isinstance(code.parents[node], ast.Attribute):
                item = code.fresh("item", "entry", "element")
                return [code.replace(node, f"{{{item}: {name}.count({item}) for {item} in {name}}}")]
    return None


def member_of_fresh_list(code: Code) -> Edits:
    """`x in known` becomes `x in list(known)` where it is asked again and again."""
    for node in code.nodes:
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn) and code.repeated(node):
            where = node.comparators[0]
            if isinstance(where, ast.Name) and code.kind(where.id) in ("set", "dict", "sized", "deque"):
                return [code.replace(where, f"list({where.id}.keys())" if code.kind(where.id) == "dict" else f"list({where.id})")]
    return None


def list_in_reduction(code: Code) -> Edits:
    """The generator in `sum(... for ...)` and the like becomes a list."""
    names = ("all", "any", "dict", "frozenset", "join", "max", "min", "set", "sorted", "sum", "tuple", "Counter")
    sites = [n.args[0] for n in code.nodes if isinstance(n, ast.Call) and called(n) in names and n.args]
    site = code.pick([s for s in sites if isinstance(s, ast.GeneratorExp)])
    if site is None:
        return None
    call = code.parents[site]
    start, end = code.start(site), code.end(site)
    shared = isinstance(call, ast.Call) and end == code.end(call)
    return [(start, start + 1, "([" if shared else "["), (end - 1, end, "])" if shared else "]")]


def slice_for_index(code: Code) -> Edits:
    """`xs[i]` becomes `xs[i:][0]` in a loop."""
    sites = [n for n in code.nodes if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Load) and code.repeated(n)]
    read = [n for n in sites if not isinstance(getattr(code.parents[n], "ctx", None), ast.Store)]
    plain = [n for n in read if isinstance(n.value, ast.Name) and code.kind(n.value.id) in ("list", "str", "tuple")]
    site = code.pick([n for n in plain if isinstance(n.slice, ast.Name)])
    return [code.replace(site, f"{code.source(site.value)}[{code.source(site.slice)}:][0]")] if site else None


def append_by_adding(code: Code) -> Edits:
    """`out.append(x)` becomes `out = out + [x]`."""
    for node in code.nodes:
        if (
            called(node) == "append"
            and isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(code.parents[node], ast.Expr)
        ):
            target = node.func.value
            if (
                isinstance(target, ast.Name)
                and code.kind(target.id) == "list"
                and target.id not in code.parameters()
                and _is_own(code, node)
            ):
                return [code.replace(node, f"{target.id} = {target.id} + [{code.source(node.args[0])}]")]
    return None


def sorted_after_append(code: Code) -> Edits:
    """A list is kept in order by sorting it after every `append`."""
    for node in code.nodes:
        if called(node) == "append" and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and code.repeated(node):
            target, statement = node.func.value, code.parents[node]
            tail = code.data[code.end(node) : code.lines[node.end_lineno or 0]].strip()
            if isinstance(target, ast.Name) and isinstance(statement, ast.Expr) and code.kind(target.id) == "list" and not tail:
                head = code.data[code.lines[node.lineno - 1] : code.start(node)]
                return None if head.strip() else [code.after(statement, f"{target.id}.sort()")]
    return None


def join_by_adding(code: Code) -> Edits:
    """`"".join(parts)` becomes a loop of `+=`."""
    for node in code.nodes:
        if called(node) != "join" or not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or len(node.args) != 1:
            continue
        statement, separator = code.statement(node), node.func.value
        if not isinstance(statement, _SINGLES) or not isinstance(separator, ast.Constant) or not isinstance(separator.value, str):
            continue
        if "\n" in code.source(statement) or _shares_names(code, node.args[0]):
            continue
        name, part = code.fresh("text", "out", "joined"), code.fresh("part", "piece")
        more = f"{code.source(separator)} + " if separator.value else ""
        if isinstance(node.args[0], ast.GeneratorExp | ast.ListComp):
            lines = _unrolled(
                code, node.args[0], f"{name} += {more}{code.atom(node.args[0].elt) if more else code.source(node.args[0].elt)}"
            )
        else:
            lines = [f"for {part} in {code.source(node.args[0])}:", f"    {name} += {more}{part}"]
        return [code.before(statement, f'{name} = ""', *lines), code.replace(node, name)]
    return None


def comprehension_to_loop(code: Code) -> Edits:
    """A list comprehension, or a sum of a generator, becomes a loop."""
    for node in code.nodes:
        total = called(node) == "sum" and isinstance(node, ast.Call) and len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp)
        found = node.args[0] if total and isinstance(node, ast.Call) else node
        if not isinstance(found, ast.ListComp if not total else ast.GeneratorExp) or not isinstance(node, ast.expr):
            continue
        statement = code.statement(node)
        if not isinstance(statement, _SINGLES) or "\n" in code.source(statement) or _shares_names(code, found):
            continue
        name = code.fresh("total", "amount") if total else code.fresh("out", "result", "found")
        element = code.source(found.elt)
        lines = _unrolled(code, found, f"{name} += {element}" if total else f"{name}.append({element})")
        return [code.before(statement, f"{name} = {'0' if total else '[]'}", *lines), code.replace(node, name)]
    return None


def no_memory(code: Code) -> Edits:
    """A cache decorator, or the look into a memory of earlier answers, is left out."""
    for node in code.nodes:
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                name = called(decorator) or getattr(decorator, "attr", getattr(decorator, "id", ""))
                if name in ("cache", "lru_cache") and decorator.lineno == decorator.end_lineno:
                    return [(code.lines[decorator.lineno - 1], code.lines[decorator.lineno], "")]
        if (
            isinstance(node, ast.If)
            and not node.orelse
            and len(node.body) == 1
            and isinstance(node.test, ast.Compare)
            and isinstance(node.test.ops[0], ast.In)
        ):
            kept, answer = node.test.comparators[0], node.body[0]
            looked_up = (
                isinstance(answer, ast.Return)
                and isinstance(answer.value, ast.Subscript)
                and code.source(answer.value.value) == code.source(kept)
            )
            if looked_up and not code.source(node).startswith("elif") and code.kind(getattr(kept, "id", "")) == "dict":
                return [code.remove(node)]
    return None


def reduced_in_python(code: Code) -> Edits:
    """An array's `sum()`, `max()` or `min()` becomes Python's over its elements."""
    for node in code.nodes:
        if (
            isinstance(node, ast.Call)
            and not node.args
            and not node.keywords
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("sum", "max", "min")
        ):
            return [code.replace(node, f"{node.func.attr}({code.atom(node.func.value)}.flat)")]
    return None


def _assigned(code: Code) -> list[tuple[ast.Assign | ast.AnnAssign, str]]:
    """Assignments to one local name."""
    found: list[tuple[ast.Assign | ast.AnnAssign, str]] = []
    for node in code.nodes:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            found.append((node, node.targets[0].id))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.append((node, node.target.id))
    return found


def _all_uses(code: Code, name: str, methods: set[str]) -> bool:
    """Whether a container is only tested, measured, walked through, subscripted, and called by these methods."""

    def fits(use: ast.Name) -> bool:
        above = code.parents[use]
        if isinstance(above, ast.Attribute):
            return above.attr in methods and isinstance(code.parents[above], ast.Call)
        if isinstance(above, ast.Call):
            return called(above) in ("len", "list", "sorted", "sum", "max", "min", "any", "all") and use in above.args
        return isinstance(above, ast.Compare | ast.While | ast.If | ast.For | ast.comprehension | ast.BoolOp | ast.UnaryOp | ast.Subscript)

    return name not in {n.target.id for n in code.nodes if isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Name)} and all(
        fits(use) for use in code.uses(name)
    )


def _annotated(code: Code, node: ast.Assign | ast.AnnAssign, old: str, new: str) -> list[Edit]:
    """Change the head of an assignment's annotation."""
    if not isinstance(node, ast.AnnAssign) or not code.source(node.annotation).startswith(old):
        return []
    start = code.start(node.annotation)
    return [(start, start + len(old), new)]


def _renamed_calls(code: Code, name: str, methods: dict[str, str]) -> list[Edit]:
    above = [code.parents[use] for use in code.uses(name)]
    return [(code.end(a.value), code.end(a), f".{methods[a.attr]}") for a in above if isinstance(a, ast.Attribute) and a.attr in methods]


def _unrolled(code: Code, comprehension: ast.GeneratorExp | ast.ListComp, line: str) -> list[str]:
    """A comprehension's loops and conditions as lines, `line` innermost."""
    lines: list[str] = []
    for part in comprehension.generators:
        lines.append("    " * len(lines) + f"for {code.source(part.target).strip('()')} in {code.source(part.iter)}:")
        for condition in part.ifs:
            lines.append("    " * len(lines) + f"if {code.source(condition)}:")
    return [*lines, "    " * len(lines) + line]


def _shares_names(code: Code, comprehension: ast.expr) -> bool:
    """Whether the names that a comprehension binds are used outside it, too."""
    bound = names_in(comprehension, context=ast.Store)
    inside = set(walk(comprehension))
    outside = {n.id for n in code.nodes if isinstance(n, ast.Name) and n not in inside} | set(code.parameters())
    nested = any(isinstance(n, COMPREHENSIONS) and n is not comprehension for n in inside)
    return bool(bound & outside) or (nested and bool(bound & {"_"}))


def _is_own(code: Code, node: ast.AST) -> bool:
    """Whether a node stands in the function itself and not in one inside it, where its names would be others."""
    while node in code.parents:
        node = code.parents[node]
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            return node is code.function
    return False
