"""A baseline is told what is called, as ours is, and the page says what that is worth."""

from __future__ import annotations

import numpy as np
import pytest

from rlm_lsp.model import evaluate
from rlm_lsp.model.baselines import called_by
from rlm_lsp.model.data.examples import LATENCY, Example
from rlm_lsp.model.evaluate import _score_callees
from rlm_lsp.model.predictor import Predictor
from rlm_lsp.model.results_page import _callees


def row(name: str, seconds: float, *callees: str) -> Example:
    return Example(name, "trace", "p", "test", name, {LATENCY: seconds}, callees=list(callees))


ROWS = [row("a", 1.0, "x", "y"), row("b", 2.0), row("c", 3.0, "y"), row("d", 4.0, "x")]


def test_boosting_reads_what_is_called() -> None:
    dear, cheap = "def g(x):\n while x:\n  x -= 1", "def g(x):\n return x"
    train = [row(f"def f{i}(x):\n return g(x)", (1e-6, 1e-3)[i % 2], (cheap, dear)[i % 2]) for i in range(60)]
    asked = [row("def f(x):\n return g(x)", 0.0, text) for text in (cheap, dear)]
    values = evaluate.predict_baselines(train, asked, LATENCY)
    assert values[evaluate.READER][1] > 100 * values[evaluate.READER][0]
    assert values[evaluate.RIVAL][1] == values[evaluate.RIVAL][0]
    assert [(e.text, e.callees) for e in called_by(ROWS)] == [("x\ny", []), ("", []), ("y", []), ("x", [])]


def test_the_figures_are_of_the_rows_that_are_answered() -> None:
    ours = np.array([[0.1, 1.0, 2.0], [0.1, 2.0, 3.0], [0.1, 3.0, 4.0], [np.nan] * 3])
    found = _score_callees(ROWS, ours, ours[[2, 1, 0, 3]], np.array([1.0, 3.0, 2.0, 9.0]), LATENCY)
    assert found["calling"] == 2
    assert found["alone"] == pytest.approx(-1.0)
    assert found["calling_with"] is None, "two rows have no rank correlation worth a figure"
    assert "2 of them call functions of their file." in _callees({**found, "gain": [0.1, 0.2, 0.3]})
    assert "reads callees: +0.200 (+0.100 to +0.300)" in _callees({**found, "gain": [0.1, 0.2, 0.3]})


def test_only_those_that_call_something_are_asked_about_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Example] = []

    def answers(_: object, rows: list[Example]) -> dict[str, np.ndarray]:
        asked.extend(rows)
        return {LATENCY: np.full((len(rows), 3), 7.0)}

    monkeypatch.setattr(evaluate, "predict_costs", answers)
    predicted = {LATENCY: np.arange(12.0).reshape(4, 3)}
    alone = evaluate.without_callees(Predictor.__new__(Predictor), ROWS, predicted)
    assert [(e.text, e.callees) for e in asked] == [("a", []), ("c", []), ("d", [])]
    assert alone[LATENCY].tolist() == [[7.0] * 3, [3.0, 4.0, 5.0], [7.0] * 3, [7.0] * 3]
    assert predicted[LATENCY][0, 0] == 0.0, "what was given stays"
