"""How well unfamiliar code is told from code like that of the training: ``python -m rlm_lsp.model.familiarity_report``.

Writes ``FAMILIARITY.md`` (for people) and ``familiarity.json`` (for machines) beside this file. Nothing is chosen by what it prints.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rlm_lsp.model.aliens import made_of, made_up, other_languages
from rlm_lsp.model.checkpoint import Checkpoint, CheckpointError, default_checkpoint, load
from rlm_lsp.model.data import examples
from rlm_lsp.model.data.examples import HEAP, LATENCY, Example
from rlm_lsp.model.evaluate import is_wild, predict_costs, score_model
from rlm_lsp.model.familiarity import Familiarity
from rlm_lsp.model.predictor import Predictor
from rlm_lsp.predict.types import ModelInput

_SHARE = 0.05  # of unfamiliar inputs, where precision is stated
_ALIENS = 150  # of a kind
_COMPARED = 800  # held-out functions that are not flagged, whose errors are compared with those of the flagged
_LEAST_FLAGGED = 5  # of which a median is told

_HEAD = """# Unfamiliar code

Before the network runs, a function is held against what is usual of the training's code (`model/familiarity.py`); where it is too far
off, the answer is Unknown with the reason "out-of-range", and no number. The limit leaves at most 1.5 % of the validation split outside.
These figures are of the {split} split, and of texts made by chance, from its functions or from nothing. The kinds of texts were known when
the method was chosen; nothing was fitted to any of them.

"precision" is the share of flagged inputs that are of the kind, if one input in twenty is; false alarms are those of all held-out
functions.

Model `{model}`. Made by `python -m rlm_lsp.model.familiarity_report`; the same figures are in `familiarity.json`.
"""


def report(folder: Path, corpus: Path, languages: Path, split: str) -> dict[str, Any]:
    """Return all figures as plain data.

    Raises:
        CheckpointError: it cannot be used, or does not say what is familiar.
    """
    checkpoint = load(folder)
    familiarity = checkpoint.familiarity()
    if familiarity is None:
        raise CheckpointError(folder, "does not say what code is familiar", "publish it again")
    rows = [e for e in examples.read(corpus / "typical.jsonl") if e.split == split]
    alarms = flagged(checkpoint, familiarity, [e.text for e in rows])
    origins = np.array([e.group if is_wild(e) else e.source for e in rows])
    step = max(1, len(rows) // _ALIENS)
    kinds = {
        **made_up(_ALIENS, seed=1),
        **made_of([e.text for e in rows[::step]][:_ALIENS], seed=1),
        **other_languages(languages, _ALIENS),
    }
    rate = float(alarms.mean())
    found = {}
    for name, texts in kinds.items():
        share = float(flagged(checkpoint, familiarity, texts).mean())
        found[name] = {"n": len(texts), "flagged": round(share, 4), "precision": precision(share, rate)}
    every = float(np.mean([entry["flagged"] for entry in found.values()]))
    return {
        "model": checkpoint.config.id,
        "split": split,
        "false_alarms": {"n": len(rows), "flagged": round(rate, 4), "by_origin": _by_origin(alarms, origins)},
        "kinds": found,
        "together": {"flagged": round(every, 4), "precision": precision(every, rate)},
        "errors": _errors(folder, rows, alarms),
    }


def flagged(checkpoint: Checkpoint, familiarity: Familiarity, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which of the texts are unfamiliar (N,)."""
    read = [checkpoint.config.prompt.as_read(ModelInput("python", "function", text)).text for text in texts]
    return np.array([familiarity.unfamiliar(checkpoint.tokenizer.encode(text)) is not None for text in read], dtype=bool)


def precision(flagged_share: float, false_alarms: float) -> float | None:
    """Return the share of alarms that are right where one input in twenty is unfamiliar; ``None`` without alarms."""
    right, wrong = _SHARE * flagged_share, (1 - _SHARE) * false_alarms
    return round(right / (right + wrong), 4) if right + wrong else None


