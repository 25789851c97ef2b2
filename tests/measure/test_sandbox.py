import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rlm_lsp.model.measure import confine
from rlm_lsp.model.measure.sandbox import Outcome, Sandbox

TASKS = "tests.measure.sandbox_tasks"
QUICK = confine.Limits(wall_s=10, cpu_s=10)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[2]), *([before] if before else [])])
    try:
        with Sandbox() as running:
            yield running
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def call(sandbox: Sandbox, task: str, limits: confine.Limits = QUICK, **payload: Any) -> Outcome:
    return sandbox.call(f"{TASKS}:{task}", payload, limits)


def test_value_comes_back_with_the_machines_speed(sandbox: Sandbox) -> None:
    outcome = call(sandbox, "double", x=21)
    assert (outcome.value, outcome.error) == (42, "")
    assert outcome.probe > 0


@pytest.mark.parametrize(
    ("task", "limits", "error"),
    [
        ("fail", QUICK, "ZeroDivisionError: "),
        ("leave", QUICK, "SystemExit: 3"),
        ("vanish", QUICK, "died"),
        ("sleep", confine.Limits(wall_s=0.3), "timeout"),
        ("spin", confine.Limits(wall_s=20, cpu_s=1), "died"),
        ("eat", confine.Limits(address_bytes=1 << 30), "out of memory"),
        ("fill", confine.Limits(file_bytes=1 << 20), "OSError: "),
        ("connect", QUICK, "PermissionError: socket.connect"),
        ("resolve", QUICK, "PermissionError: socket.getaddrinfo"),
        ("spawn", QUICK, "PermissionError: subprocess.Popen"),
        ("kill_parent", QUICK, "PermissionError: os.kill"),
        ("missing", QUICK, "AttributeError: "),
    ],
)
def test_failure_is_a_reason_and_the_next_task_runs(sandbox: Sandbox, task: str, limits: confine.Limits, error: str) -> None:
    assert call(sandbox, task, limits).error.startswith(error)
    assert call(sandbox, "double", x=1).value == 2


def test_network_is_gone_even_below_the_audit_hook(sandbox: Sandbox) -> None:
    if "no network" not in sandbox.confined:
        pytest.skip(f"the kernel grants this user no network namespace ({sandbox.confined}); the audit hook is tested above")
    assert call(sandbox, "interfaces").value in ([], ["lo"])


def test_files_are_written_in_the_tasks_own_folder_only(sandbox: Sandbox, tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("untouched", encoding="utf-8")
    for task in ("overwrite", "remove"):
        assert call(sandbox, task, path=str(target)).error.startswith("PermissionError")
    assert target.read_text(encoding="utf-8") == "untouched"
    folder = call(sandbox, "scratch").value
    assert not Path(folder).exists()


def test_files_are_read_only_even_below_the_audit_hook(sandbox: Sandbox, tmp_path: Path) -> None:
    if "read-only" not in sandbox.confined:
        pytest.skip(f"the kernel grants this user no mount namespace ({sandbox.confined}); the audit hook is tested above")
    target = tmp_path / "precious"
    target.write_text("untouched", encoding="utf-8")
    assert call(sandbox, "overwrite_by_libc", path=str(target)).value == -1
    assert target.read_text(encoding="utf-8") == "untouched"


def test_environment_is_the_same_for_all(sandbox: Sandbox) -> None:
    assert call(sandbox, "environment").value == {"seed": "0", "home_is_cwd": True, "stdin": "", "threads": "1"}


def test_folder_goes_with_the_server() -> None:
    with Sandbox() as running:
        folder = Path(running._folder)
        assert folder.is_dir()
    assert not folder.exists()


def test_calibration_runs_inside(sandbox: Sandbox) -> None:
    assert 1e-3 < sandbox.calibrate() < 1.0


@pytest.mark.skipif(sys.platform != "linux", reason="audit events of the os module are named alike only on Linux")
def test_audit_hook_judges_paths_not_names(tmp_path: Path) -> None:
    hook = confine.make_audit_hook(tmp_path, processes=True)
    inside, outside = str(tmp_path / "a"), str(tmp_path.parent / f"{tmp_path.name}x")
    hook("open", (inside, "w", 0))
    hook("open", (outside, "r", os.O_RDONLY))
    hook("open", (os.devnull, "w", 0))
    hook("open", (3, "w", 0))
    hook("subprocess.Popen", ("ls", [], None, None))
    for event, arguments in [
        ("open", (outside, "a", 0)),
        ("open", (outside, None, os.O_WRONLY | os.O_CREAT)),
        ("open", (inside + "/../../b", "w", 0)),
        ("os.rename", (outside, inside, -1, -1)),
        ("socket.bind", (None, ("", 1))),
    ]:
        with pytest.raises(PermissionError):
            hook(event, arguments)
