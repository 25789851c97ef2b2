from __future__ import annotations

import inspect
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from rlm_lsp.check.walk import find_files
from rlm_lsp.predict.source import READ_LIMIT, read_source

SOURCE = "def f():\n    return 1\n"
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX files")


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def plant(files: Mapping[str, str]) -> None:
    for name, content in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def names(*paths: str) -> list[str]:
    found = find_files(paths or ["."])
    assert found.missing == []
    assert found.problems == []
    return [file.path for file in found.files]


def test_source_files_are_found_in_a_stable_order_and_once() -> None:
    plant({"b.py": SOURCE, "a/z.py": SOURCE, "a/b/c.py": SOURCE, "notes.txt": "", "a.pyc": ""})
    assert names() == ["a/b/c.py", "a/z.py", "b.py"]
    assert names("b.py", "./a", "a/z.py", "a/../b.py") == ["a/b/c.py", "a/z.py", "b.py"]


def test_a_script_without_a_suffix_is_known_by_its_first_line() -> None:
    plant({"script": "#!/usr/bin/env python3\n" + SOURCE, "other": "#!/usr/bin/awk -f\n", "empty": ""})
    assert names() == ["script"]


@pytest.mark.parametrize("folder", [".git", "node_modules", "__pycache__", ".venv", ".tox", "site-packages"])
def test_folders_that_nobody_wrote_are_skipped_unless_named(folder: str) -> None:
    plant({f"{folder}/a.py": SOURCE, f"{folder}/deep/b.py": SOURCE, "c.py": SOURCE})
    assert names() == ["c.py"]
    assert names(folder) == [f"{folder}/a.py", f"{folder}/deep/b.py"]


def test_a_virtual_environment_is_known_by_its_config() -> None:
    plant({"whatever/pyvenv.cfg": "", "whatever/lib/a.py": SOURCE, "b.py": SOURCE})
    assert names() == ["b.py"]


IGNORE_CASES: dict[str, tuple[dict[str, str], list[str], list[str]]] = {
    "pattern": ({".gitignore": "gen_*.py\n"}, ["gen_a.py", "a.py", "x/gen_b.py"], ["a.py"]),
    "anchored": ({".gitignore": "/a.py\n"}, ["a.py", "x/a.py"], ["x/a.py"]),
    "folder": ({".gitignore": "build/\n"}, ["build/a.py", "x/build/b.py", "c.py"], ["c.py"]),
    "negation": ({".gitignore": "*.py\n!keep.py\n"}, ["a.py", "keep.py"], ["keep.py"]),
    "nested wins": ({".gitignore": "*.py\n", "x/.gitignore": "!*.py\n"}, ["a.py", "x/b.py"], ["x/b.py"]),
    "nested is relative": ({"x/.gitignore": "/a.py\n"}, ["a.py", "x/a.py", "x/y/a.py"], ["a.py", "x/y/a.py"]),
    "no way back into an excluded folder": ({".gitignore": "x/\n!x/a.py\n"}, ["x/a.py", "b.py"], ["b.py"]),
    "stars": ({".gitignore": "a/**/z.py\n"}, ["a/z.py", "a/b/c/z.py", "z.py"], ["z.py"]),
    "comments and unreadable patterns": ({".gitignore": "# c\n\n!\n/\n***\\\na.py\n"}, ["a.py", "b.py"], ["b.py"]),
}


@pytest.mark.parametrize("case", IGNORE_CASES)
def test_gitignore(case: str) -> None:
    ignores, sources, expected = IGNORE_CASES[case]
    plant({**ignores, **dict.fromkeys(sources, SOURCE)})
    Path(".git").mkdir()
    assert names() == expected


@pytest.mark.parametrize("case", sorted(set(IGNORE_CASES) - {"comments and unreadable patterns"}))
def test_gitignore_as_git_itself_reads_it(case: str) -> None:
    ignores, sources, expected = IGNORE_CASES[case]
    plant({**ignores, **dict.fromkeys(sources, SOURCE)})
    try:
        subprocess.run(["git", "init", "-q", "."], check=True)
    except FileNotFoundError:
        pytest.skip("git is not installed")
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.py"], check=True, capture_output=True, text=True).stdout
    assert sorted(listed.split()) == expected


def test_rules_of_the_repository_hold_below_and_stop_at_its_root() -> None:
    plant({".gitignore": "*.py\n", "repo/.gitignore": "b.py\n", "repo/x/a.py": SOURCE, "repo/x/b.py": SOURCE})
    Path("repo/.git").mkdir()
    assert names("repo/x") == ["repo/x/a.py"]


