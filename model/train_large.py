"""Train an RLM of the released checkpoint's size: ``python -m rlm_lsp.model.train --preset gemma-s --start T5GEMMA --data PARQUET ...``.

The paper's recipe where it gives one (arXiv 2509.26476): T5Gemma's encoder, frozen; a decoder of random weights that writes digits;
Adafactor, linear warm-up over a tenth of the steps, then cosine, gradients clipped to a norm of 2; all tasks in one mixture. Batch size
and number of steps it does not give.

``--start`` is a local T5Gemma folder, or a snapshot of the released layout, which is then fine-tuned at the paper's lower rate.
``RUN/log.csv`` holds the losses, ``RUN/snapshot`` the weights with the lowest validation loss in the released layout, for
``rlm-lsp model add --from RUN/snapshot``. A run may be stopped at any time; the same command goes on from there with the same batches.

On several devices: ``torchrun --nproc_per_node N -m -- rlm_lsp.model.train --preset ...``, or ``accelerate launch``. A batch is shared by
the processes, so their number changes no step.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import math
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from rlm_lsp.model.backends.torch_runner import ran_out_of_memory
from rlm_lsp.model.checkpoint import CheckpointError
from rlm_lsp.model.data.parquet import CODE_SPACES, DataError, Row, groups, interleaved, is_held_out
from rlm_lsp.model.data.stream import batches, parts, share
from rlm_lsp.model.network import value_loss
from rlm_lsp.model.numbers import PAD
from rlm_lsp.model.presets import PRESETS
from rlm_lsp.model.start import StartError, read_start, write_snapshot
from rlm_lsp.model.training_set import Step

_SAVE_EVERY_S = 600.0
_VALIDATE_EVERY_STEPS = 500
_VALIDATION_ROWS = 256  # always the same ones


@dataclass(frozen=True)
class Options:
    """What the user decides."""

    start: Path
    data: tuple[Path, ...]
    run: Path
    steps: int
    preset: str = "gemma-s"
    spaces: tuple[str, ...] = ()  # tasks to train on; all if empty
    batch_rows: int = 0  # 0: the preset's
    part_tokens: int = 16_384  # padded encoder tokens that are computed at once; a batch is as many parts as it needs
    train_encoder: bool = False
    recompute: bool = False
    device: str = "auto"


@dataclass
class Progress:
    """Where a run stands."""

    step: int = 0
    seconds: float = 0.0
    best: float = math.inf


class Run:
    """One training run: network, optimiser, progress, and the folder they are saved in.

    Raises:
        StartError, CheckpointError, DataError, OSError: see ``read_start`` and ``groups``.
    """

    def __init__(self, options: Options) -> None:
        self.options, self.preset = options, PRESETS[options.preset]
        self.accelerator = Accelerator(cpu=options.device == "cpu")
        self.device = self.accelerator.device
        self.spaces = options.spaces or None
        self.groups = groups(options.data, self.spaces)
        torch.manual_seed(self.preset.seed)
        start = read_start(options.start)
        self.codec, self.tokenizer, self.config = start.codec, start.tokenizer, start.config
        self.peak = self.preset.fine_tuning_rate if start.is_trained else self.preset.rate
        self.network = start.network.to(self.device)
        self.network.encoder.requires_grad_(options.train_encoder)
        self.network.encoder.recompute = options.recompute
        self.trained = [parameter for parameter in self.network.parameters() if parameter.requires_grad]
        self.optimizer = torch.optim.Adafactor(self.trained, lr=self.peak)
        self.legal = torch.from_numpy(self.codec.legal.copy()).to(self.device)
        self.left_out: Counter[str] = Counter()
        self.progress = Progress()
        options.run.mkdir(parents=True, exist_ok=True)
        self._resume()
        self.parallel = self.accelerator.prepare_model(self.network)  # averages gradients where there are several processes
        self.validation = list(itertools.islice(self._rows(0, held_out=True), _VALIDATION_ROWS)) if self.accelerator.is_main_process else []

    def train(self) -> None:
        """Train from where the run stands; ValueError if the data has less than one batch."""
        steps, size = self.options.steps, self.options.batch_rows or self.preset.batch_rows
        stream = batches(lambda epoch: self._rows(epoch, held_out=False), size, self.preset.seed)
        stream = itertools.islice(stream, self.progress.step, steps)
        saved = time.monotonic()
        bar = tqdm(stream, initial=self.progress.step, total=steps, mininterval=5.0, disable=not self.accelerator.is_main_process)
        for batch in bar:
            started = time.monotonic()
            loss = self._step(batch)
            self.progress.step += 1
            self.progress.seconds += time.monotonic() - started
            self._log("train", loss)
            bar.set_postfix(loss=f"{loss:.3f}")
            if self.progress.step % _VALIDATE_EVERY_STEPS == 0 or self.progress.step == steps:
                self._validate()
            if time.monotonic() - saved > _SAVE_EVERY_S or self.progress.step == steps:
                self.save()
                saved = time.monotonic()
        self.accelerator.wait_for_everyone()

    def save(self) -> None:
        """Write the state, in the first process; a reader sees the old or the new one."""
        if not self.accelerator.is_main_process:
            return
        state = {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict(), "progress": asdict(self.progress)}
        partial = self.options.run / "state.partial"
        torch.save(state, partial)
        partial.replace(self.options.run / "state.pt")

    def _resume(self) -> None:
        path = self.options.run / "state.pt"
        if not path.exists():
            return
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.progress = Progress(**state["progress"])
        self.accelerator.print(f"resumed at step {self.progress.step}")

    def _rows(self, epoch: int, *, held_out: bool) -> Iterator[Row]:
        """The rows of an epoch, of validation or of training, in an order of its own."""
        seed = self.preset.seed * 1000 + epoch
        rows = interleaved(self.groups, seed, self.spaces, None if held_out else self.left_out)
        return (row for row in rows if is_held_out(row.text) == held_out)

    def _step(self, batch: Sequence[Row]) -> float:
        """One step on one batch, of which this process computes its share; the loss is that of the whole batch."""
        self.network.train()
        for group in self.optimizer.param_groups:
            group["lr"] = self.preset.rate_at(self.progress.step, self.options.steps, self.peak)
        self.optimizer.zero_grad(set_to_none=True)
        own = share(batch, self.accelerator.process_index, self.accelerator.num_processes)
        tensors = self._parts(own)
        total = torch.zeros((), device=self.device)
        for place, part in enumerate(tensors):
            # gradients are averaged over the processes once a step, with the last part's
            wait = nullcontext() if place == len(tensors) - 1 else self.accelerator.no_sync(self.parallel)
            with wait:
                loss = self._loss(part, self.parallel) * (len(part.ids) / len(own))
                self.accelerator.backward(loss)
            total += loss.detach()
        torch.nn.utils.clip_grad_norm_(self.trained, self.preset.clip)
        self.optimizer.step()  # type: ignore[no-untyped-call]  # untyped in torch
        return float(self.accelerator.reduce(total, reduction="mean"))

    def _parts(self, rows: Sequence[Row]) -> list[Step]:
        """Tensors of rows in parts that fit into memory."""
        texts = self.tokenizer.encode_many([row.text for row in rows])
        preset = self.preset
        longest = [preset.code_tokens if row.space in CODE_SPACES else preset.graph_tokens for row in rows]
        ids = [text[:most] for text, most in zip(texts, longest, strict=True)]
        values = self.codec.encode_many([row.value for row in rows])  # (N, T)
        states = self.codec.states(values)  # (N, T)
        return [
            _tensors([ids[place] for place in places], values[places], states[places], self.device)
            for places in parts([len(text) for text in ids], self.options.part_tokens)
        ]

    def _loss(self, part: Step, network: torch.nn.Module) -> Tensor:
        """Mean over the rows; every value has the same number of tokens, so it is the mean over the tokens too."""
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.device.type != "cpu"):
            logits = network(part.ids, part.mask, part.decoder_ids)  # (B, T, V)
        return value_loss(logits, part.targets, part.states, self.legal)

    @torch.no_grad()
    def _validate(self) -> None:
        """Write the snapshot if the validation loss is the lowest so far, or if there is nothing to validate on."""
        if not self.accelerator.is_main_process:
            return
        self.network.eval()
        mean = self.progress.best
        if self.validation:
            sums = [float(self._loss(part, self.network)) * len(part.ids) for part in self._parts(self.validation)]
            mean = sum(sums) / len(self.validation)
            self._log("validation", mean)
        if mean < self.progress.best or not self.validation:
            self.progress.best = mean
            write_snapshot(self.options.run / "snapshot", self.network, self.config, self.tokenizer)

    def _log(self, kind: str, loss: float) -> None:
        if not self.accelerator.is_main_process:
            return
        path = self.options.run / "log.csv"
        is_new = not path.exists()
        with path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            if is_new:
                writer.writerow(["step", "seconds", "kind", "loss"])
            writer.writerow([self.progress.step, round(self.progress.seconds, 1), kind, round(loss, 6)])


def _tensors(ids: Sequence[Sequence[int]], values: NDArray[np.int64], states: NDArray[np.int64], device: torch.device) -> Step:
    """B texts and their values (B, T) on a device; before its first digit a value has nothing but the start."""
    longest = max(map(len, ids))
    padded = torch.tensor([[*text, *[PAD] * (longest - len(text))] for text in ids], device=device)  # (B, S)
    lengths = torch.tensor([len(text) for text in ids], device=device)
    mask = torch.arange(longest, device=device)[None, :] < lengths[:, None]  # (B, S)
    targets = torch.from_numpy(values).to(device)  # (B, T)
    decoder_ids = torch.cat((torch.full_like(targets[:, :1], PAD), targets[:, :-1]), dim=1)  # (B, T), shifted right
    return Step(padded, mask, decoder_ids, targets, torch.from_numpy(states).to(device))


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, or go on training; exit code 2 where the folders or the data do not do, 1 where memory does not."""
    run: Run | None = None
    try:
        run = Run(_options(arguments))
        sizes = {
            "parameters": sum(p.numel() for p in run.network.parameters()),
            "trained": sum(p.numel() for p in run.trained),
            "row groups": len(run.groups),
        }
        run.accelerator.print(json.dumps(sizes))
        run.train()
        if run.left_out:
            run.accelerator.print(f"rows left out: {', '.join(f'{reason} {count}' for reason, count in run.left_out.most_common())}")
    except KeyboardInterrupt:
        if run is not None:
            run.save()
        print("stopped; the same command goes on from here")
    except RuntimeError as error:
        if not ran_out_of_memory(error):
            raise
        print("not enough memory on the device: lower --part-tokens, or add --recompute", file=sys.stderr)
        sys.exit(1)
    except (StartError, CheckpointError, DataError, OSError) as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        sys.exit(2)


