"""Tuning as a whole on a tiny network: it learns what the rows say, refuses what would be worse, and says what is wrong with rows."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rlm_lsp.check import tune as command
from rlm_lsp.model import checkpoint, tune
from rlm_lsp.model.metrics import rank_correlation
from rlm_lsp.model.predictor import Predictor
from rlm_lsp.model.tune_check import Answers, Measured, judge, table
from rlm_lsp.model.tune_fit import Settings
from rlm_lsp.model.tune_rows import LEAST_FUNCTIONS, RowsError, read_rows, split_of
from rlm_lsp.predict.errors import InputError
from rlm_lsp.predict.types import ModelInput, Unknown
from tests.conftest import RunCli
from tests.model.tiny import make_tiny_checkpoint, tiny_config

Row = dict[str, Any]
QUICK = Settings(rate=3e-3, most_epochs=8, batch_tokens=1024, rehearsal=0.1)


@pytest.fixture(autouse=True, scope="module")
def _one_torch_thread() -> None:
    """Threads only cost time at these sizes."""
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _little_rehearsal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three hundred functions would take most of the time."""
    monkeypatch.setattr(tune, "_REHEARSED", 20)
    monkeypatch.setattr(tune, "_WATCHED", 5)


def function(number: int, loops: int) -> str:
    """Source as a person writes it, a comment included."""
    head = "".join(f"{' ' * (depth + 1)}for v{depth} in range(n):\n" for depth in range(loops))
    return f"def f{number}(n):\n # number {number}\n{head}{' ' * (loops + 1)}g(n)\n"


