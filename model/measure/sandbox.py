"""The parent's side of the sandbox: start the confined server, send it tasks, get plain values back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any

from rlm_lsp.model.measure.confine import Limits


class SandboxError(RuntimeError):
    """The server itself could not be started or went away."""


@dataclass(frozen=True)
class Outcome:
    """What a task returned, or why it did not (`error` is one line; "" when it did), and the machine's speed right after it (seconds)."""

    value: Any
    error: str = ""
    probe: float = 0.0


class Sandbox:
    """A confined child process that runs one task after another, each in its own fork. A context manager.

    `preload` names modules to import once, before the first task. `confined` says in words what the kernel granted.
    """

    def __init__(self, preload: Sequence[str] = ()) -> None:
        self._preload = list(preload)
        self._folder = ""
        self._process: subprocess.Popen[str] | None = None
        self.confined = ""

    def __enter__(self) -> Sandbox:
        self._start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop()

    def call(self, function: str, payload: Mapping[str, Any], limits: Limits) -> Outcome:
        """Run `function` ("module:name") on the JSON-like payload. Raises SandboxError if the server dies twice in a row."""
        request = json.dumps({"function": function, "payload": payload, "limits": asdict(limits)})
        for _ in range(2):
            reply = self._exchange(request)
            if reply is not None:
                return Outcome(reply.get("value"), "" if reply["ok"] else str(reply["error"]), float(reply["probe"]))
            self._stop()
            self._start()
        raise SandboxError("the sandbox server died twice on one task")

    def calibrate(self) -> float:
        """Seconds of the calibration program, run where tasks run."""
        outcome = self.call("rlm_lsp.model.measure.server:calibrate", {}, Limits())
        if outcome.error:
            raise SandboxError(f"calibration failed: {outcome.error}")
        return float(outcome.value)

    def _start(self) -> None:
        self._folder = os.path.realpath(tempfile.mkdtemp(prefix="rlm-lsp-sandbox-"))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "rlm_lsp.model.measure.server", *self._preload],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=self._folder,
            env=_environment(self._folder),
        )
        assert self._process.stdout is not None  # PIPE
        greeting = self._process.stdout.readline()
        if not greeting:
            self._stop()
            raise SandboxError(f"the sandbox server did not start (modules: {', '.join(self._preload) or 'none'})")
        self.confined = str(json.loads(greeting)["confined"])

    def _exchange(self, request: str) -> dict[str, Any] | None:
        process = self._process
        assert process is not None, "not entered"
        assert process.stdin is not None  # PIPE
        assert process.stdout is not None  # PIPE
        try:
            process.stdin.write(request + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            return None
        reply: dict[str, Any] | None = json.loads(line) if line.endswith("\n") else None
        return reply

    def _stop(self) -> None:
        if self._process is not None:
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    try:
                        stream.close()
                    except BrokenPipeError:
                        continue
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        shutil.rmtree(self._folder, ignore_errors=True)


def _environment(folder: str) -> dict[str, str]:
    one_thread = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")}
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": folder,
        "TMPDIR": folder,
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        **({"PYTHONPATH": os.environ["PYTHONPATH"]} if "PYTHONPATH" in os.environ else {}),
        **one_thread,
    }
