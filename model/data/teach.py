"""Pseudo-labels: what teachers say of functions that nobody measured, as they are and at invented argument sizes.

The network sees every function that we could get, the teachers only the measured ones: what they know is written over 95,000 texts.

The sizes are the point: measured functions that were called at many sizes are few, and a network that has only seen those learns to
ignore the ``args:`` line. The teacher is told sizes as numbers and reads them well.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from rlm_lsp.model.baselines import BoostedTfidf, Floats, boost, called_by, hand_features, tfidf
from rlm_lsp.model.data.corpus import LADDERS, text_hash
from rlm_lsp.model.data.examples import FLOORS, Example
from rlm_lsp.model.data.static import parsed
from rlm_lsp.model.measure.describe import MAX_ARGUMENTS, MAX_CHARACTERS, describe_value

_ARGUMENT = re.compile(r"(\w+)=((?:[^,\[]|\[[^\]]*\]*)+)(?:, |$)")
_OUTER = re.compile(r"^([a-z]\w*\[)(\d+)((?:x\d+)*)")
_WORD = r"[A-Za-z][a-z]*|\d|[^\sA-Za-z\d_]"
_SIZED_STRIDE = 3
_LARGEST = 300_000.0
_LARGEST_ELEMENTS = 3_000_000  # of an array of several dimensions


@dataclass(frozen=True)
class Descriptors:
    """How arguments looked in measured calls: by the parameter's name, and all of them."""

    by_name: dict[str, list[str]]
    everywhere: list[str]


def descriptors_of(rows: Iterable[Example]) -> Descriptors:
    """Collect the arguments of sized rows; each function counts once."""
    by_name: dict[str, list[str]] = defaultdict(list)
    seen = set()
    for row in rows:
        for name, descriptor in _ARGUMENT.findall(row.args or ""):
            if (row.text, name) not in seen:
                seen.add((row.text, name))
                by_name[name].append(descriptor)
    return Descriptors(dict(by_name), [descriptor for name in sorted(by_name) for descriptor in by_name[name]])


def invented_args(text: str, known: Descriptors, rng: Random) -> str | None:
    """Return an ``args:`` line for a function, or ``None`` where it takes nothing or does not parse.

    A parameter looks as one of its name did in a measured call, else as any did; most sizes are then drawn anew, log-uniformly.
    """
    tree = parsed(text)
    function = next((node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)), None) if tree else None
    if function is None:
        return None
    arguments = function.args
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs) if a.arg not in ("self", "cls")]
    common = 10 ** rng.uniform(0.0, np.log10(_LARGEST))
    words: list[str] = []
    for name in names[:MAX_ARGUMENTS]:
        descriptor = rng.choice(known.by_name.get(name) or known.everywhere)
        fate = rng.random()  # most arguments of a call are of like size
        if fate < 0.8:
            descriptor = _resized(descriptor, max(1, round(common if fate < 0.6 else 10 ** rng.uniform(0.0, np.log10(_LARGEST)))))
        if len(", ".join([*words, f"{name}={descriptor}"])) > MAX_CHARACTERS:
            break
        words.append(f"{name}={descriptor}")
    return ", ".join(words) or None


def _resized(descriptor: str, size: int) -> str:
    if descriptor.startswith("int"):
        return describe_value(size)

    def with_size(match: re.Match[str]) -> str:
        others = match[3].count("x")
        if not others:
            return f"{match[1]}{size}"
        most = round(_LARGEST_ELEMENTS ** (1 / (others + 1)))
        return match[1] + "x".join([str(min(size, most))] * (others + 1))

    return _OUTER.sub(with_size, descriptor)


def at_invented_sizes(functions: Iterable[Example], known: Descriptors, seed: int) -> Iterator[Example]:
    """Yield each function that takes arguments, at an invented size."""
    for function in functions:
        args = invented_args(function.text, known, Random(f"{seed}/{function.id}"))
        if args is not None:
            yield replace(function, id=text_hash(f"{function.text}\0{args}"), args=args)


