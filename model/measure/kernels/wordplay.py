"""Palindromes, anagrams, brackets, runs and other play with short strings."""

# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

from collections import Counter
from itertools import groupby, zip_longest
from random import Random
from string import ascii_lowercase
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def sentence(n: int, random: Random) -> tuple[Any, ...]:
    half = "".join(random.choice("abcde FGH,.!") for _ in range(n))
    return (half + half[::-1].swapcase(),)


def mirrored_cleaned(s: str) -> bool:
    cleaned = "".join(c.lower() for c in s if c.isalnum())
    return cleaned == cleaned[::-1]


def mirrored_two_ends(s: str) -> bool:
    i, j = 0, len(s) - 1
    while i < j:
        if not s[i].isalnum():
            i += 1
        elif not s[j].isalnum():
            j -= 1
        elif s[i].lower() != s[j].lower():
            return False
        else:
            i += 1
            j -= 1
    return True


def mirrored_shrinking(s):
    t = "".join(filter(str.isalnum, s)).lower()
    while len(t) > 1:
        if t[0] != t[-1]:
            return False
        t = t[1:-1]
    return True


def mirrored_prepending(s: str) -> bool:
    forward, backward = "", ""
    for c in s.lower():
        if c.isalpha():
            forward = forward + c
            backward = c + backward
    return forward == backward


def shuffled_pair(n: int, random: Random) -> tuple[Any, ...]:
    a = [random.choice("abcdefghijklm") for _ in range(n)]
    return "".join(a), "".join(random.sample(a, n))


def same_letters_sorted(a: str, b: str) -> bool:
    return sorted(a) == sorted(b)


def same_letters_counter(a: str, b: str) -> bool:
    return Counter(a) == Counter(b)


def same_letters_removing(a, b):
    rest = list(b)
    for c in a:
        if c not in rest:
            return False
        rest.remove(c)
    return not rest


def same_letters_replacing(a: str, b: str) -> bool:
    for c in a:
        shorter = b.replace(c, "", 1)
        if shorter == b:
            return False
        b = shorter
    return b == ""


def same_letters_table(a: str, b: str) -> bool:
    counts = [0] * 26
    for c in a:
        counts[ord(c) - 97] += 1
    for c in b:
        counts[ord(c) - 97] -= 1
    return not any(counts)


def nested_brackets(n: int, random: Random) -> tuple[Any, ...]:
    text: list[str] = []
    open_ones: list[str] = []
    for _ in range(n):
        if open_ones and random.random() < 0.45:
            text.append(open_ones.pop())
        else:
            a, b = random.choice(("()", "[]", "{}"))
            text.append(a)
            open_ones.append(b)
    return ("".join(text + open_ones[::-1]),)


def brackets_by_stack(s: str) -> bool:
    partner = {")": "(", "]": "[", "}": "{"}
    stack: list[str] = []
    for c in s:
        if c in partner:
            if not stack or stack.pop() != partner[c]:
                return False
        else:
            stack.append(c)
    return not stack


def brackets_by_replacing(s: str) -> bool:
    before = None
    while s != before:
        before = s
        s = s.replace("()", "").replace("[]", "").replace("{}", "")
    return s == ""


def brackets_by_string_stack(s):
    held = ""
    for c in s:
        if c in "([{":
            held += c
        elif held[-1:] + c in ("()", "[]", "{}"):
            held = held[:-1]
        else:
            return False
    return len(held) == 0


def brackets_by_front_list(s: str) -> bool:
    closers = {"(": ")", "[": "]", "{": "}"}
    waiting: list[str] = []
    for c in s:
        if c in closers:
            waiting.insert(0, closers[c])
        elif not waiting or waiting.pop(0) != c:
            return False
    return not waiting


def two_letter_text(n: int, random: Random) -> tuple[Any, ...]:
    return ("".join(random.choice("ab") for _ in range(n)),)


def longest_mirror_brute(s: str) -> int:
    best = 0
    for i in range(len(s)):
        for j in range(i + 1, len(s) + 1):
            part = s[i:j]
            if part == part[::-1]:
                best = max(best, len(part))
    return best


def longest_mirror_centres(s: str) -> int:
    best = 0
    for centre in range(2 * len(s) - 1):
        left = centre // 2
        right = left + centre % 2
        while left >= 0 and right < len(s) and s[left] == s[right]:
            left -= 1
            right += 1
        best = max(best, right - left - 1)
    return best


def longest_mirror_table(s):
    n = len(s)
    is_pal = [[False] * n for _ in range(n)]
    best = 0
    for i in range(n - 1, -1, -1):
        for j in range(i, n):
            if s[i] == s[j] and (j - i < 2 or is_pal[i + 1][j - 1]):
                is_pal[i][j] = True
                best = max(best, j - i + 1)
    return best


def longest_mirror_growing(s: str) -> int:
    best = 0
    for end in range(1, len(s) + 1):
        for size in (best + 2, best + 1):
            if size <= end and s[end - size : end] == s[end - size : end][::-1]:
                best = size
                break
    return best


def mapped_pair(n: int, random: Random) -> tuple[Any, ...]:
    a = "".join(random.choice("abcdefgh") for _ in range(n))
    return a, a.translate(str.maketrans("abcdefgh", "qwertyui"))


