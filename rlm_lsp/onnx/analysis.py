"""Shapes of a model from the supervised child process, and what remains where that process dies."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType

from rlm_lsp.onnx import shapes, worker
from rlm_lsp.onnx.types import Model, Problem, Shapes
from rlm_lsp.predict.child import Child
from rlm_lsp.predict.errors import EngineError, QuarantinedError
from rlm_lsp.predict.framing import Frame

SILENCE_S = 60.0  # more than the seconds of computing that a request gets
IDLE_S = 120.0
TIERS = 2


class Analyst:
    """Infers shapes in a child process that is started at the first request, and again after each death.

    Every request is answered: where the process dies over a file with all rules it is asked with fewer, and where it dies again
    there is what the file states, and a problem.
    """

    def __init__(self, module: str = "rlm_lsp.onnx.worker") -> None:
        self._child = Child("shape inference", module, window=1, silence_s=SILENCE_S, idle_s=IDLE_S)

    def __enter__(self) -> Analyst:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def submit(self, path: Path, model: Model, bindings: Mapping[str, int]) -> Future[Shapes]:
        """Ask for the shapes of the file that ``model`` was read from. The future never fails.

        Raises:
            RuntimeError: this was closed.
        """
        answer: Future[Shapes] = Future()
        answer.set_running_or_notify_cancel()
        self._ask(path, model, bindings, TIERS, (), answer)
        return answer

    def shapes(self, path: Path, model: Model, bindings: Mapping[str, int]) -> Shapes:
        """The same, waited for."""
        return self.submit(path, model, bindings).result()

    def close(self) -> None:
        """End the process; requests that are out get what the file states."""
        self._child.close()

    def _ask(
        self, path: Path, model: Model, bindings: Mapping[str, int], tier: int, problems: tuple[Problem, ...], answer: Future[Shapes]
    ) -> None:
        def receive(reply: Future[Frame]) -> None:
            try:
                answer.set_result(_unpacked(reply.result(), model, bindings, problems))
            except QuarantinedError as error:
                fewer = (*problems, Problem("not-analysed", str(error)))
                if tier > 1:
                    try:
                        self._ask(path, model, bindings, tier - 1, fewer, answer)
                        return
                    except RuntimeError:  # closed meanwhile
                        pass
                answer.set_result(shapes.stated(model, bindings, fewer))
            except BaseException as error:  # also CancelledError, which is no Exception: each request is answered
                reason = str(error) if isinstance(error, EngineError) else "shape inference was ended"
                answer.set_result(shapes.stated(model, bindings, (*problems, Problem("not-analysed", reason))))

        self._child.submit(worker.ask(path, bindings, tier)).add_done_callback(receive)


def analyse(path: Path, model: Model, bindings: Mapping[str, int] | None = None) -> Shapes:
    """The shapes of the file that ``model`` was read from, by a process for this one question."""
    with Analyst() as analyst:
        return analyst.shapes(path, model, bindings or {})


def _unpacked(reply: Frame, model: Model, bindings: Mapping[str, int], earlier: tuple[Problem, ...]) -> Shapes:
    problems = (*earlier, *(Problem(*row) for row in reply["problems"]))
    return shapes.summed(model, shapes.unpack(reply["types"]), reply["tier"], bindings, problems)
