from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rlm_lsp.config import BudgetRule, Settings
from rlm_lsp.lsp.command import COMMANDS
from rlm_lsp.lsp.position import Encoding
from rlm_lsp.lsp.protocol import RequestError
from rlm_lsp.lsp.queue import Priority
from rlm_lsp.lsp.snapshot import Base, Client
from rlm_lsp.paths import cache_folder, default_model_folder
from rlm_lsp.predict.engine import Engine
from rlm_lsp.predict.identity import identify
from rlm_lsp.predict.results import Values
from rlm_lsp.predict.types import ModelInput
from tests.conftest import RunCli
from tests.lsp.commanding import KNOWN, FakeOracle, FakeServices, document, sized_model
from tests.lsp.marked import MODEL, URI

pytestmark = pytest.mark.asyncio

TEXT = "def f(xs):\n    y = 1\n    return xs\n\nclass A:\n    def g(self, k: int):\n        return k\n"
OF_F = {"uri": URI, "key": "f"}


async def run(services: FakeServices, command: str, *arguments: Any) -> Any:
    result = await COMMANDS[f"rlm-lsp.{command}"](services, list(arguments))
    assert json.loads(json.dumps(result)) == result  # what is sent is what was meant
    return result


def server(text: str = TEXT, **changes: Any) -> FakeServices:
    return FakeServices([document(text)], **changes)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "arguments",
    [[1], ["x"], [None], [[]], [{}, {}], [{"nobody": 1}], [{"__class__": {}}], [{"uri": URI, "key": "f", "extra": 1}]],
)
async def test_what_no_command_knows_is_refused_in_one_sentence(command: str, arguments: list[Any]) -> None:
    services = server(workspace=[Path("/nowhere")])
    with pytest.raises(RequestError) as caught:
        await COMMANDS[command](services, arguments)
    assert caught.value.code == -32602
    assert caught.value.text.startswith(command)
    assert "\n" not in caught.value.text
    assert len(caught.value.text) < 200
    assert (services.shown, services.oracle.asked, services.oracle.restarts, services.oracle.clearings) == ([], [], 0, 0)


WRONG: list[tuple[str, Mapping[str, Any], str]] = [
    *((name, {}, "'uri' must be the URI of an open document") for name in ("compareWithHead", "copyAsJson", "scaling", "explain")),
    ("explain", {"uri": 3}, "'uri' must be a string"),
    ("explain", {"uri": ""}, "'uri' must be a string"),
    ("explain", {"uri": "x" * 5000}, "'uri' must be a string"),
    ("explain", {"uri": "file:///etc/passwd", "key": "f"}, "this one is not open"),
    ("explain", {"uri": URI}, "'key' must be the key"),
    ("explain", {"uri": URI, "key": "nobody"}, "'key' must be the key"),
    ("explain", {"uri": URI, "key": ["f"]}, "'key' must be a string"),
    ("compareWithHead", {"uri": URI, "key": "nobody"}, "'key' must be the key"),
    ("toggle", {"enabled": "yes"}, "'enabled' must be true or false"),
    ("status", {"show": 1}, "'show' must be true or false"),
    ("showLog", {"lines": 0}, "'lines' must be a whole number from 1 to 1,000"),
    ("showLog", {"lines": float("nan")}, "'lines' must be a whole number"),
    ("showLog", {"lines": float("inf")}, "'lines' must be a whole number"),
    ("showLog", {"lines": 1.5}, "'lines' must be a whole number"),
    ("showLog", {"lines": True}, "'lines' must be a whole number"),
    ("showLog", {"lines": 10**400}, "'lines' must be a whole number"),
    ("scaling", {**OF_F, "sizes": []}, "'sizes' must be a list of 1 to 32"),
    ("scaling", {**OF_F, "sizes": [1] * 33}, "'sizes' must be a list of 1 to 32"),
    ("scaling", {**OF_F, "sizes": [0]}, "'sizes' must be a list"),
    ("scaling", {**OF_F, "sizes": [10**400]}, "'sizes' must be a list"),
    ("scaling", {**OF_F, "sizes": [float("nan")]}, "'sizes' must be a list"),
    ("scaling", {**OF_F, "sizes": 10}, "'sizes' must be a list"),
    ("scaling", {**OF_F, "arguments": {}}, "'arguments' must be an object with 1 to 64 strings"),
    ("scaling", {**OF_F, "arguments": {"xs": 3}}, "'arguments' must be an object"),
    ("scaling", {**OF_F, "arguments": ["xs"]}, "'arguments' must be an object"),
    ("scaling", {**OF_F, "arguments": {"zs": "list[n]"}}, "no parameter 'zs'"),
    ("checkWorkspace", {"top": -1}, "'top' must be a whole number"),
    ("checkWorkspace", {"folder": 3}, "'folder' must be a string"),
    ("checkWorkspace", {"folder": "file:///etc"}, "inside of a workspace folder"),
    ("checkWorkspace", {"folder": "http://example.org/"}, "inside of a workspace folder"),
    ("checkWorkspace", {"folder": "file://[x"}, "inside of a workspace folder"),
    ("checkWorkspace", {"folder": "no uri"}, "inside of a workspace folder"),
]


