"""What is wrong on a person's machine, in a real VS Code: a clear state, one message at most, and the editor as quick as ever."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.editors.vscode.conftest import HintsOf, Show, Start
from tests.editors.vscode.window import Window

SOURCE = "def double(x):\n    return x + x\n"
QUIET_S = 3.0  # in which a second message would come
BARE_PATH = "/usr/bin:/bin"


@pytest.fixture
def file(project: Path) -> Path:
    (project / "double.py").write_text(SOURCE, "utf-8")
    return project / "double.py"


def messages(window: Window, some: bool = True) -> tuple[str, ...]:
    """All messages, once no more of them come; ``some``: there will be one."""
    if some:
        window.until(lambda seen: seen.toasts, "a message")
    window.wait(QUIET_S)
    return window.see().toasts


def test_where_the_server_is_missing_one_message_offers_to_install_it(start: Start, show: Show, project: Path, file: Path) -> None:
    window = show(start(machine={}, PATH=BARE_PATH), project, file)
    window.until(lambda seen: "not installed" in seen.state, "the state")
    (said,) = messages(window)
    assert said.startswith("No predictions: ")
    assert window.buttons() == ["Install", "Choose Interpreter…", "Show Log"]
    window.type_in_editor("x = 1\n")
    seen = window.until(lambda seen: seen.lines.get(1) == "x = 1", "what was typed")
    assert seen.state == "$(warning) rlm-lsp: not installed"
    assert seen.hints == {}


@pytest.mark.parametrize(
    ("interpreter", "why"),
    [("/usr/bin/python3", "is not installed in /usr/bin/python3"), ("/no/such/python", "/no/such/python does not exist")],
)
def test_a_wrong_python_is_named(interpreter: str, why: str, start: Start, show: Show, project: Path, file: Path) -> None:
    window = show(start(machine={"rlm-lsp.interpreter": interpreter}, PATH=BARE_PATH), project, file)
    window.until(lambda seen: "not installed" in seen.state, "the state")
    (said,) = messages(window)
    assert why in said


def test_a_server_that_ends_again_and_again_is_left_alone_after_one_message(start: Start, show: Show, project: Path, file: Path) -> None:
    broken = project.parent / "broken"
    broken.write_text("#!/bin/sh\necho started >> $0.log\necho out of luck >&2\nexit 3\n")
    broken.chmod(stat.S_IRWXU)
    window = show(start(machine={"rlm-lsp.path": str(broken)}), project, file)
    seen = window.until(lambda seen: "rlm-lsp: stopped" in seen.state, "the state")
    assert seen.state.startswith("$(error)")
    starts = Path(f"{broken}.log").read_text().count("started")
    (said,) = messages(window)
    assert "out of luck" in said
    assert Path(f"{broken}.log").read_text().count("started") == starts


def test_an_untrusted_folder_is_not_asked_what_to_do(start: Start, show: Show, project: Path, file: Path, hints_of: HintsOf) -> None:
    (project / "rlm-lsp.toml").write_text('latency = "1 ns"\n')
    window = show(start(trusted=False), project, file)
    window.until(lambda seen: seen.hints == hints_of(SOURCE) and "$(shield)" in seen.state, "hints")
    assert messages(window, some=False) == ()
    assert window.see().squiggles == {}
    window.trust()
    window.open_file("double.py")
    window.until(lambda seen: seen.squiggles == {1: "error"} and "$(shield)" not in seen.state, "the folder's budget")


def test_an_untrusted_folder_cannot_choose_what_is_run(start: Start, show: Show, project: Path, file: Path) -> None:
    proof = project.parent / "was-run"
    evil = project / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {proof}\n")
    evil.chmod(stat.S_IRWXU)
    (project / ".vscode").mkdir()
    (project / ".vscode" / "settings.json").write_text(f'{{"rlm-lsp.interpreter": "{evil}", "rlm-lsp.path": "{evil}"}}')
    window = show(start(trusted=False), project, file)
    window.until_hint(1)
    assert not proof.exists()


def test_huge_and_binary_files_are_left_alone(start: Start, show: Show, project: Path, file: Path) -> None:
    (project / "huge.py").write_text("def one():\n    return 1\n\n\n" * 300_000)
    (project / "minified.py").write_text(f"x = {[*range(20_000)]}\n")
    (project / "binary.py").write_bytes(bytes(range(256)) * 400)
    window = show(start(), project, file)
    window.until_hint(1)
    for name in ("huge.py", "minified.py", "binary.py"):
        window.open_file(name)
        window.wait(1)
        seen = window.see()
        assert (seen.hints, seen.squiggles) == ({}, {})
        assert [said for said in seen.toasts if "have been turned off for this large file" not in said] == []  # which VS Code says itself
    window.open_file("double.py")
    window.type_in_editor("def triple(x):\n    return x + x + x\n\n\n")
    window.until(lambda seen: set(seen.hints) == {1, 5}, "the hint of a typed function")


def test_a_disk_that_cannot_be_written_costs_nothing_but_the_cache(
    start: Start, show: Show, project: Path, file: Path, hints_of: HintsOf
) -> None:
    window = show(start(RLM_LSP_CACHE_DIR="/dev/null/cache"), project, file)
    assert window.until_hint(1).hints == hints_of(SOURCE)
    assert messages(window, some=False) == ()