def rows(count: int = 200, seed: int = 0) -> list[Row]:
    """Functions of 0 to 3 loops: each loop costs a hundredfold in time and tenfold in memory."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        loops = int(rng.integers(0, 4))
        cost = {
            "latency": 10.0 ** (2 * loops - 7) * rng.uniform(0.8, 1.2),
            "peak_heap": float(round(100 * 10**loops * rng.uniform(0.9, 1.1))),
        }
        found.append({"text": function(number, loops), "language": "python", "kind": "function", **cost})
    return found


def lines(found: list[Row]) -> list[bytes]:
    return [json.dumps(row).encode() + b"\n" for row in found]


def read(found: list[bytes]) -> Any:
    base = tiny_base()
    return read_rows(found, base.config, base.tokenizer)


def tiny_base() -> checkpoint.Checkpoint:
    return checkpoint.load(_BASE[0])


_BASE: list[Path] = []


@pytest.fixture(autouse=True, scope="session")
def _base(tiny_model: Path) -> None:
    _BASE[:] = [tiny_model]


def test_a_tuned_model_is_a_whole_checkpoint_that_knows_the_rows(tiny_model: Path, tmp_path: Path) -> None:
    said: list[str] = []
    before = {path.name: path.read_bytes() for path in tiny_model.iterdir()}
    outcome = tune.tune(lines(rows()), tiny_model, tmp_path / "new" / "tuned", 5, said.append, QUICK)

    assert outcome.verdict.is_better, outcome.verdict.reasons
    assert outcome.tuned_id is not None
    assert re.fullmatch("tiny-test-tuned-[0-9a-f]{8}", outcome.tuned_id)
    assert before == {path.name: path.read_bytes() for path in tiny_model.iterdir()}
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["tuned"]

    tuned = checkpoint.load(tmp_path / "new" / "tuned")
    assert tuned.config.id == outcome.tuned_id
    assert "measured on" in tuned.config.device
    assert "## Tuned" in (tuned.folder / checkpoint.CARD).read_text("utf-8")
    fresh = rows(120, seed=9)
    inputs = [ModelInput("python", "function", re.sub(" # .*\n", "", row["text"]).strip()) for row in fresh]
    for backend in ("onnx", "torch"):
        answers = list(Predictor.load(tuned.folder, backend).predict_many(inputs))
        medians = np.array([answer[0].p50 for answer in answers if not isinstance(answer, Unknown)])
        found = rank_correlation(np.array([row["latency"] for row in fresh]), medians)
        assert found is not None
        assert found > 0.8


def adding(base: Path, folder: Path) -> Path:
    """The same model, which adds what a function calls."""
    loaded = checkpoint.load(base)
    config = replace(loaded.config, adds_callees=True)
    checkpoint.save(folder, tune.load_network(loaded), config, loaded.tokenizer, "# adding\n", like=loaded)
    return folder


def test_callees_are_added_as_long_as_that_makes_answers_better(tiny_model: Path, tmp_path: Path) -> None:
    base = adding(tiny_model, tmp_path / "base")
    known = read([json.dumps({**row, "callees": [function(7, 3)]}).encode() for row in rows()]).examples
    config = checkpoint.load(base).config
    predictor = Predictor.load(base, answer_unfamiliar=True)
    answers = dict(
        zip(
            ("with", "alone"),
            (
                tune._quantiles(predictor, asked, config.objective_names)[..., 1]
                for asked in (known, [replace(e, callees=[]) for e in known])
            ),
            strict=True,
        )
    )
    for which, medians in answers.items():  # truths that are what the model says with what is called, or without
        taught = [
            replace(e, targets=dict(zip(config.objective_names, found, strict=True))) for e, found in zip(known, medians, strict=True)
        ]
        assert tune._callees_help(base, config, taught) == (which == "with")
    assert tune._callees_help(base, config, [replace(e, callees=[]) for e in known]), "nothing speaks against it"


def test_a_tuned_model_that_knows_the_whole_cost_adds_nothing(tiny_model: Path, tmp_path: Path) -> None:
    calling = [{**row, "callees": [function(7, 3)]} for row in rows()]
    outcome = tune.tune(lines(calling), adding(tiny_model, tmp_path / "base"), tmp_path / "tuned", 5, lambda _: None, QUICK)
    assert outcome.tuned_id is not None
    assert not checkpoint.load(tmp_path / "tuned").config.adds_callees


def test_the_same_rows_give_the_same_model(tiny_model: Path, tmp_path: Path) -> None:
    short = replace(QUICK, most_epochs=1)
    first, second = (tune.tune(lines(rows()), tiny_model, tmp_path / name, 5, lambda _: None, short) for name in ("a", "b"))
    assert first == second


def test_rows_that_contradict_the_rest_leave_no_model(tiny_model: Path, tmp_path: Path) -> None:
    """The part to train on is turned upside down, the others are not: the selection part keeps the base."""
    good = tune.tune(lines(rows()), tiny_model, tmp_path / "good", 5, lambda _: None, QUICK)
    assert good.tuned_id is not None
    bad = rows()
    for row in bad:
        if split_of(command_text(row), "python") == "train":
            row["latency"] = 1e-8 / row["latency"]
            row["peak_heap"] = 1e7 / row["peak_heap"]
    outcome = tune.tune(lines(bad), tmp_path / "good", tmp_path / "worse", 5, lambda _: None, QUICK)
    assert outcome.tuned_id is None
    assert outcome.verdict.reasons
    assert not (tmp_path / "worse").exists()


def command_text(row: Row) -> str:
    """The text as it is normalised."""
    from rlm_lsp.chunk import normalise_function

    return normalise_function(row["text"])


def test_sizes_of_one_function_stay_in_one_part() -> None:
    many = [{**row, "args": f"n=int[{size}e2]"} for row in rows(150) for size in (1, 5, 9)]
    found = read(lines(many))
    assert len(found.examples) == 450
    by_text: dict[str, set[str]] = {}
    for example in found.examples:
        by_text.setdefault(example.text, set()).add(example.split)
    assert {len(splits) for splits in by_text.values()} == {1}
    assert set().union(*by_text.values()) == {"train", "selection", "check"}


GOOD = rows(1)[0]
HOSTILE: dict[str, bytes | Row] = {
    "not JSON": b"{\n",
    "nested too deeply": b"[" * 100_000 + b"\n",
    "not a JSON object": b"[1]\n",
    "unknown field 'latncy'": {**GOOD, "latncy": 1},
    "field 'text' is missing": {"language": "python", "kind": "function", "latency": 1e-6},
    "field 'text' is not a string": {**GOOD, "text": 7},
    "field 'args' is not a string": {**GOOD, "args": [1]},
    "field 'callees' is not a list of strings": {**GOOD, "callees": "def g(): pass"},
    "latency of nan s": {**GOOD, "latency": float("nan")},
    "latency of -1 s": {**GOOD, "latency": -1},
    "latency of 0 s": {**GOOD, "latency": 0},
    "latency of inf s": {**GOOD, "latency": float("inf")},
    "latency of 1e+12 s": {**GOOD, "latency": 1e12},
    "latency of a number of many digits": {**GOOD, "latency": 10**400},
    "peak_heap of -8 B": {**GOOD, "peak_heap": -8},
    "field 'latency' is not a number": {**GOOD, "latency": "1 ms"},
    "field 'peak_heap' is not a number": {**GOOD, "peak_heap": True},
    "latency@cpu stands there twice": {**GOOD, "latency@cpu": 1e-6},
    "no measured cost": {"text": GOOD["text"], "language": "python", "kind": "function"},
    "the model was not trained on cobol": {**GOOD, "language": "cobol"},
    "the model was not trained on python kernel chunks": {**GOOD, "kind": "kernel"},
    "no function in this text": {**GOOD, "text": "x = 1\n"},
    "longer or shorter than the model reads": {**GOOD, "text": "def f():\n" + " x = 1234567\n" * 3000},
    "not JSON: 'utf": b"\xff\xfe\n",
}


@pytest.mark.parametrize("reason", HOSTILE)
def test_a_hostile_row_is_refused_by_its_number_and_the_rest_is_used(reason: str) -> None:
    bad = HOSTILE[reason]
    line = bad if isinstance(bad, bytes) else json.dumps(bad).encode() + b"\n"
    found = read([*lines(rows(150)), b"\n", line])
    assert len(found.examples) == 150
    (refused,) = found.refused
    assert refused.line == 152
    assert reason in refused.reason
    assert "\n" not in refused.reason


def constant(name: str) -> list[Row]:
    return [{**row, name: 1e-3} for row in rows(150)]


def only(*names: str) -> list[Row]:
    return [{name: value for name, value in row.items() if name in ("text", "language", "kind", *names)} for row in rows(150)]


REFUSED: dict[str, list[Row]] = {
    f"at least {LEAST_FUNCTIONS} different functions with a measured cost, here are 5": rows(5),
    "here are 0": [],
    "latency or peak_heap": only(),
    "latency@cpu is left out: 1 different values": [{**row, "peak_heap": 5.0} for row in constant("latency")],
    "here are 1; in 150 rows": [{**row, "text": "def f(): g()"} for row in rows(150)],
    "only on python function, python program": [{**row, "language": "rust"} for row in rows(150)],
}


@pytest.mark.parametrize("reason", REFUSED)
def test_rows_that_do_not_do_are_refused_with_what_is_needed(reason: str) -> None:
    with pytest.raises(RowsError, match=re.escape(reason)):
        read(lines(REFUSED[reason]))


def test_a_constant_objective_is_left_out_and_the_other_taught(tiny_model: Path, tmp_path: Path) -> None:
    outcome = tune.tune(lines(constant("latency")), tiny_model, tmp_path / "tuned", 5, lambda _: None, replace(QUICK, most_epochs=1))
    assert [part.objective for part in outcome.verdict.compared] == ["peak_heap@cpu"]
    assert outcome.rows.dropped[0].startswith("latency@cpu is left out")


def measured(base_noise: float, tuned_noise: float, loss_gain: float, count: int = 150) -> Measured:
    """A check part on which both models see the truth through noise (log10)."""
    rng = np.random.default_rng(1)
    truth = 10 ** rng.uniform(-7, -2, count)

    def answers(noise: float, loss: float) -> Answers:
        median = truth * 10 ** (noise * rng.standard_normal(count))
        return Answers(loss + rng.standard_normal(count) * 0.1, np.stack([median / 3, median, median * 3], axis=1))

    return Measured("latency@cpu", truth, np.arange(count), answers(base_noise, 5.0), answers(tuned_noise, 5.0 - loss_gain), 1e-9)


@pytest.mark.parametrize(
    ("part", "reasons"),
    [
        (measured(1.0, 0.5, 0.5), []),
        (measured(0.5, 0.5, 0.0), ["its loss"]),
        (measured(0.2, 1.5, 0.5), ["it ranks latency@cpu worse", "its error of latency@cpu is larger", "no rank correlation"]),
        (measured(1.0, 0.5, -0.5), ["its loss"]),
    ],
)
def test_the_check_part_decides(part: Measured, reasons: list[str]) -> None:
    verdict = judge([part])
    assert verdict.is_better == (not reasons)
    for start in reasons:
        assert any(reason.startswith(start) for reason in verdict.reasons), verdict.reasons
    printed = table(verdict, {"base": "base", "tuned": "tuned"})
    assert len({len(line) for line in printed if line.startswith("  ") and "inside" not in line and "nats" not in line}) == 1


def test_equal_models_are_not_better() -> None:
    part = measured(0.5, 0.5, 0.0)
    verdict = judge([replace(part, tuned=part.base)])
    assert verdict.loss_better == 0.5
    assert not verdict.is_better


def test_the_band_for_pairs_never_gets_narrower(tmp_path: Path) -> None:
    band = {"latency@cpu": 3.0, "peak_heap@cpu": 2.0}
    base = make_tiny_checkpoint(tmp_path / "base", replace(tiny_config(), pair_band=band))
    assert tune.tune(lines(rows()), base, tmp_path / "tuned", 5, lambda _: None, QUICK).tuned_id is not None
    tuned = checkpoint.load(tmp_path / "tuned").config.pair_band
    assert set(tuned) == set(band)
    assert all(tuned[name] >= factor for name, factor in band.items())


def test_torch_missing_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_model: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r'pip install "rlm-lsp\[gpu\]"'):
        command.tune(tmp_path / "rows.jsonl", tiny_model, tmp_path / "out", 1)


@pytest.mark.parametrize(
    ("found", "out", "said"),
    [
        (rows(5), "new", "at least 100 different functions"),
        (None, "new", "no such file"),
        (rows(5), "taken", "exists already"),
    ],
)
def test_the_command_refuses_with_exit_code_2(
    cli: RunCli, tmp_path: Path, tiny_model: Path, found: list[Row] | None, out: str, said: str
) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("mine")
    if found is not None:
        (tmp_path / "rows.jsonl").write_bytes(b"".join(lines(found)))
    done = cli("model", "tune", "--data", tmp_path / "rows.jsonl", "--out", tmp_path / out, "--model", tiny_model)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "new").exists()
    assert (tmp_path / "taken" / "mine.txt").read_text() == "mine"


def test_the_command_prints_both_models_and_writes_only_a_better_one(cli: RunCli, tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(b"".join(lines(rows(140))) + b"{\n")
    done = cli("model", "tune", "--data", tmp_path / "rows.jsonl", "--out", tmp_path / "new", "--model", tiny_model, "--minutes", "0.2")
    assert "rows.jsonl:141: not JSON" in done.stderr
    assert "1 lines were refused, 140 used" in done.stderr
    assert "Spearman" in done.stdout
    assert (done.returncode, (tmp_path / "new").exists()) in ((0, True), (1, False))
    if done.returncode == 0:
        used = cli("model", "info", "--model", tmp_path / "new", "--format", "json")
        assert "tiny-test-tuned-" in json.loads(used.stdout)["id"]


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_an_interrupted_tuning_leaves_nothing(tmp_path: Path, tiny_model: Path, cli_environment: Mapping[str, str]) -> None:
    (tmp_path / "rows.jsonl").write_bytes(b"".join(lines(rows(200))))
    (tmp_path / "scratch").mkdir()
    arguments = ["model", "tune", "--data", str(tmp_path / "rows.jsonl"), "--out", str(tmp_path / "new"), "--model", str(tiny_model)]
    environment = {**cli_environment, "TMPDIR": str(tmp_path / "scratch")}
    with subprocess.Popen([sys.executable, "-m", "rlm_lsp", *arguments], stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        assert any("epoch 1" in line for line in process.stderr)  # in the midst of it
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    if process.returncode == 130:
        assert "interrupted" in rest
        assert not (tmp_path / "new").exists()
    else:  # it was faster than the signal
        assert process.returncode in (0, 1)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".new")] == []
    left = [path.name for path in (tmp_path / "scratch").iterdir()]
    assert [name for name in left if not name.startswith("torchinductor_")] == []  # where torch keeps what it compiles


def test_the_time_limit_holds(tiny_model: Path, tmp_path: Path) -> None:
    started = time.monotonic()
    endless = replace(QUICK, most_epochs=100_000, patience=100_000)
    outcome = tune.tune(lines(rows()), tiny_model, tmp_path / "out", 1e-6, lambda _: None, endless)
    assert time.monotonic() - started < 60
    assert outcome.tuned_id is None
