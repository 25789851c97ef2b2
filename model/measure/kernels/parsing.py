# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs
"""Parsers of small formats, written as scripts are: without type hints."""

from __future__ import annotations

import configparser
import csv
import io
import re
from collections import Counter
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def query_text(n: int, random: Random) -> tuple[Any, ...]:
    return ("&".join(f"k{random.randrange(n)}={random.randrange(1000)}" for _ in range(n)),)


def query_by_split(text):
    params = {}
    for pair in text.split("&"):
        key, value = pair.split("=")
        params.setdefault(key, []).append(value)
    return params


def query_by_states(text):
    params = {}
    key, value, in_value = "", "", False
    for c in text + "&":
        if c == "&":
            if key not in params:
                params[key] = []
            params[key].append(value)
            key, value, in_value = "", "", False
        elif c == "=":
            in_value = True
        elif in_value:
            value += c
        else:
            key += c
    return params


def query_by_partition(text):
    params = {}
    rest = text
    while rest:
        pair, _, rest = rest.partition("&")
        key, _, value = pair.partition("=")
        params[key] = params.get(key, []) + [value]
    return params


def query_with_copies(text):
    params = {}
    for pair in text.split("&"):
        key, value = pair.split("=")
        params = dict(params, **{key: [*params.get(key, []), value]})
    return params


def settings_file(n: int, random: Random) -> tuple[Any, ...]:
    lines = []
    for i in range(n):
        if i % 10 == 0:
            lines.append(f"[part{i // 10}]")
        lines.append(f"name{i % 10} = {random.randrange(10**6)}")
        if random.random() < 0.1:
            lines.append("# a remark")
    return ("\n".join(lines),)


def ini_by_lines(text):
    sections = {}
    current = None
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line[0] == "[":
            current = sections[line[1:-1]] = {}
        elif current is not None:
            key, value = line.split("=", 1)
            current[key.strip()] = value.strip()
    return sections


def ini_by_pattern(text):
    found = {}
    section = ""
    for m in re.finditer(r"^\[(\w+)\]$|^(\w+)\s*=\s*(.*)$", text, re.MULTILINE):
        if m.group(1):
            section = m.group(1)
            found[section] = {}
        else:
            found[section][m.group(2)] = m.group(3)
    return found


def ini_by_library(text):
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser.sections()}


def ini_section_by_section(text):
    lines = [line for line in text.split("\n") if not line.startswith("#")]
    names = [line[1:-1] for line in lines if line.startswith("[")]
    result = {}
    for name in names:
        start = lines.index(f"[{name}]") + 1
        values = {}
        while start < len(lines) and not lines[start].startswith("["):
            key, value = lines[start].split(" = ")
            values[key] = value
            start += 1
        result[name] = values
    return result


def quoted_rows(n: int, random: Random) -> tuple[Any, ...]:
    def cell():
        return random.choice(("12", '"a, b"', "plain", '"say ""hi"""', ""))

    return ("\n".join(",".join(cell() for _ in range(5)) for _ in range(n)),)


def fields_by_library(text):
    return list(csv.reader(io.StringIO(text)))


def fields_by_states(text):
    rows, row, cell, quoted, i = [], [], [], False, 0
    while i < len(text):
        c = text[i]
        if quoted:
            if c != '"':
                cell.append(c)
            elif text[i + 1 : i + 2] == '"':
                cell.append('"')
                i += 1
            else:
                quoted = False
        elif c == '"':
            quoted = True
        elif c in ",\n":
            row.append("".join(cell))
            cell = []
            if c == "\n":
                rows.append(row)
                row = []
        else:
            cell.append(c)
        i += 1
    return [*rows, [*row, "".join(cell)]]


def fields_by_pattern(text):
    rows = []
    for line in text.split("\n"):
        cells = re.findall(r'(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))', line)
        rows.append([a.replace('""', '"') or b for a, b in cells])
    return rows


def fields_by_tail(text):
    rows = [[]]
    while True:
        if text.startswith('"'):
            end = text.index('"', 1)
            while text[end + 1 : end + 2] == '"':
                end = text.index('"', end + 2)
            rows[-1].append(text[1:end].replace('""', '"'))
            text = text[end + 1 :]
        else:
            cell = re.split(r"[,\n]", text, maxsplit=1)[0]
            rows[-1].append(cell)
            text = text[len(cell) :]
        if not text:
            return rows
        if text[0] == "\n":
            rows.append([])
        text = text[1:]


def spans_of_time(n: int, random: Random) -> tuple[Any, ...]:
    return ([f"{random.randrange(1, 9)}h{random.randrange(60)}m{random.randrange(60)}s" for _ in range(n)],)


def seconds_by_findall(spans):
    scale = {"h": 3600, "m": 60, "s": 1}
    return [sum(int(n) * scale[u] for n, u in re.findall(r"(\d+)([hms])", span)) for span in spans]


def seconds_by_chars(spans):
    totals = []
    for span in spans:
        total = number = 0
        for c in span:
            if c.isdigit():
                number = number * 10 + int(c)
            else:
                total += number * {"h": 3600, "m": 60, "s": 1}[c]
                number = 0
        totals.append(total)
    return totals


