from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from rlm_lsp import __version__
from rlm_lsp.chunk.types import Problem
from rlm_lsp.config import BudgetRule, Settings
from rlm_lsp.lsp.oracle import OracleState
from rlm_lsp.lsp.position import TextIndex
from rlm_lsp.lsp.snapshot import Client, DocumentView, FunctionView, Place, Shown, Snapshot
from rlm_lsp.lsp.status import collect, resident
from rlm_lsp.predict.identity import identify
from rlm_lsp.predict.results import Values, unavailable
from rlm_lsp.predict.types import ModelInput

READY = OracleState(
    name="ready",
    failure="",
    pid=os.getpid(),
    threads=2,
    deaths=0,
    queued=3,
    asked=2,
    quarantined=0,
    remembered=40,
    found=30,
    predicted=10,
    cache=None,
    cache_trouble="",
)
CLIENT = Client(
    name="Some Editor", surfaces=frozenset({"inlay_hints", "code_lens", "hover"}), hint_refresh=True, lens_refresh=True, markdown=True
)
SECRET = "launch_codes"


def document(*shown: Shown, problems: tuple[Problem, ...] = ()) -> DocumentView:
    functions = tuple(
        FunctionView(f"{SECRET}{i}", SECRET, "function", Place(0, 1, 0, 1), ModelInput("python", "function", SECRET), one)
        for i, one in enumerate(shown)
    )
    return DocumentView("file:///a.py", 7, "python", "/a.py", TextIndex(SECRET.encode()), Settings(), functions, problems)


@pytest.fixture
def snapshot(tiny_model: Path) -> Snapshot:
    known = Values([[1.0, 2.0, 3.0]] * 2)
    view = document(Shown(known), Shown(known, stale=True), Shown(None), Shown(unavailable("no worker")))
    return Snapshot(CLIENT, Settings(), identify(tiny_model), "", {view.uri: view})


def test_all_is_well(snapshot: Snapshot, tmp_path: Path) -> None:
    cache = tmp_path / "results.sqlite"
    cache.write_bytes(b"x" * 1000)
    Path(f"{cache}-wal").write_bytes(b"x" * 500)
    status = collect(snapshot, replace(READY, cache=cache))
    found = status.as_dict()
    assert snapshot.model is not None
    assert found["server"]["version"] == __version__
    assert found["server"]["pid"] == os.getpid()
    assert found["model"]["sha256"] == snapshot.model.digest.hex()
    assert found["worker"]["state"] == "ready"
    assert found["queue"] == {"queued": 3, "asked": 2}
    assert found["answers"] == {"inMemory": 40, "fromCache": 30, "fromModel": 10}
    assert found["cache"] == {"path": str(cache), "size": 1500}
    assert found["degraded"] == {}
    assert found["documents"] == [
        {
            "uri": "file:///a.py",
            "language": "python",
            "version": 7,
            "functions": 4,
            "predicted": 2,
            "stale": 1,
            "unknown": 1,
            "problems": [],
        }
    ]
    assert found["text"] == status.as_text()
    assert "degraded:  nothing" in status.as_text().splitlines()
    assert "client:    Some Editor, utf-16, shows inlay hints, code lenses, hover" in status.as_text().splitlines()
    assert "settings:  all surfaces on; metrics: latency, peak-heap" in status.as_text().splitlines()


def test_it_is_json_and_holds_no_source_text(snapshot: Snapshot) -> None:
    settings = Settings(budgets=(BudgetRule("latency", 0.05, ("src/",), "^main$"),), root=Path("/project"), exclude=("build",))
    text = json.dumps(collect(replace(snapshot, settings=settings), READY).as_dict())
    assert SECRET not in text
    found = json.loads(text)
    assert found["settings"]["budgets"] == [{"metric": "latency", "limit": 0.05, "paths": ["src/"], "name": "^main$"}]
    assert found["settings"]["compareWithHead"] is True
    assert found["client"]["surfaces"] == ["code_lens", "hover", "inlay_hints"]


@pytest.mark.parametrize(
    ("worker", "client", "names"),
    [
        (replace(READY, name="unavailable", failure="weights: gone"), CLIENT, {"worker-unavailable"}),
        (replace(READY, name="restarting"), CLIENT, {"worker-restarting"}),
        (replace(READY, quarantined=2), CLIENT, {"inputs-quarantined"}),
        (replace(READY, cache_trouble="results are not kept"), CLIENT, {"cache-not-kept"}),
        (replace(READY, cache=Path("/c"), cache_trouble="was damaged"), CLIENT, {"cache-begun-anew"}),
        (READY, replace(CLIENT, trusted=False), {"untrusted-workspace"}),
        (READY, replace(CLIENT, hint_refresh=False, lens_refresh=False), {"no-inlay-hints-refresh", "no-code-lens-refresh"}),
        (READY, replace(CLIENT, surfaces=frozenset({"hover"})), {"nothing-beside-code"}),
    ],
)
def test_each_degraded_mode_has_a_name_and_a_reason(snapshot: Snapshot, worker: OracleState, client: Client, names: set[str]) -> None:
    status = collect(replace(snapshot, client=client), worker)
    assert set(status.degraded) == names
    for name, reason in status.degraded.items():
        assert reason
        assert f"degraded:  {name}: {reason}" in status.as_text().splitlines()


def test_without_a_model(snapshot: Snapshot) -> None:
    error = "/nowhere/manifest.json: No such file or directory"
    status = collect(replace(snapshot, model=None, model_error=error), replace(READY, name="unavailable", failure=error, pid=None))
    assert status.degraded == {"no-model": error}
    assert status.as_dict()["model"] is None
    assert f"model:     none: {error}" in status.as_text().splitlines()
    assert f"worker:    unavailable: {error}, 2 threads, died 0 times" in status.as_text().splitlines()


def test_a_document_that_could_not_be_cut_says_why(snapshot: Snapshot) -> None:
    view = document(problems=(Problem("too-large", "6,000,000 bytes"), Problem("syntax", "line 3")))
    status = collect(replace(snapshot, documents={view.uri: view}), READY)
    assert status.degraded == {"not-cut file:///a.py": "6,000,000 bytes"}
    assert status.documents[0].problems == ("too-large: 6,000,000 bytes", "syntax: line 3")


def test_switches(snapshot: Snapshot) -> None:
    def line(settings: Settings) -> str:
        text = collect(replace(snapshot, settings=settings), READY).as_text()
        return next(line for line in text.splitlines() if line.startswith("settings:"))

    assert line(Settings(enabled=False)) == "settings:  everything switched off; metrics: latency, peak-heap"
    assert line(Settings(hover=False, code_lens=False, metrics=("latency",))) == "settings:  off: code lenses, hover; metrics: latency"


def test_hostile_names_stay_on_their_line(snapshot: Snapshot) -> None:
    view = replace(document(), uri="file:///a\n\x1b[2Jb.py")
    text = collect(replace(snapshot, documents={view.uri: view}), READY).as_text()
    assert "file:///a\\n\\x1b[2Jb.py" in text
    assert all(line.isprintable() for line in text.splitlines())


def test_memory_is_that_of_the_process(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "statm").write_text("5000 300 100 1 0 200 0\n")
    assert resident(1, tmp_path) == 300 * os.sysconf("SC_PAGE_SIZE")
    assert resident(2, tmp_path) is None
    (tmp_path / "1" / "statm").write_text("")
    assert resident(1, tmp_path) is None


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc")
def test_memory_of_this_very_process() -> None:
    held = resident(os.getpid())
    assert held is not None
    assert 5_000_000 < held < 100_000_000_000
