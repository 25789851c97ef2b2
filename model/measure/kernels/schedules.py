"""Bookings, shifts, build stages, deadlines and limits of requests."""

from __future__ import annotations

import bisect
import heapq
from collections import defaultdict, deque
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def bookings(n: int, random: Random) -> tuple[Any, ...]:
    starts = [random.randrange(n * 20) for _ in range(n)]
    return ([(start, start + random.randrange(1, 60)) for start in starts],)


def busy_by_sweep(spans: list[tuple[int, int]]) -> int:
    total, reached = 0, -1
    for start, end in sorted(spans):
        if end > reached:
            total += end - max(start, reached)
            reached = end
    return total


def busy_by_minutes(spans: list[tuple[int, int]]) -> int:
    minutes: set[int] = set()
    for start, end in spans:
        minutes.update(range(start, end))
    return len(minutes)


def busy_by_marks(spans: list[tuple[int, int]]) -> int:
    marks = bytearray(max(end for _, end in spans))
    for start, end in spans:
        for minute in range(start, end):
            marks[minute] = 1
    return sum(marks)


def busy_by_absorbing(spans: list[tuple[int, int]]) -> int:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        apart = []
        for other in merged:
            if other[1] < start or end < other[0]:
                apart.append(other)
            else:
                start, end = min(start, other[0]), max(end, other[1])
        merged = [*apart, (start, end)]
    return sum(end - start for start, end in merged)


def rooms_by_heap(spans: list[tuple[int, int]]) -> int:
    ends: list[int] = []
    most = 0
    for start, end in sorted(spans):
        while ends and ends[0] <= start:
            heapq.heappop(ends)
        heapq.heappush(ends, end)
        most = max(most, len(ends))
    return most


def rooms_by_events(spans: list[tuple[int, int]]) -> int:
    events = [(start, 1) for start, _ in spans] + [(end, -1) for _, end in spans]
    events.sort()
    used = most = 0
    for _, change in events:
        used += change
        most = max(most, used)
    return most


def rooms_by_counting(spans: list[tuple[int, int]]) -> int:
    return max(sum(1 for s, e in spans if s <= start < e) for start, _ in spans)


def rooms_by_assigning(spans: list[tuple[int, int]]) -> int:
    rooms: list[list[tuple[int, int]]] = []
    for span in sorted(spans):
        for room in rooms:
            if room[-1][1] <= span[0]:
                room.append(span)
                break
        else:
            rooms.append([span])
    return len(rooms)


def accepted_by_scan(requests: list[tuple[int, int]]) -> list[int]:
    held: list[tuple[int, int]] = []
    accepted = []
    for i, (start, end) in enumerate(requests):
        if all(end <= s or e <= start for s, e in held):
            held.append((start, end))
            accepted.append(i)
    return accepted


def accepted_by_bisect(requests: list[tuple[int, int]]) -> list[int]:
    held: list[tuple[int, int]] = []
    accepted = []
    for i, span in enumerate(requests):
        at = bisect.bisect(held, span)
        before = at == 0 or held[at - 1][1] <= span[0]
        after = at == len(held) or span[1] <= held[at][0]
        if before and after:
            held.insert(at, span)
            accepted.append(i)
    return accepted


def accepted_by_minutes(requests: list[tuple[int, int]]) -> list[int]:
    taken: set[int] = set()
    accepted = []
    for i, (start, end) in enumerate(requests):
        if taken.isdisjoint(range(start, end)):
            taken |= set(range(start, end))
            accepted.append(i)
    return accepted


