"""The requests of the network viewer, over a real session."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from rlm_lsp.onnx.document import document
from rlm_lsp.onnx.predictions import forecast
from tests.lsp.conftest import Start
from tests.lsp.session import StdioSession
from tests.onnx.forecasting import make_networks_model, put_in_use, three_layers
from tests.onnx.networks import network_of, saved

pytest.importorskip("onnx")

GRAPH = '(float["n",4] x) => (y) { a = Relu(x) y = com.microsoft.Mystery(a) }'


def refused(server: StdioSession, method: str, params: Any) -> tuple[int, str]:
    error = server.reply(server.start_request(method, params))["error"]
    return error["code"], error["message"]


def test_a_viewer_opens_binds_asks_and_closes(start: Start, tmp_path: Path) -> None:
    server = start()
    server.initialize()
    uri = saved(tmp_path, GRAPH).as_uri()
    opened = server.request("rlm/onnx/open", {"uri": uri})
    document = opened["document"]
    assert document["schema"] == 1
    assert "details" not in document
    assert [symbol["value"] for symbol in document["symbols"]] == [None]
    bound = server.request("rlm/onnx/bind", {"id": opened["id"], "bindings": {"n": 3}})["document"]
    assert [symbol["value"] for symbol in bound["symbols"]] == [3]
    assert bound["figures"][0]["nodes"][0] > 0
    assert server.request("rlm/onnx/node", {"id": opened["id"], "node": 0})["attributes"] == []
    assert server.request("rlm/onnx/search", {"id": opened["id"], "query": "op:Relu"}) == {"nodes": [0], "more": 0}
    again = server.request("rlm/onnx/open", {"uri": uri, "bindings": {"n": 5}})
    assert again["id"] != opened["id"]
    assert again["document"]["symbols"][0]["value"] == 5
    assert server.request("rlm/onnx/close", {"id": opened["id"]}) is None
    assert refused(server, "rlm/onnx/node", {"id": opened["id"], "node": 0}) == (-32803, "this network is not open any more; open it again")
    _what_makes_no_sense(server, again["id"], tmp_path)
    server.request("shutdown")
    server.notify("exit")
    assert server.exit_code() == 0


def test_predictions_come_after_the_first_picture(
    start: Start, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are those of the command line; the model is loaded when they are asked for, and a killed one is started again."""
    model = make_networks_model(tmp_path_factory.mktemp("networks") / "net")
    data = tmp_path_factory.mktemp("user") / "data"
    put_in_use(model, data)
    server = start(RLM_LSP_DATA_DIR=str(data))
    server.initialize()
    path = saved(tmp_path, three_layers())
    opened = server.request("rlm/onnx/open", {"uri": path.as_uri()})
    assert opened["document"]["predictions"]["pending"]
    assert not any(figure["provenance"] == "predicted" for figure in opened["document"]["figures"])
    assert status_of(server)["networks"] == {"pid": None, "memory": None}

    answer = server.request("rlm/onnx/predict", {"id": opened["id"]})
    monkeypatch.setenv("RLM_LSP_CACHE_DIR", str(tmp_path / "another cache"))
    network = network_of(path)
    expected = json.loads(json.dumps(document(network, forecast(network, print, model))))
    assert answer["predictions"] == expected["predictions"]
    assert answer["prediction"] == expected["groups"]["prediction"]
    assert answer["figures"] == [figure for figure in expected["figures"] if figure["provenance"] in ("predicted", "apportioned")]

    found = status_of(server)["networks"]
    assert found["memory"] is None or found["memory"] > 10_000_000
    os.kill(found["pid"], 9)
    other = server.request("rlm/onnx/open", {"uri": saved(tmp_path, three_layers("3,8"), name="other.onnx").as_uri()})
    again = server.request("rlm/onnx/predict", {"id": other["id"]})
    assert any("p50" in row for row in again["predictions"]["model"])
    server.request("shutdown")
    server.notify("exit")
    assert server.exit_code() == 0


def status_of(server: StdioSession) -> Any:
    return server.request("workspace/executeCommand", {"command": "rlm-lsp.status", "arguments": [{"show": False}]})


def _what_makes_no_sense(server: StdioSession, id_: str, folder: Path) -> None:
    (folder / "no.onnx").write_bytes(b"not a model")
    wrong: list[tuple[str, Any, int]] = [
        ("open", None, -32602),
        ("open", {"uri": 3}, -32602),
        ("open", {"uri": "https://example.org/m.onnx"}, -32602),
        ("open", {"uri": (folder / "no.onnx").as_uri()}, -32803),
        ("open", {"uri": (folder / "nowhere.onnx").as_uri()}, -32803),
        ("open", {"uri": folder.as_uri()}, -32803),
        ("open", {"uri": (folder / "m.onnx").as_uri(), "bindings": {"nothing": 1}}, -32602),
        ("bind", {"id": id_, "bindings": {"n": -1}}, -32602),
        ("bind", {"id": id_, "bindings": {"n": True}}, -32602),
        ("bind", {"id": id_, "bindings": []}, -32602),
        ("predict", {"id": "9"}, -32803),
        ("predict", {"id": id_, "uri": "x"}, -32602),
        ("node", {"id": id_, "node": 2}, -32602),
        ("node", {"id": id_, "node": -1}, -32602),
        ("node", {"id": "9", "node": 0}, -32803),
        ("search", {"id": id_, "query": "is:odd"}, -32803),
        ("search", {"id": id_, "query": "x", "more": 1}, -32602),
    ]
    for name, params, code in wrong:
        found, text = refused(server, f"rlm/onnx/{name}", params)
        assert found == code, (name, params, text)
        assert text
        assert "\n" not in text
