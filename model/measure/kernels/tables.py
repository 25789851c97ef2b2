"""Lists of records: joins, groups, pivots, pages and orders."""

from __future__ import annotations

import functools
import heapq
import itertools
import statistics
from bisect import bisect_left
from collections import defaultdict
from operator import itemgetter
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def shop(n: int, random: Random) -> tuple[Any, ...]:
    customers = [{"id": i, "name": f"customer {i}", "town": random.choice("xyz")} for i in random.sample(range(n * 3), n)]
    orders = [{"number": i, "customer": random.randrange(n * 3), "total": random.randrange(500)} for i in range(n * 2)]
    return customers, orders


def join_by_nested_loops(customers: list[dict[str, Any]], orders: list[dict[str, Any]]) -> list[tuple[int, str]]:
    joined = []
    for order in orders:
        for customer in customers:
            if customer["id"] == order["customer"]:
                joined.append((order["number"], customer["name"]))
    return joined


def join_by_index(customers: list[dict[str, Any]], orders: list[dict[str, Any]]) -> list[tuple[int, str]]:
    by_id = {c["id"]: c for c in customers}
    return [(o["number"], by_id[o["customer"]]["name"]) for o in orders if o["customer"] in by_id]


def join_by_first_match(customers: list[dict[str, Any]], orders: list[dict[str, Any]]) -> list[tuple[int, str]]:
    pairs = []
    for order in orders:
        match = next((c for c in customers if c["id"] == order["customer"]), None)
        if match is not None:
            pairs.append((order["number"], match["name"]))
    return pairs


def join_by_merging(customers: list[dict[str, Any]], orders: list[dict[str, Any]]) -> list[tuple[int, str]]:
    left = sorted(customers, key=itemgetter("id"))
    right = sorted(orders, key=itemgetter("customer"))
    pairs = []
    i = 0
    for order in right:
        while i < len(left) and left[i]["id"] < order["customer"]:
            i += 1
        if i < len(left) and left[i]["id"] == order["customer"]:
            pairs.append((order["number"], left[i]["name"]))
    return sorted(pairs)


def revisions(n: int, random: Random) -> tuple[Any, ...]:
    order = random.sample(range(n), n)
    return ([(f"doc{random.randrange(n // 3 + 1)}", version, random.random()) for version in order],)


def newest_by_dict(rows: list[tuple[str, int, float]]) -> list[tuple[str, int, float]]:
    newest: dict[str, tuple[str, int, float]] = {}
    for row in rows:
        if row[0] not in newest or newest[row[0]][1] < row[1]:
            newest[row[0]] = row
    return sorted(newest.values())


def newest_by_sorting(rows: list[tuple[str, int, float]]) -> list[tuple[str, int, float]]:
    ordered = sorted(rows)
    return [row for i, row in enumerate(ordered) if i + 1 == len(ordered) or ordered[i + 1][0] != row[0]]


def newest_by_comparing(rows: list[tuple[str, int, float]]) -> list[tuple[str, int, float]]:
    kept = [row for row in rows if not any(other[0] == row[0] and other[1] > row[1] for other in rows)]
    kept.sort(key=lambda row: row[0])
    return kept


def newest_by_groupby(rows: list[tuple[str, int, float]]) -> list[tuple[str, int, float]]:
    groups = itertools.groupby(sorted(rows, key=itemgetter(0)), key=itemgetter(0))
    return [max(group, key=itemgetter(1)) for _, group in groups]


def sales(n: int, random: Random) -> tuple[Any, ...]:
    regions = [f"region{i}" for i in range(12)]
    return ([(random.choice(regions), random.randrange(1, 13), random.randrange(1000)) for _ in range(n)],)


def pivot_with_defaults(rows: list[tuple[str, int, int]]) -> dict[str, dict[int, int]]:
    table: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for region, month, amount in rows:
        table[region][month] += amount
    return {region: dict(months) for region, months in table.items()}


def pivot_cell_by_cell(rows: list[tuple[str, int, int]]) -> dict[str, dict[int, int]]:
    table: dict[str, dict[int, int]] = {}
    for region in {r for r, _, _ in rows}:
        months = {m for r, m, _ in rows if r == region}
        table[region] = {month: sum(a for r, m, a in rows if r == region and m == month) for month in months}
    return table


