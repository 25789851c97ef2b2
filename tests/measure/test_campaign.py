import csv
import functools
import gzip
import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from rlm_lsp.model.measure import batches, enamel, leetcode, rows, source_text
from rlm_lsp.model.measure.__main__ import main
from rlm_lsp.model.measure.confine import Limits
from rlm_lsp.model.measure.sandbox import Sandbox

NAP = """\
import time
from functools import cache


class Solution:
    @cache
    def nap(self, ms):
        time.sleep(ms / 1000)
        return ms
"""
FILL = "class Solution:\n    def fill(self, n):\n        return len(bytearray(n))\n"
DRAIN = (
    "class Solution:\n    def drain(self, xs):\n        total = 0\n        while xs:\n            total += xs.pop()\n        return total\n"
)
WRONG = "class Solution:\n    def wrong(self, n):\n        return n + 1\n"
BROKEN = "class Solution:\n    def broken(self, n)\n        return n\n"
ENDLESS = "class Solution:\n    def endless(self, n):\n        while True: pass\n"
CHECKS = {
    "nap": (NAP, "assert candidate(4) == 4\n    assert candidate(ms=2) == 2"),
    "fill": (FILL, "assert candidate(100000) == 100000\n    assert candidate(n=300000) == 300000"),
    "drain": (DRAIN, "assert candidate(xs=[1, 2, 3]) == 6\n    assert candidate(xs=list(range(1000))) == 499500"),
    "wrong": (WRONG, "assert candidate(1) == 1"),
    "broken": (BROKEN, "assert candidate(1) == 1"),
}


def write_data(folder: Path, checks: Mapping[str, tuple[str, str]]) -> Path:
    target = folder / "leetcodedataset"
    target.mkdir(parents=True)
    with gzip.open(target / "ours-v1.jsonl.gz", "wt", encoding="utf-8") as file:
        for name, (program, check) in checks.items():
            record = {
                "task_id": name,
                "prompt": "",
                "completion": program,
                "entry_point": f"Solution().{name}",
                "test": f"def check(candidate):\n    {check}\n",
            }
            file.write(json.dumps(record) + "\n")
    return folder


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that never drifts: these tests are about the rows, not about this machine's neighbours."""
    monkeypatch.setattr(Sandbox, "calibrate", lambda self: 1.0)
    monkeypatch.setattr(batches, "Plan", functools.partial(batches.Plan, disturbance=1e9))
    monkeypatch.setattr(batches, "SLOWDOWN", 1e9)


@pytest.mark.usefixtures("steady")
def test_known_costs_become_labels(tmp_path: Path) -> None:
    data = write_data(tmp_path / "data", CHECKS)
    out = tmp_path / "out"
    arguments = ["leetcode", "--data", str(data), "--out", str(out), "--lock", str(tmp_path / "lock")]
    assert main(arguments) == 0
    found = {row["key"]: row for row in rows.read(out / "rows" / "leetcode.jsonl")}
    assert set(found) == {"nap", "fill", "drain"}

    # a memo table that survives from call to call must not hide the cost
    assert [0.004 <= call["latency_min"] < 0.2 for call in found["nap"]["calls"]] == [True, False]
    assert 0.003 <= found["nap"]["latency"] < 0.2
    assert [call["args"] for call in found["fill"]["calls"]] == ["n=int[1e5]", "n=int[3e5]"]
    assert [100_000 <= call["peak_heap"] <= 102_000 for call in found["fill"]["calls"]] == [True, False]
    assert 200_000 <= found["fill"]["peak_heap"] <= 202_000
    # 1,000 elements are drained again in every repeat: used arguments would cost next to nothing
    small, large = found["drain"]["calls"]
    assert (small["args"], large["args"]) == ("xs=list[3]", "xs=list[1000]")
    assert large["latency_min"] > 20 * small["latency_min"]

    row = found["drain"]
    assert row["schema"] == rows.SCHEMA
    assert row["pointer"]["qualname"] == "Solution.drain"
    program = leetcode.function_text(data, row["pointer"])
    segment = source_text.find(program, "Solution.drain", row["pointer"]["line"])
    assert segment is not None
    assert segment.sha256 == row["sha256"]
    assert {"cpu", "kernel", "python", "calibration", "batch", "confined"} <= set(row)
    assert "return" not in json.dumps(list(found.values()))  # no program text

    failed = {entry["key"]: entry["failed"] for entry in rows.read(out / "log" / "leetcode.jsonl") if "failed" in entry}
    assert {key: reason.split(":")[0] for key, reason in failed.items()} == {"wrong": "WrongAnswerError", "broken": "SyntaxError"}

    # a second run measures nothing that has a row
    before = (out / "rows" / "leetcode.jsonl").read_bytes()
    assert main(arguments) == 0
    assert (out / "rows" / "leetcode.jsonl").read_bytes() == before


