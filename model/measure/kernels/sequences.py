"""Lists, sets, dictionaries and queues."""

from __future__ import annotations

import bisect
import copy
import heapq
import itertools
from collections import Counter, OrderedDict, defaultdict, deque
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def two_lists(n: int, random: Random) -> tuple[Any, ...]:
    return [random.randrange(n * 4) for _ in range(n)], [random.randrange(n * 4) for _ in range(n)]


def common_items(xs: list[int], ys: list[int]) -> list[int]:
    return [x for x in xs if x in ys]


def shared_values(xs: list[int], ys: list[int]) -> list[int]:
    known = set(ys)
    return [x for x in xs if x in known]


def merge_common(xs: list[int], ys: list[int]) -> list[int]:
    xs, ys = sorted(xs), sorted(ys)
    i = j = 0
    found = []
    while i < len(xs) and j < len(ys):
        if xs[i] == ys[j]:
            found.append(xs[i])
            i += 1
            j += 1
        elif xs[i] < ys[j]:
            i += 1
        else:
            j += 1
    return found


def one_list(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.randrange(max(2, n // 2)) for _ in range(n)],)


def unique_in_order(values: list[int]) -> list[int]:
    seen: list[int] = []
    for value in values:
        if value not in seen:
            seen.append(value)
    return seen


def drop_duplicates(values: list[int]) -> list[int]:
    seen = set()
    out = []
    for value in values:
        if value not in seen:
            seen.add(value)
            out.append(value)
    return out


def distinct(values: list[int]) -> list[int]:
    return list(dict.fromkeys(values))


def count_each(values: list[int]) -> dict[int, int]:
    return {value: values.count(value) for value in values}


def tally(values: list[int]) -> dict[int, int]:
    counts: dict[int, int] = defaultdict(int)
    for value in values:
        counts[value] += 1
    return counts


def frequencies(values: list[int]) -> Counter[int]:
    return Counter(values)


def drain_front(values: list[int]) -> int:
    queue = list(values)
    total = 0
    while queue:
        total += queue.pop(0)
    return total


def drain_queue(values: list[int]) -> int:
    queue = deque(values)
    total = 0
    while queue:
        total += queue.popleft()
    return total


def prepend_all(values: list[int]) -> list[int]:
    out: list[int] = []
    for value in values:
        out.insert(0, value)
    return out


def reversed_copy(values: list[int]) -> list[int]:
    return values[::-1]


def rebuild_by_adding(values: list[int]) -> list[int]:
    out: list[int] = []
    for value in values:
        out = out + [value]
    return out


def rebuild_by_appending(values: list[int]) -> list[int]:
    out = []
    for value in values:
        out.append(value)
    return out


def running_totals(values: list[int]) -> list[int]:
    return [sum(values[: i + 1]) for i in range(len(values))]


def accumulate_totals(values: list[int]) -> list[int]:
    return list(itertools.accumulate(values))


def running_sum_loop(values: list[int]) -> list[int]:
    total = 0
    totals = []
    for value in values:
        total += value
        totals.append(total)
    return totals


def pair_with_sum(values: list[int]) -> tuple[int, int] | None:
    target = -1
    for i in range(len(values)):
        for j in range(i + 1, len(values)):
            if values[i] + values[j] == target:
                return i, j
    return None


def pair_with_sum_by_table(values: list[int]) -> tuple[int, int] | None:
    target = -1
    places: dict[int, int] = {}
    for i, value in enumerate(values):
        if target - value in places:
            return places[target - value], i
        places[value] = i
    return None


def bubble(values: list[int]) -> list[int]:
    out = values[:]
    for end in range(len(out), 1, -1):
        for i in range(end - 1):
            if out[i] > out[i + 1]:
                out[i], out[i + 1] = out[i + 1], out[i]
    return out


def insertion(values: list[int]) -> list[int]:
    out = values[:]
    for i in range(1, len(out)):
        value = out[i]
        j = i
        while j and out[j - 1] > value:
            out[j] = out[j - 1]
            j -= 1
        out[j] = value
    return out


def quick(values: list[int]) -> list[int]:
    if len(values) < 2:
        return values
    pivot = values[len(values) // 2]
    less = [v for v in values if v < pivot]
    more = [v for v in values if v > pivot]
    return quick(less) + [v for v in values if v == pivot] + quick(more)


def merge_sorted_halves(values: list[int]) -> list[int]:
    if len(values) < 2:
        return values
    middle = len(values) // 2
    left, right = merge_sorted_halves(values[:middle]), merge_sorted_halves(values[middle:])
    out = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            out.append(left[i])
            i += 1
        else:
            out.append(right[j])
            j += 1
    return out + left[i:] + right[j:]


def in_order(values: list[int]) -> list[int]:
    return sorted(values)


def heap_order(values: list[int]) -> list[int]:
    heap = list(values)
    heapq.heapify(heap)
    return [heapq.heappop(heap) for _ in range(len(heap))]


def keep_sorted(values: list[int]) -> list[int]:
    out: list[int] = []
    for value in values:
        bisect.insort(out, value)
    return out


def sort_each_time(values: list[int]) -> list[int]:
    out: list[int] = []
    for value in values:
        out.append(value)
        out.sort()
    return out


def ten_largest(values: list[int]) -> list[int]:
    return sorted(values, reverse=True)[:10]


def top_by_heap(values: list[int]) -> list[int]:
    return heapq.nlargest(10, values)


def top_by_removal(values: list[int]) -> list[int]:
    rest = list(values)
    best = []
    for _ in range(min(10, len(rest))):
        largest = max(rest)
        rest.remove(largest)
        best.append(largest)
    return best


def window_maxima(values: list[int]) -> list[int]:
    width = max(1, len(values) // 10)
    return [max(values[i : i + width]) for i in range(len(values) - width + 1)]


def window_maxima_by_queue(values: list[int]) -> list[int]:
    width = max(1, len(values) // 10)
    queue: deque[int] = deque()
    out = []
    for i, value in enumerate(values):
        while queue and values[queue[-1]] <= value:
            queue.pop()
        queue.append(i)
        if queue[0] <= i - width:
            queue.popleft()
        if i >= width - 1:
            out.append(values[queue[0]])
    return out


def flatten_pairs(values: list[int]) -> list[int]:
    nested = [[value, value] for value in values]
    return sum(nested, [])


def flatten_chain(values: list[int]) -> list[int]:
    nested = [[value, value] for value in values]
    return list(itertools.chain.from_iterable(nested))


def group_pairs(values: list[int]) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = {}
    for index, value in enumerate(values):
        groups.setdefault(value % 10, []).append(index)
    return groups


def group_by_filter(values: list[int]) -> dict[int, list[int]]:
    return {digit: [i for i, value in enumerate(values) if value % 10 == digit] for digit in range(10)}


def merge_dicts_in_loop(values: list[int]) -> dict[int, int]:
    out: dict[int, int] = {}
    for value in values:
        out = {**out, value: 1}
    return out


def update_dict_in_loop(values: list[int]) -> dict[int, int]:
    out: dict[int, int] = {}
    for value in values:
        out[value] = 1
    return out


def copies_in_loop(values: list[int]) -> int:
    total = 0
    for i in range(len(values)):
        snapshot = copy.copy(values)
        total += snapshot[i]
    return total


def deep_copies_in_loop(values: list[int]) -> int:
    total = 0
    for i in range(len(values)):
        snapshot = copy.deepcopy(values)
        total += snapshot[i]
    return total


def no_copies(values: list[int]) -> int:
    total = 0
    for i in range(len(values)):
        total += values[i]
    return total


def recently_used(values: list[int]) -> int:
    cache: OrderedDict[int, int] = OrderedDict()
    hits = 0
    for value in values:
        if value in cache:
            cache.move_to_end(value)
            hits += 1
        else:
            cache[value] = value
            if len(cache) > 128:
                cache.popitem(last=False)
    return hits


def recently_used_list(values: list[int]) -> int:
    cache: list[int] = []
    hits = 0
    for value in values:
        if value in cache:
            cache.remove(value)
            hits += 1
        elif len(cache) >= 128:
            cache.pop(0)
        cache.append(value)
    return hits


def intervals(n: int, random: Random) -> tuple[Any, ...]:
    starts = [random.randrange(n * 10) for _ in range(n)]
    return ([(start, start + random.randrange(1, 12)) for start in starts],)


def merge_intervals(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def overlapping_pairs(spans: list[tuple[int, int]]) -> int:
    count = 0
    for i, (a, b) in enumerate(spans):
        for c, d in spans[i + 1 :]:
            if a < d and c < b:
                count += 1
    return count


def rows(n: int, random: Random) -> tuple[Any, ...]:
    return ([{"id": i, "group": random.randrange(20), "score": random.random(), "name": f"row {i}"} for i in range(n)],)


def sort_records(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(records, key=lambda record: (record["group"], -record["score"]))


def best_per_group(records: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    best: dict[int, dict[str, Any]] = {}
    for record in records:
        held = best.get(record["group"])
        if held is None or record["score"] > held["score"]:
            best[record["group"]] = record
    return best


def average_scores(records: list[dict[str, Any]]) -> dict[int, float]:
    groups = {record["group"] for record in records}
    return {
        group: sum(r["score"] for r in records if r["group"] == group) / sum(1 for r in records if r["group"] == group) for group in groups
    }


def join_records(records: list[dict[str, Any]]) -> list[tuple[int, int]]:
    return [(a["id"], b["id"]) for a in records for b in records if a["group"] == b["group"] and a["id"] < b["id"]]


FAMILIES = [
    Family("common", two_lists, (common_items, shared_values, merge_common)),
    Family("unique", one_list, (unique_in_order, drop_duplicates, distinct)),
    Family("counting", one_list, (count_each, tally, frequencies)),
    Family("draining", one_list, (drain_front, drain_queue)),
    Family("prepending", one_list, (prepend_all, reversed_copy)),
    Family("rebuilding", one_list, (rebuild_by_adding, rebuild_by_appending)),
    Family("running-totals", one_list, (running_totals, accumulate_totals, running_sum_loop)),
    Family("pair-with-sum", one_list, (pair_with_sum, pair_with_sum_by_table)),
    Family("sorting", one_list, (bubble, insertion, quick, merge_sorted_halves, in_order, heap_order)),
    Family("keeping-sorted", one_list, (keep_sorted, sort_each_time)),
    Family("ten-largest", one_list, (ten_largest, top_by_heap, top_by_removal)),
    Family("window-maxima", one_list, (window_maxima, window_maxima_by_queue)),
    Family("flattening", one_list, (flatten_pairs, flatten_chain)),
    Family("grouping", one_list, (group_pairs, group_by_filter)),
    Family("dict-building", one_list, (merge_dicts_in_loop, update_dict_in_loop)),
    Family("copying", one_list, (copies_in_loop, deep_copies_in_loop, no_copies)),
    Family("recently-used", one_list, (recently_used, recently_used_list)),
    Family("intervals", intervals, (merge_intervals, overlapping_pairs)),
    Family("records", rows, (sort_records, best_per_group, average_scores, join_records)),
]
