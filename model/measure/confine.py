"""What the child that runs foreign code gives up: the network, other people's files, and more than its share of the machine.

First line, where the kernel allows it (as root or through a user namespace): an empty network namespace, and a mount namespace in
which everything but the scratch folder is read-only. Second line, everywhere: an audit hook and resource limits.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18

NETWORK_EVENTS = frozenset(
    {
        "socket.connect",
        "socket.bind",
        "socket.sendto",
        "socket.sendmsg",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.gethostbyaddr",
    }
)
PROCESS_EVENTS = frozenset(
    {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn", "os.kill", "os.killpg"}
)
REMOVAL_EVENTS = frozenset({"os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.truncate", "os.chmod", "os.link", "os.symlink"})


@dataclass(frozen=True)
class Limits:
    """Of one task: wall and CPU seconds, bytes of address space and of one written file, open files, may it start processes."""

    wall_s: float = 20.0
    cpu_s: int = 20
    address_bytes: int = 4 << 30
    file_bytes: int = 64 << 20
    open_files: int = 128
    processes: bool = False


def enter_namespaces(scratch: Path) -> str:
    """Leave the network and make all but `scratch` read-only, as far as the kernel lets us; says in words what was reached."""
    if sys.platform != "linux":
        return "no namespaces"
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWNET | CLONE_NEWNS) != 0:
        if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) != 0:
            return "no namespaces"
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1", encoding="ascii")
    return "no network, read-only files" if _make_read_only(libc, scratch) else "no network"


def _make_read_only(libc: ctypes.CDLL, scratch: Path) -> bool:
    def mount(target: str, flags: int, source: str | None = None) -> bool:
        return bool(libc.mount(source.encode() if source else None, os.fsencode(target), None, ctypes.c_ulong(flags), None) == 0)

    if not (mount("/", MS_REC | MS_PRIVATE) and mount(str(scratch), MS_BIND, str(scratch))):
        return False
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        target = line.split()[4].encode().decode("unicode_escape")  # octal escapes for blanks
        if target != str(scratch) and not target.startswith(("/proc", "/sys", "/dev")):
            options = line.split()[5].split(",")
            kept = (MS_NOSUID if "nosuid" in options else 0) | (MS_NODEV if "nodev" in options else 0)
            mount(target, MS_REMOUNT | MS_BIND | MS_RDONLY | kept)
    try:
        probe = scratch.parent / f"{scratch.name}.probe"
        probe.touch()
        probe.unlink()
    except OSError:
        return True
    return False


def apply_limits(limits: Limits) -> None:
    """Set the resource limits of the calling process; a limit above the hard one is left alone."""
    for kind, value in (
        (resource.RLIMIT_AS, limits.address_bytes),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (allowed, allowed))


def install_audit_hook(folder: Path, *, processes: bool) -> None:
    """Refuse network calls, writes outside `folder`, and (unless `processes`) starting or killing processes, with PermissionError."""
    sys.addaudithook(make_audit_hook(folder, processes=processes))


def make_audit_hook(folder: Path, *, processes: bool) -> Callable[[str, tuple[object, ...]], None]:
    """The hook itself: pure but for os.path.realpath."""
    refused = NETWORK_EVENTS if processes else NETWORK_EVENTS | PROCESS_EVENTS
    inside = os.path.realpath(folder) + os.sep
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

    def is_outside(path: object) -> bool:
        if not isinstance(path, str | bytes | os.PathLike):
            return False  # an open descriptor
        # relative paths stay inside: the task's folder is its working directory
        absolute = os.path.realpath(os.fsdecode(path))
        own_counters = f"/proc/{os.getpid()}/clear_refs"  # resets the high-water mark of this process's memory
        return absolute not in (os.devnull, own_counters) and not (absolute + os.sep).startswith(inside)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event in refused:
            raise PermissionError(f"{event} is not allowed here")
        if event == "open":
            path, mode, flags = arguments[:3]
            by_flags = isinstance(flags, int) and flags & writing
            if (any(letter in mode for letter in "wax+") if isinstance(mode, str) else by_flags) and is_outside(path):
                raise PermissionError(f"writing outside the task's folder: {path!r}")
        elif event in REMOVAL_EVENTS and arguments and is_outside(arguments[0]):
            raise PermissionError(f"{event} outside the task's folder: {arguments[0]!r}")

    return hook
