"""What the tests run inside the sandbox: each takes the payload."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def double(payload):
    return 2 * payload["x"]


def fail(_payload):
    return 1 // 0


def leave(_payload):
    sys.exit(3)


def vanish(_payload):
    os._exit(7)


def sleep(_payload):
    time.sleep(60)


def spin(_payload):
    while True:
        pass


def eat(_payload):
    return len(bytearray(2 << 30))


def fill(_payload):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    Path("big").write_bytes(bytes(2 << 20))


def connect(_payload):
    socket.socket().connect(("127.0.0.1", 9))


def resolve(_payload):
    socket.getaddrinfo("localhost", 80)


def spawn(_payload):
    subprocess.run(["true"], check=True)


def kill_parent(_payload):
    os.kill(os.getppid(), signal.SIGKILL)


def interfaces(_payload):
    return [line.split(":")[0].strip() for line in Path("/proc/self/net/dev").read_text(encoding="ascii").splitlines()[2:]]


def overwrite(payload):
    Path(payload["path"]).write_text("spoilt", encoding="utf-8")


def remove(payload):
    Path(payload["path"]).unlink()


def overwrite_by_libc(payload):
    """The C library raises no audit event."""
    return ctypes.CDLL(None).open(os.fsencode(payload["path"]), os.O_WRONLY | os.O_TRUNC)


def scratch(_payload):
    Path("mine").write_text("x", encoding="utf-8")
    with tempfile.NamedTemporaryFile() as file:
        assert Path(file.name).parent == Path.cwd()
    return str(Path.cwd())


def environment(_payload):
    return {
        "seed": os.environ["PYTHONHASHSEED"],
        "home_is_cwd": Path.home() == Path.cwd(),
        "stdin": sys.stdin.read(),
        "threads": os.environ["OMP_NUM_THREADS"],
    }
