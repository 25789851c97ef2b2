"""Caches, bounded histories, queues, leaderboards and merged streams."""

from __future__ import annotations

import bisect
import heapq
import itertools
from collections import Counter, deque
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def timed_requests(n: int, random: Random) -> tuple[Any, ...]:
    times = sorted(random.randrange(n * 3) for _ in range(n))
    return [(time, f"page{random.randrange(n // 4 + 2)}") for time in times], 200


def fresh_hits_by_expiry(requests: list[tuple[int, str]], lifetime: int) -> int:
    expires: dict[str, int] = {}
    hits = 0
    for now, page in requests:
        if expires.get(page, -1) > now:
            hits += 1
        else:
            expires[page] = now + lifetime
    return hits


def fresh_hits_with_purging(requests: list[tuple[int, str]], lifetime: int) -> int:
    stored: dict[str, int] = {}
    hits = 0
    for now, page in requests:
        stored = {name: since for name, since in stored.items() if now - since < lifetime}
        if page in stored:
            hits += 1
        else:
            stored[page] = now
    return hits


def fresh_hits_with_queue(requests: list[tuple[int, str]], lifetime: int) -> int:
    ages: deque[tuple[int, str]] = deque()
    live: set[str] = set()
    hits = 0
    for now, page in requests:
        while ages and ages[0][0] + lifetime <= now:
            live.discard(ages.popleft()[1])
        if page in live:
            hits += 1
        else:
            live.add(page)
            ages.append((now, page))
    return hits


def fresh_hits_in_log(requests: list[tuple[int, str]], lifetime: int) -> int:
    loads: list[tuple[int, str]] = []
    hits = 0
    for now, page in requests:
        if any(name == page and now - since < lifetime for since, name in loads):
            hits += 1
        else:
            loads.append((now, page))
    return hits


def page_numbers(n: int, random: Random) -> tuple[Any, ...]:
    return [int(random.random() ** 2 * n) for _ in range(n)], n // 4 + 1


def faults_with_list(wanted: list[int], frames: int) -> int:
    loaded: list[int] = []
    faults = 0
    for page in wanted:
        if page not in loaded:
            faults += 1
            if len(loaded) == frames:
                loaded.pop(0)
            loaded.append(page)
    return faults


def faults_with_deque(wanted: list[int], frames: int) -> int:
    loaded: deque[int] = deque(maxlen=frames)
    faults = 0
    for page in wanted:
        if page not in loaded:
            faults += 1
            loaded.append(page)
    return faults


def faults_with_set_and_queue(wanted: list[int], frames: int) -> int:
    queue: deque[int] = deque()
    loaded: set[int] = set()
    faults = 0
    for page in wanted:
        if page in loaded:
            continue
        faults += 1
        if len(queue) == frames:
            loaded.remove(queue.popleft())
        queue.append(page)
        loaded.add(page)
    return faults


def faults_with_ordered_dict(wanted: list[int], frames: int) -> int:
    loaded: dict[int, None] = {}
    faults = 0
    for page in wanted:
        if page not in loaded:
            faults += 1
            loaded[page] = None
            if len(loaded) > frames:
                del loaded[next(iter(loaded))]
    return faults


def score_updates(n: int, random: Random) -> tuple[Any, ...]:
    return ([(f"player{random.randrange(n // 3 + 3)}", random.randrange(1, 50)) for _ in range(n)],)


def podiums_by_sorting(updates: list[tuple[str, int]]) -> list[str]:
    scores: dict[str, int] = {}
    first = []
    for player, points in updates:
        scores[player] = scores.get(player, 0) + points
        ranking = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
        first.append(ranking[0][0])
    return first


def podiums_by_minimum(updates: list[tuple[str, int]]) -> list[str]:
    scores: Counter[str] = Counter()
    first = []
    for player, points in updates:
        scores[player] += points
        first.append(min(scores, key=lambda name: (-scores[name], name)))
    return first


def podiums_by_lazy_heap(updates: list[tuple[str, int]]) -> list[str]:
    scores: dict[str, int] = {}
    heap: list[tuple[int, str]] = []
    first = []
    for player, points in updates:
        scores[player] = scores.get(player, 0) + points
        heapq.heappush(heap, (-scores[player], player))
        while -heap[0][0] != scores[heap[0][1]]:
            heapq.heappop(heap)
        first.append(heap[0][1])
    return first


def podiums_by_champion(updates: list[tuple[str, int]]) -> list[str]:
    scores: dict[str, int] = {}
    best = (0, "")
    first = []
    for player, points in updates:
        scores[player] = scores.get(player, 0) + points
        best = min(best, (-scores[player], player))
        first.append(best[1])
    return first


def sightings(n: int, random: Random) -> tuple[Any, ...]:
    return [f"user{random.randrange(n // 2 + 1)}" for _ in range(n)], n // 6 + 2


def active_by_sets(users: list[str], span: int) -> list[int]:
    return [len(set(users[max(0, i + 1 - span) : i + 1])) for i in range(len(users))]


def active_by_counts(users: list[str], span: int) -> list[int]:
    counts: dict[str, int] = {}
    out = []
    for i, user in enumerate(users):
        counts[user] = counts.get(user, 0) + 1
        if i >= span:
            gone = users[i - span]
            counts[gone] -= 1
            if not counts[gone]:
                del counts[gone]
        out.append(len(counts))
    return out


def active_by_last_seen(users: list[str], span: int) -> list[int]:
    last: dict[str, int] = {}
    out = []
    for i, user in enumerate(users):
        last[user] = i
        out.append(sum(1 for seen in last.values() if seen > i - span))
    return out


