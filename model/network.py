"""Full definition of the Regression Language Model, all of it in this file.

An encoder reads source text, a decoder writes numbers digit by digit. Both are T5Gemma's (arXiv 2504.06225; Gemma 2's blocks, arXiv
2408.00118): RMSNorm with 1 + weight before and after every sub-layer, rotary positions, grouped-query attention with optional
soft caps and sliding windows, GeGLU. The regression language model itself is arXiv 2509.26476.

Letters in shape comments: B rows, S encoder tokens, T decoder tokens of this call, P decoder tokens before it, d hidden size, H
query heads, K key/value heads, D head size, F feed-forward size, V decoder vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812  # the name everyone knows it by
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from rlm_lsp.model.config import Architecture, StackConfig
from rlm_lsp.model.prompt import IGNORE


class KeyValue(NamedTuple):
    """Keys (after rotation) and values of one attention layer, each (B, K, length, D)."""

    key: Tensor
    value: Tensor

    def followed_by(self, new: KeyValue) -> KeyValue:
        """Keys and values of P positions and of the next T -> of P + T."""
        return KeyValue(torch.cat((self.key, new.key), dim=2), torch.cat((self.value, new.value), dim=2))  # (B, K, P + T, D)


class Slots(NamedTuple):
    """The same of a decoding whose length M is known beforehand: memory is taken once, and all steps have the same shapes.

    ``key`` and ``value`` are (B, K, M, D) and are written in place, at the ``positions`` (T,) of the tokens of this call.
    """

    key: Tensor
    value: Tensor
    positions: Tensor

    def followed_by(self, new: KeyValue) -> KeyValue:
        """All M slots, of which the causal mask hides those not yet written."""
        self.key.index_copy_(2, self.positions, new.key)
        self.value.index_copy_(2, self.positions, new.value)
        return KeyValue(self.key, self.value)


Past = KeyValue | Slots


class RMSNorm(nn.Module):
    """Root-mean-square norm in float32, scaled by 1 + weight. Written out: the fused operator has no ONNX opset 18 form."""

    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.zeros(size))

    def forward(self, x: Tensor) -> Tensor:
        """(..., d) -> (..., d) of the same type."""
        wide = x.float()
        normed = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.eps)
        return (normed * (1.0 + self.weight.float())).type_as(x)


class Rotary(NamedTuple):
    """Cosines and sines of the rotary angles, each (length, D)."""

    cos: Tensor
    sin: Tensor

    @classmethod
    def at(cls, positions: Tensor, config: StackConfig) -> Rotary:
        """Angles of ``positions`` (length,) (RoFormer, arXiv 2104.09864, in the half-split layout)."""
        exponents = torch.arange(0, config.head_dim, 2, device=positions.device, dtype=torch.float32) / config.head_dim  # (D/2,)
        angles = positions.float()[:, None] * config.rope_theta**-exponents  # (length, D/2)
        angles = torch.cat((angles, angles), dim=-1)  # (length, D)
        return cls(angles.cos(), angles.sin())

    def rotate(self, x: Tensor) -> Tensor:
        """(B, heads, length, D) -> the same shape and type."""
        first, second = x.chunk(2, dim=-1)  # 2 x (B, heads, length, D/2)
        return x * self.cos.to(x.dtype) + torch.cat((-second, first), dim=-1) * self.sin.to(x.dtype)


class Attention(nn.Module):
    """Queries from one sequence, keys and values from the same or (cross attention) another one of size ``source_size``."""

    def __init__(self, config: StackConfig, source_size: int) -> None:
        super().__init__()
        self.head_dim = config.head_dim
        self.groups = config.heads // config.kv_heads
        self.scale = config.query_scale**-0.5
        self.softcap = config.attention_softcap
        self.q_proj = nn.Linear(config.hidden_size, config.heads * config.head_dim, bias=False)
        self.k_proj = nn.Linear(source_size, config.kv_heads * config.head_dim, bias=False)
        self.v_proj = nn.Linear(source_size, config.kv_heads * config.head_dim, bias=False)
        self.o_proj = nn.Linear(config.heads * config.head_dim, config.hidden_size, bias=False)

    def queries(self, x: Tensor) -> Tensor:
        """(B, T, d) -> (B, H, T, D)."""
        return self._heads(self.q_proj(x))

    def keys_values(self, source: Tensor) -> KeyValue:
        """(B, S, source size) -> 2 x (B, K, S, D), not rotated."""
        return KeyValue(self._heads(self.k_proj(source)), self._heads(self.v_proj(source)))

    def attend(self, query: Tensor, kv: KeyValue, mask: Tensor | None) -> Tensor:
        """Query (B, H, T, D), keys and values (B, K, S, D), mask (broadcast to (B, H, T, S)) true where to look -> (B, T, d)."""
        key, value = kv
        if self.groups > 1:
            key = key.repeat_interleave(self.groups, dim=1)  # (B, K, S, D) -> (B, H, S, D)
            value = value.repeat_interleave(self.groups, dim=1)  # (B, K, S, D) -> (B, H, S, D)
        if self.softcap is None:
            mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=self.scale)  # (B, H, T, D)
        else:
            scores = query @ key.transpose(2, 3) * self.scale  # (B, H, T, S)
            scores = torch.tanh(scores / self.softcap) * self.softcap
            if mask is not None:
                scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
            mixed = scores.softmax(-1, dtype=torch.float32).to(value.dtype) @ value  # (B, H, T, D)
        return self.o_proj(mixed.transpose(1, 2).flatten(2))  # type: ignore[no-any-return]  # (B, H, T, D) -> (B, T, H*D) -> (B, T, d)

    def _heads(self, x: Tensor) -> Tensor:
        return x.reshape(*x.shape[:-1], -1, self.head_dim).transpose(1, 2)  # (B, T, n*D) -> (B, n, T, D)


class FeedForward(nn.Module):
    """GeGLU with the tanh form of GELU (arXiv 2002.05202)."""

    def __init__(self, config: StackConfig) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(config.hidden_size, config.ffn_size, bias=False)
        self.up_proj = nn.Linear(config.hidden_size, config.ffn_size, bias=False)
        self.down_proj = nn.Linear(config.ffn_size, config.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, d) -> (B, T, F) -> (B, T, d)."""
        return self.down_proj(F.gelu(self.gate_proj(x), approximate="tanh") * self.up_proj(x))  # type: ignore[no-any-return]


