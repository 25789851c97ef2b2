"""The published figures are the shipped model's: the held-out package is scored again and held against results.json."""

import json
import os
from importlib import resources
from pathlib import Path

import pytest

from rlm_lsp.model import evaluate
from rlm_lsp.model.checkpoint import default_checkpoint
from rlm_lsp.model.data import corpus, wheels
from rlm_lsp.model.data.__main__ import PACKAGES
from rlm_lsp.model.data.examples import HEAP, LATENCY, Example
from rlm_lsp.model.data.splits import PACKAGE_SPLITS
from rlm_lsp.model.predictor import Predictor
from rlm_lsp.model.results_page import page

WHEELS = Path(".corpus/wheels")
TOLERANCE = 0.01


@pytest.fixture(scope="module")
def held_out() -> list[Example]:
    """Typical examples of the held-out packages, text read from their wheels."""
    try:
        for requirement in PACKAGES["held_out"]:
            wheels.find(WHEELS, *requirement.split("=="))
    except wheels.MissingWheelError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"{error} (scripts/test downloads it)")
    names = [name for name, split in PACKAGE_SPLITS.items() if split == "test"]
    rows = [row for source in corpus.committed_sources() for row in corpus.committed_rows(source) if row["group"] in names]
    typical, _, left_out = corpus.build(rows, corpus.Texts(WHEELS, None))
    assert left_out["text not found"] <= 0.02 * len(rows), left_out
    return typical


@pytest.fixture(scope="module")
def published() -> dict[str, object]:
    loaded: dict[str, object] = json.loads((resources.files("rlm_lsp.model") / "results.json").read_text("utf-8"))
    return loaded


@pytest.mark.parametrize("objective", [LATENCY, HEAP])
def test_figures_of_the_held_out_packages_are_those_of_the_shipped_weights(
    objective: str, held_out: list[Example], published: dict[str, object]
) -> None:
    predictor = Predictor.load(default_checkpoint(), threads=2)
    assert predictor.info()["id"] == published["model"]
    rows = evaluate.with_target(held_out, objective, "test")
    figures, unknown = evaluate.score_model(evaluate.predict(predictor, rows, objective), rows, objective)
    expected = published["objectives"][objective]["wild functions, unseen packages"]  # type: ignore[index]  # parsed JSON
    assert len(rows) == pytest.approx(expected["n"], rel=0.02)
    assert unknown == pytest.approx(expected["unknown"], abs=0.02 * len(rows))
    for name in ("spearman", "kendall", "within_2x", "coverage_80"):
        assert getattr(figures, name) == pytest.approx(expected["scores"]["RLM"][name], abs=TOLERANCE), name


def test_the_page_shows_what_the_json_holds() -> None:
    folder = Path(str(resources.files("rlm_lsp.model")))
    assert page(folder) == (folder / "RESULTS.md").read_text("utf-8")
