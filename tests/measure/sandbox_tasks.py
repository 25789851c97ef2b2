"""What the tests run inside the sandbox: each takes the payload."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Payload = Mapping[str, Any]


def double(payload: Payload) -> int:
    return 2 * int(payload["x"])


def fail(_payload: Payload) -> float:
    return 1 // 0


def leave(_payload: Payload) -> None:
    sys.exit(3)


def vanish(_payload: Payload) -> None:
    os._exit(7)


def sleep(_payload: Payload) -> None:
    time.sleep(60)


def spin(_payload: Payload) -> None:
    while True:
        pass


def eat(_payload: Payload) -> int:
    return len(bytearray(2 << 30))


def fill(_payload: Payload) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    Path("big").write_bytes(bytes(2 << 20))


def connect(_payload: Payload) -> None:
    socket.socket().connect(("127.0.0.1", 9))


def resolve(_payload: Payload) -> None:
    socket.getaddrinfo("localhost", 80)


def spawn(_payload: Payload) -> None:
    subprocess.run(["true"], check=True)


def kill_parent(_payload: Payload) -> None:
    os.kill(os.getppid(), signal.SIGKILL)


def interfaces(_payload: Payload) -> list[str]:
    return [line.split(":")[0].strip() for line in Path("/proc/self/net/dev").read_text(encoding="ascii").splitlines()[2:]]


def overwrite(payload: Payload) -> None:
    Path(payload["path"]).write_text("spoilt", encoding="utf-8")


def remove(payload: Payload) -> None:
    Path(payload["path"]).unlink()


def overwrite_by_libc(payload: Payload) -> int:
    """The C library raises no audit event."""
    return int(ctypes.CDLL(None).open(os.fsencode(payload["path"]), os.O_WRONLY | os.O_TRUNC))


def scratch(_payload: Payload) -> str:
    Path("mine").write_text("x", encoding="utf-8")
    with tempfile.NamedTemporaryFile() as file:
        assert Path(file.name).parent == Path.cwd()
    return str(Path.cwd())


def environment(_payload: Payload) -> dict[str, Any]:
    return {
        "seed": os.environ["PYTHONHASHSEED"],
        "home_is_cwd": Path.home() == Path.cwd(),
        "stdin": sys.stdin.read(),
        "threads": os.environ["OMP_NUM_THREADS"],
    }
