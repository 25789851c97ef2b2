"""Simulations from given draws or seeded generators: walks, queues, bodies, spins, percolation and forests."""

from __future__ import annotations

import heapq
import math
import random as rnd
from collections import deque
from itertools import accumulate, pairwise
from random import Random
from typing import Any

import numpy as np

from rlm_lsp.model.measure.kernels import Family


def arrivals_and_services(n: int, random: Random) -> tuple[Any, ...]:
    gaps = [random.expovariate(1.0) for _ in range(n)]
    return gaps, [random.expovariate(1.1) for _ in range(n)]


def waits_lindley(gaps: list[float], services: list[float]) -> float:
    wait = total_wait = 0.0
    for gap, service in zip(gaps[1:], services, strict=False):
        wait = max(0.0, wait + service - gap)
        total_wait += wait
    return total_wait


def waits_cumulative(gaps: list[float], services: list[float]) -> float:
    steps = np.concatenate(([0.0], np.array(services)[:-1] - np.array(gaps)[1:]))
    path = np.cumsum(steps)
    return float((path - np.minimum.accumulate(path)).sum())


def waits_worst_suffix(gaps: list[float], services: list[float]) -> float:
    steps = [s - g for s, g in zip(services, gaps[1:], strict=False)]
    total_wait = 0.0
    for last in range(1, len(steps) + 1):
        total_wait += max(0.0, *accumulate(reversed(steps[:last])))
    return total_wait


def waits_event_clock(gaps: list[float], services: list[float]) -> float:
    clock = free_at = total_wait = 0.0
    for customer in range(len(gaps)):
        clock += gaps[customer]
        start = max(clock, free_at)
        total_wait += start - clock
        free_at = start + services[customer]
    return total_wait


