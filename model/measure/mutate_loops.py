"""Mutations of loops: work repeated, moved into a loop, cut short or carried on for nothing.

Each gives edits, or None where it does not apply.
"""

from __future__ import annotations

import ast

from rlm_lsp.model.measure.code_edits import COMPREHENSIONS, SEQUENCES, Code, Edit, Loop, called, drains, leaves, names_in, walk

Edits = list[Edit] | None
_COPIES = {
    "list": ("list({0})", "{0}[:]", "{0}.copy()", "[*{0}]"),
    "dict": ("dict({0})", "{0}.copy()", "{{**{0}}}"),
    "set": ("set({0})", "{0}.copy()"),
    "array": ("{0}.copy()",),
    "str": ('"".join({0})',),
    "deque": ("{0}.copy()",),
    "sized": ("copy.copy({0})",),
}


def _fors(code: Code) -> list[ast.For]:
    return [loop for loop in code.loops() if isinstance(loop, ast.For)]


def repeat_body(code: Code, times: int | None) -> Edits:
    """A loop's body is done `times` times, or once for each element (unit) of a parameter."""
    loop = code.pick([f for f in _fors(code) if not leaves(f, ast.Break, ast.Continue) and not drains(f.body)])
    count = str(times) if times else _count(code)
    return code.wrap(loop.body, f"for _ in range({count}):") if loop and count and "_" not in names_in(code.function) else None


def _count(code: Code) -> str | None:
    counts = [f"len({name})" for name in code.containers()]
    counts += [name for name, kind in code.parameters().items() if kind == "int" and name not in code.stored]
    return counts[0] if counts else None


def repeat_work(code: Code, times: int | None) -> Edits:
    """All that comes before the final `return` is done `times` times, or once for each element (unit) of a parameter."""
    *work, last = code.body()
    recursive = any(called(n) == code.function.name for n in code.nodes)
    touched = set(code.parameters()) & (set(code.stored) | code.changed)
    if recursive or touched or not isinstance(last, ast.Return) or not last.value:
        return None
    inside = [n for statement in work for n in walk(statement)]
    if any(isinstance(n, ast.Return | ast.Yield | ast.Nonlocal | ast.Global | ast.FunctionDef) for n in inside):
        return None
    count = str(times) if times else _count(code)
    if not count or "_" in names_in(code.function):
        return None
    header = f"for _ in range({count}):"
    if work:
        return code.wrap(work, header)
    if isinstance(last.value, ast.Name | ast.Constant | ast.Subscript):
        return None
    result, wrapped = code.fresh("result", "answer"), code.wrap([last], header)
    start = code.start(last)
    return wrapped and [*wrapped, (start, start + len("return"), f"{result} ="), code.after(last, f"return {result}")]


def copy_in_loop(code: Code) -> Edits:
    """A parameter is copied whenever the innermost loop turns."""
    loop, name = code.pick(code.innermost()), code.pick([n for n in code.containers() if code.kind(n) in _COPIES])
    if not loop or not name:
        return None
    copied = code.pick(_COPIES[code.kind(name)]) or ""
    return [code.before(loop.body[0], f"{name} = {copied.format(name)}")]


def debug_string_in_loop(code: Code) -> Edits:
    """A debugging text of a parameter is made whenever the innermost loop turns."""
    loop, name = code.pick(code.innermost()), code.pick(code.containers())
    style = code.pick(("str({0})", "repr({0})", 'f"{0}={{{0}!r}}"', '"at %s" % ({0},)'))
    return [code.before(loop.body[0], f"{code.fresh('message', 'debug')} = {style.format(name)}")] if loop and name and style else None


def sort_in_loop(code: Code) -> Edits:
    """A parameter is sorted whenever the outermost loop turns."""
    names = [n for n in code.containers(("list",)) if f"{n}: list[list[" not in code.text and f"{n}: list[dict" not in code.text]
    loops, name = code.loops(), code.pick(names)
    return [code.before(loops[0].body[0], f"{name} = sorted({name})")] if loops and name and name not in code.changed else None


def check_in_loop(code: Code) -> Edits:
    """An assertion about all elements of a parameter is made whenever the innermost loop turns."""
    loop, name = code.pick(code.innermost()), code.pick(code.containers(("list", "tuple", "str", "set", "dict")))
    item = code.fresh("item", "element", "entry")
    return [code.before(loop.body[0], f"assert all({item} is not None for {item} in {name})")] if loop and name else None


def count_in_loop(code: Code) -> Edits:
    """The occurrences of a loop's element are counted whenever it turns."""
    for loop in _fors(code):
        if isinstance(loop.iter, ast.Name) and isinstance(loop.target, ast.Name) and code.kind(loop.iter.id) in ("list", "tuple", "str"):
            return [code.before(loop.body[0], f"{code.fresh('repeats', 'times')} = {loop.iter.id}.count({loop.target.id})")]
    return None


