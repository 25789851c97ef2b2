"""A repository whose configuration names a program wherever git can be told to run one. Each program would leave a canary."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rlm_lsp.git import GitError, blob_at_head, repository_of
from tests.conftest import RunCli

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the canaries are shell scripts")

SOURCE = "def total(xs):\n    return sum(xs)\n"
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    **{f"GIT_{who}_{what}": "nobody@example.invalid" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}
HOOKS = ("post-index-change", "pre-commit", "post-checkout", "reference-transaction", "fsmonitor-watchman", "pre-auto-gc", "update")
CONFIG = """\
[core]
    fsmonitor = {canary} fsmonitor
    pager = {canary} pager
    editor = {canary} editor
    sshCommand = {canary} ssh
    gitProxy = {canary} proxy
    askPass = {canary} askpass
    alternateRefsCommand = {canary} alternates
    hooksPath = {hooks}
    untrackedCache = true
[pager]
    cat-file = {canary} pager-cat-file
    ls-tree = {canary} pager-ls-tree
    rev-parse = {canary} pager-rev-parse
[diff]
    external = {canary} external
[diff "evil"]
    command = {canary} diff
    textconv = {canary} textconv
[filter "evil"]
    clean = {canary} clean
    smudge = {canary} smudge
    process = {canary} process
    required = true
[merge "evil"]
    driver = {canary} merge
[alias]
    cat-file = !{canary} alias
    ls-tree = !{canary} alias
    ls-files = !{canary} alias
    rev-parse = !{canary} alias
    merge-base = !{canary} alias
[credential]
    helper = !{canary} credential
[gpg]
    program = {canary} gpg
[uploadpack]
    packObjectsHook = {canary} pack-objects
[protocol]
    allow = always
[protocol "ext"]
    allow = always
[remote "origin"]
    url = {url}
    promisor = true
    partialclonefilter = blob:none
    uploadpack = {canary} uploadpack
"""


def run(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "init.defaultBranch=main", *arguments]
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, check=True, capture_output=True, text=True).stdout.strip()


def plant(folder: Path, url: str) -> Path:
    """Put the configuration in place and return the canary."""
    script, canary = folder.parent / "canary.sh", folder.parent / "canary"
    script.write_text(f'#!/bin/sh\necho "$@" >> {canary}\ncat\n')
    script.chmod(0o755)
    hooks = folder.parent / "hooks"
    hooks.mkdir()
    for hook in HOOKS:
        (hooks / hook).write_text(f"#!/bin/sh\necho hook {hook} >> {canary}\n")
        (hooks / hook).chmod(0o755)
    (folder / ".gitattributes").write_text("*.py diff=evil filter=evil merge=evil\n")
    with (folder / ".git" / "config").open("a") as config:
        config.write(CONFIG.format(canary=script, hooks=hooks, url=url.format(canary=script)))
    return canary


@pytest.fixture
def repository(tmp_path: Path, cli: RunCli) -> Path:
    folder = tmp_path / "project"
    run(folder, "init", "-q")
    (folder / "a.py").write_text(SOURCE)
    (folder / "b.py").write_text(SOURCE.replace("total", "other"))
    run(folder, "add", "-A")
    run(folder, "commit", "-q", "-m", "one")
    (folder / "a.py").write_text(SOURCE.replace("sum", "max"))
    run(folder, "commit", "-q", "-a", "-m", "two")
    (folder / "b.py").write_text(SOURCE.replace("sum", "min"))
    run(folder, "add", "b.py")
    return folder


@pytest.mark.parametrize(
    "url", ["ssh://nowhere.invalid/x", "https://nowhere.invalid/x", "ext::{canary} ext", "git://nowhere.invalid/x", "file:///nowhere"]
)
def test_nothing_is_run(repository: Path, url: str) -> None:
    canary = plant(repository, url)
    here = repository_of(repository / "a.py")
    assert here is not None
    head, before = here.head(), here.commit("HEAD~1")
    assert head is not None
    assert here.merge_base(head, before) == before
    tree = here.tree(before)
    assert (here.blobs([tree["a.py"].blob])[tree["a.py"].blob] or b"").decode() == SOURCE
    assert here.blob_at("HEAD", "a.py") == SOURCE.replace("sum", "max").encode()
    staged = here.staged()
    assert here.blobs([staged["b.py"].blob])[staged["b.py"].blob] == SOURCE.replace("sum", "min").encode()
    assert blob_at_head(repository / "b.py") == SOURCE.replace("total", "other").encode()
    assert not here.is_shallow()
    lost = here.tree(head)["a.py"].blob
    (repository / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    run(repository, "config", "--local", "core.repositoryFormatVersion", "1")  # run as the owner would; what it runs is not ours
    run(repository, "config", "--local", "extensions.partialClone", "origin")
    canary.unlink(missing_ok=True)
    with contextlib.suppress(GitError):  # what a partial clone lacks is not fetched
        assert here.blob_at("HEAD", "a.py") is None
    assert not canary.exists(), canary.read_text()


@pytest.mark.parametrize(
    "arguments", [["--staged"], ["--base", "HEAD~1"], ["--base", "HEAD", "--staged", "--diff-only"], ["--show-files", "."]]
)
def test_no_check_runs_anything(repository: Path, cli: RunCli, tiny_model: Path, arguments: list[str]) -> None:
    canary = plant(repository, "ssh://nowhere.invalid/x")
    result = cli("check", *arguments, "--model", tiny_model)
    assert result.returncode == 0, result.stderr
    assert not canary.exists(), canary.read_text()


def test_the_canary_sings_for_those_who_are_not_careful(repository: Path) -> None:
    canary = plant(repository, "ssh://nowhere.invalid/x")
    subprocess.run(["git", "status"], cwd=repository, env=ENVIRONMENT, check=False, capture_output=True, timeout=60)
    assert "fsmonitor" in canary.read_text()


def test_a_repository_of_somebody_else_is_refused_in_one_line(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    here = repository_of(repository)
    assert here is not None
    monkeypatch.setattr("rlm_lsp.git._KEPT_VARIABLES", ("GIT_TEST_",))
    with pytest.raises(GitError, match=r"^git in [^\n]*dubious ownership[^\n]*$"):
        here.head()
