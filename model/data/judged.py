"""LeetCode's own judge on whole programs in 18 languages, joined with their text.

Source: the LeetCode-in-* repositories of javadev and others (MIT), each of whose solutions carries the judge's answer in a comment; the
table below ``--data`` has these numbers and a pointer to the file, whose text is read from a clone, without that comment.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import geometric_mean

from rlm_lsp.model.data.clones import MissingCloneError, read_blobs
from rlm_lsp.model.data.corpus import text_hash
from rlm_lsp.model.data.examples import Example
from rlm_lsp.model.data.file_text import file_text
from rlm_lsp.model.data.splits import split_of

LATENCY, MEMORY = "latency@leetcode", "memory@leetcode"
_BYTES = 1e6  # in a MB of the judge

# A folder's or package's name holds the problem's number, which says when it was published and so, roughly, on what it was judged.
_PLACE = re.compile(r"(?:\w+[.\\/])*[gG]\d{4}_\d{4}[.\\/][sS]\d{4}_\w+|\b[sS]\d{4}_\w+")
_SLUG = re.compile(r"/[sS]\d{4}_(\w+)/")
_LEAK = re.compile(r"Time_|ms_\(|Space_|_MB_|Big_O|#Easy|#Medium|#Hard|Top_100_|Top_Interview|\b20\d\d_\d\d_\d\d|[sS]\d{4}_")

Row = Mapping[str, str]


class LeakError(ValueError):
    """A text that still says what the judge said."""


def program_text(source: bytes, language: str) -> str:
    """Return a solution's normalised text, without the problem's number and the judge's answer, which stands in a comment.

    Raises:
        LeakError: some of it is still there.
        KeyError: a language that cannot be normalised.
    """
    text = file_text(_PLACE.sub("leetcode", source.decode("utf-8")).encode(), language)
    found = _LEAK.search(text)
    if found:
        raise LeakError(f"the text still holds {found[0]!r}")
    return text


def slug_of(row: Row) -> str:
    """Return LeetCode's name of a row's problem, as LeetCodeDataset has it: ``two-sum``. Raises ValueError where the path has none."""
    found = _SLUG.search(row["path"])
    if found is None:
        raise ValueError(f"no problem in {row['path']!r}")
    return found[1].lower().replace("_", "-")


def read(data: Path, clones: Path) -> tuple[list[Example], Counter[str], list[MissingCloneError]]:
    """Return the examples, counts of what was left out or censored, and the repositories that are missing.

    Copies of one program in one language are one example, with the geometric means of their values. A time of 0 ms, also of a copy, is
    below what the judge resolves: such an example has its memory only.

    Raises:
        FileNotFoundError: ``leetcode_in_all/`` is not below ``data``.
        LeakError: a text still says what the judge said.
    """
    counts: Counter[str] = Counter()
    missing: list[MissingCloneError] = []
    copies: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for rows in _by_repository(data / "leetcode_in_all" / "labels.csv"):
        repository, commit = rows[0]["repo"], rows[0]["commit"]
        try:
            blobs = read_blobs(clones, repository, (row["blob"] for row in rows))
        except MissingCloneError as error:
            missing.append(MissingCloneError(f"{error}; the rows point to commit {commit}"))
            continue
        for row in rows:
            if row["blob"] not in blobs:
                counts["text not in the clone"] += 1
                continue
            copies[row["language"], slug_of(row), program_text(blobs[row["blob"]], row["language"])].append(row)
    found = [_example(*key, rows, counts) for key, rows in copies.items()]
    return [example for example in found if example.targets], counts, missing


def _by_repository(path: Path) -> Iterator[list[Row]]:
    with path.open(encoding="utf-8", newline="") as file:
        groups: dict[str, list[Row]] = defaultdict(list)
        for row in csv.DictReader(file):
            groups[row["repo"]].append(row)
    yield from groups.values()


def _example(language: str, slug: str, text: str, rows: list[Row], counts: Counter[str]) -> Example:
    counts["copies joined"] += len(rows) - 1
    seconds = [float(row["time_ms"] or 0) / 1e3 for row in rows]
    memory = [float(row["memory_mb"] or 0) * _BYTES for row in rows]
    targets = {name: geometric_mean(values) for name, values in ((LATENCY, seconds), (MEMORY, memory)) if min(values) > 0}
    for name in (LATENCY, MEMORY):
        counts[f"{name} censored"] += name not in targets
    return Example(
        id=text_hash(f"{language}\0{text}"),
        source=f"leetcode-in-{language}",
        group=slug,
        split=split_of("leetcode", slug),
        text=text,
        targets=targets,
        problem=slug,
        language=language,
        kind="judged program",
    )
