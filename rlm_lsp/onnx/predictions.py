"""What a model of ours predicts for a network: for each of its objectives an interval, or why there is none.

No checkpoint was trained on graphs so far, so what stands in a prediction's place says so in the words that functions get, too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rlm_lsp.predict.errors import RlmLspError
from rlm_lsp.predict.identity import identify
from rlm_lsp.predict.installed import model_folder
from rlm_lsp.predict.types import Unknown, untrained

LANGUAGE, KIND = "onnx", "graph"
"""How a model's config names the compact text of a network among what it was trained on."""


def predictions(folder: Path | None = None) -> dict[str, Any]:
    """The document's field: by objective for the whole, and by digest for groups. ``folder`` is the model's, None: the one in use."""
    try:
        model = identify(model_folder(folder))
    except RlmLspError as error:
        return {"model": [_unknown("latency@cpu", "s", "cpu", Unknown("worker-unavailable", str(error)))], "groups": {}}
    why = untrained(LANGUAGE, KIND, model.trained) or Unknown("unknown-objective", f"{model.id} knows graphs, but is not asked here yet")
    return {"model": [_unknown(objective.name, objective.unit, model.device, why) for objective in model.objectives], "groups": {}}


def _unknown(objective: str, unit: str, device: str, why: Unknown) -> dict[str, Any]:
    return {"objective": objective, "unit": unit, "device": device, "unknown": {"code": why.code, "reason": why.reason}}