class EncoderLayer(nn.Module):
    """Self-attention and feed-forward, each between two norms."""

    def __init__(self, config: StackConfig) -> None:
        super().__init__()
        self.self_attn = Attention(config, config.hidden_size)
        self.mlp = FeedForward(config)
        self.pre_self_attn_layernorm = RMSNorm(config.hidden_size, config.norm_eps)
        self.post_self_attn_layernorm = RMSNorm(config.hidden_size, config.norm_eps)
        self.pre_feedforward_layernorm = RMSNorm(config.hidden_size, config.norm_eps)
        self.post_feedforward_layernorm = RMSNorm(config.hidden_size, config.norm_eps)

    def forward(self, x: Tensor, rotary: Rotary, mask: Tensor | None) -> Tensor:
        """(B, S, d) -> (B, S, d)."""
        x, _ = self.attend_self(x, rotary, mask)
        return self.feed_forward(x)

    def attend_self(self, x: Tensor, rotary: Rotary, mask: Tensor | None, past: Past | None = None) -> tuple[Tensor, KeyValue]:
        """(B, T, d) -> (B, T, d), and the keys and values of all P + T positions so far."""
        normed = self.pre_self_attn_layernorm(x)
        key, value = self.self_attn.keys_values(normed)
        kv = KeyValue(rotary.rotate(key), value)
        if past is not None:
            kv = past.followed_by(kv)  # (B, K, P + T, D)
        attended = self.self_attn.attend(rotary.rotate(self.self_attn.queries(normed)), kv, mask)
        return x + self.post_self_attn_layernorm(attended), kv

    def feed_forward(self, x: Tensor) -> Tensor:
        """(B, T, d) -> (B, T, d)."""
        return x + self.post_feedforward_layernorm(self.mlp(self.pre_feedforward_layernorm(x)))  # type: ignore[no-any-return]