@pytest.mark.parametrize(("command", "argument", "said"), WRONG)
async def test_a_wrong_argument_is_refused_in_one_sentence(command: str, argument: Mapping[str, Any], said: str) -> None:
    services = server(workspace=[Path("/nowhere")])
    with pytest.raises(RequestError) as caught:
        await run(services, command, dict(argument))
    assert caught.value.code == -32602
    assert said in caught.value.text
    assert "\n" not in caught.value.text
    assert services.oracle.asked == []


async def test_javascripts_whole_numbers_are_whole() -> None:
    assert await run(server(log=["a", "b", "c"]), "showLog", {"lines": 2.0}) == {"lines": ["b", "c"]}


async def test_status_is_shown_unless_a_program_asks() -> None:
    services = server()
    assert (await run(services, "status"))["state"] == "ready"
    assert (await run(services, "status", {"show": False}))["state"] == "ready"
    assert services.shown == ["all is well"]


async def test_the_worker_is_restarted_and_the_cache_cleared() -> None:
    services = server()
    assert (await run(services, "restartWorker"))["state"] == "ready"
    assert (await run(services, "clearCache"))["state"] == "ready"
    assert (services.oracle.restarts, services.oracle.clearings) == (1, 1)


async def test_toggle_turns_the_switch_or_sets_it() -> None:
    services = server()
    assert await run(services, "toggle") == {"enabled": False}
    assert await run(services, "toggle") == {"enabled": True}
    assert await run(services, "toggle", {"enabled": True}) == {"enabled": True}


async def test_the_log_goes_to_the_client_without_becoming_part_of_itself() -> None:
    services = server(log=[f"line {i}" for i in range(300)])
    result = await run(services, "showLog")
    assert result["lines"] == services.log[-100:]
    assert services.logs_shown[0].endswith("line 299")
    assert len(services.log) == 300


async def test_without_a_model_commands_say_so() -> None:
    for command in ("explain", "scaling", "copyAsJson", "compareWithHead"):
        with pytest.raises(RequestError, match="there is no model: no folder there") as caught:
            await run(server(model=None), command, OF_F)
        assert caught.value.code == -32803
    with pytest.raises(RequestError, match="there is no model"):
        await run(server(model=None), "checkWorkspace")


async def test_explain_names_lines_and_no_code() -> None:
    services = server()
    result = await run(services, "explain", OF_F)
    assert result["function"] == "f"
    assert result["version"] == 3
    assert {region["range"]["start"]["line"] for region in result["regions"]} == {1, 2}
    assert "return" not in services.shown[0]
    assert "not a cause" in services.shown[0]


async def test_scaling_answers_within_the_trained_sizes() -> None:
    services = server(model=sized_model(list=(1, 1000)))
    result = await run(services, "scaling", {**OF_F, "arguments": {"xs": "list[n]"}, "sizes": [1, 10, 100, 100_000], "show": False})
    assert [("predictions" in point, "unknown" in point) for point in result["points"]] == [(True, False)] * 3 + [(False, True)]
    assert services.shown == []
    result = await run(services, "scaling", {"uri": URI, "key": "A.g"})
    assert result["arguments"] == {"k": "int[n]"}
    assert all("unknown" in point for point in result["points"])


def compared(base: Base | None, values: Values = KNOWN, settings: Settings | None = None) -> FakeServices:
    view = document("def f(xs):\n    return xs\n\ndef g():\n    return 1\n", settings=settings)
    program, first, second = view.functions
    view = replace(view, functions=(program, replace(first, base=base), replace(second, base=Base(None, same_text=True))))
    return FakeServices([view], oracle=FakeOracle(lambda item: values))


SLOW = Values([[0.1, 0.2, 0.372], [1e6, 2e6, 3.4e6]])


