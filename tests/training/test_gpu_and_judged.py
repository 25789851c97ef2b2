"""GPU timings and judged programs: text from clones and data files, labels, splits, and that no text says what is to be predicted."""

import csv
import gzip
import json
import subprocess
from pathlib import Path

import pytest

from rlm_lsp.model.data import __main__ as data_command
from rlm_lsp.model.data import clones, examples, gpu, judged, splits
from rlm_lsp.model.data.examples import Example
from rlm_lsp.model.data.file_text import file_text
from rlm_lsp.model.data.workloads import module_args, operator_args
from rlm_lsp.model.prompt import SIZE

MODULE = '''
import torch
import torch.nn as nn

class Model(nn.Module):
    """Says much."""
    def __init__(self, channels, width, dim):
        super().__init__()
        self.conv = nn.Conv2d(channels, 2 * channels, 3)  # three

    def forward(self, x, y):
        return self.conv(x) + y

batch, channels = 16, 3
shape = (32, 2 * 16)
width = unknown()

def get_inputs():
    x = torch.randn(batch, channels, *shape)
    return [x, torch.randint(0, 10, (batch,)), torch.rand(width)]

def get_init_inputs():
    return [channels, width, -1, [8, 9]]
'''

JAVA = """package g0001_0100.s0001_two_sum;

// #Easy #Array #Big_O_Time_O(n)_Space_O(n) #2022_06_29_Time_{ms}_ms_(81.35%)_Space_41.8_MB_(46.36%)

public class Solution {{
    /* why not */
    public int twoSum(int[] nums, int target) {{
        return nums[0] + target; // done
    }}
}}
"""
JAVA_TEXT = """package leetcode;
public class Solution {
 public int twoSum(int[] nums, int target) {
  return nums[0] + target;
 }
}"""


def make_clone(folder: Path, files: list[str], *, bare: bool = False) -> list[str]:
    """Commit files to a new repository at ``folder``; return their blob ids."""
    work = folder.with_name("work") if bare else folder
    work.mkdir(parents=True)

    def git(*arguments: str) -> str:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments]
        return subprocess.run(command, cwd=work, check=True, capture_output=True, text=True).stdout

    git("init", "-q")
    for number, text in enumerate(files):
        (work / f"{number}.txt").write_text(text, "utf-8")
    git("add", ".")
    git("commit", "-qm", "files")
    if bare:
        git("clone", "-q", "--bare", ".", str(folder))
    return [git("rev-parse", f"HEAD:{number}.txt").strip() for number in range(len(files))]


def write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8", newline="") if path.suffix == ".gz" else path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize("bare", [False, True])
def test_blobs_come_whole_and_those_that_are_not_there_are_left_out(tmp_path: Path, bare: bool) -> None:
    texts = ["one\n\nmissing\n", "", "zwei ü"]
    ids = make_clone(tmp_path / "a+b", texts, bare=bare)
    found = clones.read_blobs(tmp_path, "a+b", [*ids, "0" * 40])
    assert found == {blob: text.encode() for blob, text in zip(ids, texts, strict=True)}


def test_a_missing_clone_is_named(tmp_path: Path) -> None:
    with pytest.raises(clones.MissingCloneError, match="no clone of a/b at"):
        clones.read_blobs(tmp_path, "a+b", [])


def test_a_whole_file_loses_comments_and_layout_in_a_language_with_a_grammar_and_in_one_without() -> None:
    python = b'"""Doc."""\nimport a  # b\n\nclass C:\n    """Doc."""\n    def f(self):\n        return 1\n'
    assert file_text(python, "python") == "import a\nclass C:\n def f(self):\n  return 1"
    assert file_text(b"# #Easy\n\ndefmodule S do\n  # why\n  def f(x), do: x\nend\n", "elixir") == "defmodule S do\n def f(x), do: x\nend"
    assert file_text(b"/**\n * @a\n */\nint f() {\n  return 1; // b\n}\n", "dart") == "int f() {\n return 1; // b\n}"
    with pytest.raises(KeyError):
        file_text(b"", "cobol-2002")


