"""What is called is added to the rival's answers as it is to ours, and the page says what that does."""

from __future__ import annotations

import numpy as np
import pytest

from rlm_lsp.model import evaluate
from rlm_lsp.model.data.examples import LATENCY, Example
from rlm_lsp.model.evaluate import _score_callees, called_by, with_callees
from rlm_lsp.model.predictor import Predictor
from rlm_lsp.model.results_page import _callees


def row(name: str, seconds: float, *callees: str) -> Example:
    return Example(name, "trace", "p", "test", name, {LATENCY: seconds}, callees=list(callees))


ROWS = [row("a", 1.0, "x", "y"), row("b", 2.0), row("c", 3.0, "y"), row("d", 4.0, "x")]


def test_each_callee_is_predicted_once_and_added_where_it_is_called() -> None:
    called = called_by(ROWS)
    assert [(e.text, e.args, e.callees) for e in called] == [("x", None, []), ("y", None, [])]
    assert with_callees(np.array([1.0, 2.0, 3.0, 4.0, 10.0, 100.0]), ROWS, called).tolist() == [111.0, 2.0, 103.0, 14.0]
    assert called_by([ROWS[1]]) == []


def test_the_figures_are_of_the_rows_that_are_answered() -> None:
    ours = np.array([[0.1, 1.0, 2.0], [0.1, 2.0, 3.0], [0.1, 3.0, 4.0], [np.nan] * 3])
    found = _score_callees(ROWS, ours, ours[[2, 1, 0, 3]], np.array([1.0, 3.0, 2.0, 9.0]), LATENCY)
    assert found["calling"] == 2
    assert found["alone"] == pytest.approx(-1.0)
    assert found["rival_added"] == pytest.approx(0.5)
    assert found["calling_added"] is None, "two rows have no rank correlation worth a figure"
    assert "2 of them call functions of their file." in _callees({**found, "gain_added": [0.1, 0.2, 0.3]})
    assert "minus that +0.200 (+0.100 to +0.300)" in _callees({**found, "gain_added": [0.1, 0.2, 0.3]})


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
