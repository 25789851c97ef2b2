"""The text that ``onnx.helper.printable_graph`` makes of a network, by a process of its own: ``python -m rlm_lsp.onnx.printer``.

It is what the paper's public data hold of networks as far as their column's name, "ONNX-readable graph string", tells; so it is what a
checkpoint that was trained on them is asked with. Weights are not read; values of small tensors are printed as the package prints them.
A request ``{"id", "path"}`` is answered by ``{"id", "text"}`` or ``{"id", "error"}``.
"""

from __future__ import annotations

import warnings
from pathlib import Path

from rlm_lsp.onnx.clean import first_line, shown
from rlm_lsp.onnx.worker import Answer, serve
from rlm_lsp.paths import printable
from rlm_lsp.predict.child import Child
from rlm_lsp.predict.errors import InputError
from rlm_lsp.predict.framing import Frame

SILENCE_S = 90.0


def printable_graph(path: Path) -> str:
    """The text of a file's graph, by a process for this one question.

    Raises:
        InputError: it cannot be read, or not be printed.
        EngineError, QuarantinedError: the process cannot be started, or dies over it.
    """
    child = Child("printer", "rlm_lsp.onnx.printer", window=1, silence_s=SILENCE_S)
    try:
        reply = child.submit({"path": str(path.absolute())}).result()
    finally:
        child.close()
    if "error" in reply:
        raise InputError(f"{printable(str(path))}: {shown(reply['error'], 300)}")
    return str(reply["text"])


def main() -> None:
    """Answer requests until the parent closes the pipe."""
    serve(_printing, "the package onnx")


def _printing() -> Answer:
    from onnx import helper

    from rlm_lsp.onnx.inference.protos import loaded

    def answer(request: Frame) -> Frame:
        try:
            graph = loaded(Path(request["path"])).graph
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # it is this text that the checkpoint knows
                return {"text": helper.printable_graph(graph)}
        except Exception as error:  # whatever protobuf and the helper throw over a hostile file
            return {"error": first_line(error, None)}

    return answer


if __name__ == "__main__":
    main()