def test_every_dimension_of_a_workload_is_a_size() -> None:
    line = operator_args([[8192, 1024], [], 4, -1, 0.5, True, None])
    assert line == "a0=tensor[8192x1024], a1=tensor[scalar], a2=int[4], a3=int, a4=float, a5=bool, a6=NoneType"
    assert SIZE.findall(line) == ["8192", "1024", "4"]


def test_a_modules_workload_is_read_off_its_constants() -> None:
    assert module_args(MODULE) == "x=tensor[16x3x32x32], y=tensor[16], channels=int[3], dim=int, a3=sizes[8x9]"
    assert module_args("x = 1") is None


def kernelbench_rows(blobs: list[str]) -> list[dict[str, str]]:
    first = {
        "level": "level1",
        "problem": "7_Conv.py",
        "config": "torch",
        "date": "2025-01-21",
        "commit": "c0ffee",
        "problem_blob": blobs[0],
    }
    return [
        {**first, "hw_dir": "L40S_modal", "mean_ms": "1"},
        {**first, "hw_dir": "L40S_matx3", "mean_ms": "4"},
        {**first, "hw_dir": "H100_together", "mean_ms": "0.5"},
        {**first, "hw_dir": "H100_together", "mean_ms": "9", "config": "torch_compile"},
        {**first, "hw_dir": "L4_modal", "mean_ms": "9", "date": "2025-07-01"},
        {**first, "hw_dir": "T4_modal", "mean_ms": "2", "problem": "7_Conv_.py", "problem_blob": blobs[1]},
    ]


def test_kernelbench_gives_one_example_a_text_with_an_objective_a_gpu(tmp_path: Path) -> None:
    blobs = make_clone(tmp_path / "clones" / gpu.KERNELBENCH, [MODULE, MODULE.replace("16, 3", "64, 3")])
    write_csv(tmp_path / "gpu_kernelbench" / "baseline_timings.csv.gz", kernelbench_rows(blobs))
    first, second = gpu.kernelbench(tmp_path, tmp_path / "clones")
    assert first.targets == pytest.approx({"latency@l40s": 2e-3, "latency@h100": 5e-4})
    assert second.targets == pytest.approx({"latency@t4": 2e-3})
    assert first.group == second.group == "level1/7"
    assert first.split == second.split == splits.assign("module", "level1/7")
    assert "Says much" not in first.text
    assert "three" not in first.text


def write_tritonbench(folder: Path) -> None:
    folder.mkdir(parents=True)
    kernel = {"file": "k.py", "output": "import triton\n\n@triton.jit\ndef k(X):  # fast\n    pass\n"}
    calls = {"func_inputs": "relu_exp(x, *, out=None) -> Tensor. Args: x (Tensor): what", "torch_code": "y = torch.relu(x)\ntorch.exp(y)"}
    odd = {"func_inputs": "x (Tensor): what", "torch_code": "torch.exp, torch.log\n = z"}
    operators = [{"name": "relu_exp", "file": "relu_exp.py", **calls}, {"name": "torch.odd", "file": "odd.py", **odd}]
    (folder / "TritonBench_G_v1.json.gz").write_bytes(gzip.compress(json.dumps([kernel]).encode()))
    (folder / "TritonBench_T_v1.jsonl.gz").write_bytes(gzip.compress(json.dumps(operators).encode()))
    timings: list[tuple[str, str, list[object], float]] = [
        ("G", "k.py", [[64]], 1.0),
        ("G", "k.py", [[64]], 4.0),
        ("G", "k.py", [[128]], 8.0),
    ]
    timings += [("T", "relu_exp..py", [[4, 4], 2], 0.5), ("T", "odd.py", [4], 0.25)]
    lines = [json.dumps({"set": part, "file": file, "input_size": size, "ms": ms}) for part, file, size, ms in timings]
    (folder / "golden_results.jsonl").write_text("\n".join(lines), "utf-8")


def test_tritonbench_gives_one_example_a_file_and_input_size(tmp_path: Path) -> None:
    write_tritonbench(tmp_path / "gpu_tritonbench")
    small, large, operator, odd = gpu.tritonbench(tmp_path)
    assert (small.text, small.kind, small.args) == ("import triton\n@triton.jit\ndef k(X):\n pass", "triton kernel", "a0=tensor[64]")
    assert small.targets == pytest.approx({"latency@a100": 2e-3})
    assert small.text == large.text
    assert small.id != large.id
    assert (operator.group, operator.kind) == ("relu_exp.py", "torch operator")
    assert operator.text == "def relu_exp(x, *, out=None):\n y = torch.relu(x)\n torch.exp(y)"
    assert odd.text == "def odd():\n torch.exp, torch.log\n  = z"