class Views:
    """What the boosted teacher sees of a function, fitted on texts: n-grams of tokens, and n-grams of the words inside names.

    They rank wild functions about equally well and err differently (EXPERIMENTS.md). Each stands beside the hand features, and beside the
    same of what the function calls in its file.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        words = TfidfVectorizer(
            token_pattern=_WORD, lowercase=True, ngram_range=(1, 3), max_features=12_000, min_df=min(3, len(texts)), sublinear_tf=True
        )
        self._vectorizers = (tfidf((1, 2), 4_000).fit(texts), words.fit(texts))

    def of(self, functions: Sequence[Example]) -> list[csr_matrix]:
        """Return a matrix (N, features) for each view."""
        parts = (functions, called_by(functions))
        hand = [csr_matrix(np.nan_to_num(hand_features(part))) for part in parts]
        texts = [[function.text for function in part] for part in parts]
        return [hstack([*map(vectorizer.transform, texts), *hand]).tocsr() for vectorizer in self._vectorizers]


Opinions = Callable[[Sequence[Example]], Mapping[str, Floats]]
"""What an earlier checkpoint says of functions: by objective its p10, p50, p90 (N, 3), NaN where it says nothing."""


def taught(
    typical: Sequence[Example], sized: Sequence[Example], functions: Sequence[Example], seed: int = 1, opinions: Opinions | None = None
) -> tuple[list[Example], list[Example]]:
    """Return the functions with pseudo-labels of both costs without sizes, and one in three of them at an invented size.

    Teachers learn from the training rows only. Without sizes: the mean of the logarithms of two, one for each of :class:`Views`, and of
    that and a checkpoint's medians, where ``opinions`` has them. At a size: that, moved by what a third one, which is told sizes, says
    that the size changes. Functions measured on a ladder count double there: they show what sizes do.
    """
    known = descriptors_of(row for row in sized if row.split == "train")
    plain, at_sizes = list(functions), list(at_invented_sizes(functions[::_SIZED_STRIDE], known, seed))
    place = {function.text: index for index, function in enumerate(functions)}
    origin = [place[e.text] for e in at_sizes]
    measured = [row for row in typical if row.split == "train"]
    with_sizes = [row for row in (*typical, *sized) if row.split == "train"]
    with_sizes += [row for row in with_sizes if row.source in LADDERS and row.args]
    views = Views([row.text for row in measured])
    of_measured, of_functions = views.of(measured), views.of(functions)
    said = opinions(functions) if opinions is not None else {}
    for objective, floor in FLOORS.items():
        rows = np.flatnonzero([objective in row.targets for row in measured])
        logs = np.log10([measured[i].targets[objective] + floor for i in rows])
        pairs = zip(of_measured, of_functions, strict=True)
        labels = np.mean([boost(seen[rows], logs).predict(asked) for seen, asked in pairs], axis=0)  # (N,)
        if objective in said:
            medians = np.log10(said[objective][:, 1] + floor)  # (N,)
            labels = np.where(np.isnan(medians), labels, (labels + medians) / 2)
        teacher = BoostedTfidf()
        told = [row for row in with_sizes if objective in row.targets]
        teacher.fit(told, np.log10([row.targets[objective] + floor for row in told]))
        moved = teacher.predict(at_sizes) - teacher.predict([replace(e, args=None) for e in at_sizes])
        plain = _labelled(plain, labels, objective, floor)
        at_sizes = _labelled(at_sizes, labels[origin] + moved, objective, floor)
    return plain, at_sizes


def _labelled(functions: Sequence[Example], logs: Floats, objective: str, floor: float) -> list[Example]:
    values = np.maximum(10**logs - floor, 0.0)
    return [replace(e, targets={**e.targets, objective: float(value)}) for e, value in zip(functions, values, strict=True)]