def iterate_over_copy(code: Code) -> Edits:
    """`for x in xs` becomes `for x in list(xs)` in a loop or comprehension that stands in another one, or else in the first."""
    sites = [n.iter for n in code.nodes if isinstance(n, ast.For | ast.comprehension) and isinstance(n.iter, ast.Name)]
    inner = [s for s in sites if code.repeated(code.parents[code.parents[s]])] or sites
    return [code.replace(inner[0], f"list({code.source(inner[0])})")] if inner else None


def iterate_over_slice(code: Code) -> Edits:
    """`for x in xs` becomes `for x in xs[:100]`."""
    sites = [n.iter for n in code.nodes if isinstance(n, ast.For | ast.comprehension) and isinstance(n.iter, ast.Name)]
    site = code.pick([s for s in sites if code.kind(s.id) in SEQUENCES])
    return [code.replace(site, f"{site.id}[:100]")] if site else None


def iterate_by_index(code: Code) -> Edits:
    """`for x in xs` becomes `for i in range(len(xs))` with `x = xs[i]`."""
    for loop in _fors(code):
        if isinstance(loop.iter, ast.Name) and code.kind(loop.iter.id) in SEQUENCES and loop.iter.id not in code.changed:
            index = code.fresh("i", "j", "index", "position")
            place = f"for {index} in range(len({loop.iter.id})):"
            return [code.header(loop, place, f"    {code.source(loop.target)} = {loop.iter.id}[{index}]")]
    return None


def enumerate_to_index(code: Code) -> Edits:
    """`for i, x in enumerate(xs)` becomes `for x in xs` with `i = xs.index(x)`."""
    for loop in _fors(code):
        if called(loop.iter) != "enumerate" or not isinstance(loop.iter, ast.Call) or len(loop.iter.args) != 1:
            continue
        values, target = loop.iter.args[0], loop.target
        if not isinstance(values, ast.Name) or code.kind(values.id) not in ("list", "str", "tuple") or values.id in code.changed:
            continue
        if isinstance(target, ast.Tuple) and len(target.elts) == 2 and isinstance(target.elts[1], ast.Name):
            index, value = code.source(target.elts[0]), target.elts[1].id
            return [code.header(loop, f"for {value} in {values.id}:", f"    {index} = {values.id}.index({value})")]
    return None


def _ranges(code: Code) -> list[ast.Call]:
    # a comprehension over range(...) that does not look at its number makes a table, which must keep its size
    sites = [n.iter for n in code.nodes if isinstance(n, ast.For) or (isinstance(n, ast.comprehension) and code.source(n.target) != "_")]
    return [s for s in sites if isinstance(s, ast.Call) and called(s) == "range" and len(s.args) <= 2 and "\n" not in code.source(s)]


def half_range(code: Code) -> Edits:
    """`range(n)` becomes `range(n // 2)`."""
    site = code.pick(_ranges(code))
    if site is None:
        return None
    low, high = (None, site.args[0]) if len(site.args) == 1 else site.args
    new = f"range({code.atom(high)} // 2)" if low is None else f"range({code.source(low)}, ({code.atom(low)} + {code.atom(high)}) // 2)"
    return [code.replace(site, new)]


def strided_range(code: Code) -> Edits:
    """`range(n)` becomes `range(0, n, 4)`."""
    site = code.pick(_ranges(code))
    return (
        [
            code.replace(
                site, f"range({', '.join(map(code.source, site.args)) if len(site.args) == 2 else f'0, {code.source(site.args[0])}'}, 4)"
            )
        ]
        if site
        else None
    )


def capped_range(code: Code) -> Edits:
    """`range(n)` becomes `range(min(n, 50))`."""
    site = code.pick([s for s in _ranges(code) if len(s.args) == 1 and not isinstance(s.args[0], ast.Constant)])
    return [code.replace(site, f"range(min({code.source(site.args[0])}, 50))")] if site else None


def range_to_while(code: Code) -> Edits:
    """`for i in range(n)` becomes a `while` whose condition is evaluated every time."""
    for loop in _fors(code):
        if called(loop.iter) != "range" or not isinstance(loop.iter, ast.Call) or len(loop.iter.args) != 1 or loop.orelse:
            continue
        bound = names_in(*loop.body, context=ast.Store)
        if leaves(loop, ast.Continue) or not isinstance(loop.target, ast.Name) or loop.target.id in bound or names_in(loop.iter) & bound:
            continue
        name = loop.target.id if loop.target.id != "_" else code.fresh("count", "step", "turn")
        head = code.header(loop, f"{name} = 0", f"while {name} < {code.source(loop.iter.args[0])}:")
        return [head, code.after(loop.body[-1], f"{name} += 1")]
    return None


