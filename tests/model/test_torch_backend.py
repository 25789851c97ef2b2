"""The torch back end: which device, batches that memory holds, and what happens when it does not, or when the device fails."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="the torch back end is the `gpu` extra's")

from rlm_lsp.model.backends import BackendError  # noqa: E402  # after importorskip
from rlm_lsp.model.backends import torch as torch_backend  # noqa: E402
from rlm_lsp.model.backends.torch import TorchBackend  # noqa: E402
from rlm_lsp.model.backends.torch_batches import Batches, Footprint  # noqa: E402
from rlm_lsp.model.backends.torch_device import Device, choose  # noqa: E402
from rlm_lsp.model.backends.torch_runner import EncodedTexts, Runner, network_on, ran_out_of_memory  # noqa: E402
from rlm_lsp.model.checkpoint import Checkpoint, load  # noqa: E402
from rlm_lsp.model.config import Architecture, StackConfig  # noqa: E402
from rlm_lsp.model.network import Encoder  # noqa: E402
from tests.model.released_like import make_released  # noqa: E402
from tests.model.tiny import STACK  # noqa: E402

ARCHITECTURE = Architecture(STACK, STACK)
PLENTY = 1 << 40


class Pretended(Device):
    """The CPU, used as a GPU is."""

    is_cpu = False


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    return load(make_released(tmp_path_factory.mktemp("released") / "model"))


@pytest.fixture
def as_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_backend, "choose", lambda _: Pretended(torch.device("cpu"), torch.float32))


def texts(count: int) -> list[list[int]]:
    """Inputs of many lengths, in a disorder of lengths."""
    return [[1 + (place * 31 + k * 7) % 30 for k in range(3 + place * 7 % 12)] for place in range(count)]


def fails_above(monkeypatch: pytest.MonkeyPatch, most: int, error: Callable[[], Exception]) -> list[tuple[int, ...]]:
    """Let the encoder fail for more than ``most`` tokens, padding included; return the shapes that it was asked for."""
    asked: list[tuple[int, ...]] = []
    original = Encoder.forward

    def forward(self: Encoder, input_ids: Any, attention_mask: Any = None) -> Any:
        asked.append(tuple(input_ids.shape))
        if input_ids.numel() > most:
            raise error()
        return original(self, input_ids, attention_mask)

    monkeypatch.setattr(Encoder, "forward", forward)
    return asked


def out_of_memory() -> Exception:
    error: Exception = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
    return error


# Batches


@given(st.lists(st.integers(1, 300), max_size=60), st.integers(1, 2_000_000), st.integers(1, 4000))
def test_groups_hold_every_text_once_below_both_limits(lengths: list[int], ceiling: int, most_tokens: int) -> None:
    footprint = Footprint(ARCHITECTURE, 4, 6, 9)
    groups = list(Batches(footprint, ceiling, most_tokens).groups(lengths))
    assert sorted(place for group in groups for place in group) == list(range(len(lengths)))
    assert [lengths[place] for group in groups for place in group] == sorted(lengths)
    for group in groups:
        longest = max(lengths[place] for place in group)
        assert len(group) == 1 or (len(group) * longest <= most_tokens and len(group) * footprint.of(longest) <= ceiling)


@given(st.lists(st.integers(1, 200), min_size=1, max_size=40), st.integers(1, 1500))
def test_whatever_memory_there_is_all_that_fits_alone_is_computed(lengths: list[int], memory: int) -> None:
    batches = Batches(Footprint(ARCHITECTURE, 4, 6, 9), PLENTY, 1 << 20)
    computed: list[int] = []

    def compute(places: Sequence[int]) -> Sequence[int]:
        if len(places) * max(lengths[place] for place in places) > memory:
            raise MemoryError
        computed.extend(places)
        return [-place for place in places]

    results = dict(batches.run(lengths, compute, ran_out_of_memory, lambda: None))
    assert results == {place: -place if length <= memory else None for place, length in enumerate(lengths)}
    assert len(computed) == len(set(computed))


def test_a_lower_ceiling_is_remembered_and_other_errors_are_passed_on() -> None:
    batches = Batches(Footprint(ARCHITECTURE, 4, 6, 9), PLENTY, 1 << 20)
    sizes: list[int] = []

    def compute(places: Sequence[int]) -> Sequence[None]:
        sizes.append(len(places))
        if len(places) > 10:
            raise MemoryError
        return [None] * len(places)

    for _ in range(2):
        assert len(list(batches.run([50] * 64, compute, ran_out_of_memory, lambda: None))) == 64
    assert sizes[:4] == [64, 32, 16, 8]
    assert set(sizes[4:]) == {8}

    def breaks(places: Sequence[int]) -> Sequence[None]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(batches.run([1], breaks, ran_out_of_memory, lambda: None))


def test_the_estimate_grows_with_everything_and_with_soft_caps_by_the_square() -> None:
    plain = Footprint(ARCHITECTURE, 4, 6, 9)
    assert plain.of(100) < plain.of(101) < Footprint(ARCHITECTURE, 4, 64, 9).of(101)
    capped = StackConfig(**{**vars(STACK), "attention_softcap": 50.0})
    grown = [Footprint(Architecture(capped, STACK), 4, 6, 9).of(length) - plain.of(length) for length in (1000, 2000)]
    assert grown[1] == 4 * grown[0] == STACK.heads * 2000**2 * 16


# Devices


def test_the_cpu_needs_no_reason() -> None:
    assert choose("cpu") == Device(torch.device("cpu"), torch.float32)
    assert choose("cpu").precision == "torch/cpu/fp32"


def without_cuda(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(torch.version, "cuda", None)
    monkeypatch.setattr(torch.version, "hip", None)
    return "is built without it"


def with_an_old_driver(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(torch.version, "cuda", "13.0")

    def is_available() -> bool:
        warnings.warn("CUDA initialization: The NVIDIA driver on your system is too old\n(found version 9010).", stacklevel=1)
        return False

    monkeypatch.setattr(torch.cuda, "is_available", is_available)
    return "The NVIDIA driver on your system is too old"


def without_a_device(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    return "the driver shows no device"


def with_a_broken_device(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)

    def ones(*_: object, **__: object) -> None:
        raise torch.AcceleratorError("CUDA error: an illegal memory access was encountered\nCompile with TORCH_USE_CUDA_DSA")

    monkeypatch.setattr(torch, "ones", ones)
    return "an illegal memory access was encountered"


@pytest.mark.parametrize("trouble", [without_cuda, with_an_old_driver, without_a_device, with_a_broken_device])
def test_a_device_that_cannot_be_used_is_not_and_says_why_in_a_line(
    trouble: Callable[[pytest.MonkeyPatch], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = trouble(monkeypatch)
    device = choose.__wrapped__("cuda")
    assert (device.place.type, device.dtype) == ("cpu", torch.float32)
    assert device.reason.startswith("cuda: ")
    assert reason in device.reason
    assert "\n" not in device.reason


@pytest.mark.parametrize(("has_bfloat16", "precision"), [(True, "torch/cuda/bf16"), (False, "torch/cuda/fp32")])
def test_a_device_that_computes_is_taken(has_bfloat16: bool, precision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: has_bfloat16)
    ones = torch.ones
    monkeypatch.setattr(torch, "ones", lambda count, device: ones(count))
    assert choose.__wrapped__("cuda").precision == precision
    assert choose.__wrapped__("cuda").reason == ""


def test_the_reason_for_the_cpu_is_noticed_once(released: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_backend, "choose", lambda _: Device(torch.device("cpu"), torch.float32, "cuda: no driver"))
    backend, heard = TorchBackend(released, 1), list[str]()
    backend.notice = heard.append
    for _ in range(2):
        list(backend.draws(texts(2)))
    assert heard == ["the model runs on the CPU (cuda: no driver)"]


# The back end


def test_draws_are_the_same_alone_in_company_and_in_padded_batches(released: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = texts(24)
    backend = TorchBackend(released, 1, "cpu")
    together = [drawn.tolist() for drawn in backend.draws(asked)]
    assert [next(TorchBackend(released, 1, "cpu").draws([ids])).tolist() for ids in asked[:6]] == together[:6]
    assert len({tuple(drawn) for drawn in together}) == len({tuple(ids) for ids in asked})
    monkeypatch.setattr(torch_backend, "choose", lambda _: Pretended(torch.device("cpu"), torch.float32))
    batched = [drawn.tolist() for drawn in TorchBackend(released, 1, memory=PLENTY).draws(asked)]
    assert np.isclose(batched, together).mean() > 0.99  # a uniform may lie within rounding of a boundary


@pytest.mark.usefixtures("as_gpu")
def test_batches_that_do_not_fit_are_split_and_every_answer_comes_in_order(
    released: Checkpoint, tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for checkpoint, ask in ((released, TorchBackend.draws), (load(tiny_checkpoint), TorchBackend.quantiles)):
        with monkeypatch.context() as patch:
            calm = [answer.tolist() for answer in ask(TorchBackend(checkpoint, 1, memory=PLENTY), texts(24))]
            shapes = fails_above(patch, 40, out_of_memory)
            backend, heard = TorchBackend(checkpoint, 1, memory=PLENTY), list[str]()
            backend.notice = heard.append
            split = [answer.tolist() for answer in ask(backend, texts(24))]
        assert np.isclose(split, calm).mean() > 0.99
        assert heard == []
        assert shapes[0][0] == 24  # one batch of all, at first
        assert sum(rows * length > 40 for rows, length in shapes) <= 5  # a ceiling learned, not an error for every batch


@pytest.mark.usefixtures("as_gpu")
def test_a_text_that_does_not_fit_alone_is_not_a_number_and_its_neighbours_are_answered(
    released: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails_above(monkeypatch, 40, out_of_memory)
    backend, heard = TorchBackend(released, 1, memory=PLENTY), list[str]()
    backend.notice = heard.append
    short, long = texts(2)[0], [5] * 41
    answers = list(backend.draws([short, long, short, long]))
    assert [bool(np.isnan(answer).all()) for answer in answers] == [False, True, False, True]
    assert answers[0].tolist() == answers[2].tolist()
    assert heard == ["a text of 41 tokens does not fit into the memory of cpu"]


@pytest.mark.parametrize("error", ["CUDA error: unspecified launch failure\nmore", "CUBLAS_STATUS_NOT_INITIALIZED"])
@pytest.mark.usefixtures("as_gpu")
def test_a_driver_that_fails_is_one_line_that_says_what_to_do(released: Checkpoint, monkeypatch: pytest.MonkeyPatch, error: str) -> None:
    backend = TorchBackend(released, 1, memory=PLENTY)
    fails_above(monkeypatch, 0, lambda: torch.AcceleratorError(error))
    with pytest.raises(BackendError, match=error.split("\n")[0]) as raised:
        list(backend.draws(texts(3)))
    assert "device cpu" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("error", [out_of_memory(), torch.AcceleratorError("CUDA error: initialization error\nmore")])
def test_weights_that_the_device_does_not_take_are_used_on_the_cpu(
    released: Checkpoint, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    expected = [drawn.tolist() for drawn in TorchBackend(released, 1, "cpu").draws(texts(2))]

    def place(device: Device, *more: Any) -> Any:
        if isinstance(device, Pretended):
            raise error
        return network_on(device, *more)

    monkeypatch.setattr(torch_backend, "network_on", place)
    monkeypatch.setattr(
        torch_backend, "choose", lambda name: choose("cpu") if name == "cpu" else Pretended(torch.device("cpu"), torch.float32)
    )
    backend, heard = TorchBackend(released, 1), list[str]()
    backend.notice = heard.append
    assert [drawn.tolist() for drawn in backend.draws(texts(2))] == expected
    assert backend.device.reason.startswith("cpu: the weights cannot be put there: CUDA")
    assert len(heard) == 1
    assert "\n" not in heard[0]


def test_a_mistake_of_the_program_on_the_cpu_is_not_hidden(released: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = TorchBackend(released, 1, "cpu")
    fails_above(monkeypatch, 0, lambda: RuntimeError("shapes do not match"))
    with pytest.raises(RuntimeError, match="shapes do not match"):
        list(backend.draws(texts(1)))


@pytest.mark.parametrize(
    ("error", "is_memory"),
    [
        (out_of_memory(), True),
        (MemoryError(), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (KeyError("out of memory"), False),
    ],
)
def test_what_running_out_of_memory_looks_like(error: Exception, is_memory: bool) -> None:
    assert ran_out_of_memory(error) == is_memory


# Encoded texts


def test_a_text_is_read_once_and_forgotten_when_there_are_too_many(released: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    network = network_on(choose("cpu"), released.config.architecture, released.weights())
    shapes = fails_above(monkeypatch, PLENTY, out_of_memory)
    first, second, third = sorted(texts(3), key=len)
    room = 2 * len(second) * network.config.encoder.hidden_size * 4
    encoded = EncodedTexts(network, torch.device("cpu"), most_bytes=room)
    with torch.inference_mode():
        states, mask = encoded.of([first, second, first])
        assert shapes == [(2, len(second))]
        assert mask is not None
        assert mask.sum(1).tolist() == [len(first), len(second), len(first)]
        assert torch.equal(states[0], states[2])
        again, _ = encoded.of([second, first])  # in another order
        assert torch.equal(again[0], states[1])
        assert len(shapes) == 1
        encoded.of([third])  # takes the room of both
        encoded.of([third])
        assert len(shapes) == 2
        again, mask = encoded.of([second])
        assert mask is None
        assert len(shapes) == 3
        assert torch.allclose(again[0], states[1, : len(second)], atol=1e-5)
        encoded.forget()
        encoded.of([second])
    assert len(shapes) == 4


def test_bfloat16_keeps_the_head_in_float32_and_is_close(released: Checkpoint) -> None:
    logits = []
    for dtype in (torch.float32, torch.bfloat16):
        device = Device(torch.device("cpu"), dtype)
        network = network_on(device, released.config.architecture, released.weights())
        assert network.head.weight.dtype is torch.float32
        assert network.encoder.embed_tokens.weight.dtype is dtype
        step = Runner(network, device).start([[5, 9, 3], [4] * 7], 2, 10)
        logits.append(np.concatenate([step(np.zeros((4, 1), np.int64)), step(np.full((4, 1), 2))]))
    spread = logits[0].std()
    assert 0 < np.abs(logits[1] - logits[0]).max() < 0.2 * spread