def seconds_by_split(spans):
    out = []
    for span in spans:
        hours, rest = span.split("h")
        minutes, rest = rest.split("m")
        out.append(int(hours) * 3600 + int(minutes) * 60 + int(rest[:-1]))
    return out


def formula(n: int, random: Random) -> tuple[Any, ...]:
    terms = []
    for _ in range(n):
        a, b = random.randrange(1, 100), random.randrange(1, 100)
        terms.append(random.choice((f"{a}", f"({a}+{b})", f"({a}-({b}+2))*3")))
    return ("+".join(terms),)


def tokens_by_findall(source):
    return re.findall(r"\d+|[-+*()]", source)


def tokens_by_chars(source):
    tokens, digits = [], ""
    for c in source:
        if c.isdigit():
            digits += c
            continue
        if digits:
            tokens.append(digits)
            digits = ""
        tokens.append(c)
    if digits:
        tokens.append(digits)
    return tokens


def tokens_by_eating(source):
    tokens = []
    while source:
        m = re.match(r"\d+", source)
        token = m.group() if m else source[0]
        tokens.append(token)
        source = source[len(token) :]
    return tokens


def tokens_by_spacing(source):
    for symbol in "+-*()":
        source = source.replace(symbol, f" {symbol} ")
    return source.split()


def value_by_descent(source):
    tokens = re.findall(r"\d+|[-+*()]", source)
    at = 0

    def atom():
        nonlocal at
        at += 1
        if tokens[at - 1] != "(":
            return int(tokens[at - 1])
        inner = addition()
        at += 1
        return inner

    def product_of_atoms():
        nonlocal at
        left = atom()
        while at < len(tokens) and tokens[at] == "*":
            at += 1
            left *= atom()
        return left

    def addition():
        nonlocal at
        left = product_of_atoms()
        while at < len(tokens) and tokens[at] in "+-":
            sign = 1 if tokens[at] == "+" else -1
            at += 1
            left += sign * product_of_atoms()
        return left

    return addition()


def value_by_two_stacks(source):
    rank = {"+": 1, "-": 1, "*": 2, "(": 0}
    values, ops = [], []

    def apply():
        op, b, a = ops.pop(), values.pop(), values.pop()
        values.append(a + b if op == "+" else a - b if op == "-" else a * b)

    for token in re.findall(r"\d+|[-+*()]", source):
        if token.isdigit():
            values.append(int(token))
        elif token == "(":
            ops.append(token)
        elif token == ")":
            while ops[-1] != "(":
                apply()
            ops.pop()
        else:
            while ops and rank[ops[-1]] >= rank[token]:
                apply()
            ops.append(token)
    while ops:
        apply()
    return values[0]


def value_by_rewriting(source):
    def flat(text):
        total = 0
        for sign, factors in re.findall(r"(^|[-+])((?:\d+|(?<=\*)-?\d+|(?<=^)-\d+)(?:\*-?\d+)*)", text):
            value = 1
            for factor in factors.split("*"):
                value *= int(factor)
            total += -value if sign == "-" else value
        return total

    while "(" in source:
        close = source.index(")")
        start = source.rindex("(", 0, close)
        inner = flat(source[start + 1 : close])
        source = source[:start] + str(inner) + source[close + 1 :]
        source = source.replace("+-", "-").replace("--", "+")
    return flat(source)


def traffic(n: int, random: Random) -> tuple[Any, ...]:
    def line() -> str:
        status = random.choice((200, 404))
        return f"10.0.0.{random.randrange(99)} GET /p{random.randrange(30)} {status} {random.randrange(9999)}"

    return ([line() for _ in range(n)],)


def bytes_sent_by_split(log):
    sent = Counter()
    for line in log:
        _, _, path, status, size = line.split()
        if status == "200":
            sent[path] += int(size)
    return dict(sent)


def bytes_sent_by_pattern(log):
    sent = {}
    pattern = re.compile(r"^(\S+) (\w+) (?P<path>\S+) 200 (?P<size>\d+)$")
    for line in log:
        m = pattern.match(line)
        if m:
            sent[m["path"]] = sent.get(m["path"], 0) + int(m["size"])
    return sent


def bytes_sent_per_path(log):
    good = [line for line in log if line.split()[3] == "200"]
    paths = {line.split()[2] for line in good}
    return {p: sum(int(line.rsplit(" ", 1)[1]) for line in good if line.split()[2] == p) for p in paths}


FAMILIES = [
    Family("query-strings", query_text, (query_by_split, query_by_states, query_by_partition, query_with_copies), 100_000),
    Family("ini-files", settings_file, (ini_by_lines, ini_by_pattern, ini_by_library, ini_section_by_section), 100_000),
    Family("quoted-fields", quoted_rows, (fields_by_library, fields_by_states, fields_by_pattern, fields_by_tail), 30_000),
    Family("durations", spans_of_time, (seconds_by_findall, seconds_by_chars, seconds_by_split), 100_000),
    Family("formula-tokens", formula, (tokens_by_findall, tokens_by_chars, tokens_by_eating, tokens_by_spacing), 100_000),
    Family("formula-values", formula, (value_by_descent, value_by_two_stacks, value_by_rewriting), 30_000),
    Family("bytes-sent", traffic, (bytes_sent_by_split, bytes_sent_by_pattern, bytes_sent_per_path), 100_000),
]