def hoisting_undone(code: Code) -> Edits:
    """What is computed once before a loop is computed whenever it turns."""
    for loop in code.loops():
        block = next(b for b in _blocks(code.parents[loop]) if loop in b)
        for statement in block[: block.index(loop)]:
            name = _constant(code, statement)
            if name is None or statement.lineno != statement.end_lineno or not isinstance(statement, ast.Assign | ast.AnnAssign):
                continue
            inside = {n for part in loop.body for n in walk(part)}
            uses = code.uses(name)
            known = names_in(statement.value) if statement.value else set()
            if not any(use in inside for use in uses) or known & names_in(loop, context=ast.Store) or known & code.changed:
                continue
            moved = [code.remove(statement)] if all(use in inside for use in uses) else []
            return [*moved, code.before(loop.body[0], code.source(statement))]
    return None


def inlined_in_comprehension(code: Code) -> Edits:
    """What is computed once before a comprehension is computed for each of its elements."""
    for statement in code.body():
        name = _constant(code, statement)
        if (
            name is None
            or not isinstance(statement, ast.Assign | ast.AnnAssign)
            or not statement.value
            or statement.lineno != statement.end_lineno
        ):
            continue
        known = names_in(statement.value)
        uses = [use for use in code.uses(name) if _per_element(code, use)]
        long = len(uses) * len(code.source(statement.value)) > 100
        if not uses or long or any(code.stored.count(k) > 1 for k in known) or known & code.changed:
            continue
        rest = [] if len(uses) < len(code.uses(name)) else [code.remove(statement)]
        return [*rest, *(code.replace(use, code.atom(statement.value)) for use in uses)]
    return None


def _constant(code: Code, statement: ast.stmt) -> str | None:
    """The name that a statement gives a value that took work to compute and that stays as it is."""
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target] if isinstance(statement, ast.AnnAssign) else []
    value = getattr(statement, "value", None)
    if len(targets) != 1 or not isinstance(targets[0], ast.Name) or value is None:
        return None
    name, work = targets[0].id, [n for n in walk(value) if isinstance(n, (ast.Call, *COMPREHENSIONS))]
    passing = any(called(n) in ("iter", "next", "zip", "map", "filter", "reversed", "enumerate", "pop", "popleft", "input") for n in work)
    parameters = set(code.parameters())
    again = code.stored.count(name) > 1 or name in code.changed or name in parameters or isinstance(value, ast.GeneratorExp)
    return None if not work or passing or again else name


def _per_element(code: Code, use: ast.Name) -> bool:
    """Whether a comprehension (and nothing that computes it once only) evaluates this for each element."""
    node: ast.AST = use
    while node in code.parents and not isinstance(node, ast.stmt):
        above = code.parents[node]
        if isinstance(above, COMPREHENSIONS) and node is not above.generators[0]:
            return True
        if isinstance(above, ast.comprehension) and node is not above.iter:
            return True
        node = above
    return False


def no_break(code: Code) -> Edits:
    """A `break` of a `for` loop is forgotten."""
    for node in code.nodes:
        if not isinstance(node, ast.Break) or any(isinstance(loop, ast.While) for loop in _loops_around(code, node)[:1]):
            continue
        above = code.parents[node]
        loop = _loops_around(code, node)[0]
        if not isinstance(above, ast.If) or above.orelse or loop.orelse or above.lineno == node.lineno:
            continue
        if len(above.body) > 1:
            return [code.remove(node)]
        block = next((b for b in _blocks(code.parents[above]) if above in b), [])
        if len(block) > 1 and not code.source(above).startswith("elif"):
            return [code.remove(above)]
    return None


def no_early_return(code: Code) -> Edits:
    """A loop goes on after the answer is found, and the answer is returned after it."""
    for loop in code.body():
        found = [n for n in walk(loop, inner=False) if isinstance(n, ast.Return)]
        around = [outer for n in found for outer in _loops_around(code, n)]
        if not found or not isinstance(loop, ast.For) or loop.orelse or any(isinstance(outer, ast.While) for outer in around):
            continue
        if code.body()[-1] is loop or not all(n.value and loop.lineno < n.lineno for n in found):
            continue
        if any(code.lines[n.lineno - 1] + n.col_offset != code.start(n) or _shares_line(code, n) for n in found):
            continue
        name = code.fresh("found", "answer", "result")
        places = [(code.start(n), code.start(n) + len("return"), f"{name} =") for n in found]
        return [code.before(loop, f"{name} = None"), *places, code.after(loop, f"if {name} is not None:", f"    return {name}")]
    return None


def _shares_line(code: Code, statement: ast.stmt) -> bool:
    return bool(code.data[code.lines[statement.lineno - 1] : code.start(statement)].strip())


def _loops_around(code: Code, node: ast.AST) -> list[Loop]:
    found = []
    while node in code.parents and not isinstance(node, ast.FunctionDef):
        node = code.parents[node]
        if isinstance(node, Loop):
            found.append(node)
    return found


def _blocks(node: ast.AST) -> list[list[ast.stmt]]:
    return [block for name in ("body", "orelse", "finalbody") if isinstance(block := getattr(node, name, None), list)]
