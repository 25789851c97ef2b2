"""The text that ``onnx.helper.printable_graph`` makes of a network, by a process of its own: ``python -m rlm_lsp.onnx.printer``.

It is what the paper's public data hold of networks as far as their column's name, "ONNX-readable graph string", tells; so it is what a
checkpoint that was trained on them is asked with. Weights are not read; values of small tensors are printed as the package prints them.
A request ``{"id", "path"}`` is answered by ``{"id", "text"}`` or ``{"id", "error"}``.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path

from rlm_lsp.onnx.clean import shown
from rlm_lsp.onnx.reader import opened
from rlm_lsp.onnx.skeleton import skeleton
from rlm_lsp.onnx.source import Source
from rlm_lsp.onnx.wire import Window
from rlm_lsp.onnx.worker import limit_computing, limit_memory
from rlm_lsp.paths import printable
from rlm_lsp.predict.child import Child
from rlm_lsp.predict.errors import InputError
from rlm_lsp.predict.framing import Pipes

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
    pipes = Pipes()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # each of its threads takes address space
    try:
        import onnx
        from onnx import helper
    except ImportError as error:
        pipes.send({"fatal": f"the package onnx cannot be imported ({error}): pip install 'rlm-lsp[onnx]'"})
        return
    limit_memory()
    pipes.send({"ready": True})
    for request in pipes.requests():
        limit_computing()
        try:
            with opened(Path(request["path"])) as (file, size):
                source = Source(Window(file, size))
                data = skeleton(source)
            if source.stopped:
                raise ValueError(source.problems[-1].reason)
            model = onnx.ModelProto()
            model.ParseFromString(data)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # it is this text that the checkpoint knows
                text = helper.printable_graph(model.graph)
            pipes.send({"id": request["id"], "text": text})
        except Exception as error:  # whatever protobuf and the helper throw over a hostile file
            text = str(error).strip()
            pipes.send({"id": request["id"], "error": text.splitlines()[0] if text else type(error).__name__})


if __name__ == "__main__":
    main()
