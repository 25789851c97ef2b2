"""What goes over the pipes to and from a worker process: one JSON object a line, UTF-8, ended by a newline.

A request carries an ``id``, and exactly one reply carries the same ``id``. Three more frames come from a worker:
``{"ready": true}`` once, before its first reply, ``{"fatal": reason}`` when it cannot work at all, and ``{"notice": line}`` for people.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

Frame = dict[str, Any]


def encode(frame: Frame) -> bytes:
    """One line; ASCII with escapes, so that lone surrogates survive."""
    return json.dumps(frame, separators=(",", ":")).encode("ascii") + b"\n"


def decode(line: bytes) -> Frame:
    """The frame in ``line``.

    Raises:
        ValueError: it holds no JSON object.
    """
    frame = json.loads(line)
    if not isinstance(frame, dict):
        raise ValueError("a frame is a JSON object")
    return frame


class Pipes:
    """A worker's side of the pipes. Made first thing in the worker, so that nothing but frames reaches the parent.

    File descriptor 1 is pointed at stderr: whatever a library prints lands in the log. SIGINT is ignored, because a
    terminal sends Ctrl+C to all processes and the parent decides.
    """

    def __init__(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._requests: BinaryIO = sys.stdin.buffer
        self._replies: BinaryIO = os.fdopen(os.dup(1), "wb", buffering=0)
        os.dup2(2, 1)

    def requests(self) -> Iterator[Frame]:
        """Requests until the parent closes its end, by intent or by dying."""
        for line in self._requests:
            yield decode(line)

    def send(self, frame: Frame) -> None:
        """Write one frame; a parent that has gone away ends this process quietly."""
        data = memoryview(encode(frame))
        try:
            while data:
                data = data[self._replies.write(data) :]
        except BrokenPipeError:
            os._exit(0)
