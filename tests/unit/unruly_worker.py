"""A worker that does what its requests say, for tests of its supervision: ``python -m unruly_worker [MODE]``."""

import os
import signal
import sys
import time
from pathlib import Path

from rlm_lsp.predict.framing import Pipes


def main(mode: str = "") -> None:
    pipes = Pipes()
    print("this must not reach the parent")
    if mode == "fatal":
        pipes.send({"fatal": "weights.bin: gone"})
        return
    if mode == "dies":
        sys.exit("no such library")
    if mode.startswith("needs ") and not Path(mode.removeprefix("needs ")).exists():
        sys.exit("no switch")
    if mode == "silent":
        time.sleep(600)
    pipes.send({"ready": True})
    for request in pipes.requests():
        obey(request["do"], pipes)
        pipes.send({"id": request["id"], "done": request["do"], "pid": os.getpid()})


def obey(order: str, pipes: Pipes) -> None:
    verb, _, argument = order.partition(" ")
    if verb == "kill-me":
        os.kill(os.getpid(), signal.SIGKILL)
    elif verb == "kill-me-once":
        marker = Path(argument)
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    elif verb == "raise":
        raise RuntimeError("boom")
    elif verb == "nap":
        time.sleep(float(argument))
    elif verb == "hang":
        time.sleep(600)
    elif verb == "babble":
        pipes._replies.write(b"Segmentation fault (just kidding)\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
