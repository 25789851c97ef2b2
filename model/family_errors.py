"""How much further off a prediction is for a family of networks that nobody has seen: ``python -m rlm_lsp.model.family_errors``.

Two validation families are too few to tell, and a network cannot be trained without each family in turn. Boosting can: fitted without one
family after the other (train and validation; the test families are not touched), its errors say how they spread between families. Printed
is the error (log10) that four fifths of the rows of four fifths of the families keep, which a recipe's ``family_stretch`` is made of: that,
divided by what four fifths of the model's own errors on the validation families keep.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rlm_lsp.model.baselines import BoostedTfidf
from rlm_lsp.model.data import examples
from rlm_lsp.model.data.examples import Example, floor_of
from rlm_lsp.model.evaluate import predict_costs, values_of
from rlm_lsp.model.predictor import Predictor

_SHARE = 0.8
_OBJECTIVES = ("latency@cpu", "peak_rss@cpu")


def kept_by_family(rows: Sequence[Example], objective: str) -> dict[str, float]:
    """Return for each family the error (log10) that four fifths of its rows keep when boosting is fitted without it."""
    truths = np.log10(values_of(rows, objective) + floor_of(objective))  # (N,)
    families = np.array([row.group for row in rows])
    found = {}
    for family in sorted(set(families.tolist())):
        inside = families == family
        model = BoostedTfidf()
        model.fit([row for row, left_out in zip(rows, inside, strict=True) if not left_out], truths[~inside])
        errors = model.predict([row for row, left_out in zip(rows, inside, strict=True) if left_out]) - truths[inside]
        found[family] = float(np.quantile(np.abs(errors), _SHARE))
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the factors."""
    parser = argparse.ArgumentParser(description="Compare a model's errors on validation families with those on families left out.")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, default=Path(".corpus"))
    options = parser.parse_args(arguments)
    rows = [row for row in examples.read(options.corpus / "own-graphs.jsonl") if row.split != "test"]
    validation = [row for row in rows if row.split == "validation"]
    tables = predict_costs(Predictor.load(options.checkpoint, threads=2), validation, list(_OBJECTIVES))
    for objective in _OBJECTIVES:
        kept = kept_by_family(rows, objective)
        errors = np.abs(np.log10(values_of(validation, objective)) - np.log10(tables[objective][:, 1]))
        own = float(np.quantile(errors[~np.isnan(errors)], _SHARE))
        unseen = float(np.quantile(list(kept.values()), _SHARE))
        print(objective, json.dumps({"families": kept, "left out": unseen, "validation": own, "stretch": max(1.0, unseen / own)}))


if __name__ == "__main__":
    main()