async def test_changes_against_head_say_whether_they_mean_anything() -> None:
    services = compared(Base(KNOWN), SLOW)
    services.model = replace(MODEL, config={**MODEL.config, "pair_band": None})
    result = await run(services, "compareWithHead", {"uri": URI})
    (changed,) = result["functions"]
    latency, heap = changed["changes"]
    assert (changed["name"], changed["line"], changed["added"], result["compared"]) == ("f", 1, False, 2)
    assert (latency["before"], latency["after"], latency["standing"], latency["beyondBand"]) == (0.002, 0.2, "no-band", False)
    assert latency["ratio"] == pytest.approx(100)
    assert (heap["ratio"], heap["standing"]) == (1.0, "same")
    assert "1 of 2 functions differ from HEAD" in services.shown[0]
    assert "latency 2.0 ms → 200 ms, the model's error is not known" in services.shown[0]


async def test_beyond_the_band_a_change_is_one() -> None:
    services = compared(Base(KNOWN), SLOW)
    services.model = replace(MODEL, config={**MODEL.config, "pair_band": {"latency@cpu": 3.0, "peak_heap@cpu": 3.0}})
    result = await run(services, "compareWithHead", {"uri": URI, "key": "f"})
    latency = result["functions"][0]["changes"][0]
    assert (latency["standing"], latency["beyondBand"], latency["band"]) == ("dearer", True, 3.0)
    assert result["compared"] == 1


@pytest.mark.parametrize(
    ("base", "values", "expected", "said"),
    [
        (Base(None, added=True), KNOWN, {"added": True, "changes": []}, "f: new"),
        (Base(Values(None, ("too-long", "why"))), KNOWN, {"unknownBefore": "too-long: why", "changes": []}, "the old version"),
        (Base(KNOWN), Values(None, ("too-long", "why")), {"unknownAfter": "too-long: why", "changes": []}, "the new version"),
        (Base(None), KNOWN, {"changes": []}, "the old version"),
    ],
)
async def test_what_has_no_ratio_says_why(base: Base, values: Values, expected: dict[str, Any], said: str) -> None:
    services = compared(base, values)
    (changed,) = (await run(services, "compareWithHead", {"uri": URI}))["functions"]
    assert expected.items() <= changed.items()
    assert said in services.shown[0]


async def test_equal_text_is_no_change() -> None:
    assert (await run(compared(Base(None, same_text=True)), "compareWithHead", {"uri": URI}))["functions"] == []


