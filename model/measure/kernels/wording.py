"""Paragraphs, templates, sentences and tables of text."""

from __future__ import annotations

import bisect
import re
import string
from collections import Counter
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def word_of(random: Random) -> str:
    return "".join(random.choice("aeioulnrst") for _ in range(random.randrange(2, 9)))


def paragraph(n: int, random: Random) -> tuple[Any, ...]:
    return " ".join(word_of(random) for _ in range(n)), 60


def wrap_greedy(text: str, width: int) -> list[str]:
    lines = []
    current: list[str] = []
    used = 0
    for word in text.split():
        if current and used + len(word) > width:
            lines.append(" ".join(current))
            current, used = [], 0
        current.append(word)
        used += len(word) + 1
    lines.append(" ".join(current))
    return lines


def wrap_by_last_space(text: str, width: int) -> list[str]:
    lines = []
    while len(text) > width:
        cut = text.rfind(" ", 0, width + 1)
        lines.append(text[:cut])
        text = text[cut + 1 :]
    lines.append(text)
    return lines


def wrap_from_queue(text: str, width: int) -> list[str]:
    words = text.split(" ")
    result = []
    while words:
        line = words.pop(0)
        while words and len(line) + 1 + len(words[0]) <= width:
            line += " " + words.pop(0)
        result.append(line)
    return result


def wrap_with_positions(text: str, width: int) -> list[str]:
    start, out = 0, []
    while start + width < len(text):
        end = start + width
        while text[end] != " ":
            end -= 1
        out.append(text[start:end])
        start = end + 1
    return out + [text[start:]]


def letter_template(n: int, random: Random) -> tuple[Any, ...]:
    values = {f"field{i}": word_of(random) for i in range(40)}
    return " ".join("{" + random.choice(list(values)) + "} " + word_of(random) for _ in range(n)), values


