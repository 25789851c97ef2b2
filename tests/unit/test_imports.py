"""The invariants of ARCHITECTURE.md that can be read off the import statements.

Modules are parsed, not imported, so imports inside of functions count too. A module stands for itself and for everything it
imports from this package, but an import inside of a function or under ``TYPE_CHECKING`` does not load anything when the module is
imported, and ``loaded_by`` leaves it out.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = {"rlm_lsp": ROOT / "rlm_lsp", "rlm_lsp.model": ROOT / "model", "rlm_lsp.grammars": ROOT / "grammars"}
HEAVY = {"torch", "onnxruntime", "transformers", "onnx"}
PROTOCOL = {"pygls", "lsprotocol"}
SOCKETS = {
    "socket",
    "socketserver",
    "ssl",
    "http",
    "urllib",
    "ftplib",
    "smtplib",
    "xmlrpc",
    "requests",
    "httpx",
    "aiohttp",
    "asyncio",
    "ray",
    "huggingface_hub",
}
NO_SOCKETS_EITHER = SOCKETS - {"asyncio", "urllib"}
"""What the server does without, too: it has an event loop, and takes URIs apart."""
SOCKETS_ALLOWED = {"rlm_lsp.lsp", "rlm_lsp.check.cluster", "rlm_lsp.check.model_download", "rlm_lsp.model.measure", "rlm_lsp.model.data"}
"""The server, of which only the loopback transport has sockets; the harness, which takes sockets away from foreign code; building the
corpus, which is no run time; ``predict --ray``, where machines of a cluster talk to each other; and ``model add``, which downloads."""


@cache
def modules() -> dict[str, Path]:
    found = {}
    for package, folder in FOLDERS.items():
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            found[".".join((package, *parts)).removesuffix(".__init__")] = path
    return found


@cache
def imports(module: str) -> tuple[frozenset[str], frozenset[str]]:
    """What a module names in all its imports, and in those that run when it is imported."""
    path = modules()[module]
    tree = ast.parse(path.read_bytes())
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    everywhere = frozenset(name for node in ast.walk(tree) for name in named(node, package))
    return everywhere, frozenset(name for node in executed(tree.body) for name in named(node, package))


def named(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        parts = package.split(".")
        base = (
            ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])]) if node.level else node.module or ""
        )
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names if f"{base}.{alias.name}" in modules())


def executed(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run at import time."""
    for node in body:
        yield node
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.If | ast.Try | ast.With | ast.ClassDef):
            for name in ("body", "orelse", "finalbody"):
                yield from executed(getattr(node, name, []))
            for handler in getattr(node, "handlers", []):
                yield from executed(handler.body)


@cache
def loaded_by(module: str) -> frozenset[str]:
    """Everything that importing ``module`` loads, by names of modules."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in modules():
            waiting += imports(name)[1]
            waiting += [parent for parent in parents(name) if parent in modules()]
    return frozenset(seen)


def parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:i]) for i in range(1, len(parts))]


def within(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


def top(names: frozenset[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def test_the_graph_is_seen() -> None:
    assert "rlm_lsp.predict.engine" in loaded_by("rlm_lsp.check.run")
    assert {"rlm_lsp.model.config", "rlm_lsp.chunk.types"} <= set(modules())


@pytest.mark.parametrize("module", modules())
def test_only_the_server_speaks_the_protocol(module: str) -> None:
    if not within(module, "rlm_lsp.lsp"):
        assert not top(imports(module)[0]) & PROTOCOL
        assert not top(loaded_by(module)) & PROTOCOL


@pytest.mark.parametrize("module", modules())
def test_only_the_worker_and_the_model_load_a_back_end(module: str) -> None:
    if within(module, "rlm_lsp.model", "rlm_lsp.predict.worker", "rlm_lsp.onnx.inference", "rlm_lsp.onnx.runner", "rlm_lsp.onnx.printer"):
        return
    assert not top(imports(module)[0]) & HEAVY
    assert not top(loaded_by(module)) & HEAVY
    assert "rlm_lsp.model.predictor" not in imports(module)[0]


@pytest.mark.parametrize("module", modules())
def test_no_module_opens_a_socket(module: str) -> None:
    if not within(module, *SOCKETS_ALLOWED):
        assert not top(imports(module)[0]) & SOCKETS


@pytest.mark.parametrize("module", modules())
def test_the_folders_beside_the_package_are_imported_through_it(module: str) -> None:
    assert not top(imports(module)[0]) & {"model", "grammars"}


@pytest.mark.parametrize("module", modules())
def test_the_parts_depend_in_one_direction(module: str) -> None:
    allowed = {
        "rlm_lsp.grammars": ("rlm_lsp.grammars",),
        "rlm_lsp.model": ("rlm_lsp.model", "rlm_lsp.chunk", "rlm_lsp.languages", "rlm_lsp.text", "rlm_lsp.predict.types"),
        "rlm_lsp.chunk": (
            "rlm_lsp.chunk",
            "rlm_lsp.grammars",
            "rlm_lsp.languages",
            "rlm_lsp.text",
            "rlm_lsp.units",
            "rlm_lsp.predict.framing",
        ),
        "rlm_lsp.predict": (
            "rlm_lsp.predict",
            "rlm_lsp.chunk",
            "rlm_lsp.directives",
            "rlm_lsp.paths",
            "rlm_lsp.languages",
            "rlm_lsp.model",
        ),
    }
    if within(module, "rlm_lsp.model.data.graphs"):  # builds the corpus, with the text that users' networks get
        allowed["rlm_lsp.model"] += ("rlm_lsp.onnx",)
    for part, targets in allowed.items():
        if within(module, part):
            ours = {name for name in imports(module)[0] if name.startswith("rlm_lsp.")}
            assert {name for name in ours if not within(name, *targets)} == set()


@pytest.mark.parametrize("module", ["rlm_lsp.cli", "rlm_lsp.api", "rlm_lsp.check.run", "rlm_lsp.check.batch", "rlm_lsp.check.info"])
def test_what_runs_from_the_cache_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert {name.partition(".")[0] for name in loaded}.isdisjoint(
        {*HEAVY, *PROTOCOL, "numpy", "tree_sitter", "tokenizers", "tqdm", "pathspec"}
    )


@pytest.mark.parametrize("module", modules())
def test_only_the_loopback_transport_of_the_server_opens_a_socket(module: str) -> None:
    if within(module, "rlm_lsp.lsp") and module != "rlm_lsp.lsp.transport":
        assert not top(imports(module)[0]) & NO_SOCKETS_EITHER


@pytest.mark.parametrize("surface", ["inlay_hint", "code_lens", "hover", "diagnostic", "code_action", "wording", "snapshot", "position"])
def test_a_surface_is_a_pure_function_of_a_snapshot(surface: str) -> None:
    """Nothing that it loads waits, asks the model, or talks to the client."""
    loaded = loaded_by(f"rlm_lsp.lsp.{surface}")
    assert not top(loaded) & {"asyncio", "threading", "subprocess", "pygls"}
    busy = ("server", "session", "state", "oracle", "protocol", "transport", "base", "command", "documents")
    assert not {f"rlm_lsp.lsp.{name}" for name in busy} & loaded


def test_the_server_starts_without_what_only_its_workers_need() -> None:
    code = "import sys, rlm_lsp.lsp.server; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert {name.partition(".")[0] for name in loaded}.isdisjoint({*HEAVY, "numpy", "tokenizers", "tqdm"})
