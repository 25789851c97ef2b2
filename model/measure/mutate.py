"""Mutations: text of a function -> text of the same function with another cost, as a programmer might commit it.

A mutant need not be right; it has to run and to end. What a name does stays as it is once rows hold it: their texts are made again from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from rlm_lsp.model.measure import mutate_loops as loops
from rlm_lsp.model.measure import mutate_values as values
from rlm_lsp.model.measure.code_edits import Code, Edit

Mutation = Callable[[Code], list[Edit] | None]

MUTATIONS: Mapping[str, Mutation] = {
    "append-by-adding": values.append_by_adding,
    "array-round-trip": values.array_round_trip,
    "bisect-by-counting": values.bisect_by_counting,
    "body-3-times": partial(loops.repeat_body, times=3),
    "body-10-times": partial(loops.repeat_body, times=10),
    "body-for-each": partial(loops.repeat_body, times=None),
    "capped-range": loops.capped_range,
    "check-in-loop": loops.check_in_loop,
    "comprehension-to-loop": values.comprehension_to_loop,
    "copied-at-entry": values.copied_at_entry,
    "copy-in-loop": loops.copy_in_loop,
    "count-in-loop": loops.count_in_loop,
    "counted-one-by-one": values.counted_one_by_one,
    "debug-string-in-loop": loops.debug_string_in_loop,
    "deque-to-list": values.deque_to_list,
    "enumerate-to-index": loops.enumerate_to_index,
    "extreme-by-sorting": values.extreme_by_sorting,
    "first-100": partial(values.first_of_input, share="100"),
    "first-half": partial(values.first_of_input, share=" len({0}) // 2 + 1"),
    "half-range": loops.half_range,
    "heap-to-sorted-list": values.heap_to_sorted_list,
    "hoisting-undone": loops.hoisting_undone,
    "inlined-in-comprehension": loops.inlined_in_comprehension,
    "iterate-by-index": loops.iterate_by_index,
    "iterate-over-copy": loops.iterate_over_copy,
    "iterate-over-slice": loops.iterate_over_slice,
    "join-by-adding": values.join_by_adding,
    "list-in-reduction": values.list_in_reduction,
    "member-of-fresh-list": values.member_of_fresh_list,
    "no-break": loops.no_break,
    "no-early-return": loops.no_early_return,
    "no-memory": values.no_memory,
    "range-to-while": loops.range_to_while,
    "reduced-in-python": values.reduced_in_python,
    "set-to-list": values.set_to_list,
    "slice-for-index": values.slice_for_index,
    "sort-in-loop": loops.sort_in_loop,
    "sorted-after-append": values.sorted_after_append,
    "strided-range": loops.strided_range,
    "work-3-times": partial(loops.repeat_work, times=3),
    "work-for-each": partial(loops.repeat_work, times=None),
}


def mutated(text: str, mutation: str) -> str | None:
    """Return a function's text after a mutation, or ``None`` where it does not apply.

    `text` is the whole lines of one plain `def` in column 0. Raises KeyError for a mutation that does not exist.
    """
    return _after(Code(text), MUTATIONS[mutation])


def mutants(text: str, names: Iterable[str] = MUTATIONS) -> Iterator[tuple[str, str]]:
    """Each of the mutations that applies to a function, with what it makes of it; of two that make the same text, the first."""
    code = Code(text)  # parsed once for all of them
    made = set()
    for name in names:
        new = _after(code, MUTATIONS[name])
        if new is not None and new not in made:
            made.add(new)
            yield name, new


def _after(code: Code, mutation: Mutation) -> str | None:
    try:
        edits = mutation(code)
        if not edits:
            return None
        new = code.edited(edits)
        compile(new, "<mutant>", "exec")
    except (SyntaxError, ValueError):  # no plain def, or a place that the edits did not foresee
        return None
    return None if new == code.text else new
