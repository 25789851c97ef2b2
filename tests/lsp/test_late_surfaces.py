"""What Neovim 0.11 needs: it does not ask of its own accord for what is registered late, nor for diagnostics that come late."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.lsp.conftest import Start
from tests.lsp.test_session import TOTAL

URI = "untitled:a"


def like_neovim(**more: Any) -> dict[str, Any]:
    return {
        "textDocument": {"inlayHint": {"dynamicRegistration": True}, "diagnostic": {}, "publishDiagnostics": {}},
        "workspace": {"inlayHint": {"refreshSupport": True}, "configuration": True},
        **more,
    }


def test_a_client_is_told_to_ask_for_hints_of_what_it_had_opened_before_they_were_offered(start: Start, tmp_path: Path) -> None:
    server = start(model=tmp_path / "none")  # no prediction will ever be a reason to refresh
    server.initialize(like_neovim())
    server.open(URI, TOTAL)
    refresh = server.wait_for(lambda message: message.get("method") == "workspace/inlayHint/refresh")
    methods = [message.get("method") for message in server.received]
    assert methods.index("client/registerCapability") < server.received.index(refresh)


def test_diagnostics_are_pushed_to_a_client_that_cannot_be_told_to_pull_again(start: Start) -> None:
    server = start()
    result = server.initialize(like_neovim(), initializationOptions={"budgets": [{"latency": "1 ns"}]})
    assert "diagnosticProvider" not in result["capabilities"]
    server.open(URI, TOTAL)
    pushed = server.wait_for(lambda message: message.get("method") == "textDocument/publishDiagnostics")["params"]
    assert pushed["uri"] == URI
    assert [diagnostic["code"] for diagnostic in pushed["diagnostics"]] == ["latency-budget"]
