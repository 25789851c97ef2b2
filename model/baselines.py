"""What the RLM has to beat: language median, code length, boosted hand features, boosted TF-IDF, nearest neighbours.

All see the same normalised text and the same ``args:`` line as the RLM, and the same training rows; one of them reads callees, too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import astuple, replace
from typing import Any, Protocol

import lightgbm
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import KNeighborsRegressor

from rlm_lsp.model.data.examples import Example
from rlm_lsp.model.data.static import STATIC_OBJECTIVES, static_counts
from rlm_lsp.model.graph_counts import counts_of

Floats = npt.NDArray[np.float64]

_TOKEN = re.compile(r"[A-Za-z_]\w*|\d|[^\s\w]")
_SIZES = re.compile(r"\[([\d.e+]+(?:x\d+)*)")
_SEED = 20_26


class Regressor(Protocol):
    """Learns log10 values (N,) of examples and predicts them."""

    def fit(self, examples: Sequence[Example], log_values: Floats) -> None:
        """Learn from the training rows."""

    def predict(self, examples: Sequence[Example]) -> Floats:
        """Return log10 predictions (N,)."""


def size_features(args: str | None) -> list[float]:
    """Return what the ``args:`` line says of sizes: whether there is one, how many (an array's is its elements), largest, sum of logs."""
    sizes = [math.prod(float(size) for size in found.split("x")) for found in _SIZES.findall(args or "")]
    logs = np.log10(1 + np.array(sizes or [0.0]))
    return [float(args is not None), float(len(sizes)), float(logs.max()), float(logs.sum())]


def told_features(args: str | None) -> list[float]:
    """Return the logarithm of each figure that is told of a network, in order (``rlm_lsp.onnx.told``)."""
    return [math.log10(1 + float(figure)) for figure in _SIZES.findall(args or "")]


def hand_features(examples: Sequence[Example]) -> Floats:
    """Return static counts, text length, keyword counts and argument sizes (N, features)."""
    words = ("for", "while", "if", "return", "yield", "sorted", "range", "len", "np", "self", "raise", "append", "import")
    rows = []
    for example in examples:
        counts = static_counts(example.text) or dict.fromkeys(STATIC_OBJECTIVES, np.nan)
        tokens = _TOKEN.findall(example.text)
        rows.append(
            [*counts.values(), len(example.text), len(tokens), example.text.count("\n")]
            + [tokens.count(word) for word in words]
            + size_features(example.args)
            + (told_features(example.args) if example.kind == "graph" else [])
        )
    return np.array(rows, dtype=np.float64)


class Median:
    """The training median, for every row."""

    def fit(self, examples: Sequence[Example], log_values: Floats) -> None:
        """Learn from the training rows."""
        self.value = float(np.median(log_values))

    def predict(self, examples: Sequence[Example]) -> Floats:
        """Return log10 predictions (N,)."""
        return np.full(len(examples), self.value)


class CodeLength:
    """A straight line over the logarithm of the text's length."""

    def fit(self, examples: Sequence[Example], log_values: Floats) -> None:
        """Learn from the training rows."""
        self.line = np.asarray(np.polyfit(_log_lengths(examples), log_values, 1), dtype=np.float64)

    def predict(self, examples: Sequence[Example]) -> Floats:
        """Return log10 predictions (N,)."""
        return np.asarray(np.polyval(self.line, _log_lengths(examples)), dtype=np.float64)


class BoostedHandFeatures:
    """LightGBM on :func:`hand_features`."""

    def fit(self, examples: Sequence[Example], log_values: Floats) -> None:
        """Learn from the training rows."""
        self.model = boost(hand_features(examples), log_values)

    def predict(self, examples: Sequence[Example]) -> Floats:
        """Return log10 predictions (N,)."""
        return np.asarray(self.model.predict(hand_features(examples)), dtype=np.float64)


class BoostedTfidf:
    """LightGBM on TF-IDF 1-2-grams of tokens beside :func:`hand_features`: the baseline of model.md that won so far."""

    def fit(self, examples: Sequence[Example], log_values: Floats) -> None:
        """Learn from the training rows."""
        self.grams = tfidf((1, 2), 4_000)
        grams = self.grams.fit_transform([example.text for example in examples])
        self.model = boost(hstack([grams, csr_matrix(np.nan_to_num(hand_features(examples)))]).tocsr(), log_values)

    def predict(self, examples: Sequence[Example]) -> Floats:
        """Return log10 predictions (N,)."""
        grams = self.grams.transform([example.text for example in examples])
        features = hstack([grams, csr_matrix(np.nan_to_num(hand_features(examples)))]).tocsr()
        return np.asarray(self.model.predict(features), dtype=np.float64)


class BoostedWithCallees:
    """:class:`BoostedTfidf` that reads what a function calls in its file, too: the same features of that, beside the function's own."""

    def fit(self, examples: Sequence[Example], log_values: Floats) -> None:
        """Learn from the training rows."""
        self.grams = tfidf((1, 2), 4_000).fit([example.text for example in examples])
        self.model = boost(self._features(examples), log_values)

    def predict(self, examples: Sequence[Example]) -> Floats:
        """Return log10 predictions (N,)."""
        return np.asarray(self.model.predict(self._features(examples)), dtype=np.float64)

    def _features(self, examples: Sequence[Example]) -> Any:
        parts = (examples, called_by(examples))
        grams = [self.grams.transform([example.text for example in part]) for part in parts]
        return hstack([*grams, *(csr_matrix(np.nan_to_num(hand_features(part))) for part in parts)]).tocsr()


class NearestNeighbours:
    """Mean of the ten nearest training rows by cosine of TF-IDF 1-2-grams; ``args:`` is read as text."""

    def fit(self, examples: Sequence[Example], log_values: Floats) -> None:
        """Learn from the training rows."""
        self.grams = tfidf((1, 2), 20_000)
        self.model = KNeighborsRegressor(n_neighbors=10, metric="cosine", weights="distance", algorithm="brute")
        self.model.fit(self.grams.fit_transform(_with_args(examples)), log_values)

    def predict(self, examples: Sequence[Example]) -> Floats:
        """Return log10 predictions (N,)."""
        return np.asarray(self.model.predict(self.grams.transform(_with_args(examples))), dtype=np.float64)


class MacsAndParams:
    """A straight line over the logarithms of a network's operations, weights, nodes and elements, read off its compact text."""

    def fit(self, examples: Sequence[Example], log_values: Floats) -> None:
        """Learn from the training rows."""
        self.weights = np.linalg.lstsq(_graph_counts(examples), log_values, rcond=None)[0]

    def predict(self, examples: Sequence[Example]) -> Floats:
        """Return log10 predictions (N,)."""
        return np.asarray(_graph_counts(examples) @ self.weights, dtype=np.float64)


def _graph_counts(examples: Sequence[Example]) -> Floats:
    """Return log10 of one and each count, and a constant (N, 5)."""
    counts = np.array([astuple(counts_of(example.text)) for example in examples], dtype=np.float64)
    return np.hstack([np.log10(1 + counts), np.ones((len(examples), 1))])


GRAPH_BASELINES: dict[str, type[Regressor]] = {"MACs and params": MacsAndParams}
"""What networks are held against beside the others."""

BASELINES: dict[str, type[Regressor]] = {
    "median": Median,
    "code length": CodeLength,
    "hand features + boosting": BoostedHandFeatures,
    "TF-IDF + boosting": BoostedTfidf,
    "TF-IDF + boosting, callees read": BoostedWithCallees,
    "nearest neighbours": NearestNeighbours,
}


def called_by(examples: Sequence[Example]) -> list[Example]:
    """Return what each example calls in its file as one example, empty where that is nothing."""
    return [replace(example, text="\n".join(example.callees), args=None, callees=[]) for example in examples]


def _log_lengths(examples: Sequence[Example]) -> Floats:
    return np.log10(1.0 + np.array([len(example.text) for example in examples]))


def _with_args(examples: Sequence[Example]) -> list[str]:
    return [f"{example.args or ''}\n{example.text}" for example in examples]


def tfidf(ngrams: tuple[int, int], most: int) -> Any:
    """Return a vectorizer of n-grams of tokens, the ``most`` frequent ones."""
    return TfidfVectorizer(
        tokenizer=_TOKEN.findall, token_pattern=None, lowercase=False, ngram_range=ngrams, max_features=most, min_df=2, sublinear_tf=True
    )


def boost(features: Any, log_values: Floats) -> lightgbm.LGBMRegressor:
    """Return trees fitted to log10 values (N,)."""
    model = lightgbm.LGBMRegressor(
        n_estimators=400,
        learning_rate=0.05,
        num_leaves=31,
        min_child_samples=10,
        subsample=0.8,
        subsample_freq=1,
        colsample_bytree=0.5,
        objective="l2",
        random_state=_SEED,
        deterministic=True,
        force_row_wise=True,
        verbose=-1,
    )
    return model.fit(features, log_values)
