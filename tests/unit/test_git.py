from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rlm_lsp import git
from rlm_lsp.git import GitError, Repository, blob_at_head, blob_id, repository_of

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    **{f"GIT_{who}_{what}": "nobody@example.invalid" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


def run(folder: Path, *arguments: str | bytes) -> str:
    command = ["git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *arguments]
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, check=True, capture_output=True).stdout.decode().strip()


def commit(folder: Path, **files: str) -> str:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    run(folder, "add", "-A")
    run(folder, "commit", "-q", "--allow-empty", "-m", "x")
    return run(folder, "rev-parse", "HEAD")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "repository"
    path.mkdir()
    run(path, "init", "-q")
    return path


def repository(folder: Path) -> Repository:
    found = repository_of(folder)
    assert found is not None
    return found


def test_what_stood_in_a_file(folder: Path) -> None:
    first = commit(folder, a="one\r\n", b="two")
    second = commit(folder, a="three")
    run(folder, "tag", "-a", "v1", "-m", "annotated", first)
    here = repository(folder)
    assert (here.head(), here.commit("HEAD~1"), here.commit("v1")) == (second, first, first)
    assert [here.blob_at(ref, "a.py") for ref in (first, "v1", "HEAD")] == [b"one\r\n", b"one\r\n", b"three"]
    assert here.blob_at("HEAD", "nothing.py") is None
    (folder / "a.py").write_text("four")
    assert blob_at_head(folder / "a.py") == b"three"
    assert blob_at_head(folder / "new.py") is None
    assert set(here.tree(first)) == {"a.py", "b.py"}
    assert here.tree(first)["b.py"] == here.tree(second)["b.py"] == ("b.py", blob_id(b"two", first))


def test_the_index_is_not_the_work_tree(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(folder, a="committed")
    (folder / "a.py").write_text("staged")
    run(folder, "add", "a.py")
    (folder / "a.py").write_text("edited")
    here = repository(folder)
    entry = here.staged()["a.py"]
    assert here.blobs([entry.blob]) == {entry.blob: b"staged"}
    run(folder, "read-tree", "--index-output=" + str(folder / "other-index"), "HEAD")
    redirected = {"GIT_INDEX_FILE": str(folder / "other-index")}
    assert here.staged(redirected) == here.staged()  # anybody may have set it; a hook is known by its GIT_EXEC_PATH
    in_hook = here.staged({**redirected, "GIT_EXEC_PATH": run(folder, "--exec-path")})
    assert here.blobs([in_hook["a.py"].blob]) == {in_hook["a.py"].blob: b"committed"}
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    monkeypatch.setenv("GIT_WORK_TREE", "/nonexistent")
    assert set(here.staged()) == {"a.py"}


def test_many_blobs_by_one_process(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {f"f{index}": "x" * index * 1000 for index in range(50)}
    commit(folder, **names)
    here = repository(folder)
    ids = [entry.blob for entry in here.tree(str(here.head())).values()]
    missing = "0" * 40
    contents = here.blobs([*ids, missing, str(here.head())])
    assert sorted(len(contents[blob] or b"") for blob in ids) == [index * 1000 for index in range(50)]
    assert contents[missing] is None
    assert contents[str(here.head())] is None  # a commit is no blob
    monkeypatch.setattr(git, "READ_LIMIT", 20_000)
    limited = here.blobs(ids)
    assert sum(content is None for content in limited.values()) == 29
    assert sum(len(content or b"") for content in limited.values()) == sum(index * 1000 for index in range(21))


def test_nothing_is_there_before_the_first_commit(folder: Path) -> None:
    here = repository(folder)
    assert here.head() is None
    assert blob_at_head(folder / "a.py") is None
    (folder / "a.py").write_text("staged")
    run(folder, "add", "a.py")
    assert set(here.staged()) == {"a.py"}
    with pytest.raises(GitError, match=r"^HEAD: no such commit in [^\n]*$"):
        here.commit("HEAD")


def test_outside_of_repositories(tmp_path: Path) -> None:
    assert repository_of(tmp_path) is None
    assert blob_at_head(tmp_path / "a.py") is None
    (tmp_path / ".git").write_text("nonsense")
    with pytest.raises(GitError, match=r"^git in .*: fatal: invalid gitfile format"):
        blob_at_head(tmp_path / "a.py")


@pytest.mark.parametrize("ref", ["", "--help", "-c", "nothing", "HEAD\nHEAD", "a\0b", "HEAD..main", ":a.py", "HEAD:a.py", "v1^{tree}"])
def test_what_names_no_commit_is_an_error_in_one_line(folder: Path, ref: str) -> None:
    commit(folder, a="one")
    with pytest.raises(GitError) as caught:
        repository(folder).commit(ref)
    assert "\n" not in str(caught.value)
    assert "commit" in str(caught.value)


def test_histories_that_fork_and_that_have_nothing_in_common(folder: Path) -> None:
    base = commit(folder, a="one")
    run(folder, "checkout", "-q", "-b", "topic")
    topic = commit(folder, a="two")
    run(folder, "checkout", "-q", "main")
    main = commit(folder, b="three")
    run(folder, "merge", "-q", "--no-edit", "topic")
    here = repository(folder)
    assert here.merge_base(topic, main) == base
    assert here.merge_base(topic, str(here.head())) == topic
    run(folder, "checkout", "-q", "--orphan", "other")
    assert here.merge_base(topic, commit(folder, c="four")) is None


def test_worktrees_submodules_bare_and_shallow_clones(folder: Path, tmp_path: Path) -> None:
    commit(folder, a="one")
    head = commit(folder, a="two")
    run(folder, "worktree", "add", "-q", str(tmp_path / "worktree"), "HEAD~1")
    assert blob_at_head(tmp_path / "worktree" / "a.py") == b"one"

    run(folder, "clone", "-q", "--depth", "1", folder.as_uri(), str(tmp_path / "shallow"))
    shallow = repository(tmp_path / "shallow")
    assert shallow.is_shallow()
    assert shallow.blob_at(head, "a.py") == b"two"
    with pytest.raises(GitError, match=r"HEAD~1: no such commit in .*; this clone is shallow and may lack it"):
        shallow.commit("HEAD~1")

    outer = tmp_path / "outer"
    outer.mkdir()
    run(outer, "init", "-q")
    run(outer, "submodule", "--quiet", "add", folder.as_uri(), "inner")
    commit(outer, b="three")
    assert set(repository(outer).tree(str(repository(outer).head()))) == {"b.py", ".gitmodules"}
    (outer / "inner" / "a.py").write_text("edited")
    assert repository(outer / "inner").root == str(outer / "inner")
    assert blob_at_head(outer / "inner" / "a.py") == b"two"

    run(folder, "clone", "-q", "--bare", folder.as_uri(), str(tmp_path / "bare"))
    assert repository_of(tmp_path / "bare") is None
    run(tmp_path / "bare", "worktree", "add", "-q", str(tmp_path / "of-bare"), "main")
    assert blob_at_head(tmp_path / "of-bare" / "a.py") == b"two"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names of any bytes")
def test_odd_names(folder: Path) -> None:
    names = [b"caf\xe9.py", b"line\nfeed.py", b":(top)x.py", b"-rf.py", b'q"uote.py', b"sp ace.py", b"*.py", b"Case.py"]
    for name in names:
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(name)
    (folder / "link.py").symlink_to("Case.py")
    commit(folder)
    here = repository(folder)
    assert sorted(map(os.fsencode, here.tree(str(here.head())))) == sorted(map(os.fsencode, here.staged())) == sorted(names)
    for name in names:
        assert here.blob_at("HEAD", os.fsdecode(name)) == name
        assert blob_at_head(os.fsdecode(os.fsencode(folder) + b"/" + name)) == name
    assert blob_at_head(folder / "link.py") is None  # a link is no file
    assert here.blob_at("HEAD", "case.py") is None
    assert here.blob_at("HEAD", "a/../Case.py") is None
    run(folder, "mv", "Case.py", "case.py")
    commit(folder)
    assert set(here.tree(here.commit("HEAD"))) - set(here.tree(here.commit("HEAD~1"))) == {"case.py"}


def test_names_through_links_and_from_elsewhere(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "sub").mkdir()
    commit(folder)
    (tmp_path / "alias").symlink_to(folder)
    here = repository(tmp_path / "alias" / "sub")
    assert here.root == str(folder)
    assert here.inner(tmp_path / "alias" / "sub" / "a.py") == "sub/a.py"
    assert here.inner(tmp_path / "a.py") is None
    assert here.inner(str(folder) + "x/a.py") is None
    monkeypatch.chdir(folder / "sub")
    assert here.inner("a.py") == "sub/a.py"


def test_an_object_that_is_lost(folder: Path) -> None:
    commit(folder, a="one")
    lost = blob_id(b"one", "0" * 40)
    (folder / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    assert blob_at_head(folder / "a.py") is None


def test_ids_are_gits_own(folder: Path) -> None:
    commit(folder, a="some text\n")
    assert blob_id(b"some text\n", "0" * 40) == run(folder, "rev-parse", "HEAD:a.py")
    assert blob_id(b"some text\n", "0" * 64) == hashlib.sha256(b"blob 10\0some text\n").hexdigest()


def test_a_missing_and_a_planted_git(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(folder, a="one")
    monkeypatch.setenv("PATH", str(folder / "nowhere"))
    with pytest.raises(GitError, match=r"^git is not installed"):
        blob_at_head(folder / "a.py")
    (folder / "git").write_text("#!/bin/sh\ntouch ran\n")
    (folder / "git").chmod(0o755)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", f".{os.pathsep}{folder}")
    with pytest.raises(GitError, match="in the current folder, which is not trusted"):
        blob_at_head(folder / "a.py")
    assert not (folder / "ran").exists()