def fill_by_replacing(template: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        template = template.replace("{" + name + "}", value)
    return template


def fill_by_pattern(template: str, values: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: values[found.group(1)], template)


def fill_by_scanning(template: str, values: dict[str, str]) -> str:
    parts, at = [], 0
    while True:
        opened = template.find("{", at)
        if opened < 0:
            parts.append(template[at:])
            return "".join(parts)
        closed = template.index("}", opened)
        parts.append(template[at:opened])
        parts.append(values[template[opened + 1 : closed]])
        at = closed + 1


def fill_first_until_done(template: str, values: dict[str, str]) -> str:
    while "{" in template:
        before, _, rest = template.partition("{")
        name, _, after = rest.partition("}")
        template = before + values[name] + after
    return template


def fill_by_format(template: str, values: dict[str, str]) -> str:
    return template.format_map(values)


def comments(n: int, random: Random) -> tuple[Any, ...]:
    banned = sorted({word_of(random) for _ in range(60)})
    return [random.choice(banned) if random.random() < 0.1 else word_of(random) for _ in range(n)], banned


def mask_with_list(words: list[str], banned: list[str]) -> list[str]:
    return ["*" * len(w) if w in banned else w for w in words]


def mask_with_set(words: list[str], banned: list[str]) -> list[str]:
    blocked = frozenset(banned)
    return ["*" * len(w) if w in blocked else w for w in words]


def mask_with_bisect(words: list[str], banned: list[str]) -> list[str]:
    cleaned = []
    for word in words:
        at = bisect.bisect_left(banned, word)
        hit = at < len(banned) and banned[at] == word
        cleaned.append("*" * len(word) if hit else word)
    return cleaned


def mask_with_alternatives(words: list[str], banned: list[str]) -> list[str]:
    pattern = re.compile("|".join(map(re.escape, banned)))
    return ["*" * len(w) if pattern.fullmatch(w) else w for w in words]


def titles(n: int, random: Random) -> tuple[Any, ...]:
    return ([f"{random.choice('abc')}x {random.choice('abcd')}y {random.choice('ab')}z" for _ in range(n)],)


def codes_by_counting_back(names: list[str]) -> list[str]:
    codes: list[str] = []
    for name in names:
        initials = "".join(part[0].upper() for part in name.split())
        taken = sum(1 for code in codes if code.startswith(initials + "-"))
        codes.append(f"{initials}-{taken + 1}")
    return codes


def codes_by_counter(names: list[str]) -> list[str]:
    used: Counter[str] = Counter()
    codes = []
    for name in names:
        initials = "".join([part[0] for part in name.split()]).upper()
        used[initials] += 1
        codes.append(f"{initials}-{used[initials]}")
    return codes


def codes_by_trying(names: list[str]) -> list[str]:
    taken: dict[str, None] = {}
    for name in names:
        initials = "".join(part[0].upper() for part in name.split())
        number = 1
        while f"{initials}-{number}" in taken:
            number += 1
        taken[f"{initials}-{number}"] = None
    return list(taken)


def article(n: int, random: Random) -> tuple[Any, ...]:
    words = [word_of(random) + ("." if random.random() < 0.1 else "") for _ in range(n)]
    return (" ".join(words).rstrip(".") + ".",)


def sentence_sizes(text: str) -> list[int]:
    return [len(part.split()) for part in text.split(".") if part.strip()]


def sentence_sizes_by_letter(text: str) -> list[int]:
    sizes, words, inside = [], 0, False
    for char in text:
        if char == ".":
            sizes.append(words)
            words, inside = 0, False
        elif char == " ":
            inside = False
        elif not inside:
            words += 1
            inside = True
    return sizes


def sentence_sizes_by_cutting(text: str) -> list[int]:
    sizes = []
    while text:
        dot = text.index(".")
        sizes.append(len(text[:dot].split()))
        text = text[dot + 1 :]
    return sizes


def sentence_sizes_by_pattern(text: str) -> list[int]:
    return [len(re.findall(r"\w+", sentence)) for sentence in re.findall(r"[^.]+", text)]


def report_rows(n: int, random: Random) -> tuple[Any, ...]:
    return ([[word_of(random) for _ in range(6)] for _ in range(n)],)


def align_columns(rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(" | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows)


def align_every_row(rows: list[list[str]]) -> str:
    out = []
    for row in rows:
        cells = []
        for i, cell in enumerate(row):
            width = max(len(other[i]) for other in rows)
            cells.append(cell + " " * (width - len(cell)))
        out.append(" | ".join(cells))
    return "\n".join(out)


def align_by_adding(rows: list[list[str]]) -> str:
    widths = [0] * len(rows[0])
    for row in rows:
        for i, cell in enumerate(row):
            if len(cell) > widths[i]:
                widths[i] = len(cell)
    text = ""
    for number, row in enumerate(rows):
        if number:
            text = text + "\n"
        for i, cell in enumerate(row):
            if i:
                text = text + " | "
            text = text + f"{cell:<{widths[i]}}"
    return text


def identifier(n: int, random: Random) -> tuple[Any, ...]:
    return ("a" + "".join(random.choice(string.ascii_letters) for _ in range(n)),)


def snake_by_pattern(name: str) -> str:
    return re.sub(r"([A-Z])", r"_\1", name).lower()


def snake_by_list(name: str) -> str:
    parts = []
    for char in name:
        if char.isupper():
            parts.append("_")
        parts.append(char.lower())
    return "".join(parts)


def snake_from_the_right(name: str) -> str:
    out = ""
    for char in reversed(name):
        out = ("_" + char.lower() if char.isupper() else char) + out
    return out


def snake_by_replacing(name: str) -> str:
    for capital in string.ascii_uppercase:
        name = name.replace(capital, "_" + capital.lower())
    return name


def word_list(n: int, random: Random) -> tuple[Any, ...]:
    return ([word_of(random) for _ in range(n)], 5)


def common_words_by_count(words: list[str], k: int) -> list[str]:
    return sorted(set(words), key=lambda word: (-words.count(word), word))[:k]


def common_words_by_table(words: list[str], k: int) -> list[str]:
    table: dict[str, int] = {}
    for word in words:
        table[word] = table.get(word, 0) + 1
    ranked = sorted(table.items(), key=lambda item: (-item[1], item[0]))
    return [word for word, _ in ranked[:k]]


def common_words_by_rounds(words: list[str], k: int) -> list[str]:
    counts = Counter(words)
    picked: list[str] = []
    while counts and len(picked) < k:
        best = min(counts, key=lambda word: (-counts[word], word))
        picked.append(best)
        del counts[best]
    return picked


def common_words_by_runs(words: list[str], k: int) -> list[str]:
    ordered = sorted(words)
    runs: list[tuple[int, str]] = []
    start = 0
    for i in range(1, len(ordered) + 1):
        if i == len(ordered) or ordered[i] != ordered[start]:
            runs.append((start - i, ordered[start]))
            start = i
    runs.sort()
    return [word for _, word in runs[:k]]


FAMILIES = [
    Family("wrapping-paragraphs", paragraph, (wrap_greedy, wrap_by_last_space, wrap_from_queue, wrap_with_positions), 100_000),
    Family(
        "filling-templates",
        letter_template,
        (fill_by_replacing, fill_by_pattern, fill_by_scanning, fill_first_until_done, fill_by_format),
        30_000,
    ),
    Family("masking-words", comments, (mask_with_list, mask_with_set, mask_with_bisect, mask_with_alternatives), 100_000),
    Family("short-codes", titles, (codes_by_counting_back, codes_by_counter, codes_by_trying), 100_000),
    Family(
        "sentence-sizes",
        article,
        (sentence_sizes, sentence_sizes_by_letter, sentence_sizes_by_cutting, sentence_sizes_by_pattern),
        100_000,
    ),
    Family("aligned-tables", report_rows, (align_columns, align_every_row, align_by_adding), 30_000),
    Family("snake-case", identifier, (snake_by_pattern, snake_by_list, snake_from_the_right, snake_by_replacing)),
    Family(
        "common-words",
        word_list,
        (common_words_by_count, common_words_by_table, common_words_by_rounds, common_words_by_runs),
        100_000,
    ),
]
