"""Accounts, stock, votes and the replay of what happened."""

from __future__ import annotations

import bisect
import heapq
from collections import Counter, deque
from datetime import datetime
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def transfers(n: int, random: Random) -> tuple[Any, ...]:
    names = [f"acc{i}" for i in range(n // 5 + 2)]
    return ([(*random.sample(names, 2), random.randrange(1, 500)) for _ in range(n)],)


def balances_by_dict(moves: list[tuple[str, str, int]]) -> dict[str, int]:
    balance: dict[str, int] = {}
    for payer, payee, amount in moves:
        balance[payer] = balance.get(payer, 0) - amount
        balance[payee] = balance.get(payee, 0) + amount
    return balance


def balances_by_account(moves: list[tuple[str, str, int]]) -> dict[str, int]:
    accounts = {name for move in moves for name in move[:2]}
    return {a: sum(m[2] for m in moves if m[1] == a) - sum(m[2] for m in moves if m[0] == a) for a in accounts}


def balances_with_history(moves: list[tuple[str, str, int]]) -> dict[str, int]:
    states: dict[str, int] = {}
    for payer, payee, amount in moves:
        states = states.copy()
        states[payer] = states.setdefault(payer, 0) - amount
        states[payee] = states.setdefault(payee, 0) + amount
    return states


def balances_by_sorting(moves: list[tuple[str, str, int]]) -> dict[str, int]:
    entries = sorted([(m[0], -m[2]) for m in moves] + [(m[1], m[2]) for m in moves])
    out: dict[str, int] = {}
    for name, amount in entries:
        out[name] = out[name] + amount if name in out else amount
    return out


def takings(n: int, random: Random) -> tuple[Any, ...]:
    days = sorted(random.randrange(n * 2) for _ in range(n))
    spans = [sorted((random.randrange(n * 2), random.randrange(n * 2))) for _ in range(n // 3 + 1)]
    return [(day, random.randrange(1, 100)) for day in days], [(first, last) for first, last in spans]


def takings_by_scan(sold: list[tuple[int, int]], spans: list[tuple[int, int]]) -> list[int]:
    return [sum(amount for day, amount in sold if first <= day <= last) for first, last in spans]


def takings_by_sums(sold: list[tuple[int, int]], spans: list[tuple[int, int]]) -> list[int]:
    days, upto = [], [0]
    for day, amount in sold:
        days.append(day)
        upto.append(upto[-1] + amount)
    return [upto[bisect.bisect_right(days, last)] - upto[bisect.bisect_left(days, first)] for first, last in spans]


def takings_by_slices(sold: list[tuple[int, int]], spans: list[tuple[int, int]]) -> list[int]:
    out = []
    for first, last in spans:
        low = bisect.bisect_left(sold, (first, 0))
        high = bisect.bisect_left(sold, (last + 1, 0))
        out.append(sum(amount for _, amount in sold[low:high]))
    return out


def takings_day_by_day(sold: list[tuple[int, int]], spans: list[tuple[int, int]]) -> list[int]:
    per_day: Counter[int] = Counter()
    for day, amount in sold:
        per_day[day] += amount
    return [sum(per_day[day] for day in range(first, last + 1)) for first, last in spans]


def edits(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.choice(("undo", "w1", "w22", "w333", "w4444")) for _ in range(n)],)


def typed_with_stack(commands: list[str]) -> str:
    pieces: list[str] = []
    for command in commands:
        if command != "undo":
            pieces.append(command[1:])
        elif pieces:
            pieces.pop()
    return "".join(pieces)


def typed_with_snapshots(commands: list[str]) -> str:
    states = [""]
    for command in commands:
        if command != "undo":
            states.append(states[-1] + command[1:])
        elif len(states) > 1:
            states.pop()
    return states[-1]


def typed_with_list_copies(commands: list[str]) -> str:
    history: list[list[str]] = [[]]
    for command in commands:
        if command == "undo":
            history = history[:-1] or [[]]
        else:
            history.append(history[-1] + [command[1:]])
    return "".join(history[-1])


def typed_backwards(commands: list[str]) -> str:
    kept, skip = [], 0
    for command in reversed(commands):
        if command == "undo":
            skip += 1
        elif skip:
            skip -= 1
        else:
            kept.append(command[1:])
    return "".join(kept[::-1])


def store_moves(n: int, random: Random) -> tuple[Any, ...]:
    moves, held = [], 0
    for _ in range(n):
        quantity = random.randrange(1, 30)
        if held >= quantity and random.random() < 0.5:
            moves.append(("out", quantity, 0))
            held -= quantity
        else:
            moves.append(("in", quantity, random.randrange(1, 20)))
            held += quantity
    return (moves,)


def cost_with_lots(moves: list[tuple[str, int, int]]) -> int:
    lots: deque[tuple[int, int]] = deque()
    cost = 0
    for kind, quantity, price in moves:
        if kind == "in":
            lots.append((quantity, price))
            continue
        while quantity:
            held, paid = lots.popleft()
            used = min(held, quantity)
            cost += used * paid
            quantity -= used
            if held > used:
                lots.appendleft((held - used, paid))
    return cost


def cost_unit_by_unit(moves: list[tuple[str, int, int]]) -> int:
    units: list[int] = []
    cost = 0
    for kind, quantity, price in moves:
        if kind == "in":
            units += [price] * quantity
        else:
            for _ in range(quantity):
                cost += units.pop(0)
    return cost


def cost_by_slicing(moves: list[tuple[str, int, int]]) -> int:
    units: list[int] = []
    cost = 0
    for kind, quantity, price in moves:
        if kind == "in":
            units = units + [price] * quantity
        else:
            cost += sum(units[:quantity])
            units = units[quantity:]
    return cost


def cost_of_first_units(moves: list[tuple[str, int, int]]) -> int:
    left = sum(quantity for kind, quantity, _ in moves if kind == "out")
    cost = 0
    for kind, quantity, price in moves:
        if kind == "in":
            used = min(quantity, left)
            cost += used * price
            left -= used
            if not left:
                break
    return cost


def happenings(n: int, random: Random) -> tuple[Any, ...]:
    def event(i: int) -> dict[str, Any]:
        kind = random.choice(("set", "set", "set", "delete"))
        return {"kind": kind, "key": f"e{random.randrange(n // 3 + 1)}", "value": i}

    return ([event(i) for i in range(n)],)


def state_forwards(events: list[dict[str, Any]]) -> dict[str, int]:
    state: dict[str, int] = {}
    for event in events:
        if event["kind"] == "set":
            state[event["key"]] = event["value"]
        else:
            state.pop(event["key"], None)
    return state


def state_backwards(events: list[dict[str, Any]]) -> dict[str, int]:
    settled: set[str] = set()
    state = {}
    for event in reversed(events):
        if event["key"] in settled:
            continue
        settled.add(event["key"])
        if event["kind"] == "set":
            state[event["key"]] = event["value"]
    return state


def state_in_pairs(events: list[dict[str, Any]]) -> dict[str, int]:
    pairs: list[tuple[str, int]] = []
    for event in events:
        pairs = [pair for pair in pairs if pair[0] != event["key"]]
        if event["kind"] == "set":
            pairs.append((event["key"], event["value"]))
    return dict(pairs)


def state_key_by_key(events: list[dict[str, Any]]) -> dict[str, int]:
    state = {}
    for key in {event["key"] for event in events}:
        last = [event for event in events if event["key"] == key][-1]
        if last["kind"] == "set":
            state[key] = last["value"]
    return state


def debts(n: int, random: Random) -> tuple[Any, ...]:
    nets = [random.randrange(-1000, 1000) for _ in range(n)]
    nets[0] -= sum(nets)
    return (nets,)


def settled_with_heaps(nets: list[int]) -> list[int]:
    owed = [-net for net in nets if net > 0]
    owing = [net for net in nets if net < 0]
    heapq.heapify(owed)
    heapq.heapify(owing)
    paid = []
    while owed and owing:
        credit, debit = -heapq.heappop(owed), -heapq.heappop(owing)
        amount = min(credit, debit)
        paid.append(amount)
        if credit > amount:
            heapq.heappush(owed, amount - credit)
        if debit > amount:
            heapq.heappush(owing, amount - debit)
    return paid


def settled_with_extremes(nets: list[int]) -> list[int]:
    open_nets = list(nets)
    paid = []
    while any(open_nets):
        richest = open_nets.index(max(open_nets))
        poorest = open_nets.index(min(open_nets))
        amount = min(open_nets[richest], -open_nets[poorest])
        open_nets[richest] -= amount
        open_nets[poorest] += amount
        paid.append(amount)
    return paid


def settled_with_sorting(nets: list[int]) -> list[int]:
    rest = sorted(net for net in nets if net)
    paid = []
    while rest:
        amount = min(rest[-1], -rest[0])
        paid.append(amount)
        rest[-1] -= amount
        rest[0] += amount
        rest = sorted(net for net in rest if net)
    return paid


def receipts(n: int, random: Random) -> tuple[Any, ...]:
    return ([(f"2024-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}", random.randrange(900)) for _ in range(n)],)


def months_by_slicing(lines: list[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for day, amount in lines:
        sums[day[:7]] = sums.get(day[:7], 0) + amount
    return sums


def months_by_dates(lines: list[tuple[str, int]]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for day, amount in lines:
        when = datetime.strptime(day, "%Y-%m-%d")
        sums[when.strftime("%Y-%m")] += amount
    return dict(sums)


def months_by_iso_dates(lines: list[tuple[str, int]]) -> dict[str, int]:
    sums: dict[tuple[int, int], int] = {}
    for day, amount in lines:
        when = datetime.fromisoformat(day)
        key = when.year, when.month
        sums[key] = sums.get(key, 0) + amount
    return {f"{year}-{month:02}": amount for (year, month), amount in sums.items()}


def months_by_month(lines: list[tuple[str, int]]) -> dict[str, int]:
    return {month: sum(amount for day, amount in lines if day.startswith(month)) for month in sorted({day[:7] for day, _ in lines})}


def ballots(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.choice(("ann", "bob", "cy", "dee", "eve")) for _ in range(n)],)


def leaders_running(votes: list[str]) -> list[str]:
    counts: dict[str, int] = {}
    leader = votes[0]
    leaders = []
    for vote in votes:
        counts[vote] = counts.get(vote, 0) + 1
        if counts[vote] > counts[leader]:
            leader = vote
        leaders.append(leader)
    return leaders


def leaders_recounted(votes: list[str]) -> list[str]:
    leaders = [votes[0]]
    for i in range(1, len(votes)):
        sofar = votes[: i + 1]
        challenger = votes[i]
        leaders.append(challenger if sofar.count(challenger) > sofar.count(leaders[-1]) else leaders[-1])
    return leaders


def leaders_with_counters(votes: list[str]) -> list[str]:
    leaders: list[str] = []
    for i, vote in enumerate(votes):
        counts = Counter(votes[: i + 1])
        held = leaders[-1] if leaders else vote
        leaders.append(vote if counts[vote] > counts[held] else held)
    return leaders


FAMILIES = [
    Family("account-balances", transfers, (balances_by_dict, balances_by_account, balances_with_history, balances_by_sorting), 100_000),
    Family("takings", takings, (takings_by_scan, takings_by_sums, takings_by_slices, takings_day_by_day), 100_000),
    Family("undone-edits", edits, (typed_with_stack, typed_with_snapshots, typed_with_list_copies, typed_backwards), 3_000),
    Family("stock-cost", store_moves, (cost_with_lots, cost_unit_by_unit, cost_by_slicing, cost_of_first_units), 100_000),
    Family("event-replay", happenings, (state_forwards, state_backwards, state_in_pairs, state_key_by_key), 100_000),
    Family("settled-debts", debts, (settled_with_heaps, settled_with_extremes, settled_with_sorting), 100_000),
    Family("months", receipts, (months_by_slicing, months_by_dates, months_by_iso_dates, months_by_month), 100_000),
    Family("vote-leaders", ballots, (leaders_running, leaders_recounted, leaders_with_counters), 100_000),
]