@pytest.mark.usefixtures("steady")
def test_endless_program_is_a_logged_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leetcode, "LIMITS", Limits(wall_s=1.0))
    data = write_data(tmp_path / "data", {"endless": (ENDLESS, "candidate(1)")})
    assert main(["leetcode", "--data", str(data), "--out", str(tmp_path), "--lock", str(tmp_path / "lock")]) == 0
    assert [entry["failed"] for entry in rows.read(tmp_path / "log" / "leetcode.jsonl") if "failed" in entry] == ["timeout"]


KILLED = """
import functools
import sys
from rlm_lsp.model.measure import batches, campaign
from rlm_lsp.model.measure.__main__ import main
campaign.Sandbox.calibrate = lambda self: 1.0
batches.SLOWDOWN = 1e9
batches.Plan = functools.partial(batches.Plan, batch_s=0.3, disturbance=1e9)
sys.exit(main(sys.argv[1:]))
"""


def test_killed_run_is_resumed_without_losing_or_repeating_a_row(tmp_path: Path) -> None:
    data = write_data(
        tmp_path / "data", {f"fill{i}": (FILL.replace("fill", f"fill{i}"), "assert candidate(5000) == 5000") for i in range(60)}
    )
    out = tmp_path / "out"
    path = out / "rows" / "leetcode.jsonl"
    command = [sys.executable, "-c", KILLED, "leetcode", "--data", str(data), "--out", str(out), "--lock", str(tmp_path / "lock")]
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not list(rows.read(path)):
        assert first.poll() is None
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    first.wait()
    with path.open("ab") as file:
        file.write(b'{"schema":1,"key":"fill59","lat')  # as a kill in the middle of a write leaves it
    survived = [row["key"] for row in rows.read(path)]
    assert 0 < len(survived) < 60
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
    keys = [row["key"] for row in rows.read(path)]
    assert keys[: len(survived)] == survived
    assert sorted(keys) == sorted(f"fill{i}" for i in range(60))


def test_missing_data_is_one_line_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["leetcode", "--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


ENAMEL_RECORD = {
    "task_id": "HumanEval/0",
    "prompt": "from typing import List\n\n\ndef total(xs: List[int]) -> int:\n",
    "input_generator": "def generate_input(size, lid, cid):\n    return [random.randint(0, 9) for _ in range(size)],\n",
    "input_levels": "10 1000 100000",
    "reference_solution": "",
    "checker": "",
    "entry_point": "total",
}
SUM = ENAMEL_RECORD["prompt"] + "    return sum(xs)\n"


@pytest.mark.usefixtures("steady")
def test_enamel_measures_growing_inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enamel, "LIMITS", Limits(wall_s=20.0))
    folder = tmp_path / "data" / "enamel"
    folder.mkdir(parents=True)
    with (folder / "enamel.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(ENAMEL_RECORD))
        writer.writeheader()
        writer.writerow(ENAMEL_RECORD)
    (folder / "enamel-references.json").write_text(json.dumps([[SUM]]), encoding="utf-8")
    (folder / "humanevalplus-canonical.json").write_text(json.dumps([[SUM]]), encoding="utf-8")
    assert main(["enamel", "--data", str(tmp_path / "data"), "--out", str(tmp_path), "--lock", str(tmp_path / "lock"), "--limit", "1"]) == 0
    (row,) = rows.read(tmp_path / "rows" / "enamel.jsonl")
    assert [call["args"] for call in row["calls"]] == [f"xs=list[{n}]" for n in (10, 10, 1000, 1000, 100000, 100000)]
    costs = [call["latency_min"] for call in row["calls"]]
    assert costs[4] > 20 * costs[2] > 20 * costs[0]
    assert enamel.function_text(tmp_path / "data", row["pointer"]) == SUM


def test_enamel_inputs_helpers() -> None:
    assert all(enamel.is_probable_prime(n) == all(n % d for d in range(2, n)) for n in range(2, 500))
    assert not enamel.is_probable_prime(3215031751)  # a strong pseudoprime to bases 2, 3, 5 and 7
    assert enamel.is_probable_prime(2**89 - 1)
    for size in (1, 2, 9, 100):
        depth, depths = 0, []
        for letter in enamel.rand_parens(size):
            depth += 1 if letter == "(" else -1
            depths.append(depth)
        assert depth == 0 <= min(depths)
    broken = enamel.rand_parens(20, valid=False, par="<>")
    assert broken.count("<") != broken.count(">")
    assert enamel.rand_primality(100, 1, 1) <= 100
