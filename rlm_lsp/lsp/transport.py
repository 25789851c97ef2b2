"""Bytes in and out: LSP's base protocol over a pair of streams, each served by a thread of its own, so that neither blocks the loop.

The reader forgives what it can: header names in any case, unknown header lines, rubbish between messages. What it cannot forgive is a
length that nobody would wait for.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import BinaryIO

from rlm_lsp.predict.errors import RlmLspError

LARGEST_MESSAGE = 64 << 20
LARGEST_SKIPPED = 1 << 30
LONGEST_HEADER_LINE = 8 << 10
UNREAD_MESSAGES = 256  # that wait for the loop; then the client has to wait
FLUSH_S = 2.0

_CONTENT_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*(\d{1,4000})[ \t]*\r?\n", re.IGNORECASE)
"""Searched, not matched: after rubbish without a line feed it stands at the end of the line."""


class UnusableStreamError(RlmLspError):
    """The client announced a message that is too long to be read or skipped, so nothing behind it can be found."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What stands in for a message that could not be read, and why."""

    reason: str


def read_messages(stream: BinaryIO) -> Iterator[bytes | Unreadable]:
    """Yield the body of every message until the stream ends, in the middle of a message or after it.

    Raises:
        UnusableStreamError: a message of more than ``LARGEST_SKIPPED`` bytes is announced.
        OSError: the stream cannot be read.
    """
    length: int | None = None
    rubbish = False
    while line := stream.readline(LONGEST_HEADER_LINE):
        if found := _CONTENT_LENGTH.search(line):
            length = int(found[1])
        elif not line.endswith(b"\n") or (line.strip() and b":" not in line):
            rubbish = True
        elif not line.strip() and length is None:
            yield Unreadable("header without Content-Length")
            rubbish = False
        elif not line.strip() and length is not None:
            if rubbish:
                yield Unreadable("rubbish before a header")
            body = _read_body(stream, length)
            if body is None:
                return
            yield body
            length, rubbish = None, False


def _read_body(stream: BinaryIO, length: int) -> bytes | Unreadable | None:
    """A body; None when the stream ends within it."""
    if length > LARGEST_SKIPPED:
        raise UnusableStreamError(
            f"the client announced a message of more than {LARGEST_SKIPPED} bytes; at most {LARGEST_MESSAGE} are read"
        )
    if length <= LARGEST_MESSAGE:
        body = stream.read(length)
        return body if len(body) == length else None
    left = length
    while left:
        piece = stream.read(min(left, 1 << 20))
        if not piece:
            return None
        left -= len(piece)
    return Unreadable(f"message of {length} bytes skipped; at most {LARGEST_MESSAGE} are read")


class Connection:
    """One client. ``write`` and ``close`` are called on the loop, and so are the callbacks given to ``start``."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._outbox: SimpleQueue[bytes | None] = SimpleQueue()
        self._unread = threading.BoundedSemaphore(UNREAD_MESSAGES)
        self._reader = threading.Thread(target=self._read, name="reader", daemon=True)
        self._writer = threading.Thread(target=self._write, name="writer", daemon=True)

    def start(self, receive: Callable[[bytes | Unreadable], None], ended: Callable[[str], None]) -> None:
        """Call ``receive`` with every message and then, once, ``ended`` with "" or with what is wrong with the stream."""
        self._loop = asyncio.get_running_loop()
        self._receive = receive
        self._ended = ended
        self._reader.start()
        self._writer.start()

    def write(self, data: bytes) -> None:
        """Queue ``data``; a client that does not read costs memory, not time."""
        self._outbox.put(data)

    def close(self) -> None:
        """Write what is queued, if the client takes it within two seconds."""
        self._outbox.put(None)
        self._writer.join(FLUSH_S)

    def _read(self) -> None:
        reason = ""
        try:
            with self._incoming:
                for message in read_messages(self._incoming):
                    self._unread.acquire()
                    self._loop.call_soon_threadsafe(self._deliver, message)
        except (OSError, UnusableStreamError) as error:
            reason = str(error)
        except RuntimeError:
            return  # the loop is closed
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._ended, reason)

    def _deliver(self, message: bytes | Unreadable) -> None:
        self._unread.release()
        self._receive(message)

    def _write(self) -> None:
        try:
            with self._outgoing:
                while (data := self._outbox.get()) is not None:
                    self._outgoing.write(data)
                    self._outgoing.flush()
        except OSError as error:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._ended, f"nothing can be sent: {error}")


def stdio() -> Connection:
    """The client behind stdin and stdout. From here on everything else that is printed goes to stderr."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return Connection(incoming, outgoing)


def listen(port: int, announce: Callable[[str], None]) -> Connection:
    """The first client that connects to ``port`` (0: any free one, see what is announced) of this machine; nobody else can reach it.

    Raises:
        OSError: the port is taken.
    """
    with socket.create_server(("127.0.0.1", port)) as listener:
        announce(f"listening on 127.0.0.1:{listener.getsockname()[1]}")
        client, _ = listener.accept()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    incoming, outgoing = client.makefile("rb"), client.makefile("wb")
    client.close()  # the files keep the connection open
    return Connection(incoming, outgoing)