class DecoderLayer(EncoderLayer):
    """An encoder layer with attention over the encoder's states in between."""

    def __init__(self, config: StackConfig, encoder_size: int) -> None:
        super().__init__(config)
        self.cross_attn = Attention(config, encoder_size)
        self.pre_cross_attn_layernorm = RMSNorm(config.hidden_size, config.norm_eps)
        self.post_cross_attn_layernorm = RMSNorm(config.hidden_size, config.norm_eps)

    def attend_cross(self, x: Tensor, encoded: KeyValue, mask: Tensor | None) -> Tensor:
        """(B, T, d) -> (B, T, d).

        ``encoded`` and ``mask`` may have fewer rows, E: then B / E rows of x one after the other are about the same text. They
        look at its keys side by side, as if they were one longer row, so that no key is copied.
        """
        query = self.cross_attn.queries(self.pre_cross_attn_layernorm(x))  # (B, H, T, D)
        shape, texts = query.shape, encoded.key.shape[0]
        if texts < shape[0]:
            query = query.reshape(texts, -1, *shape[1:]).transpose(1, 2).flatten(2, 3)  # -> (E, B/E, H, T, D) -> (E, H, B/E * T, D)
        attended = self.cross_attn.attend(query, encoded, mask)  # (E, B/E * T, d)
        return x + self.post_cross_attn_layernorm(attended.reshape(x.shape))  # type: ignore[no-any-return]  # -> (B, T, d)


class Encoder(nn.Module):
    """Token ids to states; every token sees every other one (or those in the window)."""

    def __init__(self, config: StackConfig) -> None:
        super().__init__()
        self.config = config
        self.recompute = False  # in the backward pass, instead of keeping what is inside of a layer: less memory, one more forward pass
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(EncoderLayer(config) for _ in range(config.layers))
        self.norm = RMSNorm(config.hidden_size, config.norm_eps)

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None) -> Tensor:
        """Ids (B, S), mask (B, S) true at real tokens -> states (B, S, d)."""
        length = input_ids.shape[1]
        rotary = Rotary.at(torch.arange(length, device=input_ids.device), self.config)
        mask = None if attention_mask is None else attention_mask.bool()[:, None, None, :]  # (B, S) -> (B, 1, 1, S)
        windowed = mask
        if self.config.sliding_layers and self.config.sliding_window is not None:
            position = torch.arange(length, device=input_ids.device)
            window = (position[:, None] - position[None, :]).abs() <= self.config.sliding_window  # (S, S)
            windowed = window if mask is None else mask & window  # (B, 1, S, S)
        x = self.embed_tokens(input_ids) * self.config.hidden_size**0.5  # (B, S) -> (B, S, d)
        for index, layer in enumerate(self.layers):
            seen = windowed if index in self.config.sliding_layers else mask
            recompute = self.recompute and x.requires_grad  # gradient checkpointing, arXiv 1604.06174
            x = checkpoint(layer, x, rotary, seen, use_reentrant=False) if recompute else layer(x, rotary, seen)
        return self.norm(x)  # type: ignore[no-any-return]


class Decoder(nn.Module):
    """Causal stack over number tokens that looks at the encoder's states."""

    def __init__(self, config: StackConfig, encoder_size: int) -> None:
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(DecoderLayer(config, encoder_size) for _ in range(config.layers))
        self.norm = RMSNorm(config.hidden_size, config.norm_eps)

    def cross_keys_values(self, states: Tensor) -> list[KeyValue]:
        """Encoder states (B, S, d) -> every layer's cross keys and values, which don't change while decoding."""
        return [layer.cross_attn.keys_values(states) for layer in self.layers]  # type: ignore[union-attr, operator]

    def forward(
        self, decoder_ids: Tensor, cross: list[KeyValue], cross_mask: Tensor | None, past: Sequence[Past] | None
    ) -> tuple[Tensor, list[KeyValue]]:
        """Ids (B, T) after the P tokens of ``past`` -> states (B, T, d) and the new past; ``cross_mask`` (B, S) true at real tokens."""
        length, before = decoder_ids.shape[1], past[0].key.shape[2] if past else 0
        if past and isinstance(past[0], Slots):
            positions, total = past[0].positions, before  # (T,) of M slots
        else:
            positions, total = torch.arange(before, before + length, device=decoder_ids.device), before + length
        rotary = Rotary.at(positions, self.config)
        mask, windowed = self._causal_masks(positions, total)
        seen = None if cross_mask is None else cross_mask.bool()[:, None, None, :]  # (B, S) -> (B, 1, 1, S)
        x = self.embed_tokens(decoder_ids) * self.config.hidden_size**0.5  # (B, T) -> (B, T, d)
        new_past = []
        for index, layer in enumerate(self.layers):
            assert isinstance(layer, DecoderLayer)
            self_mask = windowed if index in self.config.sliding_layers else mask
            x, kv = layer.attend_self(x, rotary, self_mask, past[index] if past else None)
            new_past.append(kv)
            x = layer.attend_cross(x, cross[index], seen)
            x = layer.feed_forward(x)
        return self.norm(x), new_past

    def _causal_masks(self, positions: Tensor, total: int) -> tuple[Tensor, Tensor]:
        """What new ``positions`` (T,) may look at of ``total`` ones, each (T, total): everything up to itself, the window up to itself."""
        query = positions[:, None]  # (T, 1)
        key = torch.arange(total, device=positions.device)[None, :]  # (1, total)
        causal = key <= query
        window = self.config.sliding_window
        return causal, causal if window is None else causal & (key > query - window)


