"""``rlm-lsp predict --ray``: the same answers as from one machine, by all machines of a Ray cluster.

The input is cut into blocks of lines, which wait in Ray's object store; on each machine one actor holds an engine and answers block after
block, and the blocks come back in order. An actor that dies is started anew, on another machine if need be, and its block is answered
again. The numbers do not depend on who works them out, so the output is that of a single machine, byte for byte.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Generator, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rlm_lsp import __version__
from rlm_lsp.check.batch import Reply, replies
from rlm_lsp.check.terminal import say
from rlm_lsp.paths import CACHE_VARIABLE, cache_folder, default_model_folder
from rlm_lsp.predict.engine import Engine
from rlm_lsp.predict.errors import EngineError, InputError
from rlm_lsp.predict.identity import ModelIdentity, identify

if TYPE_CHECKING:
    import pyarrow

BLOCK_LINES = 256
BLOCK_BYTES = 4_000_000
BLOCKS_AT_ONCE = 512  # in the object store; the rest of the input is read when they are done
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
"""Nothing is reported to anybody; and where no GPU is asked for, GPUs are left as they are, which Ray warns about otherwise."""

Numbered = tuple[int, bytes]


def cluster_replies(model: ModelIdentity, lines: Iterable[Numbered], jobs: int | None, address: str) -> Generator[Reply, None, None]:
    """The output lines for numbered input lines, in their order.

    ``jobs``: functions to work on at once on each machine (default: one for each processor of the smallest). ``address`` "": the cluster
    that ``RAY_ADDRESS`` names, else one that is started on this machine and ended with the run.

    Raises:
        InputError: Ray is not installed, or there is no such cluster.
        EngineError: Ray gives up, or a machine has another model or another version of this package.
    """
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise InputError(f'--ray needs Ray, which is not installed ({error}); pip install "rlm-lsp[ray]"') from None
    try:
        ray.init(address or None, include_dashboard=None if address else False, logging_level=logging.ERROR, log_to_driver=False)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise InputError(f"no Ray cluster at {address or 'this machine'}: {str(error).splitlines()[0]}") from None
    try:
        yield from _answered(ray, model, lines, jobs)
    except ray.exceptions.RayError as error:
        raise EngineError(f"Ray: {_reason(error)}") from error
    finally:
        ray.shutdown()


def _answered(ray: Any, model: ModelIdentity, lines: Iterable[Numbered], jobs: int | None) -> Iterator[Reply]:
    processors = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
    machines = [count for count in processors if count > 0]
    if not machines:
        raise EngineError("Ray: no machine of this cluster has a processor to offer")
    threads = min(machines if jobs is None else [jobs, *machines])
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # what goes wrong ends up in our own one line
    folder = "" if model.folder == default_model_folder() else str(model.folder.absolute())
    waiting = _blocks(lines)
    while blocks := list(islice(waiting, BLOCKS_AT_ONCE)):
        actors = min(len(machines), len(blocks))
        answered = ray.data.from_arrow(blocks).map_batches(
            Machine,
            fn_constructor_args=(folder, model.digest, __version__, threads),
            batch_size=None,
            batch_format="pyarrow",
            zero_copy_batch=True,
            compute=ray.data.ActorPoolStrategy(size=actors),
            num_cpus=threads,
        )
        expected = (number for block in blocks for number in block["number"].to_pylist())
        for batch in answered.iter_batches(batch_size=None, batch_format="pyarrow"):
            for row in batch.to_pylist():
                if row["number"] != next(expected, None):
                    raise EngineError(f"Ray: line {row['number']} came out of turn")
                yield Reply(row["text"], row["readable"])
        if next(expected, None) is not None:
            raise EngineError("Ray: lines are missing at the end")


class Machine:
    """The actor of one machine. Its model is that of the command, or else nothing is answered.

    Results are kept on its disk only where ``RLM_LSP_CACHE_DIR`` says so: homes are often shared by network file systems, on which SQLite
    must not be used.
    """

    def __init__(self, model_folder: str, digest: bytes, version: str, threads: int) -> None:
        model = identify(Path(model_folder) if model_folder else default_model_folder())
        if (model.digest, __version__) != (digest, version):
            raise EngineError(f"a machine has rlm-lsp {__version__} and {model.id}, which are not those of the command; install the same")
        self._engine = Engine(model, cache_folder() if os.environ.get(CACHE_VARIABLE) else None, say, threads)

    def __call__(self, block: pyarrow.Table) -> pyarrow.Table:
        """The output lines for a block of input lines."""
        import pyarrow

        numbers, lines = block["number"].to_pylist(), block["line"].to_pylist()
        answered = list(replies(self._engine, zip(numbers, lines, strict=True)))
        columns = {"number": numbers, "text": [reply.text for reply in answered], "readable": [reply.readable for reply in answered]}
        return pyarrow.table(columns)


def _blocks(lines: Iterable[Numbered]) -> Iterator[pyarrow.Table]:
    import pyarrow

    block: list[Numbered] = []
    size = 0
    for number, line in lines:
        block.append((number, line))
        size += len(line)
        if len(block) == BLOCK_LINES or size >= BLOCK_BYTES:
            yield pyarrow.table({"number": [number for number, _ in block], "line": [line for _, line in block]})
            block, size = [], 0
    if block:
        yield pyarrow.table({"number": [number for number, _ in block], "line": [line for _, line in block]})


def _reason(error: Exception) -> str:
    """What an actor says is wrong, of all that Ray wraps around it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    own = [line.partition(": ")[2] for line in lines if line.startswith("rlm_lsp.predict.errors.")]
    return (own or lines)[-1]
