"""Shape inference in a process of its own: ``python -m rlm_lsp.onnx.worker``.

The C++ of the ``onnx`` package reads files that anybody may have made: here it can crash, hang or take all memory without harm. A request
``{"id", "path", "bindings", "tier"}`` is answered by ``{"id", "types", "tier", "problems"}``, see ``shapes.pack``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from rlm_lsp.onnx import shapes
from rlm_lsp.predict.framing import Frame, Pipes

Answer: TypeAlias = Callable[[Frame], Frame]
"""What makes of a request the reply, without its id."""
MEMORY_BYTES = 3 << 30  # address space
CPU_S = 30  # for one request; a computer that is busy with other things gives them over a longer time


def main() -> None:
    """Answer requests until the parent closes the pipe."""
    serve(_inference, "shapes are inferred by the package onnx, which")


def _inference() -> Answer:
    from rlm_lsp.onnx.inference.infer import infer

    def answer(request: Frame) -> Frame:
        types, tier, problems = infer(Path(request["path"]), request["bindings"], request["tier"])
        rows = [[problem.code, problem.reason, problem.where] for problem in problems]
        return {"types": shapes.pack(types), "tier": tier, "problems": rows}

    return answer


def serve(prepare: Callable[[], Answer], what: str) -> None:
    """Answer requests, under limits, until the parent closes the pipe.

    ``prepare`` imports what is needed; ``what`` begins the sentence that says that it cannot be imported.
    """
    pipes = Pipes()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # each of its threads takes address space
    try:
        answer = prepare()
    except ImportError as error:
        pipes.send({"fatal": f"{what} cannot be imported ({error}): pip install 'rlm-lsp[onnx]'"})
        return
    limit_memory()
    pipes.send({"ready": True})
    for request in pipes.requests():
        limit_computing()
        pipes.send({"id": request["id"], **answer(request)})


def ask(path: Path, bindings: Mapping[str, int], tier: int) -> Frame:
    """What asks for the shapes of a file, with at most this tier; the caller adds the id."""
    return {"path": str(path.absolute()), "bindings": dict(bindings), "tier": tier}


def limit_memory() -> None:
    """Let this process have no more address space than ``MEMORY_BYTES``, and write no core file."""
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_computing() -> None:
    """Grant the next request its seconds: the limit counts from the start of the process."""
    try:
        import resource
    except ImportError:
        return
    usage = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime) + CPU_S, hard))


if __name__ == "__main__":
    main()