class RLM(nn.Module):
    """The whole network."""

    def __init__(self, config: Architecture) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config.encoder)
        self.decoder = Decoder(config.decoder, config.encoder.hidden_size)
        self.head = nn.Linear(config.decoder.hidden_size, config.decoder.vocab_size, bias=False)
        if config.tied_head:
            self.head.weight = self.decoder.embed_tokens.weight
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Small-model initialisation: every linear layer keeps its input's variance, embeddings have unit variance after scaling.

        The norm after each sub-layer fixes what it adds to the residual at unit size, whatever the weights, so depth needs no factor.
        The head starts near zero: an untrained net gives every legal token about the same probability.
        """
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=module.in_features**-0.5)
            elif isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=module.embedding_dim**-0.5)
            elif isinstance(module, RMSNorm):
                nn.init.zeros_(module.weight)
        if not self.config.tied_head:
            nn.init.normal_(self.head.weight, std=0.1 * self.head.in_features**-0.5)

    def encode(self, input_ids: Tensor, attention_mask: Tensor | None = None) -> list[KeyValue]:
        """Ids (B, S) -> the cross keys and values of every decoder layer, each (B, K, S, D): all that decoding needs of the text."""
        return self.decoder.cross_keys_values(self.encoder(input_ids, attention_mask))

    def decode_step(
        self, decoder_ids: Tensor, cross: list[KeyValue], cross_mask: Tensor | None = None, past: Sequence[Past] | None = None
    ) -> tuple[Tensor, list[KeyValue]]:
        """Ids (B, T) that follow ``past`` -> logits (B, T, V) and the new past of P + T positions.

        ``cross`` and ``cross_mask`` may have one row for several of B (one text, many decodings), which stand one after the other.
        """
        states, new_past = self.decoder(decoder_ids, cross, cross_mask, past)
        logits = self.head(states.to(self.head.weight.dtype))  # (B, T, d) -> (B, T, V); a back end may keep the head in float32
        if self.config.logit_softcap is not None:
            logits = torch.tanh(logits / self.config.logit_softcap) * self.config.logit_softcap
        return logits, new_past

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None, decoder_ids: Tensor) -> Tensor:
        """Teacher forcing: ids (B, S), mask (B, S), decoder ids (B, T) -> logits (B, T, V)."""
        logits, _ = self.decode_step(decoder_ids, self.encode(input_ids, attention_mask), attention_mask)
        return logits


def value_loss(logits: Tensor, targets: Tensor, states: Tensor, legal: Tensor, weights: Tensor | None = None) -> Tensor:
    """Mean cross-entropy over the positions where the grammar leaves a choice.

    Illegal tokens have probability zero, so a position with one legal token has no loss and the network spends nothing on grammar.

    Args:
        logits: (B, T, V), of any float type.
        targets: (B, T); IGNORE at objective tokens and padding.
        states: (B, T), the codec's state before each target; any valid state where the target is IGNORE.
        legal: (states, codec vocabulary), ``NumberCodec.legal``.
        weights: (B, T) or (B, 1), how much a position counts; equally if absent.
    """
    allowed = legal[states]  # (B, T) -> (B, T, codec vocabulary)
    masked = logits[..., : legal.shape[-1]].float().masked_fill(~allowed, -torch.inf)
    counts = (targets != IGNORE) & (allowed.sum(-1) > 1)  # (B, T)
    # Where nothing counts, any legal token keeps the discarded loss (and its gradient) finite.
    safe = torch.where(counts, targets, allowed.long().argmax(-1))
    losses = -masked.log_softmax(-1).gather(-1, safe[..., None]).squeeze(-1)  # (B, T, 1) -> (B, T)
    share = counts.float() if weights is None else counts * weights.float()
    mean: Tensor = (losses * share).sum() / share.sum().clamp_min(1e-12)
    return mean