def visits(n: int, random: Random) -> tuple[Any, ...]:
    spans = [(start, start + random.randrange(1, 40)) for start in (random.randrange(n * 4) for _ in range(n))]
    return spans, [random.randrange(n * 4) for _ in range(n // 2 + 1)]


def present_by_scan(spans: list[tuple[int, int]], moments: list[int]) -> list[int]:
    return [sum(start <= moment < end for start, end in spans) for moment in moments]


def present_by_bisect(spans: list[tuple[int, int]], moments: list[int]) -> list[int]:
    starts = sorted(start for start, _ in spans)
    ends = sorted(end for _, end in spans)
    return [bisect.bisect_right(starts, m) - bisect.bisect_right(ends, m) for m in moments]


def present_by_changes(spans: list[tuple[int, int]], moments: list[int]) -> list[int]:
    last = max(max(end for _, end in spans), max(moments)) + 1
    change = [0] * (last + 1)
    for start, end in spans:
        change[start] += 1
        change[end] -= 1
    for i in range(1, len(change)):
        change[i] += change[i - 1]
    return [change[m] for m in moments]


def present_by_filtering_first(spans: list[tuple[int, int]], moments: list[int]) -> list[int]:
    ordered = sorted(spans)
    counts = []
    for moment in moments:
        known = ordered[: bisect.bisect(ordered, (moment, 10**12))]
        counts.append(len([1 for _, end in known if end > moment]))
    return counts


def build_plan(n: int, random: Random) -> tuple[Any, ...]:
    names = [f"task{i}" for i in range(n)]
    needs = {name: random.sample(names[:i], min(i, random.randrange(4))) for i, name in enumerate(names)}
    order = random.sample(names, n)
    return ({name: needs[name] for name in order},)


def stages_with_memo(needs: dict[str, list[str]]) -> dict[str, int]:
    known: dict[str, int] = {}

    def stage(name: str) -> int:
        if name not in known:
            known[name] = 1 + max((stage(other) for other in needs[name]), default=0)
        return known[name]

    return {name: stage(name) for name in needs}


def stages_by_queue(needs: dict[str, list[str]]) -> dict[str, int]:
    waiting = {name: len(others) for name, others in needs.items()}
    users = defaultdict(list)
    for name, others in needs.items():
        for other in others:
            users[other].append(name)
    stage = {name: 1 for name, count in waiting.items() if not count}
    ready = deque(stage)
    while ready:
        done = ready.popleft()
        for user in users[done]:
            waiting[user] -= 1
            stage[user] = max(stage.get(user, 0), stage[done] + 1)
            if not waiting[user]:
                ready.append(user)
    return stage


def stages_by_rounds(needs: dict[str, list[str]]) -> dict[str, int]:
    stage: dict[str, int] = {}
    left = list(needs)
    number = 0
    while left:
        number += 1
        ready = [name for name in left if all(other in stage for other in needs[name])]
        for name in ready:
            stage[name] = number
        left = [name for name in left if name not in ready]
    return stage


def stages_until_stable(needs: dict[str, list[str]]) -> dict[str, int]:
    stage = dict.fromkeys(needs, 1)
    changed = True
    while changed:
        changed = False
        for name, others in needs.items():
            for other in others:
                if stage[name] <= stage[other]:
                    stage[name] = stage[other] + 1
                    changed = True
    return stage


def arriving_jobs(n: int, random: Random) -> tuple[Any, ...]:
    times = sorted(random.randrange(n * 2) for _ in range(n))
    return ([(time, random.randrange(100), f"job{i:06}") for i, time in enumerate(times)],)


def run_order_by_heap(jobs: list[tuple[int, int, str]]) -> list[str]:
    waiting: list[tuple[int, str]] = []
    done = []
    i = now = 0
    while i < len(jobs) or waiting:
        if not waiting:
            now = max(now, jobs[i][0])
        while i < len(jobs) and jobs[i][0] <= now:
            heapq.heappush(waiting, jobs[i][1:])
            i += 1
        done.append(heapq.heappop(waiting)[1])
        now += 3
    return done


def run_order_by_minimum(jobs: list[tuple[int, int, str]]) -> list[str]:
    rest = list(jobs)
    done, now = [], 0
    while rest:
        now = max(now, min(job[0] for job in rest))
        arrived = [job for job in rest if job[0] <= now]
        best = min(arrived, key=lambda job: job[1:])
        rest.remove(best)
        done.append(best[2])
        now += 3
    return done


def run_order_by_resorting(jobs: list[tuple[int, int, str]]) -> list[str]:
    pending = deque(jobs)
    waiting: list[tuple[int, str]] = []
    done, now = [], 0
    while pending or waiting:
        if not waiting:
            now = max(now, pending[0][0])
        while pending and pending[0][0] <= now:
            _, priority, name = pending.popleft()
            waiting.append((priority, name))
            waiting.sort(reverse=True)
        done.append(waiting.pop()[1])
        now += 3
    return done


def requests_of_client(n: int, random: Random) -> tuple[Any, ...]:
    return sorted(random.randrange(n * 5) for _ in range(n)), 300, 25


def admit_by_queue(times: list[int], window: int, limit: int) -> list[bool]:
    recent: deque[int] = deque()
    verdicts = []
    for now in times:
        while recent and recent[0] <= now - window:
            recent.popleft()
        verdicts.append(len(recent) < limit)
        if verdicts[-1]:
            recent.append(now)
    return verdicts


def admit_by_recounting(times: list[int], window: int, limit: int) -> list[bool]:
    admitted: list[int] = []
    verdicts = []
    for now in times:
        allowed = len([t for t in admitted if t > now - window]) < limit
        if allowed:
            admitted.append(now)
        verdicts.append(allowed)
    return verdicts


def admit_by_trimming(times: list[int], window: int, limit: int) -> list[bool]:
    recent: list[int] = []
    verdicts = []
    for now in times:
        recent = [t for t in recent if now - t < window]
        if len(recent) >= limit:
            verdicts.append(False)
        else:
            recent.append(now)
            verdicts.append(True)
    return verdicts


def admit_by_place(times: list[int], window: int, limit: int) -> list[bool]:
    admitted: list[int] = []
    verdicts = []
    for now in times:
        ok = len(admitted) < limit or admitted[-limit] <= now - window
        if ok:
            admitted.append(now)
        verdicts.append(ok)
    return verdicts


def deadlines(n: int, random: Random) -> tuple[Any, ...]:
    return ([(random.randrange(1, n + 1), random.randrange(1, 1000)) for _ in range(n)],)


def earnings_by_heap(jobs: list[tuple[int, int]]) -> int:
    chosen: list[int] = []
    for deadline, reward in sorted(jobs):
        heapq.heappush(chosen, reward)
        if len(chosen) > deadline:
            heapq.heappop(chosen)
    return sum(chosen)


def earnings_by_slots(jobs: list[tuple[int, int]]) -> int:
    slots = [False] * (max(day for day, _ in jobs) + 1)
    earned = 0
    for day, reward in sorted(jobs, key=lambda job: -job[1]):
        while day > 0 and slots[day]:
            day -= 1
        if day:
            slots[day] = True
            earned += reward
    return earned


def earnings_by_free_day(jobs: list[tuple[int, int]]) -> int:
    parent = list(range(max(day for day, _ in jobs) + 1))
    earned = 0
    for day, reward in sorted(jobs, key=lambda job: -job[1]):
        while parent[day] != day:
            parent[day] = parent[parent[day]]
            day = parent[day]
        if day:
            parent[day] = day - 1
            earned += reward
    return earned


FAMILIES = [
    Family("busy-minutes", bookings, (busy_by_sweep, busy_by_minutes, busy_by_marks, busy_by_absorbing), 30_000),
    Family("rooms-needed", bookings, (rooms_by_heap, rooms_by_events, rooms_by_counting, rooms_by_assigning), 100_000),
    Family("accepted-bookings", bookings, (accepted_by_scan, accepted_by_bisect, accepted_by_minutes), 30_000),
    Family("present-visitors", visits, (present_by_scan, present_by_bisect, present_by_changes, present_by_filtering_first), 100_000),
    Family("build-stages", build_plan, (stages_with_memo, stages_by_queue, stages_by_rounds, stages_until_stable), 30_000),
    Family("run-order", arriving_jobs, (run_order_by_heap, run_order_by_minimum, run_order_by_resorting), 100_000),
    Family("admitted-requests", requests_of_client, (admit_by_queue, admit_by_recounting, admit_by_trimming, admit_by_place), 100_000),
    Family("deadline-earnings", deadlines, (earnings_by_heap, earnings_by_slots, earnings_by_free_day), 100_000),
]