def pivot_by_pair(rows: list[tuple[str, int, int]]) -> dict[str, dict[int, int]]:
    sums: dict[tuple[str, int], int] = {}
    for region, month, amount in rows:
        sums[region, month] = sums.get((region, month), 0) + amount
    out: dict[str, dict[int, int]] = {}
    for (region, month), total_amount in sums.items():
        out.setdefault(region, {})[month] = total_amount
    return out


def pivot_after_sorting(rows: list[tuple[str, int, int]]) -> dict[str, dict[int, int]]:
    out: dict[str, dict[int, int]] = {}
    for region, group in itertools.groupby(sorted(rows), key=lambda row: row[0]):
        out[region] = {m: sum(r[2] for r in cells) for m, cells in itertools.groupby(group, key=lambda row: row[1])}
    return out


def listing(n: int, random: Random) -> tuple[Any, ...]:
    return [f"entry {random.randrange(10**6)}" for _ in range(n)], max(0, n // 20), 10


def page_by_slice(entries: list[str], page: int, size: int) -> list[str]:
    return entries[page * size : page * size + size]


def page_by_skipping(entries: list[str], page: int, size: int) -> list[str]:
    stream = iter(entries)
    for _ in range(page * size):
        next(stream, None)
    return list(itertools.islice(stream, size))


def page_of_all_pages(entries: list[str], page: int, size: int) -> list[str]:
    pages = [entries[i : i + size] for i in range(0, len(entries), size)]
    return pages[page]


def page_by_dropping(entries: list[str], page: int, size: int) -> list[str]:
    rest = list(entries)
    for _ in range(page):
        rest = rest[size:]
    return rest[:size]


def staff(n: int, random: Random) -> tuple[Any, ...]:
    return ([(random.choice("abcdefgh"), random.randrange(18, 65), f"person {i}") for i in range(n)],)


def staff_by_key(people: list[tuple[str, int, str]]) -> list[tuple[str, int, str]]:
    return sorted(people, key=lambda p: (p[0], -p[1], p[2]))


def staff_by_three_sorts(people: list[tuple[str, int, str]]) -> list[tuple[str, int, str]]:
    out = sorted(people, key=itemgetter(2))
    out.sort(key=itemgetter(1), reverse=True)
    out.sort(key=itemgetter(0))
    return out


def staff_by_comparison(people: list[tuple[str, int, str]]) -> list[tuple[str, int, str]]:
    def compare(a: tuple[str, int, str], b: tuple[str, int, str]) -> int:
        if a[0] != b[0]:
            return -1 if a[0] < b[0] else 1
        if a[1] != b[1]:
            return b[1] - a[1]
        return (a[2] > b[2]) - (a[2] < b[2])

    return sorted(people, key=functools.cmp_to_key(compare))


def staff_by_selection(people: list[tuple[str, int, str]]) -> list[tuple[str, int, str]]:
    waiting = list(people)
    out = []
    while waiting:
        first = min(waiting, key=lambda p: (p[0], -p[1], p[2]))
        waiting.remove(first)
        out.append(first)
    return out


def mailing(n: int, random: Random) -> tuple[Any, ...]:
    addresses = [f"user{random.randrange(n * 2)}@example.org" for _ in range(n)]
    unsubscribed = [f"user{random.randrange(n * 2)}@example.org" for _ in range(n // 4 + 1)]
    return addresses, unsubscribed


def still_subscribed_list(addresses: list[str], unsubscribed: list[str]) -> list[str]:
    return [a for a in addresses if a not in unsubscribed]


def still_subscribed_set(addresses: list[str], unsubscribed: list[str]) -> list[str]:
    gone = {a.lower() for a in unsubscribed}
    return [a for a in addresses if a.lower() not in gone]


def still_subscribed_bisect(addresses: list[str], unsubscribed: list[str]) -> list[str]:
    gone = sorted(unsubscribed)
    kept = []
    for address in addresses:
        i = bisect_left(gone, address)
        if i == len(gone) or gone[i] != address:
            kept.append(address)
    return kept


def still_subscribed_filtering(addresses: list[str], unsubscribed: list[str]) -> list[str]:
    kept = addresses
    for gone in unsubscribed:
        kept = [a for a in kept if a != gone]
    return kept


def results(n: int, random: Random) -> tuple[Any, ...]:
    return ([{"team": f"t{random.randrange(n // 10 + 2)}", "points": random.randrange(10**6)} for _ in range(n)],)


def best_three_sorted(rows: list[dict[str, Any]]) -> dict[str, list[int]]:
    teams: dict[str, list[int]] = {}
    for row in sorted(rows, key=lambda r: r["points"], reverse=True):
        best = teams.setdefault(row["team"], [])
        if len(best) < 3:
            best.append(row["points"])
    return teams


def best_three_heaps(rows: list[dict[str, Any]]) -> dict[str, list[int]]:
    heaps: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        heap = heaps[row["team"]]
        if len(heap) < 3:
            heapq.heappush(heap, row["points"])
        elif row["points"] > heap[0]:
            heapq.heapreplace(heap, row["points"])
    return {team: sorted(heap, reverse=True) for team, heap in heaps.items()}


def best_three_filtering(rows: list[dict[str, Any]]) -> dict[str, list[int]]:
    teams = {row["team"] for row in rows}
    return {t: heapq.nlargest(3, [row["points"] for row in rows if row["team"] == t]) for t in teams}


def best_three_resorting(rows: list[dict[str, Any]]) -> dict[str, list[int]]:
    teams: dict[str, list[int]] = {}
    for row in rows:
        points = [*teams.get(row["team"], []), row["points"]]
        teams[row["team"]] = sorted(points, reverse=True)[:3]
    return teams


def sensors(n: int, random: Random) -> tuple[Any, ...]:
    return ([{"t": float(i), "heat": random.random() * 40, "damp": random.random()} for i in range(n)],)


def means_by_statistics(rows: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.mean(row[name] for row in rows) for name in rows[0]}


def means_by_columns(rows: list[dict[str, float]]) -> dict[str, float]:
    return {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}


def means_in_one_pass(rows: list[dict[str, float]]) -> dict[str, float]:
    totals = dict.fromkeys(rows[0], 0.0)
    for row in rows:
        for name, value in row.items():
            totals[name] += value
    return {name: value / len(rows) for name, value in totals.items()}


def means_with_dicts(rows: list[dict[str, float]]) -> dict[str, float]:
    totals: dict[str, float] = {}
    for row in rows:
        totals = {name: totals.get(name, 0.0) + row[name] for name in row}
    return {name: totals[name] / len(rows) for name in totals}


def support_tickets(n: int, random: Random) -> tuple[Any, ...]:
    return ([{"id": i, "open": i >= n // 8, "age": random.randrange(90)} for i in range(n)],)


def first_open_by_next(rows: list[dict[str, Any]]) -> int:
    return int(next(row["id"] for row in rows if row["open"]))


def first_open_by_filter(rows: list[dict[str, Any]]) -> int:
    still_open = [row for row in rows if row["open"]]
    return int(still_open[0]["id"])


def first_open_by_min(rows: list[dict[str, Any]]) -> int:
    return min(int(row["id"]) for row in rows if row["open"])


def first_open_by_halving(rows: list[dict[str, Any]]) -> int:
    low, high = 0, len(rows)
    while low < high:
        middle = (low + high) // 2
        if rows[middle]["open"]:
            high = middle
        else:
            low = middle + 1
    return low


FAMILIES = [
    Family("joining-orders", shop, (join_by_nested_loops, join_by_index, join_by_first_match, join_by_merging), 100_000),
    Family("newest-revisions", revisions, (newest_by_dict, newest_by_sorting, newest_by_comparing, newest_by_groupby), 100_000),
    Family("pivots", sales, (pivot_with_defaults, pivot_cell_by_cell, pivot_by_pair, pivot_after_sorting)),
    Family("pages", listing, (page_by_slice, page_by_skipping, page_of_all_pages, page_by_dropping)),
    Family("staff-order", staff, (staff_by_key, staff_by_three_sorts, staff_by_comparison, staff_by_selection), 100_000),
    Family(
        "still-subscribed",
        mailing,
        (still_subscribed_list, still_subscribed_set, still_subscribed_bisect, still_subscribed_filtering),
        100_000,
    ),
    Family("best-three", results, (best_three_sorted, best_three_heaps, best_three_filtering, best_three_resorting), 100_000),
    Family("column-means", sensors, (means_by_statistics, means_by_columns, means_in_one_pass, means_with_dicts), 100_000),
    Family("first-open", support_tickets, (first_open_by_next, first_open_by_filter, first_open_by_min, first_open_by_halving), 100_000),
]
