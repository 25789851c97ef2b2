"""A package of its own goes through the whole of tracing: both latency passes, the heap pass, and the rows made of them."""

import os
from pathlib import Path

import pytest

from rlm_lsp.model.measure import batches, rows, trace
from rlm_lsp.model.measure.sandbox import Sandbox
from rlm_lsp.model.measure.tracer import MONITORING

pytestmark = pytest.mark.skipif(MONITORING is None, reason="tracing needs sys.monitoring, there since CPython 3.12")

CALLERS = [f"caller{i}" for i in range(2 * trace.DISTURBED_FUNCTIONS)]  # a busy machine may stretch a window so far that it comes out well
WORK = "def tiny(x):\n    return x\n" + "".join(f"\n\ndef {name}(x):\n    return tiny(x) + tiny(x)\n" for name in CALLERS)
# `tiny` never gets its 40 calls beside the first, so its events are on in each caller's window and take most of it
TESTS = "from pairs import work\n\n\ndef test_all():\n" + "".join(f"    assert work.{name}(1) + work.{name}(2) == 6\n" for name in CALLERS)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package `pairs` that ships one test file."""
    site = tmp_path / "site"
    for name, text in {
        "pairs/__init__.py": "",
        "pairs/work.py": WORK,
        "pairs/tests/__init__.py": "",
        "pairs/tests/test_work.py": TESTS,
        "pairs-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: pairs\nVersion: 1.0\n",
        "pairs-1.0.dist-info/top_level.txt": "pairs\n",
    }.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", str(site), prepend=os.pathsep)
    return site / "pairs"


@pytest.fixture
def _steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that never drifts."""
    monkeypatch.setattr(Sandbox, "calibrate", lambda self: 1.0)
    monkeypatch.setattr(batches, "SLOWDOWN", 1e9)


@pytest.mark.usefixtures("package", "_steady")
def test_functions_that_the_tracer_hid_are_found_in_the_second_pass(tmp_path: Path) -> None:
    ends = trace.measure_package("pairs", tmp_path, minutes=5, lock_path=tmp_path / "lock")
    assert (ends["traced"], ends["functions"]) == (1, 1 + len(CALLERS))

    (record,) = rows.read(tmp_path / "trace" / "pairs.jsonl")
    assert record["latency"]["disturbed"] >= trace.DISTURBED_FUNCTIONS  # the first pass lost these
    names = [function["qualname"] for function in record["latency"]["functions"]]
    assert sorted(names) == sorted([*CALLERS, "tiny"])  # and nothing is there twice

    by_name = {row["pointer"]["qualname"]: row for row in rows.read(tmp_path / "rows" / "pairs.jsonl")}
    assert set(by_name) == {"tiny", *CALLERS}
    assert [(call["args"], call["n"]) for call in by_name["tiny"]["calls"]] == [("x=int", 4 * len(CALLERS) - 1)]
    for name in CALLERS:
        assert [(call["args"], call["n"]) for call in by_name[name]["calls"]] == [("x=int", 1)]  # the first of two is left out
        assert by_name[name]["latency"] > 0
        assert by_name[name]["peak_heap"] is not None