def label_row(blob: str, **changes: str) -> dict[str, str]:
    path = "src/main/java/g0001_0100/s0001_two_sum/Solution.java"
    row = {"blob": blob, "repo": "a+java", "commit": "c0ffee", "path": path, "language": "java", "time_ms": "2.0", "memory_mb": "40.5"}
    return {**row, **changes}


def test_copies_of_a_program_are_one_example_and_no_time_at_all_is_censored(tmp_path: Path) -> None:
    other = JAVA.format(ms=0).replace("nums[0]", "nums[1]")
    blobs = make_clone(tmp_path / "clones" / "a+java", [JAVA.format(ms=2), JAVA.format(ms=8), other])
    rows = [label_row(blobs[0]), label_row(blobs[1], time_ms="8.0"), label_row(blobs[2], time_ms="0.0"), label_row("0" * 40)]
    write_csv(tmp_path / "leetcode_in_all" / "labels.csv", rows)
    found, counts, missing = judged.read(tmp_path, tmp_path / "clones")
    joined, censored = found
    assert joined.text == JAVA_TEXT
    assert joined.targets == pytest.approx({judged.LATENCY: 4e-3, judged.MEMORY: 40.5e6})
    assert censored.targets == pytest.approx({judged.MEMORY: 40.5e6})
    assert (joined.group, joined.split) == ("two-sum", splits.assign("leetcode", "two-sum"))
    assert counts == {"copies joined": 1, f"{judged.LATENCY} censored": 1, f"{judged.MEMORY} censored": 0, "text not in the clone": 1}
    assert not missing


@pytest.mark.parametrize("rest", ['s = "Time_2_ms_(81%)"', "x = 1  # \n y = '#2022_06_29'", "def Space_41(): pass"])
def test_a_text_that_still_says_what_the_judge_said_is_refused(rest: str) -> None:
    with pytest.raises(judged.LeakError):
        judged.program_text(rest.encode(), "python")


def test_a_path_without_a_problem_is_refused() -> None:
    with pytest.raises(ValueError, match="no problem in"):
        judged.slug_of({"path": "src/Main.java"})


def test_a_text_of_two_splits_stays_in_the_stricter_one() -> None:
    rows = [Example(str(i), "s", "g", split, text, {}) for i, (split, text) in enumerate([("train", "a"), ("test", "a"), ("train", "b")])]
    assert [row.id for row in splits.in_strictest(rows)] == ["1", "2"]


def test_what_is_missing_is_named_and_the_rest_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tritonbench(tmp_path / "gpu_tritonbench")
    write_csv(tmp_path / "gpu_kernelbench" / "baseline_timings.csv.gz", kernelbench_rows(["0" * 40, "1" * 40]))
    blobs = make_clone(tmp_path / "clones" / "a+java", [JAVA.format(ms=2)])
    write_csv(tmp_path / "leetcode_in_all" / "labels.csv", [label_row(blobs[0]), label_row("0" * 40, repo="b+kotlin", commit="decaf")])
    places = ["--data", str(tmp_path), "--clones", str(tmp_path / "clones"), "--corpus", str(tmp_path / "corpus")]
    for command in ("gpu", "judged"):
        data_command.main([command, *places])
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert "ScalingIntelligence/KernelBench" in said[0]
    assert "c0ffee" in said[0]
    assert "b/kotlin" in said[1]
    assert "decaf" in said[1]
    assert len(list(examples.read(tmp_path / "corpus" / "gpu.jsonl"))) == 4
    assert [row.source for row in examples.read(tmp_path / "corpus" / "judged.jsonl")] == ["leetcode-in-java"]


@pytest.mark.parametrize(("family", "first"), [("kernel", "matmul_triton1.py"), ("module", "level1/1")])
def test_the_rule_still_gives_the_stored_splits_of_gpu_code(family: str, first: str) -> None:
    stored = splits.stored(family)
    assert splits.group_hash(family, first) in stored[splits.split_of(family, first)]
