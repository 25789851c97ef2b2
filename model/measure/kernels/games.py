"""Games, queues and robots played out step by step, and tricks with bits."""

# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

from collections import Counter, deque
from itertools import combinations
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def circle(n: int, random: Random) -> tuple[Any, ...]:
    return list(range(n)), random.randrange(2, 9)


def last_player_popping(players: list[int], k: int) -> int:
    ring = players[:]
    i = 0
    while len(ring) > 1:
        i = (i + k - 1) % len(ring)
        ring.pop(i)
    return ring[0]


def last_player_turning(players: list[int], k: int) -> int:
    ring = deque(players)
    while len(ring) > 1:
        ring.rotate(1 - k)
        ring.popleft()
    return ring[0]


def last_player_slicing(players, k):
    while len(players) > 1:
        out = (k - 1) % len(players)
        players = players[out + 1 :] + players[:out]
    return players[0]


def last_player_worked_out(players: list[int], k: int) -> int:
    place = 0
    for size in range(2, len(players) + 1):
        place = (place + k) % size
    return players[place]


def ticket_queue(n: int, random: Random) -> tuple[Any, ...]:
    return deque(random.randrange(1, 12) for _ in range(n)), n // 2


def waiting_time_played(line: deque[int], me: int) -> int:
    queue = deque(enumerate(line))
    clock = 0
    while queue:
        who, left = queue.popleft()
        clock += 1
        if left > 1:
            queue.append((who, left - 1))
        elif who == me:
            break
    return clock


def waiting_time_list(line, me):
    people = [[i, t] for i, t in enumerate(line)]
    clock = 0
    while True:
        first = people.pop(0)
        clock += 1
        first[1] -= 1
        if first[1] == 0 and first[0] == me:
            return clock
        if first[1]:
            people.append(first)


def waiting_time_summed(line: deque[int], me: int) -> int:
    mine = line[me]
    return sum(min(t, mine if i <= me else mine - 1) for i, t in enumerate(line))


def robot_moves(n: int, random: Random) -> tuple[Any, ...]:
    return ("".join(random.choice("NESW") for _ in range(n)),)


def robot_end_walked(moves: str) -> tuple[int, int]:
    x = y = 0
    for m in moves:
        if m == "N":
            y += 1
        elif m == "S":
            y -= 1
        elif m == "E":
            x += 1
        elif m == "W":
            x -= 1
    return x, y


def robot_end_counted(moves: str) -> tuple[int, int]:
    return moves.count("E") - moves.count("W"), moves.count("N") - moves.count("S")


def robot_end_table(moves):
    steps = {"N": (0, 1), "E": (1, 0), "S": (0, -1), "W": (-1, 0)}
    here = (0, 0)
    for m in moves:
        here = tuple(a + b for a, b in zip(here, steps[m], strict=True))
    return here


def robot_places_list(moves: str) -> int:
    x = y = 0
    visited = [(0, 0)]
    for m in moves:
        x += (m == "E") - (m == "W")
        y += (m == "N") - (m == "S")
        if (x, y) not in visited:
            visited.append((x, y))
    return len(visited)


def robot_places_set(moves: str) -> int:
    step = {"N": 1j, "E": 1, "S": -1j, "W": -1}
    visited: set[complex] = {0}
    spot: complex = 0
    for m in moves:
        spot += step[m]
        visited.add(spot)
    return len(visited)


def robot_places_prefixes(moves):
    return len({robot_end_counted(moves[:i]) for i in range(len(moves) + 1)})


def rocks(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.choice((-1, 1)) * random.randrange(1, 1000) for _ in range(n)],)


def surviving_rocks_stack(rocks: list[int]) -> list[int]:
    stack: list[int] = []
    for rock in rocks:
        alive = True
        while alive and rock < 0 and stack and stack[-1] > 0:
            alive = stack[-1] < -rock
            if stack[-1] <= -rock:
                stack.pop()
        if alive:
            stack.append(rock)
    return stack


def surviving_rocks_rescanned(rocks):
    left = list(rocks)
    i = 0
    while i + 1 < len(left):
        a, b = left[i], left[i + 1]
        if a > 0 > b:
            if a > -b:
                del left[i + 1]
            elif a < -b:
                del left[i]
            else:
                del left[i : i + 2]
            i = 0
        else:
            i += 1
    return left


def surviving_rocks_rebuilt(rocks: list[int]) -> list[int]:
    while True:
        for i in range(len(rocks) - 1):
            a, b = rocks[i], rocks[i + 1]
            if a > 0 > b:
                winner = [] if a == -b else [max(a, b, key=abs)]
                rocks = rocks[:i] + winner + rocks[i + 2 :]
                break
        else:
            return rocks


def typed_text(n: int, random: Random) -> tuple[Any, ...]:
    return ("".join(random.choice("abcd#") for _ in range(n)),)


def after_backspaces_stack(keys: str) -> str:
    out: list[str] = []
    for k in keys:
        if k != "#":
            out.append(k)
        elif out:
            out.pop()
    return "".join(out)