async def test_comparing_where_it_cannot_be_says_so() -> None:
    for services in (
        compared(None),
        replace(compared(Base(KNOWN)), client=Client(trusted=False)),
        compared(Base(KNOWN), settings=Settings(compare_with_head=False)),
        FakeServices([document(TEXT, path=None)]),
    ):
        with pytest.raises(RequestError) as caught:
            await run(services, "compareWithHead", OF_F)
        assert caught.value.code == -32803
        assert services.oracle.asked == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_json_is_that_of_the_command_line(encoding: Encoding, cli: RunCli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "class A:\n    '😀'; f = lambda é: é\n\ndef g(x):\n    return x\n"
    file = tmp_path / "project" / "pkg" / "module.py"
    file.parent.mkdir()
    file.write_bytes(text.encode())
    expected = {item["name"]: item for item in json.loads(cli("check", ".", "--format", "json").stdout)["functions"]}
    monkeypatch.setenv("RLM_LSP_CACHE_DIR", str(tmp_path / "cache"))  # where the run has left its numbers
    model = identify(default_model_folder())
    with Engine(model, cache_folder(), print, 1) as engine:
        view = document(text, encoding=encoding, path=str(file))
        oracle = FakeOracle(lambda item: engine.predict([item])[0])
        services = FakeServices([view], model=model, oracle=oracle, workspace=[tmp_path / "project"])
        for function in view.functions:
            if function.kind == "function":
                assert await run(services, "copyAsJson", {"uri": URI, "key": function.key}) == expected[function.key]
    assert set(expected) == {"<module>", "A.f", "g"}
    assert json.loads(services.shown[0]) in expected.values()


async def test_a_document_that_is_no_file_is_named_by_its_uri() -> None:
    view = replace(document(TEXT, path=None), uri="untitled:Untitled-1")
    result = await run(FakeServices([view]), "copyAsJson", {"uri": view.uri, "key": "f"})
    assert (result["path"], result["line"], result["column"]) == ("untitled:Untitled-1", 1, 5)


def project(root: Path) -> Path:
    files = {
        "a.py": "def slow(xs):\n    return sorted(xs)\n",
        "pkg/b.py": "# rlm: budget latency=1us\ndef g(x):\n    return x\n\n# rlm: ignore\ndef h(x):\n    return x\n",
        "pkg/latin.py": "# coding: latin-1\ndef größe(x):\n    return x\n",
        "skipped/c.py": "def c(x):\n    return x\n",
        "broken.py": "def ok(x):\n    return x\n\ndef broken(:\n",
        "binary.py": "\0",
        "notes.txt": "nothing",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode("latin-1"))
    return root


def costs(item: ModelInput) -> Values:
    if item.kind == "program":
        return Values(None, ("untrained-kind", "no"))
    return Values([[1e-3, 2e-3, 4e-3], [1.0, 2.0, 4.0]]) if "sorted" in item.text else Values([[1e-6, 2e-6, 3e-6], [1.0, 2.0, 3.0]])


async def test_the_workspace_is_checked(tmp_path: Path) -> None:
    settings = Settings(budgets=(BudgetRule("latency", 1.5e-3),), exclude=("skipped/",), root=tmp_path)
    services = FakeServices([], oracle=FakeOracle(costs), workspace=[project(tmp_path)], settings=settings)
    result = await run(services, "checkWorkspace", {"top": 2})
    assert (result["files"], result["functions"], result["unknown"]) == (5, 8, {"untrained-kind": 3})
    assert result["problems"] >= 2  # one file is no text, and one function none
    assert [(item["name"], item["path"], item["line"]) for item in result["top"]] == [("slow", "a.py", 1), ("ok", "broken.py", 1)]
    breaches = [(item["path"], item["name"], item["metric"], item["severity"], item["quantile"]) for item in result["breaches"]]
    assert breaches == [("a.py", "slow", "latency", "warning", "p50"), (str(Path("pkg", "b.py")), "g", "latency", "warning", "p50")]
    assert {priority for _, priority in services.oracle.asked} == {Priority.WORKSPACE}
    assert "größe" in [item["name"] for item in (await run(services, "checkWorkspace", {"top": 100}))["top"]]
    assert "2 broken budgets" in services.shown[0]
    assert "a.py:1 slow: warning: latency p50 2.0 ms > 1.5 ms" in services.shown[0]
    assert services.work is not None
    assert (services.work.percentage, services.work.message) == (100, "5 of 5 files")


async def test_a_folder_of_the_workspace_is_checked_and_nothing_outside(tmp_path: Path) -> None:
    root, outside = project(tmp_path / "root"), project(tmp_path / "outside")
    services = FakeServices([], oracle=FakeOracle(costs), workspace=[root])
    result = await run(services, "checkWorkspace", {"folder": (root / "pkg").as_uri(), "top": 9})
    assert sorted({item["path"] for item in result["top"]}) == [str(Path("pkg", "b.py")), str(Path("pkg", "latin.py"))]
    asked = len(services.oracle.asked)
    refused = [outside.as_uri(), f"{root.as_uri()}/../outside", (root / "nothing").as_uri(), (root / "a.py").as_uri()]
    if sys.platform != "win32":
        (root / "link").symlink_to(outside)
        refused.append((root / "link").as_uri())
    for uri in refused:
        with pytest.raises(RequestError) as caught:
            await run(services, "checkWorkspace", {"folder": uri})
        assert caught.value.code == -32602
    assert len(services.oracle.asked) == asked


async def test_without_a_folder_there_is_nothing_to_check() -> None:
    with pytest.raises(RequestError, match="no workspace folder is open"):
        await run(FakeServices(), "checkWorkspace")


async def test_an_empty_workspace_is_one(tmp_path: Path) -> None:
    result = await run(FakeServices(workspace=[tmp_path]), "checkWorkspace")
    assert (result["files"], result["functions"], result["top"]) == (0, 0, [])


async def test_a_cancelled_check_leaves_nothing_behind(tmp_path: Path) -> None:
    started, cancelled = asyncio.Event(), []

    class Slow(FakeOracle):
        async def predict(self, items: Any, priority: Priority = Priority.VISIBLE) -> list[Values]:
            started.set()
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                cancelled.append(items)
                raise
            return []

    services = FakeServices(oracle=Slow(), workspace=[project(tmp_path)])
    task = asyncio.ensure_future(run(services, "checkWorkspace"))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cancelled
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert services.shown == []


async def test_the_loop_is_free_during_a_check(tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"m{number}.py").write_text("".join(f"def f{i}(x):\n    return x + {i}\n\n\n" for i in range(60)))
    services = FakeServices(oracle=FakeOracle(costs), workspace=[tmp_path])
    task = asyncio.ensure_future(run(services, "checkWorkspace"))
    turns = 0
    while not task.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert task.result()["functions"] == 60 * 61
    assert turns > 60  # a guard against doing it all in one turn; how long turns last is benchmarked
