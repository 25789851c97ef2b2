"""Our sampling, with its batches, padding and cache, against transformers' T5Gemma with its own, token by token from the same chance."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch", reason="sampling runs on the `gpu` extra's torch")
transformers = pytest.importorskip("transformers", reason="equality with T5Gemma is checked where transformers is installed")

from rlm_lsp.model.backends.torch_device import choose  # noqa: E402  # after importorskip
from rlm_lsp.model.backends.torch_runner import Runner  # noqa: E402
from rlm_lsp.model.config import Architecture, StackConfig  # noqa: E402
from rlm_lsp.model.decode import log_mean, median, sample  # noqa: E402
from rlm_lsp.model.network import RLM  # noqa: E402
from rlm_lsp.model.numbers import PAD, NumberCodec  # noqa: E402
from rlm_lsp.model.sampling import uniforms  # noqa: E402
from tests.model.t5gemma import t5gemma, theirs  # noqa: E402

CODEC = NumberCodec(exponent_digits=2, mantissa_digits=5, signed=True, normalised=False)  # the released checkpoint's
STACK = StackConfig(
    vocab_size=50,
    layers=2,
    hidden_size=32,
    ffn_size=48,
    heads=4,
    kv_heads=4,
    head_dim=8,
    query_scale=8.0,
    attention_softcap=5.0,
    sliding_window=4,
    sliding_layers=(0,),
)
ARCHITECTURE = Architecture(STACK, replace(STACK, vocab_size=CODEC.vocab_size), logit_softcap=3.0)
TEXTS = [[7, 3, 44, 21, 9, 30, 12, 8, 17], [5, 6, 7, 8], [40, 1, 33, 2, 28, 19]]
DRAWS = 64


@pytest.fixture(scope="module")
def network() -> RLM:
    torch.manual_seed(3)
    made = RLM(ARCHITECTURE).eval()
    for parameter in made.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    made.head.weight.data *= 10
    return made


@pytest.fixture(scope="module")
def reference(network: RLM) -> Any:
    made = t5gemma(ARCHITECTURE)
    made.load_state_dict({theirs(name): tensor for name, tensor in network.state_dict().items()}, strict=False)
    return made


def chance() -> NDArray[np.float64]:
    """(texts * draws, tokens of a value)."""
    return np.concatenate([uniforms(ids, DRAWS, CODEC.tokens_per_value) for ids in TEXTS])


def ours(network: RLM, texts: list[list[int]], uniform: NDArray[np.float64], **how: float) -> NDArray[np.float64]:
    step = Runner(network, choose("cpu")).start(texts, DRAWS, 1 + CODEC.tokens_per_value)
    return sample(CODEC, np.full((len(texts) * DRAWS, 1), PAD), step, uniform, **how).reshape(len(texts), DRAWS)


@torch.no_grad()  # type: ignore[untyped-decorator]  # torch is what importorskip returns
def theirs_drawn(reference: Any, uniform: NDArray[np.float64], temperature: float, top_p: float) -> NDArray[np.float64]:
    """What a loop around transformers' network draws: its encoder, its cache of keys and values, its nucleus; (texts, draws)."""
    longest = max(map(len, TEXTS))
    ids = torch.tensor([[*text, *[PAD] * (longest - len(text))] for text in TEXTS])
    mask = torch.tensor([[1] * len(text) + [0] * (longest - len(text)) for text in TEXTS])
    states = reference.model.encoder(input_ids=ids, attention_mask=mask).last_hidden_state.repeat_interleave(DRAWS, 0)
    warper = transformers.TopPLogitsWarper(top_p) if top_p < 1 else None
    legal, following = CODEC.legal, CODEC.next_state
    state = np.zeros(len(uniform), dtype=np.int64)
    last, cache, drawn = torch.full((len(uniform), 1), PAD), None, []
    for position in range(CODEC.tokens_per_value):
        answer = reference(
            encoder_outputs=transformers.modeling_outputs.BaseModelOutput(last_hidden_state=states),
            attention_mask=mask.repeat_interleave(DRAWS, 0),
            decoder_input_ids=last,
            past_key_values=cache,
            use_cache=True,
        )
        cache = answer.past_key_values
        scores = answer.logits[:, -1].masked_fill(~torch.from_numpy(legal[state]), -torch.inf) / temperature
        scores = scores if warper is None else warper(None, scores)
        cumulative = scores.double().softmax(-1).cumsum(-1)
        last = (cumulative >= torch.from_numpy(uniform[:, position, None])).long().argmax(-1, keepdim=True)
        drawn.append(last[:, 0].numpy())
        state = following[state, drawn[-1]]
    return CODEC.decode_many(np.stack(drawn, 1)).reshape(len(TEXTS), DRAWS)


@pytest.mark.parametrize(("temperature", "top_p"), [(1.0, 1.0), (1.0, 0.95), (0.7, 1.0)])
def test_the_same_draws_and_so_the_same_estimates(network: RLM, reference: Any, temperature: float, top_p: float) -> None:
    uniform = chance()
    drawn = ours(network, TEXTS, uniform, temperature=temperature, top_p=top_p)
    expected = theirs_drawn(reference, uniform, temperature, top_p)
    assert drawn.tolist() == expected.tolist()
    assert len(set(drawn.ravel().tolist())) > DRAWS
    for one, other in zip(drawn, expected, strict=True):
        assert median(one) == np.median(other)  # the paper's estimate
        assert log_mean(one) == pytest.approx(np.expm1(np.mean(np.log1p(np.maximum(other, 0)))))  # ours


def test_padding_company_and_place_change_no_draw(network: RLM) -> None:
    together = ours(network, TEXTS, chance())
    for text, drawn in zip(TEXTS, together, strict=True):
        assert ours(network, [text], uniforms(text, DRAWS, CODEC.tokens_per_value))[0].tolist() == drawn.tolist()
    backwards = np.concatenate([uniforms(ids, DRAWS, CODEC.tokens_per_value) for ids in TEXTS[::-1]])
    assert ours(network, TEXTS[::-1], backwards).tolist() == together[::-1].tolist()


def test_greedy_decoding_is_what_transformers_generates(network: RLM, reference: Any) -> None:
    legal, following = CODEC.legal, CODEC.next_state

    def allowed(_: int, tokens: Any) -> list[int]:
        state = 0
        for token in tokens.tolist()[1:]:
            state = int(following[state, token])
        return np.flatnonzero(legal[state]).tolist()

    ends = {"pad_token_id": PAD, "bos_token_id": None, "eos_token_id": None}  # its own end would be our <+>
    reference.generation_config = transformers.GenerationConfig(decoder_start_token_id=PAD, max_new_tokens=CODEC.tokens_per_value, **ends)
    generated = reference.generate(
        input_ids=torch.tensor([TEXTS[0]]),
        attention_mask=torch.ones(1, len(TEXTS[0]), dtype=torch.long),
        prefix_allowed_tokens_fn=allowed,
    )
    cold = ours(network, [TEXTS[0]], np.full((DRAWS, CODEC.tokens_per_value), 0.5), temperature=1e-6)
    assert set(cold[0].tolist()) == {CODEC.decode(generated[0, 1:].tolist())}