def after_backspaces_slices(keys: str) -> str:
    out = ""
    for k in keys:
        out = out[:-1] if k == "#" else out + k
    return out


def after_backspaces_backwards(keys):
    out, skip = [], 0
    for k in reversed(keys):
        if k == "#":
            skip += 1
        elif skip:
            skip -= 1
        else:
            out.append(k)
    return "".join(reversed(out))


def after_backspaces_cutting(keys: str) -> str:
    while "#" in keys:
        i = keys.index("#")
        keys = keys[: max(0, i - 1)] + keys[i + 1 :]
    return keys


def dice_throw(n: int, random: Random) -> tuple[Any, ...]:
    return [random.choice((4, 6, 8)) for _ in range(n)], n * 3


def dice_ways_dict(sides: list[int], total: int) -> int:
    ways = {0: 1}
    for s in sides:
        after: Counter[int] = Counter()
        for t, k in ways.items():
            for face in range(1, s + 1):
                after[t + face] += k
        ways = after
    return ways.get(total, 0) % 10007


def dice_ways_row(sides: list[int], total: int) -> int:
    row = [1] + [0] * total
    for s in sides:
        row = [sum(row[max(0, t - s) : t]) % 10007 for t in range(total + 1)]
    return row[total]


def dice_ways_sliding(sides, total):
    row = [1] + [0] * total
    for s in sides:
        after, window = [], 0
        for t in range(total + 1):
            after.append(window % 10007)
            window += row[t] - (row[t - s] if t >= s else 0)
        row = after
        row[0] = 0
    return row[total]


def masks(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.randrange(1 << 20) for _ in range(n)],)


def set_bits_by_text(nums: list[int]) -> int:
    return sum(f"{x:b}".count("1") for x in nums)


def set_bits_by_clearing(nums: list[int]) -> int:
    total = 0
    for x in nums:
        while x:
            x &= x - 1
            total += 1
    return total


def set_bits_by_shifting(nums):
    total = 0
    for x in nums:
        for i in range(20):
            if (x >> i) & 1:
                total += 1
    return total


def set_bits_by_bytes(nums: list[int]) -> int:
    table = [0] * 256
    for i in range(256):
        table[i] = table[i // 2] + i % 2
    return sum(table[x & 255] + table[x >> 8 & 255] + table[x >> 16] for x in nums)


def differing_bits_pairs(nums: list[int]) -> int:
    return sum((a ^ b).bit_count() for a, b in combinations(nums, 2))


def differing_bits_texts(nums):
    total = 0
    for i in range(len(nums)):
        for j in range(i):
            total += bin(nums[i] ^ nums[j]).count("1")
    return total


def differing_bits_columns(nums: list[int]) -> int:
    total = 0
    for bit in range(20):
        ones = sum(x >> bit & 1 for x in nums)
        total += ones * (len(nums) - ones)
    return total


def best_xor_pairs(nums: list[int]) -> int:
    return max(a ^ b for a, b in combinations(nums, 2))


def best_xor_prefixes(nums: list[int]) -> int:
    best = 0
    for bit in range(19, -1, -1):
        starts = {x >> bit for x in nums}
        hope = best << 1 | 1
        best = hope if any(hope ^ s in starts for s in starts) else hope - 1
    return best


def best_xor_trie(nums):
    root = {}
    best = 0
    for x in nums:
        node = root
        for bit in range(19, -1, -1):
            node = node.setdefault(x >> bit & 1, {})
    for x in nums:
        node, value = root, 0
        for bit in range(19, -1, -1):
            want = 1 - (x >> bit & 1)
            value = value * 2 + (want in node)
            node = node[want if want in node else 1 - want]
        best = max(best, value)
    return best


FAMILIES = [
    Family("last-player", circle, (last_player_popping, last_player_turning, last_player_slicing, last_player_worked_out)),
    Family("waiting-time", ticket_queue, (waiting_time_played, waiting_time_list, waiting_time_summed)),
    Family("robot-end", robot_moves, (robot_end_walked, robot_end_counted, robot_end_table)),
    Family("robot-places", robot_moves, (robot_places_list, robot_places_set, robot_places_prefixes)),
    Family("surviving-rocks", rocks, (surviving_rocks_stack, surviving_rocks_rescanned, surviving_rocks_rebuilt)),
    Family(
        "after-backspaces",
        typed_text,
        (after_backspaces_stack, after_backspaces_slices, after_backspaces_backwards, after_backspaces_cutting),
    ),
    Family("dice-ways", dice_throw, (dice_ways_dict, dice_ways_row, dice_ways_sliding), 3_000),
    Family("set-bits", masks, (set_bits_by_text, set_bits_by_clearing, set_bits_by_shifting, set_bits_by_bytes)),
    Family("differing-bits", masks, (differing_bits_pairs, differing_bits_texts, differing_bits_columns)),
    Family("best-xor", masks, (best_xor_pairs, best_xor_prefixes, best_xor_trie), 30_000),
]
