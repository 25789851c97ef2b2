# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs
"""Likeness of strings and of lists of lines, and orders by versions; some without type hints."""

from __future__ import annotations

import bisect
import functools
import itertools
import re
from collections import Counter, defaultdict, deque
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def two_files(n: int, random: Random) -> tuple[Any, ...]:
    old = [f"line {random.randrange(n * 2)}" for _ in range(n)]
    middle, size = n // 2, n // 8 + 1
    return old, old[:middle] + [f"new {random.randrange(9)}" for _ in range(size)] + old[middle + size // 2 :]


def kept_lines_by_table(old: list[str], new: list[str]) -> int:
    table = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i, a in enumerate(old):
        for j, b in enumerate(new):
            table[i + 1][j + 1] = table[i][j] + 1 if a == b else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


def kept_lines_after_trimming(old: list[str], new: list[str]) -> int:
    start, stop = 0, 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    while stop < min(len(old), len(new)) - start and old[-1 - stop] == new[-1 - stop]:
        stop += 1
    a, b = old[start : len(old) - stop], new[start : len(new) - stop]
    row = [0] * (len(b) + 1)
    for line in a:
        previous = 0
        for j, other in enumerate(b, 1):
            previous, row[j] = row[j], previous + 1 if line == other else max(row[j], row[j - 1])
    return start + stop + row[-1]


def kept_lines_by_places(old: list[str], new: list[str]) -> int:
    places = defaultdict(list)
    for j, line in enumerate(new):
        places[line].append(j)
    ends: list[int] = []
    for line in old:
        for j in reversed(places.get(line, [])):
            at = bisect.bisect_left(ends, j)
            ends[at : at + 1] = [j]
    return len(ends)


def typo_and_names(n: int, random: Random) -> tuple[Any, ...]:
    names = ["".join(random.choice("abcdeimnrst") for _ in range(random.randrange(3, 11))) for _ in range(n)]
    return names[0][:-1] + "x", names


def corrections_by_full_table(typo, names):
    def distance(a, b):
        row = list(range(len(b) + 1))
        for i, x in enumerate(a, 1):
            above = [i]
            for j, y in enumerate(b, 1):
                above.append(min(above[-1] + 1, row[j] + 1, row[j - 1] + (x != y)))
            row = above
        return row[-1]

    return [name for name in names if distance(typo, name) <= 1]


def corrections_by_walking_ends(typo, names):
    found = []
    for name in names:
        if abs(len(name) - len(typo)) > 1:
            continue
        i = 0
        while i < min(len(name), len(typo)) and name[i] == typo[i]:
            i += 1
        a, b = name[i:], typo[i:]
        if a == b or a[1:] == b[1:] or a[1:] == b or a == b[1:]:
            found.append(name)
    return found


def corrections_by_variants(typo, names):
    letters = "abcdefghijklmnopqrstuvwxyz"
    splits = [(typo[:i], typo[i:]) for i in range(len(typo) + 1)]
    near = {typo}
    near.update(a + b[1:] for a, b in splits if b)
    near.update(a + c + b[1:] for a, b in splits if b for c in letters)
    near.update(a + c + b for a, b in splits for c in letters)
    return [name for name in names if name in near]


def corrections_by_recursion(typo, names):
    def within(a, b, left):
        if not a or not b:
            return len(a) + len(b) <= left
        if a[0] == b[0]:
            return within(a[1:], b[1:], left)
        return left > 0 and (within(a[1:], b[1:], left - 1) or within(a[1:], b, left - 1) or within(a, b[1:], left - 1))

    return [name for name in names if within(name, typo, 1)]


def two_sentences(n: int, random: Random) -> tuple[Any, ...]:
    return tuple("".join(random.choice("abcdefgh ") for _ in range(size)) for size in (n, n // 2 + 2))


def likeness_by_removing(a: str, b: str) -> float:
    pairs = [a[i : i + 2] for i in range(len(a) - 1)]
    others = [b[i : i + 2] for i in range(len(b) - 1)]
    total_pairs, shared = len(pairs) + len(others), 0
    for pair in pairs:
        if pair in others:
            others.remove(pair)
            shared += 1
    return 2 * shared / total_pairs


def likeness_by_counters(a: str, b: str) -> float:
    x, y = Counter(map("".join, zip(a, a[1:], strict=False))), Counter(map("".join, zip(b, b[1:], strict=False)))
    return 2 * sum((x & y).values()) / (len(a) + len(b) - 2)


def likeness_by_sorting(a: str, b: str) -> float:
    x = sorted(a[i : i + 2] for i in range(len(a) - 1))
    y = sorted(b[i : i + 2] for i in range(len(b) - 1))
    i = j = shared = 0
    while i < len(x) and j < len(y):
        if x[i] == y[j]:
            shared += 1
            i += 1
            j += 1
        elif x[i] < y[j]:
            i += 1
        else:
            j += 1
    return 2 * shared / (len(x) + len(y))


def likeness_by_counting(a: str, b: str) -> float:
    def times(text: str, pair: str) -> int:
        return sum(text.startswith(pair, i) for i in range(len(text)))

    pairs = {a[i : i + 2] for i in range(len(a) - 1)}
    return 2 * sum(min(times(a, pair), times(b, pair)) for pair in pairs) / (len(a) + len(b) - 2)


def badge_codes(n: int, random: Random) -> tuple[Any, ...]:
    return (list(dict.fromkeys("".join(random.choice("01234567") for _ in range(6)) for _ in range(n))),)


def confusable_by_pairs(codes):
    count = 0
    for i in range(len(codes)):
        for j in range(i + 1, len(codes)):
            if sum(x != y for x, y in zip(codes[i], codes[j], strict=True)) == 1:
                count += 1
    return count


def confusable_by_gaps(codes):
    buckets = Counter(code[:i] + "?" + code[i + 1 :] for code in codes for i in range(len(code)))
    return sum(size * (size - 1) // 2 for size in buckets.values())


def confusable_by_changing(codes):
    known = set(codes)
    hits = 0
    for code in codes:
        for i, old in enumerate(code):
            hits += sum(1 for c in "01234567" if c != old and code[:i] + c + code[i + 1 :] in known)
    return hits // 2


def file_paths(n: int, random: Random) -> tuple[Any, ...]:
    return ([f"/srv/data/2024/shop{random.randrange(10**6)}/{i}.csv" for i in range(n)],)


def shared_start_by_columns(paths):
    out = []
    for column in zip(*paths, strict=False):
        if len(set(column)) > 1:
            break
        out.append(column[0])
    return "".join(out)


def shared_start_by_extremes(paths):
    low, high = min(paths), max(paths)
    i = 0
    while i < len(low) and low[i] == high[i]:
        i += 1
    return low[:i]


def shared_start_by_shrinking(paths):
    prefix = paths[0]
    while not all(path.startswith(prefix) for path in paths):
        prefix = prefix[:-1]
    return prefix


def shared_start_by_sorting(paths):
    ordered = sorted(paths)
    same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(ordered[0], ordered[-1], strict=False))
    return "".join(a for a, _ in same)


def release_names(n: int, random: Random) -> tuple[Any, ...]:
    return ([f"{random.randrange(4)}.{random.randrange(20)}.{random.randrange(100)}" for _ in range(n)],)


def releases_by_key(names: list[str]) -> list[str]:
    return sorted(names, key=lambda name: [int(part) for part in name.split(".")])


def releases_by_comparison(names: list[str]) -> list[str]:
    def compare(a: str, b: str) -> int:
        x, y = tuple(map(int, a.split("."))), tuple(map(int, b.split(".")))
        return (x > y) - (x < y)

    return sorted(names, key=functools.cmp_to_key(compare))


def releases_by_padding(names: list[str]) -> list[str]:
    padded = sorted((re.sub(r"\d+", lambda m: m.group().zfill(6), name), name) for name in names)
    return [name for _, name in padded]


def releases_by_inserting(names: list[str]) -> list[str]:
    out: list[str] = []
    for name in names:
        key = [int(p) for p in name.split(".")]
        at = len(out)
        while at and [int(p) for p in out[at - 1].split(".")] > key:
            at -= 1
        out.insert(at, name)
    return out


def text_and_turned(n: int, random: Random) -> tuple[Any, ...]:
    text = "".join(random.choice("ab") for _ in range(n))
    at = n * 2 // 3
    return text, text[at:] + text[:at]


def turned_by_doubling(a: str, b: str) -> bool:
    return len(a) == len(b) and b in a + a


def turned_by_slices(a: str, b: str) -> bool:
    return len(a) == len(b) and any(a[i:] + a[:i] == b for i in range(len(a)))


def turned_by_deque(a: str, b: str) -> bool:
    ring, wanted = deque(a), deque(b)
    for _ in range(len(a)):
        if ring == wanted:
            return True
        ring.rotate(1)
    return False


def turned_by_letters(a: str, b: str) -> bool:
    size = len(a)
    for shift in range(size):
        i = 0
        while i < size and a[(i + shift) % size] == b[i]:
            i += 1
        if i == size:
            return True
    return False


def text_and_patterns(n: int, random: Random) -> tuple[Any, ...]:
    text = "".join(random.choice("abcdef") for _ in range(n))
    return text, ["".join(random.choice("abcdef") for _ in range(random.randrange(2, 30))) for _ in range(40)]


def hidden_by_iterator(text, patterns):
    found = []
    for pattern in patterns:
        letters = iter(text)
        if all(c in letters for c in pattern):
            found.append(pattern)
    return found


def hidden_by_find(text, patterns):
    def hidden(pattern):
        at = -1
        for c in pattern:
            at = text.find(c, at + 1)
            if at < 0:
                return False
        return True

    return list(filter(hidden, patterns))


def hidden_by_places(text, patterns):
    places = defaultdict(list)
    for i, c in enumerate(text):
        places[c].append(i)
    found = []
    for pattern in patterns:
        at = -1
        for c in pattern:
            k = bisect.bisect_right(places[c], at)
            if k == len(places[c]):
                break
            at = places[c][k]
        else:
            found.append(pattern)
    return found


def hidden_by_tails(text, patterns):
    found = []
    for pattern in patterns:
        rest, ok = text, True
        for c in pattern:
            _, hit, rest = rest.partition(c)
            ok = ok and bool(hit)
        if ok:
            found.append(pattern)
    return found


FAMILIES = [
    Family("kept-lines", two_files, (kept_lines_by_table, kept_lines_after_trimming, kept_lines_by_places), 1_000),
    Family(
        "corrections",
        typo_and_names,
        (corrections_by_full_table, corrections_by_walking_ends, corrections_by_variants, corrections_by_recursion),
        30_000,
    ),
    Family("likeness", two_sentences, (likeness_by_removing, likeness_by_counters, likeness_by_sorting, likeness_by_counting), 100_000),
    Family("confusable-codes", badge_codes, (confusable_by_pairs, confusable_by_gaps, confusable_by_changing), 30_000),
    Family(
        "shared-starts",
        file_paths,
        (shared_start_by_columns, shared_start_by_extremes, shared_start_by_shrinking, shared_start_by_sorting),
        100_000,
    ),
    Family("releases", release_names, (releases_by_key, releases_by_comparison, releases_by_padding, releases_by_inserting), 100_000),
    Family("turned-texts", text_and_turned, (turned_by_doubling, turned_by_slices, turned_by_deque, turned_by_letters), 100_000),
    Family("hidden-patterns", text_and_patterns, (hidden_by_iterator, hidden_by_find, hidden_by_places, hidden_by_tails)),
]