def jobs_and_machines(n: int, random: Random) -> tuple[Any, ...]:
    return [random.randrange(1, 100) for _ in range(n)], max(2, n // 8)


def makespan_heap(jobs: list[int], machines: int) -> int:
    busy = [0] * machines
    for job in jobs:
        heapq.heapreplace(busy, busy[0] + job)
    return max(busy)


def makespan_min_index(jobs: list[int], machines: int) -> int:
    busy = [0] * machines
    for job in jobs:
        busy[busy.index(min(busy))] += job
    return max(busy)


def makespan_argmin(jobs: list[int], machines: int) -> int:
    busy = np.zeros(machines, dtype=np.int64)
    for job in jobs:
        busy[busy.argmin()] += job
    return int(busy.max())


def makespan_resorting(jobs: list[int], machines: int) -> int:
    busy = [0] * machines
    for job in jobs:
        busy.sort()
        busy[0] += job
    return max(busy)


def bodies(n: int, random: Random) -> tuple[Any, ...]:
    rng = np.random.default_rng(random.randrange(1 << 30))
    return rng.uniform(0.5, 2.0, n), rng.standard_normal((n, 3))


def potential_pairs(masses: np.ndarray, places: np.ndarray) -> float:
    m, p = masses.tolist(), places.tolist()
    energy = 0.0
    for i in range(len(m)):
        for j in range(i):
            energy -= m[i] * m[j] / math.dist(p[i], p[j])
    return energy


def potential_scalar_arrays(masses: np.ndarray, places: np.ndarray) -> float:
    energy = 0.0
    for i in range(len(masses)):
        for j in range(i + 1, len(masses)):
            d = places[i] - places[j]
            energy -= masses[i] * masses[j] / np.sqrt(d @ d)
    return float(energy)


def potential_broadcast(masses: np.ndarray, places: np.ndarray) -> float:
    gap = np.sqrt(((places[:, None] - places[None]) ** 2).sum(axis=2))
    np.fill_diagonal(gap, np.inf)
    return float(-(masses[:, None] * masses / gap).sum() / 2)


def potential_one_body_each(masses: np.ndarray, places: np.ndarray) -> float:
    energy = 0.0
    for i in range(1, len(masses)):
        gap = np.linalg.norm(places[:i] - places[i], axis=1)
        energy -= masses[i] * float((masses[:i] / gap).sum())
    return energy


def potential_triangle_indices(masses: np.ndarray, places: np.ndarray) -> float:
    i, j = np.triu_indices(len(masses), 1)
    return float(-(masses[i] * masses[j] / np.linalg.norm(places[i] - places[j], axis=1)).sum())


def spin_lattice(n: int, random: Random) -> tuple[Any, ...]:
    side = max(2, round(n**0.5))
    return (np.random.default_rng(random.randrange(1 << 30)).choice(np.array([-1, 1]), size=(side, side)),)


def magnet_energy_rolls(spins: Any) -> int:
    return -int((spins * (np.roll(spins, 1, 0) + np.roll(spins, 1, 1))).sum())


def magnet_energy_cells(spins: Any) -> int:
    energy = 0
    for i in range(spins.shape[0]):
        for j in range(spins.shape[1]):
            energy -= spins[i, j] * (spins[i - 1, j] + spins[i, j - 1])
    return int(energy)


def magnet_energy_lists(spins: Any) -> int:
    rows = spins.tolist()
    down = sum(a * b for upper, lower in zip(rows, rows[1:] + rows[:1], strict=True) for a, b in zip(upper, lower, strict=True))
    across = sum(a * b for row in rows for a, b in zip(row, row[1:] + row[:1], strict=True))
    return int(-down - across)


def porous_block(n: int, random: Random) -> tuple[Any, ...]:
    side = max(3, round(n**0.5))
    return ([[random.random() < 0.65 for _ in range(side)] for _ in range(side)],)


def wet_cells_flood(open_cells: list[list[bool]]) -> int:
    size = len(open_cells)
    wet = {(0, c) for c in range(size) if open_cells[0][c]}
    stack = list(wet)
    while stack:
        r, c = stack.pop()
        for cell in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
            if 0 <= cell[0] < size and 0 <= cell[1] < size and open_cells[cell[0]][cell[1]] and cell not in wet:
                wet.add(cell)
                stack.append(cell)
    return len(wet)


def wet_cells_queue_list(open_cells: list[list[bool]]) -> int:
    size = len(open_cells)
    visited = [(0, c) for c in range(size) if open_cells[0][c]]
    pending = visited[:]
    while pending:
        r, c = pending.pop(0)
        for dr, dc in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            cell = (r + dr, c + dc)
            if 0 <= cell[0] < size and 0 <= cell[1] < size and open_cells[cell[0]][cell[1]] and cell not in visited:
                visited.append(cell)
                pending.append(cell)
    return len(visited)


def wet_cells_array_rounds(open_cells: list[list[bool]]) -> int:
    rock = np.array(open_cells)
    wet = np.zeros_like(rock)
    wet[0] = rock[0]
    while True:
        grown_wet = wet.copy()
        grown_wet[1:] |= wet[:-1]
        grown_wet[:-1] |= wet[1:]
        grown_wet[:, 1:] |= wet[:, :-1]
        grown_wet[:, :-1] |= wet[:, 1:]
        grown_wet &= rock
        if (grown_wet == wet).all():
            return int(wet.sum())
        wet = grown_wet


def wet_cells_sweeps(open_cells: list[list[bool]]) -> int:
    size = len(open_cells)
    wet = [row[:] if r == 0 else [False] * size for r, row in enumerate(open_cells)]
    changed = True
    while changed:
        changed = False
        for r in range(size):
            for c in range(size):
                if open_cells[r][c] and not wet[r][c]:
                    near = (r and wet[r - 1][c]) or (c and wet[r][c - 1]) or (r + 1 < size and wet[r + 1][c])
                    if near or (c + 1 < size and wet[r][c + 1]):
                        wet[r][c] = changed = True
    return sum(map(sum, wet))


def generator_seed(n: int, random: Random) -> tuple[Any, ...]:
    return random.randrange(1, 1 << 20), n


def lattice_visits_set(seed: int, steps: int) -> int:
    chance = rnd.Random(seed)
    x = y = 0
    visited = {(0, 0)}
    for _ in range(steps):
        dx, dy = ((1, 0), (-1, 0), (0, 1), (0, -1))[chance.getrandbits(2)]
        x, y = x + dx, y + dy
        visited.add((x, y))
    return len(visited)


def lattice_visits_list(seed: int, steps: int) -> int:
    chance = rnd.Random(seed)
    position = [0, 0]
    visited = [[0, 0]]
    for _ in range(steps):
        move = chance.getrandbits(2)
        position[move // 2] += 1 - 2 * (move % 2)
        if position not in visited:
            visited.append(position[:])
    return len(visited)


def lattice_visits_array(seed: int, steps: int) -> int:
    chance = rnd.Random(seed)
    moves = np.array([chance.getrandbits(2) for _ in range(steps)])
    x = np.cumsum(np.where(moves < 2, 1 - 2 * (moves % 2), 0), dtype=np.int64)
    y = np.cumsum(np.where(moves >= 2, 1 - 2 * (moves % 2), 0), dtype=np.int64)
    path = np.concatenate(([0], x * (4 * steps + 1) + y))
    return len(np.unique(path))


def lattice_visits_complex(seed: int, steps: int) -> int:
    chance = rnd.Random(seed)
    path = accumulate((1, -1, 1j, -1j)[chance.getrandbits(2)] for _ in range(steps))
    return len({0, *path})


def lcg_start(n: int, random: Random) -> tuple[Any, ...]:
    return random.randrange(1 << 31), n * 1000


def lcg_stepping(state: int, jump: int) -> int:
    for _ in range(jump):
        state = (1103515245 * state + 12345) % (1 << 31)
    return state


def lcg_skipping(state: int, jump: int) -> int:
    a, c = 1103515245, 12345
    while jump:
        if jump & 1:
            state = (a * state + c) % (1 << 31)
        a, c = a * a % (1 << 31), (a + 1) * c % (1 << 31)
        jump >>= 1
    return state


def lcg_collecting(state: int, jump: int) -> int:
    history = [state]
    while len(history) <= jump:
        history.append((1103515245 * history[-1] + 12345) & 0x7FFFFFFF)
    return history[-1]


def lcg_geometric_sum(state: int, jump: int) -> int:
    a, m = 1103515245, 1 << 31
    power = pow(a, jump, m * (a - 1))
    return (state * power + 12345 * ((power - 1) // (a - 1))) % m


def stick_breaks(n: int, random: Random) -> tuple[Any, ...]:
    return 1000.0, [random.uniform(0, 1000) for _ in range(n)]


def longest_piece_sorted(length: float, cuts: list[float]) -> float:
    marks = [0.0, *sorted(cuts), length]
    return max(b - a for a, b in pairwise(marks))


def longest_piece_diff(length: float, cuts: list[float]) -> float:
    return float(np.diff(np.sort(np.array([0.0, length, *cuts]))).max())


def longest_piece_splitting(length: float, cuts: list[float]) -> float:
    pieces = [(0.0, length)]
    for cut in cuts:
        at = next(i for i, (a, b) in enumerate(pieces) if a <= cut <= b)
        a, b = pieces.pop(at)
        pieces += [(a, cut), (cut, b)]
    return max(b - a for a, b in pieces)


def longest_piece_next_cut(length: float, cuts: list[float]) -> float:
    best = min(cuts)
    for cut in cuts:
        best = max(best, min((other for other in cuts if other > cut), default=length) - cut)
    return best


def rotating_crew(n: int, random: Random) -> tuple[Any, ...]:
    return list(range(100, 100 + n)), random.randrange(2, 6)


def last_on_duty_deque(crew: list[int], step: int) -> int:
    ring_of = deque(crew)
    while len(ring_of) > 1:
        ring_of.rotate(1 - step)
        ring_of.popleft()
    return ring_of[0]


def last_on_duty_slices(crew: list[int], step: int) -> int:
    while len(crew) > 1:
        k = (step - 1) % len(crew)
        crew = crew[k + 1 :] + crew[:k]
    return crew[0]


def last_on_duty_deleting(crew: list[int], step: int) -> int:
    at = 0
    crew = list(crew)
    while len(crew) > 1:
        at = (at + step - 1) % len(crew)
        del crew[at]
    return crew[0]


def last_on_duty_np_delete(crew: list[int], step: int) -> int:
    people = np.array(crew)
    at = 0
    while people.size > 1:
        at = (at + step - 1) % people.size
        people = np.delete(people, at)
    return int(people[0])


def last_on_duty_formula(crew: list[int], step: int) -> int:
    winner = 0
    for size in range(2, len(crew) + 1):
        winner = (winner + step) % size
    return crew[winner]


FAMILIES = [
    Family("queue-waits", arrivals_and_services, (waits_lindley, waits_cumulative, waits_worst_suffix, waits_event_clock)),
    Family("makespan", jobs_and_machines, (makespan_heap, makespan_min_index, makespan_argmin, makespan_resorting)),
    Family(
        "potential-energy",
        bodies,
        (potential_pairs, potential_scalar_arrays, potential_broadcast, potential_one_body_each, potential_triangle_indices),
        1_000,
    ),
    Family("magnet-energy", spin_lattice, (magnet_energy_rolls, magnet_energy_cells, magnet_energy_lists)),
    Family("percolation", porous_block, (wet_cells_flood, wet_cells_queue_list, wet_cells_array_rounds, wet_cells_sweeps), 100_000),
    Family(
        "lattice-visits",
        generator_seed,
        (lattice_visits_set, lattice_visits_list, lattice_visits_array, lattice_visits_complex),
        100_000,
    ),
    Family("skipping-ahead", lcg_start, (lcg_stepping, lcg_skipping, lcg_collecting, lcg_geometric_sum), 1_000),
    Family("longest-piece", stick_breaks, (longest_piece_sorted, longest_piece_diff, longest_piece_splitting, longest_piece_next_cut)),
    Family(
        "last-on-duty",
        rotating_crew,
        (last_on_duty_deque, last_on_duty_slices, last_on_duty_deleting, last_on_duty_np_delete, last_on_duty_formula),
    ),
]
