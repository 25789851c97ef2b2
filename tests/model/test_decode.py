"""The quantile walk against full enumeration and against sampling."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rlm_lsp.model.decode import Step, log_mean, median, quantile_walk, sample
from rlm_lsp.model.numbers import NumberCodec, NumberError

REAL = NumberCodec()
TINY = [NumberCodec(base=3, exponent_digits=1, mantissa_digits=2, signed=signed) for signed in (False, True)]


class RandomNetwork:
    """Logits that depend, at random but always in the same way, on all tokens so far."""

    def __init__(self, codec: NumberCodec, seed: int, sharpness: float = 2.0) -> None:
        self.width = codec.vocab_size + 2  # two objective tokens, which are never legal inside a number
        self.seed, self.sharpness = seed, sharpness
        self.calls: list[tuple[int, ...]] = []

    def logits(self, tokens: tuple[int, ...]) -> NDArray[np.float64]:
        return np.random.default_rng((self.seed, *tokens)).normal(size=self.width) * self.sharpness

    def start(self) -> Step:
        seen: list[NDArray[np.int64]] = []

        def step(tokens: NDArray[np.int64]) -> NDArray[np.float64]:
            seen.append(tokens)
            self.calls.append(tokens.shape)
            whole = np.concatenate(seen, axis=1)
            cache = {row: self.logits(row) for row in {tuple(row) for row in whole.tolist()}}
            return np.stack([cache[tuple(row)] for row in whole.tolist()])

        return step


def uniforms(codec: NumberCodec, rows: int, seed: int = 0) -> NDArray[np.float64]:
    """(rows, tokens of a value), in (0, 1]."""
    return 1.0 - np.random.default_rng(seed).random((rows, codec.tokens_per_value))


def enumerate_leaves(codec: NumberCodec, network: RandomNetwork, prefix: tuple[int, ...]) -> list[tuple[float, float]]:
    """(value, probability) of every string of the codec, ascending by value."""
    leaves = []
    for tokens in itertools.product(range(codec.vocab_size), repeat=codec.tokens_per_value):
        state, probability = 0, 1.0
        for position, token in enumerate(tokens):
            legal = codec.legal[state]
            if not legal[token]:
                break
            weights = np.exp(network.logits((*prefix, *tokens[:position]))[: codec.vocab_size]) * legal
            probability *= weights[token] / weights.sum()
            state = int(codec.next_state[state, token])
        else:
            leaves.append((codec.decode(tokens), probability))
    return sorted(leaves)


@pytest.mark.parametrize("codec", TINY)
@pytest.mark.parametrize("seed", range(3))
def test_walk_is_the_quantile_of_the_enumerated_distribution(codec: NumberCodec, seed: int) -> None:
    network = RandomNetwork(codec, seed)
    prefixes = [(0, codec.vocab_size), (0, codec.vocab_size + 1)]
    levels = np.linspace(0.013, 0.987, 61)
    expected = []
    for prefix in prefixes:
        leaves = enumerate_leaves(codec, network, prefix)
        cumulative = np.cumsum([probability for _, probability in leaves])
        assert cumulative[-1] == pytest.approx(1)
        expected += [leaves[int(np.searchsorted(cumulative, level))][0] for level in levels]
    rows = np.array([prefix for prefix in prefixes for _ in levels])
    assert quantile_walk(codec, rows, np.tile(levels, 2), network.start()).tolist() == expected


@pytest.mark.parametrize("seed", range(2))
def test_walk_agrees_with_samples_of_the_real_codec(seed: int) -> None:
    draws = 20_000
    network = RandomNetwork(REAL, seed, sharpness=1.0)
    prefix = np.array([[0, 13]])
    drawn = np.sort(sample(REAL, np.repeat(prefix, draws, axis=0), network.start(), uniforms(REAL, draws, seed)))
    levels = np.linspace(0.02, 0.98, 49)
    values = quantile_walk(REAL, np.repeat(prefix, len(levels), axis=0), levels, network.start())
    at_most, below = np.searchsorted(drawn, values, side="right") / draws, np.searchsorted(drawn, values, side="left") / draws
    bound = 1.95 / np.sqrt(draws)  # Kolmogorov-Smirnov, 0.1 %
    assert (at_most >= levels - bound).all()
    assert (below <= levels + bound).all()


def test_forced_tokens_cost_no_step_and_the_last_digit_is_not_fed() -> None:
    network = RandomNetwork(REAL, 0)
    quantile_walk(REAL, np.array([[0, 13]] * 3), [0.1, 0.5, 0.9], network.start())
    assert network.calls == [(3, 3), (3, 1), (3, 1), (3, 1), (3, 1), (3, 1)]


@given(st.integers(0, 2**31), st.lists(st.floats(0, 1), min_size=2, max_size=5))
def test_levels_in_order_give_values_in_order(seed: int, levels: list[float]) -> None:
    network = RandomNetwork(TINY[1], seed, sharpness=6.0)
    values = quantile_walk(TINY[1], np.array([[0, 6]] * len(levels)), sorted(levels), network.start())
    assert (np.diff(values) >= 0).all()


def test_rounding_inside_a_batch_cannot_reorder_quantiles() -> None:
    noise = np.random.default_rng(0)
    network = RandomNetwork(REAL, 5)

    def noisy() -> Step:
        exact = network.start()

        def step(tokens: NDArray[np.int64]) -> NDArray[np.float64]:
            logits = exact(tokens)
            return logits + noise.normal(size=logits.shape) * 0.1

        return step

    levels = np.array([0.5, 0.5, 0.5001])
    for _ in range(200):
        values = quantile_walk(REAL, np.array([[0, 13]] * 3), levels, noisy())
        assert values[0] == values[1] <= values[2]


def test_certain_network() -> None:
    wanted = REAL.encode(3.21e-4)

    def start() -> Step:
        fed = 0

        def step(tokens: NDArray[np.int64]) -> NDArray[np.float64]:
            nonlocal fed
            fed += tokens.shape[1]
            logits = np.full((len(tokens), 15), -1e4)
            logits[:, wanted[fed - 2]] = 1e4
            return logits

        return step

    rows = np.array([[0, 14]] * 4)
    assert quantile_walk(REAL, rows, [0.0, 0.1, 0.9, 1.0], start()).tolist() == [3.21e-4] * 4
    assert sample(REAL, rows, start(), uniforms(REAL, 4)).tolist() == [3.21e-4] * 4


def test_a_codec_without_order_has_samples_but_no_quantiles() -> None:
    released = NumberCodec(mantissa_digits=5, signed=True, normalised=False)
    network = RandomNetwork(released, 0)
    rows = np.zeros((8, 1), dtype=np.int64)
    with pytest.raises(NumberError):
        quantile_walk(released, rows, np.full(8, 0.5), network.start())
    assert np.isfinite(sample(released, rows, network.start(), uniforms(released, 8))).all()


def test_cold_and_narrow_sampling_take_the_most_probable_token() -> None:
    network = RandomNetwork(REAL, 3)
    rows = np.array([[0, 13]] * 50)
    cold = sample(REAL, rows, network.start(), uniforms(REAL, 50), temperature=1e-4)
    narrow = sample(REAL, rows, network.start(), uniforms(REAL, 50, seed=1), top_p=1e-6)
    assert len({*cold.tolist(), *narrow.tolist()}) == 1


def test_nucleus_keeps_the_tokens_that_reach_top_p() -> None:
    logits = np.full(15, -50.0)
    logits[[4, 5, 6]] = np.log([0.5, 0.3, 0.2])
    codec = NumberCodec(exponent_digits=1, mantissa_digits=1)
    rows = np.array([[0]] * 2000)
    draws = sample(codec, rows, lambda tokens: np.tile(logits, (len(tokens), 1)), uniforms(codec, 2000), top_p=0.7)
    assert {f"{value:e}"[0] for value in draws.tolist()} == {"1", "2"}


def test_many_rows_have_the_numbers_of_few() -> None:
    network = RandomNetwork(REAL, 7)
    levels = np.tile([0.1, 0.5, 0.9], 40)
    prefixes = np.array([[0, 13 + row // 3 % 2] for row in range(120)])
    texts = np.repeat(np.arange(20), 6)
    together = quantile_walk(REAL, prefixes, levels, network.start(), texts)
    apart = [quantile_walk(REAL, prefixes[at : at + 6], levels[at : at + 6], network.start()) for at in range(0, 120, 6)]
    assert together.tolist() == np.concatenate(apart).tolist()


def test_rows_of_different_texts_are_never_taken_for_each_other() -> None:
    calls = 0

    def step(tokens: NDArray[np.int64]) -> NDArray[np.float64]:  # each text has logits of its own
        nonlocal calls
        calls += 1
        return np.random.default_rng(calls).normal(size=(50, 15)).repeat(3, axis=0)

    levels = np.tile([0.1, 0.5, 0.9], 50)
    together = quantile_walk(REAL, np.array([[0, 13]] * 150), levels, step, np.repeat(np.arange(50), 3))
    assert len({tuple(row) for row in together.reshape(50, 3).tolist()}) > 40
    assert (np.diff(together.reshape(50, 3), axis=1) >= 0).all()


def test_aggregates() -> None:
    assert log_mean([np.e - 1, np.e - 1]) == pytest.approx(np.e - 1)
    assert log_mean([0.0, 0.0]) == 0.0
    assert log_mean([0.0, 99.0]) == pytest.approx(9.0)
    assert median([1.0, 2.0, 90.0]) == 2.0
