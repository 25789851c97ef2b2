"""Trouble for worker processes: Python imports this module at its start where the folder is on PYTHONPATH.

``RLM_TEST_PIDS``: a folder in which each worker leaves a file with its process's number. ``RLM_TEST_DELAY_S``: what the model's worker
sleeps for each input. An input whose text holds ``poison`` kills the model's worker.
"""

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path


def trouble_model() -> None:
    from rlm_lsp.model.predictor import Predictor
    from rlm_lsp.predict.types import ModelInput

    read = Predictor._text
    delay = float(os.environ.get("RLM_TEST_DELAY_S", "0"))

    def troubled(self: Predictor, item: ModelInput, names: Sequence[str]) -> object:
        time.sleep(delay)
        if "poison" in item.text:
            os.kill(os.getpid(), signal.SIGKILL)
        return read(self, item, names)

    setattr(Predictor, "_text", troubled)  # noqa: B010 - an assignment would be a type error


for module in ("rlm_lsp.predict.worker", "rlm_lsp.chunk.worker"):
    if module in sys.orig_argv:
        if "RLM_TEST_PIDS" in os.environ:
            Path(os.environ["RLM_TEST_PIDS"], str(os.getpid())).touch()
        if module == "rlm_lsp.predict.worker":
            trouble_model()