def history_and_news(n: int, random: Random) -> tuple[Any, ...]:
    return deque((random.randrange(1000) for _ in range(n)), maxlen=n), [random.randrange(1000) for _ in range(200)]


def remembered_in_deque(history: deque[int], news: list[int]) -> int:
    kept = deque(history, maxlen=len(history))
    for value in news:
        kept.append(value)
    return sum(kept)


def remembered_in_list(history: deque[int], news: list[int]) -> int:
    kept = list(history)
    for value in news:
        kept.append(value)
        kept.pop(0)
    return sum(kept)


def remembered_by_slices(history: deque[int], news: list[int]) -> int:
    size = len(history)
    kept = list(history)
    for value in news:
        kept = (kept + [value])[-size:]
    return sum(kept)


def remembered_by_difference(history: deque[int], news: list[int]) -> int:
    dropped = itertools.islice(itertools.chain(history, news), len(news))
    return sum(history) + sum(news) - sum(dropped)


def shifts(n: int, random: Random) -> tuple[Any, ...]:
    return deque(f"worker{i}" for i in range(n)), 50


def rota_by_rotating(crew: deque[str], days: int) -> list[str]:
    queue = crew.copy()
    out = []
    for _ in range(days):
        out.append(queue[0])
        queue.rotate(-3)
    return out


def rota_by_positions(crew: deque[str], days: int) -> list[str]:
    names = tuple(crew)
    return [names[3 * day % len(names)] for day in range(days)]


def rota_by_indexing(crew: deque[str], days: int) -> list[str]:
    return [crew[3 * day % len(crew)] for day in range(days)]


def rota_by_rebuilding(crew: deque[str], days: int) -> list[str]:
    names = list(crew)
    out = []
    for _ in range(days):
        out.append(names[0])
        turn = 3 % len(names)
        names = names[turn:] + names[:turn]
    return out


def same_owner(n: int, random: Random) -> tuple[Any, ...]:
    mails = [f"m{i}" for i in range(n)]
    return ([(random.choice(mails), random.choice(mails)) for _ in range(n * 2 // 3 + 1)],)


def owners_by_union(links: list[tuple[str, str]]) -> int:
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for a, b in links:
        parent[root(a)] = root(b)
    return sum(1 for name in parent if parent[name] == name)


def owners_by_merging_sets(links: list[tuple[str, str]]) -> int:
    groups: list[set[str]] = []
    for a, b in links:
        touched = [group for group in groups if a in group or b in group]
        groups = [group for group in groups if group not in touched]
        groups.append({a, b}.union(*touched))
    return len(groups)


def owners_by_relabelling(links: list[tuple[str, str]]) -> int:
    label = {name: i for i, name in enumerate(dict.fromkeys(itertools.chain(*links)))}
    for a, b in links:
        old, new = label[a], label[b]
        if old != new:
            for name, number in label.items():
                if number == old:
                    label[name] = new
    return len(set(label.values()))


def owners_by_visiting(links: list[tuple[str, str]]) -> int:
    near: dict[str, set[str]] = {}
    for a, b in links:
        near.setdefault(a, set()).add(b)
        near.setdefault(b, set()).add(a)
    seen: set[str] = set()
    count = 0
    for start in near:
        if start in seen:
            continue
        count += 1
        stack = [start]
        while stack:
            name = stack.pop()
            if name not in seen:
                seen.add(name)
                stack.extend(near[name] - seen)
    return count


def sorted_streams(n: int, random: Random) -> tuple[Any, ...]:
    return ([sorted(random.random() for _ in range(n // 8 + 1)) for _ in range(8)],)


def streams_by_heapq(streams: list[list[float]]) -> list[float]:
    return list(heapq.merge(*streams))


def streams_by_sorting(streams: list[list[float]]) -> list[float]:
    return sorted(itertools.chain.from_iterable(streams))


def streams_by_smallest_head(streams: list[list[float]]) -> list[float]:
    heads = [0] * len(streams)
    out: list[float] = []
    while True:
        live = [i for i, stream in enumerate(streams) if heads[i] < len(stream)]
        if not live:
            return out
        i = min(live, key=lambda k: streams[k][heads[k]])
        out.append(streams[i][heads[i]])
        heads[i] += 1


def streams_by_insertion(streams: list[list[float]]) -> list[float]:
    out = list(streams[0])
    for stream in streams[1:]:
        for value in stream:
            bisect.insort(out, value)
    return out


FAMILIES = [
    Family(
        "fresh-hits",
        timed_requests,
        (fresh_hits_by_expiry, fresh_hits_with_purging, fresh_hits_with_queue, fresh_hits_in_log),
        100_000,
    ),
    Family(
        "page-faults",
        page_numbers,
        (faults_with_list, faults_with_deque, faults_with_set_and_queue, faults_with_ordered_dict),
        100_000,
    ),
    Family("leading-players", score_updates, (podiums_by_sorting, podiums_by_minimum, podiums_by_lazy_heap, podiums_by_champion), 100_000),
    Family("active-users", sightings, (active_by_sets, active_by_counts, active_by_last_seen), 100_000),
    Family(
        "remembered-values",
        history_and_news,
        (remembered_in_deque, remembered_in_list, remembered_by_slices, remembered_by_difference),
    ),
    Family("rotas", shifts, (rota_by_rotating, rota_by_positions, rota_by_indexing, rota_by_rebuilding)),
    Family("same-owners", same_owner, (owners_by_union, owners_by_merging_sets, owners_by_relabelling, owners_by_visiting), 30_000),
    Family("merged-streams", sorted_streams, (streams_by_heapq, streams_by_sorting, streams_by_smallest_head, streams_by_insertion)),
]
