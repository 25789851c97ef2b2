from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rlm_lsp import api
from tests.conftest import RunCli

FUNCTIONS = [f"def f{i}(xs):\n    # number {i}\n    return sum(xs) + {i}\n" for i in range(64)]


def query(index: int, **more: Any) -> dict[str, Any]:
    return {"id": index, "text": FUNCTIONS[index], "language": "python", "kind": "function", **more}


def lines(*items: dict[str, Any] | str) -> str:
    return "".join((item if isinstance(item, str) else json.dumps(item)) + "\n" for item in items)


def answers(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_same_numbers_alone_in_a_batch_from_json_and_from_python(
    cli: RunCli, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each way has a cache of its own, so that nothing is merely copied."""
    batch = answers(cli("predict", "--jsonl", "-", "--model", tiny_model, stdin=lines(*map(query, range(64)))).stdout)
    assert [item["id"] for item in batch] == list(range(64))
    alone = answers(
        cli("predict", "--jsonl", "-", "--model", tiny_model, stdin=lines(query(7)), RLM_LSP_CACHE_DIR=str(tmp_path / "2")).stdout
    )
    assert alone == [batch[7]]

    (tmp_path / "project" / "all.py").write_text("\n".join(FUNCTIONS))
    checked = cli("check", ".", "--format", "json", "--model", tiny_model, RLM_LSP_CACHE_DIR=str(tmp_path / "3")).stdout
    by_name = {item["name"]: item for item in json.loads(checked)["functions"]}
    assert [by_name[f"f{i}"]["predictions"] for i in range(64)] == [item["predictions"] for item in batch]

    monkeypatch.setenv("RLM_LSP_CACHE_DIR", str(tmp_path / "4"))
    with api.Session(tiny_model, jobs=1) as session:
        functions = [function for function in session.predict_source("\n".join(FUNCTIONS)) if function.kind == "function"]
    assert [as_json(function.answer) for function in functions] == [item["predictions"] for item in batch]
    assert len({json.dumps(item["predictions"]) for item in batch}) > 1


def as_json(answer: api.Answer) -> dict[str, Any]:
    assert not isinstance(answer, api.Unknown)
    return {item.objective: {"p10": item.p10, "p50": item.p50, "p90": item.p90, "unit": item.unit} for item in answer}


def test_a_bad_line_is_told_by_its_number_and_the_rest_goes_on(cli: RunCli, tiny_model: Path) -> None:
    bad = [
        "{",
        "[1]",
        json.dumps({"text": "def f(): 1", "language": "python", "kind": "function"}),
        json.dumps(query(1, agrs="x=int")),
        json.dumps(query(1, objectives="latency@cpu")),
        json.dumps({**query(1), "text": 5}),
        "[" * 100_000,
        '{"id": "\udcff"'.encode("utf-8", "surrogatepass").decode("latin-1"),
    ]
    result = cli("predict", "--jsonl", "-", "--model", tiny_model, stdin=lines(query(0), "", *bad, query(2)))
    assert result.returncode == 0
    output = answers(result.stdout)
    assert [item.get("id", item.get("line")) for item in output] == [0, *range(3, 11), 2]
    reasons = [item["error"] for item in output[1:-1]]
    assert reasons[1:6] == [
        "not a JSON object",
        "field 'id' is missing",
        "unknown field 'agrs'",
        "field 'objectives' is not a list of strings",
        "field 'text' is not a string",
    ]
    assert all(reason.startswith("not JSON") for reason in (reasons[0], *reasons[6:]))
    assert result.stderr == "rlm-lsp: 8 of 10 lines could not be read; their output lines say why\n"


def test_what_cannot_be_answered_has_a_reason(cli: RunCli, tiny_model: Path) -> None:
    cases = [
        ({**query(0), "language": "cobol"}, "unsupported-language: "),
        ({**query(0), "text": "x = 1"}, "unparsable: No function in this text"),
        ({**query(0), "kind": "kernel"}, "unparsable: No kernel in this text"),
        (query(0, objectives=["latency@moon"]), "unknown-objective: "),
        ({**query(0), "text": "def f(x):\n" + "    x = x + 1\n" * 3000}, "too-long: "),
    ]
    result = cli("predict", "--jsonl", "-", "--model", tiny_model, stdin=lines(*(case for case, _ in cases)))
    assert result.returncode == 0
    for item, (_, reason) in zip(answers(result.stdout), cases, strict=True):
        assert item["unknown"].startswith(reason)


def test_arguments_and_objectives(cli: RunCli, tiny_model: Path) -> None:
    items = [query(0), query(0, args="xs=list[1000]"), query(0, header="python kernel"), query(0, objectives=["peak_heap@cpu"])]
    plain, with_args, with_header, heap = answers(cli("predict", "--jsonl", "-", "--model", tiny_model, stdin=lines(*items)).stdout)
    assert plain["predictions"] != with_args["predictions"]
    assert plain["predictions"] != with_header["predictions"]
    assert heap["predictions"] == {"peak_heap@cpu": plain["predictions"]["peak_heap@cpu"]}


def test_from_file_to_file(cli: RunCli, tiny_model: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(lines(query(0), query(1)))
    result = cli("predict", "--jsonl", source, "--output", target, "--model", tiny_model)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert [item["id"] for item in answers(target.read_text())] == [0, 1]
    assert cli("predict", "--jsonl", tmp_path / "nothing", "--model", tiny_model).stderr == (
        f"rlm-lsp: error: {tmp_path / 'nothing'}: No such file or directory\n"
    )
