"""The sandboxed child: a warmed interpreter that forks once a task, so that foreign code never outlives its task.

Protocol: one JSON object a line. Request {"function": "module:name", "payload": {...}, "limits": {...}}; reply
{"ok": true, "value": ...} or {"ok": false, "error": reason}. The first line it writes says how it is confined.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rlm_lsp.model.measure import confine, machine

MAX_REPLY_BYTES = 64 << 20


def main(preload: list[str]) -> int:
    """Serve requests from stdin until it closes."""
    machine.claim_one_core()
    for module in preload:
        importlib.import_module(module)
    gc.freeze()  # a task's garbage collections need not look at what is loaded here
    scratch = Path.cwd()
    _reply({"confined": confine.enter_namespaces(scratch)})
    while line := sys.stdin.buffer.readline():
        request = json.loads(line)
        reply = _run_in_fork(request, scratch)
        _reply({**reply, "probe": machine.probe()})
    # a killed parent cannot clean up after us
    shutil.rmtree(scratch, ignore_errors=True)
    return 0


def calibrate(_payload: object) -> float:
    """Seconds of the calibration program, on the core and in the kind of process that measures."""
    return machine.calibrate()


def _reply(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def _run_in_fork(request: dict[str, Any], scratch: Path) -> dict[str, Any]:
    limits = confine.Limits(**request["limits"])
    folder = Path(tempfile.mkdtemp(prefix="task-", dir=scratch))
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _be_the_task(request, limits, folder, writing)
    os.close(writing)
    try:
        return _await_task(reading, limits.wall_s)
    finally:
        os.close(reading)
        for kill in (os.killpg, os.kill):  # it may not have made its group yet
            with contextlib.suppress(ProcessLookupError):
                kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        shutil.rmtree(folder, ignore_errors=True)


def _await_task(reading: int, wall_s: float) -> dict[str, Any]:
    deadline = time.monotonic() + wall_s
    content = bytearray()
    while True:
        ready, _, _ = select.select([reading, 0], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return {"ok": False, "error": "timeout"}
        if reading not in ready:  # stdin closed: the parent is gone
            return {"ok": False, "error": "abandoned"}
        block = os.read(reading, 1 << 20)
        if not block:
            break
        content += block
        if len(content) > MAX_REPLY_BYTES:
            return {"ok": False, "error": "reply too large"}
    try:
        reply = json.loads(content)
    except ValueError:
        return {"ok": False, "error": "died"}
    return reply if isinstance(reply, dict) and "ok" in reply else {"ok": False, "error": "died"}


def _be_the_task(request: dict[str, Any], limits: confine.Limits, folder: Path, writing: int) -> None:
    """Run in the fork; never returns."""
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        os.chdir(folder)
        os.environ.update(HOME=str(folder), TMPDIR=str(folder))
        tempfile.tempdir = None
        confine.apply_limits(limits)
        module, name = request["function"].split(":")
        function = getattr(importlib.import_module(module), name)
        confine.install_audit_hook(folder, processes=limits.processes)
        reply: dict[str, Any] = {"ok": True, "value": function(request["payload"])}
    except MemoryError:
        reply = {"ok": False, "error": "out of memory"}
    except BaseException as error:
        # foreign code may raise anything, SystemExit and KeyboardInterrupt included: all of it is the task's failure
        reply = {"ok": False, "error": f"{type(error).__name__}: {str(error)[:200]}"}
    try:
        content = memoryview(json.dumps(reply).encode())
        while content:
            content = content[os.write(writing, content) :]
    finally:
        os._exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent, which then closes our stdin
    sys.exit(main(sys.argv[1:]))