def same_pattern_dicts(a: str, b: str) -> bool:
    there: dict[str, str] = {}
    back: dict[str, str] = {}
    for x, y in zip(a, b, strict=True):
        if there.setdefault(x, y) != y or back.setdefault(y, x) != x:
            return False
    return len(there) == len(back)


def same_pattern_firsts(a: str, b: str) -> bool:
    return [a.index(c) for c in a] == [b.index(c) for c in b]


def same_pattern_sets(a: str, b: str) -> bool:
    return len(set(zip(a, b, strict=True))) == len(set(a)) == len(set(b))


def same_pattern_pairs(a, b):
    n = len(a)
    return all((a[i] == a[j]) == (b[i] == b[j]) for i in range(n) for j in range(i + 1, n))


def turned_pair(n: int, random: Random) -> tuple[Any, ...]:
    a = "".join(random.choice("01") for _ in range(n))
    return a, a[n * 2 // 3 :] + a[: n * 2 // 3]


def is_turned_doubled(a: str, b: str) -> bool:
    return len(a) == len(b) and b in a + a


def is_turned_stepwise(a: str, b: str) -> bool:
    for _ in range(len(a)):
        if a == b:
            return True
        a = a[1:] + a[0]
    return a == b


def is_turned_by_letters(a, b):
    n = len(a)
    for shift in range(n):
        k = 0
        while k < n and a[(shift + k) % n] == b[k]:
            k += 1
        if k == n:
            return True
    return n == len(b) == 0


def mostly_doubled(n: int, random: Random) -> tuple[Any, ...]:
    pool = [chr(0x3B1 + i % 24) * 2 for i in range(n)]
    random.shuffle(pool)
    return ("".join(pool) + "x",)


def first_single_count(s: str) -> int:
    for i, c in enumerate(s):
        if s.count(c) == 1:
            return i
    return -1


def first_single_counter(s: str) -> int:
    counts = Counter(s)
    return next((i for i, c in enumerate(s) if counts[c] == 1), -1)


def first_single_finds(s):
    for i in range(len(s)):
        if s.find(s[i]) == i and s.rfind(s[i]) == i:
            return i
    return -1


def first_single_slices(s: str) -> int:
    for i in range(len(s)):
        if s[i] not in s[:i] + s[i + 1 :]:
            return i
    return -1


def coded_digits(n: int, random: Random) -> tuple[Any, ...]:
    return ("".join(random.choice("12") * random.randrange(1, 5) for _ in range(n)),)


def say_runs_adding(s: str) -> str:
    out = ""
    i = 0
    while i < len(s):
        j = i
        while j < len(s) and s[j] == s[i]:
            j += 1
        out += str(j - i) + s[i]
        i = j
    return out


def say_runs_grouped(s: str) -> str:
    return "".join(f"{len(list(run))}{c}" for c, run in groupby(s))


def say_runs_stripping(s):
    out = []
    while s:
        rest = s.lstrip(s[0])
        out.append(f"{len(s) - len(rest)}{s[0]}")
        s = rest
    return "".join(out)


def shared_starts(n: int, random: Random) -> tuple[Any, ...]:
    start = "prefix/of/all/"
    return ([start + "".join(random.choice(ascii_lowercase) for _ in range(random.randrange(4, 9))) for _ in range(n)],)


def common_start_shrinking(words: list[str]) -> str:
    start = words[0]
    for w in words:
        while not w.startswith(start):
            start = start[:-1]
    return start


def common_start_columns(words: list[str]) -> str:
    out = ""
    for column in zip_longest(*words):
        if len(set(column)) > 1:
            break
        out += column[0]
    return out


def common_start_extremes(words: list[str]) -> str:
    low, high = min(words), max(words)
    for i, c in enumerate(low):
        if high[i] != c:
            return low[:i]
    return low


def common_start_sorted(words):
    words = sorted(words)
    a, b = words[0], words[-1]
    i = 0
    while i < min(len(a), len(b)) and a[i] == b[i]:
        i += 1
    return a[:i]


FAMILIES = [
    Family("mirrored-sentence", sentence, (mirrored_cleaned, mirrored_two_ends, mirrored_shrinking, mirrored_prepending)),
    Family(
        "same-letters",
        shuffled_pair,
        (same_letters_sorted, same_letters_counter, same_letters_removing, same_letters_replacing, same_letters_table),
    ),
    Family("brackets", nested_brackets, (brackets_by_stack, brackets_by_replacing, brackets_by_string_stack, brackets_by_front_list)),
    Family(
        "longest-mirror",
        two_letter_text,
        (longest_mirror_brute, longest_mirror_centres, longest_mirror_table, longest_mirror_growing),
        3_000,
    ),
    Family("same-pattern", mapped_pair, (same_pattern_dicts, same_pattern_firsts, same_pattern_sets, same_pattern_pairs)),
    Family("turned-text", turned_pair, (is_turned_doubled, is_turned_stepwise, is_turned_by_letters)),
    Family("first-single", mostly_doubled, (first_single_count, first_single_counter, first_single_finds, first_single_slices)),
    Family("say-runs", coded_digits, (say_runs_adding, say_runs_grouped, say_runs_stripping), 100_000),
    Family(
        "common-start",
        shared_starts,
        (common_start_shrinking, common_start_columns, common_start_extremes, common_start_sorted),
        100_000,
    ),
]
