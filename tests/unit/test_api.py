from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlm_lsp import api

SOURCE = "def f(xs):\n    return sorted(xs)\n\n\ndef g(x):\n    return x\n"


@pytest.fixture
def session(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[api.Session]:
    monkeypatch.setenv("RLM_LSP_CACHE_DIR", str(tmp_path / "cache"))
    with api.Session(tiny_model, jobs=1) as opened:
        yield opened


def test_the_public_names_are_these() -> None:
    assert sorted(api.__all__) == api.__all__
    assert {name for name in api.__all__ if not hasattr(api, name)} == set()
    functions = {name for name in api.__all__ if name[0].islower()}
    assert functions == {"predict_files", "predict_inputs", "predict_source"}


def test_all_errors_are_one_family() -> None:
    for error in (api.EngineError, api.InputError, api.ModelFilesError):
        assert issubclass(error, api.RlmLspError)
        assert error.__doc__


def test_source_files_and_inputs(session: api.Session, tmp_path: Path) -> None:
    functions = {item.name: item for item in session.predict_source(SOURCE)}
    assert (functions["g"].line, functions["g"].column, functions["g"].end_line) == (5, 5, 6)
    predictions = functions["f"].answer
    assert not isinstance(predictions, api.Unknown)
    assert [item.objective for item in predictions] == ["latency@cpu", "peak_heap@cpu"]
    assert {(item.model, item.device) for item in predictions} == {("tiny-test", "no machine at all")}

    (tmp_path / "a.py").write_text(SOURCE)
    (tmp_path / "b.py").write_bytes(b"\0" * 100)
    files = session.predict_files([tmp_path / "b.py", tmp_path / "a.py"])
    assert [Path(file.path).name for file in files] == ["a.py", "b.py"]
    assert {item.name: item.answer for item in files[0].functions} == {name: item.answer for name, item in functions.items()}
    assert [problem.code for problem in files[1].problems] == ["binary"]

    inputs = [api.ModelInput("python", "function", "def f(xs):\n return sorted(xs)"), api.ModelInput("cobol", "function", "MOVE")]
    known, unknown = session.predict_inputs(inputs)
    assert known == predictions
    assert isinstance(unknown, api.Unknown)
    assert unknown.code == "untrained-language"
    assert session.predict_inputs([]) == []


def test_bad_requests_are_named_errors(session: api.Session, tmp_path: Path) -> None:
    with pytest.raises(api.InputError, match="no grammar for 'cobol'"):
        session.predict_source("MOVE", "cobol")
    with pytest.raises(api.InputError, match="nothing: No such file or directory"):
        session.predict_files([tmp_path / "nothing"])
    with pytest.raises(api.ModelFilesError, match=r"manifest\.json: No such file"):
        api.Session(tmp_path)


def test_one_session_serves_several_threads(session: api.Session) -> None:
    sources = [f"def f{i}(x):\n    return x * {i}\n" for i in range(4)]
    answers: dict[int, list[api.FunctionPrediction]] = {}

    def work(index: int) -> None:
        answers[index] = session.predict_source(sources[index])

    threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {index: session.predict_source(source) for index, source in enumerate(sources)}
