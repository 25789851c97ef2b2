"""A network on a device: texts are encoded in batches, and each is decoded by many rows at once."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from rlm_lsp.model.backends import Ids
from rlm_lsp.model.backends.torch_device import Device
from rlm_lsp.model.config import Architecture
from rlm_lsp.model.decode import Step
from rlm_lsp.model.network import RLM, KeyValue, Slots
from rlm_lsp.model.numbers import PAD

STATES_KEPT = 256_000_000  # bytes; of the released model's about 2,300 texts of 110 tokens in bfloat16
_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "CUBLAS_STATUS_ALLOC_FAILED")


def network_on(device: Device, architecture: Architecture, weights: Mapping[str, NDArray[Any]]) -> RLM:
    """The network with ``weights`` (by the names of ``RLM``'s parameters) on a device, for inference.

    One tensor after the other goes to the device, so a host with little memory does. On the CPU float32 weights stay where they are: of
    a mapped file only the rows that texts use are ever read. The head stays in float32, as its soft-capped logits lose digits else.
    """
    with torch.device("meta"):  # no time is spent on initial values
        network = RLM(architecture)
    state = {}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")  # nor does inference write
        for name, array in weights.items():
            dtype = torch.float32 if name == "head.weight" else device.dtype
            state[name] = torch.from_numpy(np.asarray(array, dtype=np.float32)).to(device.place, dtype)
    # a tied head has no tensor of its own: strict loading is made sure of by the checkpoint's own check of names and shapes
    network.load_state_dict(state, strict=False, assign=True)
    if architecture.tied_head:
        network.head.weight = network.decoder.embed_tokens.weight
    return network.eval().requires_grad_(False)


def ran_out_of_memory(error: Exception) -> bool:
    """Whether there was not enough memory on any device; only cuda has an exception of its own for that."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in _OUT_OF_MEMORY)


def is_driver_error(error: Exception, device: Device) -> bool:
    """Whether a device has failed, rather than the program: on a GPU torch says RuntimeError for either, and a fallback serves for both."""
    return isinstance(error, torch.AcceleratorError) or (isinstance(error, RuntimeError) and not device.is_cpu)


class EncodedTexts:
    """The encoder's states of the last texts, kept on the device by their ids: a text asked about again is not read again.

    They are kept in the batches in which they were read, so that nothing is copied, and forgotten batch by batch.
    """

    def __init__(self, network: RLM, device: torch.device, most_bytes: int = STATES_KEPT, *, compiled: bool = False) -> None:
        self._encoder = torch.compile(network.encoder, dynamic=True) if compiled else network.encoder
        self._device = device
        self._most_bytes = most_bytes
        self._batches: OrderedDict[int, Tensor] = OrderedDict()  # each (E, S, d), the longest unused first
        self._places: dict[bytes, tuple[int, int, int]] = {}  # of a text: its batch, its row, its length
        self._read = 0

    def of(self, batch: Sequence[Ids]) -> tuple[Tensor, Tensor | None]:
        """States (E, S, d) of E texts, padded to the longest, and the mask (E, S) true at their tokens; None where nothing is padded."""
        keys = [np.asarray(ids, dtype=np.int32).tobytes() for ids in batch]
        fresh = {key: ids for key, ids in zip(keys, batch, strict=True) if key not in self._places}
        if fresh:
            self._encode(fresh)
        states = self._batches[self._read] if len(fresh) == len(batch) else self._gathered(keys)  # (E, S, d)
        self._forget_oldest()
        return states, _mask([len(ids) for ids in batch], self._device)

    def forget(self) -> None:
        """Drop all of them."""
        self._batches.clear()
        self._places.clear()

    def _encode(self, texts: Mapping[bytes, Ids]) -> None:
        lengths = [len(ids) for ids in texts.values()]
        padded = torch.tensor([[*ids, *[PAD] * (max(lengths) - len(ids))] for ids in texts.values()], device=self._device)  # (E, S)
        self._read += 1
        self._batches[self._read] = self._encoder(padded, _mask(lengths, self._device))  # (E, S, d)
        self._places |= {key: (self._read, row, length) for row, (key, length) in enumerate(zip(texts, lengths, strict=True))}

    def _gathered(self, keys: Sequence[bytes]) -> Tensor:
        """States of texts from several batches, (E, S, d)."""
        places = [self._places[key] for key in keys]
        for number in {number for number, _, _ in places}:
            self._batches.move_to_end(number)
        return pad_sequence([self._batches[number][row, :length] for number, row, length in places], batch_first=True)

    def _forget_oldest(self) -> None:
        while sum(states.nbytes for states in self._batches.values()) > self._most_bytes:
            oldest, _ = self._batches.popitem(last=False)
            self._places = {key: place for key, place in self._places.items() if place[0] != oldest}


class Runner:
    """Runs a network that is on ``device`` already. ``compiled``: through torch.compile, which takes a minute before the first answer."""

    def __init__(self, network: RLM, device: Device, *, compiled: bool = False) -> None:
        self._network = network
        self._device = device
        self._encoded = EncodedTexts(network, device.place, compiled=compiled)
        self._decode = torch.compile(network.decode_step, dynamic=True) if compiled else network.decode_step

    @torch.inference_mode()
    def start(self, batch: Sequence[Ids], rows: int, slots: int) -> Step:
        """Encode E texts; the step takes tokens (E * rows, T), all rows of a text one after the other, ``slots`` tokens at most in all."""
        states, mask = self._encoded.of(batch)
        cross = self._network.decoder.cross_keys_values(states)  # layers x (E, K, S, D)
        stack, count = self._network.config.decoder, len(batch) * rows
        past = [KeyValue(*states.new_zeros(2, count, stack.kv_heads, slots, stack.head_dim)) for _ in range(stack.layers)]
        fed = 0

        @torch.inference_mode()
        def step(tokens: NDArray[np.int64]) -> NDArray[np.floating]:
            nonlocal fed
            new = torch.from_numpy(np.ascontiguousarray(tokens)).to(self._device.place)
            positions = torch.arange(fed, fed + new.shape[1], device=self._device.place)
            logits, _ = self._decode(new, cross, mask, [Slots(*kv, positions) for kv in past])
            fed += new.shape[1]
            last: NDArray[np.floating] = logits[:, -1].float().cpu().numpy()  # (E * rows, T, V) -> (E * rows, V)
            return last

        return step

    def forget(self) -> None:
        """Give up the states of texts, for their memory."""
        self._encoded.forget()


def _mask(lengths: Sequence[int], device: torch.device) -> Tensor | None:
    """(E, S), true at tokens; None where all texts are equally long."""
    if len(set(lengths)) == 1:
        return None
    return torch.arange(max(lengths), device=device)[None, :] < torch.tensor(lengths, device=device)[:, None]  # (E, S)