def _by_origin(alarms: np.ndarray[Any, Any], origins: np.ndarray[Any, Any]) -> dict[str, dict[str, float]]:
    return {
        str(name): {"n": int((origins == name).sum()), "flagged": round(float(alarms[origins == name].mean()), 4)}
        for name in np.unique(origins)
    }


def _errors(folder: Path, rows: Sequence[Example], alarms: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Return the figures of guesses about held-out functions that are flagged, and about others."""
    predictor = Predictor.load(folder, threads=2, answer_unfamiliar=True)
    others = np.flatnonzero(~alarms)
    chosen = {"flagged": np.flatnonzero(alarms), "not flagged": others[:: max(1, len(others) // _COMPARED)]}
    result: dict[str, Any] = {objective: {} for objective in (LATENCY, HEAP)}
    for name, places in chosen.items():
        for objective, table in predict_costs(predictor, [rows[i] for i in places]).items():
            known = [j for j, i in enumerate(places) if objective in rows[i].targets and not np.isnan(table[j, 1])]
            if len(known) < _LEAST_FLAGGED:
                continue
            figures, _ = score_model(table[known], [rows[places[j]] for j in known], objective)
            result[objective][name] = {
                "n": figures.n,
                "median_log10_error": round(figures.median_log10_error, 4),
                "coverage_80": None if figures.coverage_80 is None else round(figures.coverage_80, 4),
            }
    return result


def render(found: Mapping[str, Any]) -> str:
    """Return the page, Markdown."""
    lines = [_HEAD.format(**found), "## False alarms\n", "| held-out functions of | n | flagged |", "|---|---|---|"]
    alarms = found["false_alarms"]
    lines += [f"| {name} | {entry['n']} | {entry['flagged']:.1%} |" for name, entry in alarms["by_origin"].items()]
    lines += [
        f"| all | {alarms['n']} | {alarms['flagged']:.1%} |",
        "",
        "## Detection\n",
        "| kind | n | flagged | precision |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {entry['n']} | {entry['flagged']:.0%} | {_share(entry['precision'])} |" for name, entry in found["kinds"].items()
    ]
    together = found["together"]
    lines += [f"| all kinds, each as often | | {together['flagged']:.0%} | {_share(together['precision'])} |", ""]
    lines += [
        "## Are flagged functions harder?\n",
        "Held-out functions, guessed all the same. Few are flagged, so their figures are rough.\n",
    ]
    lines += ["| metric | functions | n | median error (log10) | in p10..p90 |", "|---|---|---|---|---|"]
    for objective, groups in found["errors"].items():
        for name, entry in groups.items():
            lines.append(f"| {objective} | {name} | {entry['n']} | {entry['median_log10_error']:.3f} | {_share(entry['coverage_80'])} |")
    return "\n".join(lines) + "\n"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page of the shipped checkpoint, or of another one."""
    parser = argparse.ArgumentParser(description="Measure how well unfamiliar code is told from code like that of the training.")
    parser.add_argument("--checkpoint", type=Path, default=None, help="checkpoint folder (default: the shipped one)")
    parser.add_argument("--corpus", type=Path, default=Path(".corpus"), help="folder with typical.jsonl")
    parser.add_argument("--humaneval-x", type=Path, default=Path(".corpus/humaneval_x"), help="folder with humaneval_<language>.jsonl.gz")
    parser.add_argument("--split", default="test", choices=("test", "validation"))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder for FAMILIARITY.md and familiarity.json")
    options = parser.parse_args(arguments)
    found = report(options.checkpoint or default_checkpoint(), options.corpus, options.humaneval_x, options.split)
    (options.out / "familiarity.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    (options.out / "FAMILIARITY.md").write_text(render(found), "utf-8")
    print(render(found))


if __name__ == "__main__":
    main()
