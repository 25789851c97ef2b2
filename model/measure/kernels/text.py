"""Strings, words, JSON and patterns."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import zlib
from collections import Counter
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def letters(n: int, random: Random) -> tuple[Any, ...]:
    return ("".join(random.choice("abcdefghij ") for _ in range(n)),)


def build_by_adding(text: str) -> str:
    out = ""
    for char in text:
        out = char + out
    return out


def build_by_joining(text: str) -> str:
    return "".join(reversed(text))


def build_by_slicing(text: str) -> str:
    return text[::-1]


def is_palindrome_loop(text: str) -> bool:
    doubled = text + text[::-1]
    i, j = 0, len(doubled) - 1
    while i < j:
        if doubled[i] != doubled[j]:
            return False
        i += 1
        j -= 1
    return True


def letter_counts(text: str) -> dict[str, int]:
    return {char: text.count(char) for char in set(text)}


def letter_counts_each(text: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for char in text:
        counts[char] = text.count(char)
    return counts


def letter_tally(text: str) -> Counter[str]:
    return Counter(text)


def run_lengths(text: str) -> list[tuple[str, int]]:
    runs: list[tuple[str, int]] = []
    for char in text:
        if runs and runs[-1][0] == char:
            runs[-1] = (char, runs[-1][1] + 1)
        else:
            runs.append((char, 1))
    return runs


def shift_letters(text: str) -> str:
    return "".join(chr((ord(c) - 97 + 3) % 26 + 97) if c.isalpha() else c for c in text)


def shift_by_table(text: str) -> str:
    return text.translate(str.maketrans("abcdefghijklmnopqrstuvwxyz", "defghijklmnopqrstuvwxyzabc"))


def all_substrings(text: str) -> int:
    return len({text[i:j] for i in range(len(text)) for j in range(i + 1, len(text) + 1)})


def longest_without_repeat(text: str) -> int:
    last: dict[str, int] = {}
    start = best = 0
    for i, char in enumerate(text):
        if last.get(char, -1) >= start:
            start = last[char] + 1
        last[char] = i
        best = max(best, i - start + 1)
    return best


def longest_without_repeat_slow(text: str) -> int:
    best = 0
    for i in range(len(text)):
        for j in range(i + 1, len(text) + 1):
            if len(set(text[i:j])) < j - i:
                break
            best = max(best, j - i)
    return best


def words_of(text: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for word in text.split():
        counts[word] = counts.get(word, 0) + 1
    return counts


def words_by_pattern(text: str) -> Counter[str]:
    return Counter(re.findall(r"[a-z]+", text))


def capitalised(text: str) -> str:
    return re.sub(r"\b[a-z]", lambda match: match.group().upper(), text)


def title_words(text: str) -> str:
    return " ".join(word.capitalize() for word in text.split(" "))


def anagram_groups(text: str) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for word in text.split():
        groups.setdefault("".join(sorted(word)), []).append(word)
    return groups


def prefixes(text: str) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for word in text.split():
        node = root
        for char in word:
            node = node.setdefault(char, {})
        node["$"] = True
    return root


def compressed(text: str) -> bytes:
    return zlib.compress(text.encode(), 6)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def digest_by_letter(text: str) -> str:
    state = hashlib.sha256()
    for char in text:
        state.update(char.encode())
    return state.hexdigest()


def checksum(text: str) -> int:
    a, b = 1, 0
    for byte in text.encode():
        a = (a + byte) % 65521
        b = (b + a) % 65521
    return b << 16 | a


def records(n: int, random: Random) -> tuple[Any, ...]:
    return ([{"id": i, "tags": ["a", "b"], "value": random.random(), "name": f"item {i}"} for i in range(n)],)


def to_json(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows)


def round_trip(rows: list[dict[str, Any]]) -> Any:
    return json.loads(json.dumps(rows, indent=2, sort_keys=True))


def to_json_each(rows: list[dict[str, Any]]) -> str:
    out = ""
    for row in rows:
        out += json.dumps(row) + "\n"
    return out


def to_csv(rows: list[dict[str, Any]]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, ["id", "name", "value"], extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def to_table(rows: list[dict[str, Any]]) -> str:
    width = max((len(row["name"]) for row in rows), default=0)
    return "\n".join(f"{row['id']:>6} {row['name']:<{width}} {row['value']:.3f}" for row in rows)


def lines(n: int, random: Random) -> tuple[Any, ...]:
    return ([f"2024-01-{random.randrange(1, 29):02} level={random.choice('DIWE')} took={random.randrange(9999)}ms" for _ in range(n)],)


def parse_by_pattern(log: list[str]) -> list[tuple[str, int]]:
    found = []
    for line in log:
        match = re.search(r"level=(\w) took=(\d+)ms", line)
        if match:
            found.append((match.group(1), int(match.group(2))))
    return found


def parse_by_splitting(log: list[str]) -> list[tuple[str, int]]:
    found = []
    for line in log:
        _, level, took = line.split(" ")
        found.append((level[6:], int(took[5:-2])))
    return found


def join_lines_by_adding(log: list[str]) -> str:
    text = ""
    for line in log:
        text = line + "\n" + text
    return text


def join_lines(log: list[str]) -> str:
    return "\n".join(reversed(log))


def errors_only(log: list[str]) -> list[str]:
    return [line for line in log if "level=E" in line]


FAMILIES = [
    Family("reversing-text", letters, (build_by_adding, build_by_joining, build_by_slicing, is_palindrome_loop)),
    Family("letters", letters, (letter_counts, letter_counts_each, letter_tally, run_lengths)),
    Family("shifting", letters, (shift_letters, shift_by_table)),
    Family("substrings", letters, (all_substrings, longest_without_repeat, longest_without_repeat_slow), 100_000),
    Family("words", letters, (words_of, words_by_pattern, anagram_groups, prefixes)),
    Family("capitals", letters, (capitalised, title_words)),
    Family("digests", letters, (compressed, encoded, digest, digest_by_letter, checksum)),
    Family("records-as-text", records, (to_json, round_trip, to_json_each, to_csv, to_table), 100_000),
    Family("logs", lines, (parse_by_pattern, parse_by_splitting, join_lines_by_adding, join_lines, errors_only), 100_000),
]