def test_a_repository_in_a_repository_has_its_own_rules() -> None:
    plant({".gitignore": "b.py\n", "inner/a.py": SOURCE, "inner/b.py": SOURCE})
    for folder in (".git", "inner/.git"):
        Path(folder).mkdir()
    assert names() == ["inner/a.py", "inner/b.py"]


def test_what_is_named_is_meant_even_if_it_is_ignored() -> None:
    plant({".gitignore": "build/\na.py\n", "build/b.py": SOURCE, "a.py": SOURCE})
    Path(".git").mkdir()
    assert names("a.py", "build") == ["a.py", "build/b.py"]


def test_a_missing_path_is_told_and_the_rest_is_found() -> None:
    plant({"a.py": SOURCE})
    found = find_files(["nowhere", "a.py", "nul\0byte"])
    assert [file.path for file in found.files] == ["a.py"]
    assert found.missing == ["nowhere: No such file or directory", "nul\0byte: embedded null byte"]


def test_a_named_file_in_no_known_language_is_a_problem() -> None:
    plant({"a.txt": "text"})
    found = find_files(["a.txt"])
    assert [(path, problem.code) for path, problem in found.problems] == [("a.txt", "unsupported-language")]


@posix_only
def test_links_are_followed_only_if_named(tmp_path: Path) -> None:
    plant({"root/a.py": SOURCE, "outside/b.py": SOURCE})
    Path("root/loop").symlink_to(tmp_path / "root")
    Path("root/out").symlink_to(tmp_path / "outside")
    Path("root/c.py").symlink_to(tmp_path / "outside/b.py")
    Path("root/dangling.py").symlink_to(tmp_path / "nothing")
    assert names("root") == ["root/a.py"]
    assert names("root/out", "root/c.py") == ["root/c.py", "root/out/b.py"]


@posix_only
def test_a_fifo_is_passed_by_and_a_problem_if_named() -> None:
    plant({"a.py": SOURCE})
    os.mkfifo("pipe.py")
    os.mkfifo(".gitignore")
    assert names() == ["a.py"]
    found = find_files(["pipe.py", "/dev/null"])
    assert found.files == []
    assert [problem.reason for _, problem in found.problems] == ["Not a regular file"] * 2


@posix_only
def test_a_socket_is_passed_by(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s.py")
        assert names() == []


def test_a_folder_with_a_source_files_name_is_a_folder() -> None:
    plant({"package.py/a.py": SOURCE})
    assert names() == ["package.py/a.py"]


@posix_only
def test_names_that_are_no_unicode_are_found() -> None:
    name = os.fsdecode(b"bad\xff.py")
    try:
        plant({name: SOURCE})
    except OSError:
        pytest.skip("this file system has Unicode names only")
    assert names() == [name]


def test_a_tree_deeper_than_pythons_stack_is_walked() -> None:
    depth = 300  # the path stays below PATH_MAX
    folder = "/".join(["d"] * depth)
    plant({f"{folder}/a.py": SOURCE})
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(len(inspect.stack()) + 120)
        assert len(find_files(["."]).files) == 1
    finally:
        sys.setrecursionlimit(limit)


@posix_only
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_a_problem() -> None:
    plant({"shut/a.py": SOURCE, "b.py": SOURCE})
    Path("shut").chmod(0)
    try:
        found = find_files(["."])
    finally:
        Path("shut").chmod(0o700)
    assert [file.path for file in found.files] == ["b.py"]
    assert [(path, problem.code) for path, problem in found.problems] == [("shut", "unreadable")]


@posix_only
@pytest.mark.parametrize(
    ("path", "reason"), [(".", "Not a regular file"), ("nothing", "No such file or directory"), ("pipe", "Not a regular file")]
)
def test_what_turned_into_something_else_since_it_was_found_is_a_problem(path: str, reason: str) -> None:
    os.mkfifo("pipe")
    source = read_source(path)
    assert not isinstance(source, bytes)
    assert (source.code, source.reason) == ("unreadable", reason)


def test_a_huge_file_is_not_read() -> None:
    with Path("huge.py").open("wb") as file:
        file.truncate(READ_LIMIT + 1)
    source = read_source("huge.py")
    assert not isinstance(source, bytes)
    assert source.code == "too-large"