def _options(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m rlm_lsp.model.train", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--preset", choices=sorted(PRESETS), required=True)
    parser.add_argument("--start", type=Path, required=True, help="local folder of a T5Gemma, or of a snapshot to fine-tune")
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="parquet files: Code-Regression, GraphArch-Regression")
    parser.add_argument("--run", type=Path, required=True, help="folder for the state, the log and the snapshot")
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--spaces", nargs="*", default=(), help="tasks to train on, such as APPS KBSS NASBench101; all if absent")
    parser.add_argument("--batch-rows", type=int, default=0, help="rows of a step, of all processes together (0: the preset's)")
    parser.add_argument("--part-tokens", type=int, default=Options.part_tokens, help="padded tokens a device computes at once")
    parser.add_argument("--train-encoder", action="store_true", help="the encoder too; the paper leaves it as it is")
    parser.add_argument("--recompute", action="store_true", help="the encoder's layers again in the backward pass: less memory, more time")
    parser.add_argument("--device", choices=("auto", "cpu"), default="auto")
    given = vars(parser.parse_args(arguments))
    if min(given["steps"], given["part_tokens"]) < 1 or given["batch_rows"] < 0:
        parser.error("--steps and --part-tokens must be positive")
    return Options(**{**given, "data": tuple(given["data"]), "spaces": tuple(given["spaces"])})


if __name__ == "__main__":
    main()
