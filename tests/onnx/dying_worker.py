"""Shape inference that dies, by the name of the file that it is asked about; found through PYTHONPATH."""

from __future__ import annotations

import os
from pathlib import Path

from rlm_lsp.predict.framing import Pipes

pipes = Pipes()
pipes.send({"ready": True})
for request in pipes.requests():
    name = Path(request["path"]).stem
    if name == "crash" or (name == "crash_in_tier_2" and request["tier"] == 2):
        os.kill(os.getpid(), 9)
    types = {"": {"y": ["float32", [7], "tensor"]}}
    pipes.send({"id": request["id"], "types": types, "tier": request["tier"], "problems": []})
