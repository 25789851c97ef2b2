"""A model that stands beside the shipped one, in an editor: whose number is whose."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from rlm_lsp.chunk import chunk_source
from rlm_lsp.lsp import code_lens, hover, inlay_hint, status, wording
from rlm_lsp.lsp.oracle import OracleState
from rlm_lsp.lsp.outline import Outline
from rlm_lsp.lsp.snapshot import Client, Shown
from rlm_lsp.predict.identity import ModelIdentity
from rlm_lsp.predict.results import Objective, Values
from rlm_lsp.units import format_quantiles
from tests.conftest import SHIPPED
from tests.lsp.conftest import Start
from tests.lsp.marked import MODEL, one, snapshot_of
from tests.lsp.session import PATIENCE_S

ADDED = replace(MODEL, id="rlm-large", device="another machine", objectives=(Objective("memory@codenet", "B"),))
BOTH = replace(
    MODEL,
    objectives=(
        *(replace(objective, model=MODEL.id, device=MODEL.device) for objective in MODEL.objectives),
        Objective("memory@codenet", "B", ADDED.id, ADDED.device),
    ),
    config={**MODEL.config, "trained": [*MODEL.config["trained"], {"language": "python", "kind": "program"}]},
    parts=(MODEL, ADDED),
)
FUNCTION = Shown(Values([(0.4e-3, 1.2e-3, 3.1e-3), (1e6, 3.4e6, 9e6), ()]))
WHOLE = Shown(Values([(), (), (4e6, 5e6, 6e6)]))


def said(shown: Shown, model: ModelIdentity = BOTH) -> tuple[str, str, str]:
    """Hover, tooltip of the hint, tooltip of the lens."""
    view = one(shown)
    snapshot = snapshot_of(view, Client(), model)
    found = hover.hover(snapshot, view, view.functions[0].place.name_start)
    assert found is not None
    assert isinstance(found.contents, types.MarkupContent)
    (hint,) = inlay_hint.hints(snapshot, view, 0, 10_000)
    lens = code_lens.resolve(snapshot, types.CodeLens(types.Range(types.Position(0, 0), types.Position(0, 0)), data=lens_data(view.uri)))
    assert lens.command is not None
    assert lens.command.tooltip is not None
    return found.contents.value, str(hint.tooltip), lens.command.tooltip


def lens_data(uri: str) -> dict[str, Any]:
    return {"uri": uri, "key": "f", "index": 0}


def test_a_functions_numbers_are_the_shipped_models() -> None:
    for text in said(FUNCTION):
        assert "predicted by rlm-test-1 for a test device; not measured" in text
        assert "rlm-large" not in text


def test_a_programs_numbers_are_the_added_models() -> None:
    shown, tooltip, lens = said(WHOLE)
    assert "memory@codenet  4.0 MB  5.0 MB  6.0 MB" in shown
    for text in (shown, tooltip, lens):
        assert "predicted by rlm-large for another machine; not measured" in text
        assert "rlm-test-1" not in text


def test_numbers_of_both_are_told_apart() -> None:
    quantiles = [*(FUNCTION.values.quantiles or ())[:2], (4e6, 5e6, 6e6)] if FUNCTION.values else []
    shown, _, _ = said(Shown(Values(quantiles)))
    assert "latency, peak heap: predicted by rlm-test-1 for a test device; not measured" in shown
    assert "memory@codenet: predicted by rlm-large for another machine; not measured" in shown


def test_a_file_that_is_no_program_has_no_lens() -> None:
    library = Shown(Values(None, ("untrained-kind", "the model knows programs that read an input, and this one does not seem to")))
    for shown, count in ((library, 0), (WHOLE, 1), (Shown(None), 1)):
        view = one(shown)
        found = code_lens.lenses(snapshot_of(view, Client(), BOTH), view)
        assert len(found) == count


def test_metrics_that_are_switched_off_are_not_shown() -> None:
    view = one(WHOLE)
    settings = replace(view.settings, metrics=("latency",))
    assert wording.Voice(snapshot_of(view, None, BOTH), replace(view, settings=settings)).say(WHOLE) is None


def test_the_status_names_both_and_what_they_had_to_say() -> None:
    view = one(FUNCTION)
    worker = OracleState("ready", "", None, 1, 0, 0, 0, 0, 0, 0, 0, None, "", ("rlm-large: the model runs on the CPU",))
    found = status.collect(snapshot_of(view, Client(), BOTH), worker).as_dict()
    assert (found["model"]["id"], [other["id"] for other in found["model"]["beside"]]) == ("rlm-test-1", ["rlm-large"])
    assert found["model"]["beside"][0]["objectives"] == ["memory@codenet"]
    assert "rlm-large: the model runs on the CPU" in found["degraded"].values()
    assert "rlm-large for another machine" in found["text"]


def test_of_a_program_that_is_read_whole_all_of_the_text_is_asked() -> None:
    text = b"import sys\n\ndef f(xs):\n    return sum(xs)  # all\n"
    entries = Outline().settled(chunk_source(text, "python"), text, text.decode()).entries
    assert {(entry.kind, entry.input.whole) for entry in entries} == {("program", text.decode()), ("function", None)}


def test_a_session_shows_what_the_model_says(start: Start, tmp_path: Path, cli_environment: Mapping[str, str]) -> None:
    pytest.importorskip("torch", reason="such a model needs the `gpu` extra")
    from rlm_lsp.check.terminal import say
    from rlm_lsp.model.predictor import Predictor
    from rlm_lsp.predict.types import ModelInput
    from tests.model.released_like import make_released

    folder = make_released(tmp_path / "released")
    text = "import sys\n\n\ndef total(xs):\n    return sum(xs)\n\n\nprint(total(map(int, sys.stdin)))\n"
    server = start(model=folder)
    capabilities: dict[str, Any] = {"textDocument": {"hover": {}, "inlayHint": {}}}
    server.initialize(capabilities)
    server.open("file:///nowhere/program.py", text)
    document = {"textDocument": {"uri": "file:///nowhere/program.py"}}
    everything = {**document, "range": {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}}
    deadline = time.monotonic() + PATIENCE_S
    while len(server.request("textDocument/inlayHint", everything) or []) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    found = server.request("textDocument/hover", {**document, "position": {"line": 0, "character": 0}})["contents"]["value"]
    (answer,) = Predictor.load(folder, notice=say).predict_many([ModelInput("python", "program", "", whole=text)])
    assert isinstance(answer, tuple)
    assert [prediction.objective for prediction in answer] == ["peak_heap@apps", "memory@codenet"]
    for prediction in answer:
        (row,) = (line for line in found.splitlines() if line.startswith(prediction.objective))
        assert " ".join(format_quantiles(prediction)) in " ".join(row.split())
    assert "predicted by RLM-GemmaS-Code-v0" in found
    function = server.request("textDocument/hover", {**document, "position": {"line": 3, "character": 5}})["contents"]["value"]
    assert f"predicted by {SHIPPED}" in function
    state = server.request("workspace/executeCommand", {"command": "rlm-lsp.status", "arguments": [{"show": False}]})
    assert [other["id"] for other in state["model"]["beside"]] == ["RLM-GemmaS-Code-v0"]
    assert json.dumps(state["degraded"]).count("RLM-GemmaS-Code-v0") <= 1
