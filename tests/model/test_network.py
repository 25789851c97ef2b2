"""Our network against transformers' T5Gemma, its cache, and its loss."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the network is the `gpu` extra's")

from rlm_lsp.model.config import Architecture, StackConfig  # noqa: E402  # after importorskip
from rlm_lsp.model.network import RLM, KeyValue, Slots, value_loss  # noqa: E402
from rlm_lsp.model.numbers import NumberCodec  # noqa: E402
from rlm_lsp.model.prompt import IGNORE  # noqa: E402
from tests.model.t5gemma import t5gemma, theirs  # noqa: E402

ENCODER = StackConfig(vocab_size=50, layers=3, hidden_size=32, ffn_size=48, heads=4, kv_heads=4, head_dim=8, query_scale=8.0)
DECODER = replace(ENCODER, vocab_size=15, layers=2)
PLAIN = Architecture(ENCODER, DECODER)


def with_both(**changes: Any) -> Architecture:
    return Architecture(replace(ENCODER, **changes), replace(DECODER, **changes))


VARIANTS = {
    "plain": PLAIN,
    "grouped queries, other scale": with_both(kv_heads=2, query_scale=3.0, head_dim=12),
    "softcaps": replace(with_both(attention_softcap=5.0), logit_softcap=3.0),
    "sliding": with_both(sliding_window=4, sliding_layers=(0,)),
    "all at once": replace(
        with_both(attention_softcap=2.0, sliding_window=3, sliding_layers=(0,), kv_heads=1, rope_theta=100.0, norm_eps=1e-3),
        logit_softcap=1.0,
    ),
}


def network(architecture: Architecture, seed: int = 0) -> RLM:
    torch.manual_seed(seed)
    net = RLM(architecture).eval()
    for parameter in net.parameters():  # norms away from zero, so that 1 + weight is seen
        parameter.data += 0.1 * torch.randn_like(parameter)
    return net


@pytest.mark.parametrize("variant", VARIANTS)
def test_same_numbers_as_transformers(variant: str) -> None:
    architecture = VARIANTS[variant]
    ours, reference = network(architecture), t5gemma(architecture)
    missing, unexpected = reference.load_state_dict({theirs(name): tensor for name, tensor in ours.state_dict().items()}, strict=False)
    assert (missing, unexpected) == ([], [])
    ids = torch.randint(1, 50, (3, 11))
    mask = torch.arange(11)[None, :] < torch.tensor([[11], [7], [2]])
    ids = ids * mask
    decoder_ids = torch.randint(1, 15, (3, 9))
    with torch.no_grad():
        states = ours.encoder(ids, mask)
        expected_states = reference.model.encoder(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        logits = ours(ids, mask, decoder_ids)
        expected = reference(
            input_ids=ids,
            attention_mask=mask.long(),
            decoder_input_ids=decoder_ids,
            decoder_attention_mask=torch.ones_like(decoder_ids),
            use_cache=False,
        ).logits
    assert torch.allclose(states[mask], expected_states[mask], atol=2e-5)
    assert torch.allclose(logits, expected, atol=2e-5)
    assert logits.std() > 0.1


@pytest.mark.parametrize("variant", VARIANTS)
def test_cached_steps_are_the_whole_sequence(variant: str) -> None:
    net = network(VARIANTS[variant])
    ids, decoder_ids = torch.randint(1, 50, (1, 9)), torch.randint(1, 15, (4, 8))
    with torch.no_grad():
        whole = net(ids.expand(4, -1), None, decoder_ids)
        cross = net.encode(ids)
        logits, past = net.decode_step(decoder_ids[:, :3], cross)
        steps = [logits]
        for position in range(3, 8):
            logits, past = net.decode_step(decoder_ids[:, position : position + 1], cross, past=past)
            steps.append(logits)
    assert torch.allclose(torch.cat(steps, 1), whole, atol=1e-5)


@pytest.mark.parametrize("variant", VARIANTS)
def test_steps_into_slots_over_shared_texts_are_the_whole_sequence(variant: str) -> None:
    net = network(VARIANTS[variant])
    ids, decoder_ids = torch.randint(1, 50, (2, 9)), torch.randint(1, 15, (6, 8))
    mask = torch.arange(9)[None, :] < torch.tensor([[9], [5]])
    stack = net.config.decoder
    with torch.no_grad():
        whole = net(ids.repeat_interleave(3, 0), mask.repeat_interleave(3, 0), decoder_ids)
        cross = net.encode(ids, mask)  # two texts, three rows each
        past = [KeyValue(*torch.zeros(2, 6, stack.kv_heads, 10, stack.head_dim)) for _ in range(stack.layers)]
        steps = []
        for begin, end in [(0, 3), (3, 4), (4, 5), (5, 8)]:
            positions = torch.arange(begin, end)
            logits, _ = net.decode_step(decoder_ids[:, begin:end], cross, mask, [Slots(*kv, positions) for kv in past])
            steps.append(logits)
    assert torch.allclose(torch.cat(steps, 1), whole, atol=1e-5)


@pytest.mark.parametrize("variant", ["plain", "all at once"])
def test_recomputed_layers_have_the_same_gradients(variant: str) -> None:
    net = network(VARIANTS[variant]).train()
    ids, decoder_ids = torch.randint(1, 50, (2, 9)), torch.randint(1, 15, (2, 8))
    gradients = []
    for recompute in (False, True):
        net.encoder.recompute = recompute
        net.zero_grad()
        net(ids, None, decoder_ids).logsumexp(-1).sum().backward()
        gradients.append([parameter.grad.clone() for parameter in net.parameters() if parameter.grad is not None])
    assert len(gradients[0]) == len(list(net.parameters()))
    for ours, theirs_ in zip(*gradients, strict=True):
        assert torch.allclose(ours, theirs_, atol=1e-6)


def test_padding_does_not_reach_real_tokens() -> None:
    net = network(PLAIN)
    ids, decoder_ids = torch.randint(1, 50, (1, 6)), torch.randint(1, 15, (1, 4))
    padded = torch.cat((ids, torch.full((1, 5), 7)), 1)
    mask = torch.arange(11)[None, :] < 6
    with torch.no_grad():
        assert torch.allclose(net(padded, mask, decoder_ids), net(ids, None, decoder_ids), atol=1e-5)


def test_head_may_be_tied() -> None:
    net = RLM(replace(PLAIN, tied_head=True))
    assert net.head.weight is net.decoder.embed_tokens.weight


def batch(codec: NumberCodec) -> tuple[Any, Any, Any]:
    """Decoder ids, targets and states (2, 16) of latency 72.5 followed by heap 3e-4, and of heap 0 alone."""
    values = codec.encode_many([72.5, 3e-4, 0.0])
    states, nothing = codec.states(values), [0] * 8
    first, second, zero = values.tolist()
    ids = [[0, 13, *first, 14, *second[:-1]], [0, 14, *zero[:-1], *nothing]]
    targets = [[IGNORE, *first, IGNORE, *second], [IGNORE, *zero, *[IGNORE] * 8]]
    before = [[0, *states[0], 0, *states[1]], [0, *states[2], *nothing]]
    return torch.tensor(ids), torch.tensor(targets), torch.tensor(before)


def test_loss_is_cross_entropy_over_legal_tokens_where_there_is_a_choice() -> None:
    codec = NumberCodec()
    _, targets, states = batch(codec)
    logits = torch.randn(*targets.shape, 15)
    expected = []
    for row, column in (targets != IGNORE).nonzero().tolist():
        tokens = codec.legal[int(states[row, column])].nonzero()[0].tolist()
        if len(tokens) > 1:
            chosen = tokens.index(int(targets[row, column]))
            expected.append(-logits[row, column, tokens].log_softmax(-1)[chosen])
    # <+> is forced, and so are the last two digits of zero
    assert len(expected) == 6 * 3 - 2
    legal = torch.from_numpy(codec.legal.copy())
    assert torch.allclose(value_loss(logits, targets, states, legal), torch.stack(expected).mean())


def test_loss_weights_leave_rows_out_and_an_empty_batch_is_zero() -> None:
    codec = NumberCodec()
    _, targets, states = batch(codec)
    logits, legal = torch.randn(*targets.shape, 15, requires_grad=True), torch.from_numpy(codec.legal.copy())
    only_first = value_loss(logits, targets, states, legal, torch.tensor([[1.0], [0.0]]))
    assert torch.allclose(only_first, value_loss(logits[:1], targets[:1], states[:1], legal))
    nothing = value_loss(logits, torch.full_like(targets, IGNORE), states, legal)
    nothing.backward()  # type: ignore[no-untyped-call]  # untyped in torch
    assert nothing == 0
    assert logits.grad is not None
    assert (logits.grad == 0).all()


def test_untrained_network_starts_at_uniform_loss_and_learns_under_bf16() -> None:
    codec = NumberCodec()
    torch.manual_seed(0)
    net = RLM(PLAIN)
    decoder_ids, targets, states = batch(codec)
    ids, mask = torch.randint(1, 50, (2, 12)), torch.arange(12)[None, :] < torch.tensor([[12], [5]])
    legal = torch.from_numpy(codec.legal.copy())
    optimizer = torch.optim.AdamW(net.parameters(), lr=5e-3)
    losses = []
    for _ in range(40):
        with torch.autocast("cpu", torch.bfloat16):
            loss = value_loss(net(ids, mask, decoder_ids), targets, states, legal)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # untyped in torch
        assert torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0).isfinite()
        optimizer.step()
        losses.append(loss.item())
    assert 1.5 < losses[0] < 2.5  # about log 10 a digit
    assert losses[-1] < 0.1
