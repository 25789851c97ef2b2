"""What all decoders of one file share: the window on it, what may still be spent, and the problems found so far."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

from rlm_lsp.onnx import wire
from rlm_lsp.onnx.types import Problem

MAX_NODES = 500_000  # at any depth, calls of functions counted each time
MAX_DEPTH = 64  # of graphs, types and calls in each other
MAX_KEPT_BYTES = 80 << 20  # of what we keep of a file, as Python objects, estimated
MAX_PROBLEMS = 100
KEPT_TEXT = 1_000  # bytes of a string that are kept; of longer ones the beginning and a hash, so that names stay apart
_KEPT_OF_LONG = KEPT_TEXT // 4

OBJECT_BYTES = 64  # of a small Python object with the reference to it
NODE_BYTES = 400  # of a node, with its tuples and without its strings; in a chain of 50,000 each took 520 with its one name


class Source:
    """A file that is being decoded. Nothing here raises on content: decoding stops, and ``problems`` says why."""

    def __init__(self, window: wire.Window) -> None:
        self.window = window
        self.problems: list[Problem] = []
        self.stopped = False  # a limit was reached: every loop over fields ends
        self.nodes = 0
        self.kept = 0
        self._texts: dict[str, str] = {}

    def problem(self, code: str, reason: str, where: str = "") -> None:
        """Note what is wrong; of very many problems the first."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(code, reason, where))  # type: ignore[arg-type]  # callers write the literals

    def stop(self, reason: str) -> None:
        """Read no further."""
        if not self.stopped:
            self.stopped = True
            self.problem("limit", reason)

    def spend(self, estimate: int) -> None:
        """Account for bytes that are about to be kept."""
        self.kept += estimate
        if self.kept > MAX_KEPT_BYTES:
            self.stop(f"what describes the network takes more than {MAX_KEPT_BYTES >> 20} MB without its weights; the rest is left out")

    def spend_nodes(self, count: int) -> None:
        """Account for nodes that are about to be kept."""
        self.nodes += count
        self.spend(NODE_BYTES * count)
        if self.nodes > MAX_NODES:
            self.stop(f"more than {MAX_NODES:,} nodes; the rest is left out")

    def fields(self, start: int, stop: int) -> Iterator[tuple[int, int, int, int]]:
        """The fields of a message, see ``wire.fields``, until a limit is reached."""
        for found in wire.fields(self.window, start, stop, self.problem):
            if self.stopped:
                return
            yield found

    def text(self, start: int, stop: int) -> str:
        """A string of the file; equal ones are one object. One that is too long ends in a hash of the whole."""
        length = stop - start
        if length > KEPT_TEXT:
            return self._shortened(start, stop)
        return self.share(self.window.take(start, stop).decode("utf-8", "backslashreplace"))

    def share(self, text: str) -> str:
        """The one object for this text."""
        known = self._texts.get(text)
        if known is None:
            known = self._texts[text] = text
            self.spend(2 * OBJECT_BYTES + len(text))
        return known

    def _shortened(self, start: int, stop: int) -> str:
        digest = blake2b(digest_size=8)
        for position in range(start, stop, wire.LARGE_WINDOW):
            digest.update(self.window.take(position, min(position + wire.LARGE_WINDOW, stop)))
        self.spend(KEPT_TEXT)
        return _short(self.window.take(start, start + _KEPT_OF_LONG), digest.hexdigest())


def kept_text(text: str) -> str:
    """How ``Source.text`` keeps a string."""
    data = text.encode("utf-8", "surrogatepass")
    return text if len(data) <= KEPT_TEXT else _short(data[:_KEPT_OF_LONG], blake2b(data, digest_size=8).hexdigest())


def _short(beginning: bytes, digest: str) -> str:
    return f"{beginning.decode('utf-8', 'backslashreplace')}…#{digest}"
