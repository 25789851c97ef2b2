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

from rlm_lsp.model.baselines import BASELINES
from rlm_lsp.model.data import examples
from rlm_lsp.model.data.examples import Example, floor_of
from rlm_lsp.model.evaluate import RIVAL, Floats, predict_baselines, predict_costs, values_of
from rlm_lsp.model.predictor import Predictor

_SHARE = 0.8
_OBJECTIVES = ("latency@cpu", "peak_rss@cpu")


def kept_by_family(rows: Sequence[Example], objective: str) -> dict[str, float]:
    """Return for each family the error (log10) that four fifths of its rows keep when boosting is fitted without it."""
    found = {}
    for family in sorted({row.group for row in rows}):
        others, inside = [row for row in rows if row.group != family], [row for row in rows if row.group == family]
        values = predict_baselines(others, inside, objective, {RIVAL: BASELINES[RIVAL]})[RIVAL]
        found[family] = _kept(values, inside, objective)
    return found


def _kept(values: Floats, rows: Sequence[Example], objective: str) -> float:
    """Return the error (log10) that four fifths of the predicted values (N,) keep; NaN is no prediction."""
    floor = floor_of(objective)
    errors = np.abs(np.log10(values + floor) - np.log10(values_of(rows, objective) + floor))
    return float(np.quantile(errors[~np.isnan(errors)], _SHARE))


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
        own = _kept(tables[objective][:, 1], validation, objective)
        unseen = float(np.quantile(list(kept.values()), _SHARE))
        print(objective, json.dumps({"families": kept, "left out": unseen, "validation": own, "stretch": max(1.0, unseen / own)}))


if __name__ == "__main__":
    main()
