"""What the network is given: the encoder's text, and the decoder's tokens."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from rlm_lsp.model.numbers import PAD, NumberCodec
from rlm_lsp.model.tokenizer import TextTokenizer
from rlm_lsp.predict.types import ModelInput

IGNORE = -100
"""A target that has no loss, as in ``torch.nn.functional.cross_entropy``."""

SIZE = re.compile(r"(?<=[\[,x])(\d+(?:e\d+)?)(?=[\],x])")
"""The sizes of an args line: ``list[1000]``, ``ndarray[3x4,<f8]``, ``int[1e6]``."""

MOST_CALLEE_TOKENS = 1024
"""As many as a checkpoint may ask for: beyond that what is called would outweigh what calls it."""

_DIMENSIONS = re.compile(r"\[(\d{1,20}(?:x\d{1,20}){1,15})(?=[\],])")


def magnitude(size: str, levels: int, steps: int = 2) -> int:
    """Return which of ``levels`` magnitudes a size is, ``steps`` for each power of two: with 2 neighbours differ by a factor of 1.4.

    One is added to the size, so that 0 has a level: ``1000`` and ``1e3`` are level 20.
    """
    digits, _, exponent = size.partition("e")
    power = len(digits[300:]) + int(exponent[:4] or 0)
    log2 = math.log2(int(digits[:300]) + 10.0**-power) + power * math.log2(10)
    return min(round(steps * log2), levels - 1)


@dataclass(frozen=True)
class PromptSpec:
    """How a checkpoint wants to be asked.

    ``header`` is a format string over ``language`` and ``kind``. ``objective_headers`` replaces it for an objective whose task stands in
    the encoder's text (the paper's released checkpoint); with ``objective_tokens`` the task stands in the decoder's prefix
    instead, and one encoder pass serves all objectives. ``languages`` are names that headers use instead of ours. ``whole``: programs are
    read whole and as they were written, not as module bodies.
    """

    header: str = "{language} {kind}"
    args: str = "args: {args}"
    objective_tokens: bool = True
    objective_headers: Mapping[str, str] = field(default_factory=dict)
    languages: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False
    magnitudes: int = 0  # tokens for sizes in the args line; they stand behind the tokenizer's in the encoder's vocabulary. 0: digits
    magnitude_steps: int = 2  # for each power of two
    canonical_names: bool = False  # parameters and locals of functions are read as a, b ...: what they are called moves nothing
    callee_tokens: int = 0  # of what a function calls in its file, read behind its own text, as many at most. 0: it is not read
    elements: bool = False  # of an array's dimensions the product stands first: what it costs hangs on that more than on each of them

    def __post_init__(self) -> None:
        if not 0 <= self.callee_tokens <= MOST_CALLEE_TOKENS:
            raise ValueError(f"callee_tokens must be 0 to {MOST_CALLEE_TOKENS}, not {self.callee_tokens}")
        try:
            self.args.format(args="")
            for template in (self.header, *self.objective_headers.values()):
                template.format(language="", kind="")
        except (LookupError, AttributeError, ValueError) as error:
            raise ValueError("a header may name {language} and {kind}, args only {args}") from error

    def encoder_text(self, item: ModelInput, objective: str | None = None) -> str:
        """Header line, ``args:`` line if there are arguments, and the text. The only place where encoder text is made."""
        return "\n".join(self._parts(item, objective))

    def text(self, item: ModelInput) -> str:
        """What is read of a chunk: its normalised text, or all of a program's file."""
        return item.whole if self.whole and item.whole is not None else item.text

    def _parts(self, item: ModelInput, objective: str | None = None) -> list[str]:
        template = self.objective_headers.get(objective, self.header) if objective is not None else self.header
        language = self.languages.get(item.language, item.language)
        header = item.header if item.header is not None else template.format(language=language, kind=item.kind)
        args = [] if item.args is None else [self.args.format(args=" ".join(item.args.split()))]
        return [header, *args, self.text(item)]

    def encoder_ids(self, item: ModelInput, tokenizer: TextTokenizer, objective: str | None = None) -> list[int]:
        """Token ids of :meth:`encoder_text`; with ``magnitudes`` each size in the ``args:`` line is one token that says how large it is.

        With ``canonical_names`` a function's own names are made canonical before.
        """
        item = self.as_read(item)
        if not self.magnitudes or item.args is None:
            return tokenizer.encode(self.encoder_text(item, objective))
        header, args, code = self._parts(item, objective)
        if self.elements:
            args = _DIMENSIONS.sub(lambda found: f"[{math.prod(int(size) for size in found[1].split('x'))}]{found[0]}", args)
        pieces = SIZE.split(args)  # text, size, text, size, ..., text
        ids = tokenizer.encode(header + "\n")
        for index, piece in enumerate(pieces):
            ids += (
                [tokenizer.vocab_size + magnitude(piece, self.magnitudes, self.magnitude_steps)] if index % 2 else tokenizer.encode(piece)
            )
        return ids + tokenizer.encode("\n" + code)

    def callee_ids(self, item: ModelInput, tokenizer: TextTokenizer) -> list[int]:
        """Token ids of what an item calls in its file, ``callee_tokens`` at most, to stand behind its own ids, however many those are."""
        if not self.callee_tokens or not item.callees:
            return []
        found = [_called_ids(text, item.language, self.canonical_names, self.callee_tokens, tokenizer) for text in item.callees]
        shares = _fair_shares([len(ids) for ids in found], self.callee_tokens)
        return [token for ids, share in zip(found, shares, strict=True) for token in ids[:share]]

    def as_read(self, item: ModelInput) -> ModelInput:
        """The item with a function's own names made canonical, where the checkpoint wants that."""
        if not self.canonical_names or item.kind != "function":
            return item
        text, args = _canonical(item.text, item.args, item.language)
        return replace(item, text=text, args=args)

    def decoder_prefix(self, codec: NumberCodec, objective: int) -> list[int]:
        """Decoder tokens that stand before the value of the checkpoint's ``objective``-th objective."""
        return [PAD, codec.vocab_size + objective] if self.objective_tokens else [PAD]


def _canonical(text: str, args: str | None, language: str) -> tuple[str, str | None]:
    from rlm_lsp.chunk.local_names import canonical_names  # parses; whoever asks for no tokens needs no grammar

    return canonical_names(text, args, language)


@lru_cache(maxsize=512)  # of at most `most` ids each: 5 MB with 256
def _called_ids(text: str, language: str, canonical: bool, most: int, tokenizer: TextTokenizer) -> tuple[int, ...]:
    """Return the first ``most`` token ids of a function that others call: what has many callers is read once."""
    text = text[: most * tokenizer.longest_token]  # more would only be parsed to be cut
    if canonical:
        text, _ = _canonical(text, None, language)
    return tuple(tokenizer.encode("\n" + text)[:most])


def _fair_shares(lengths: Sequence[int], total: int) -> list[int]:
    """Return how much of each length fits into ``total``: short ones whole, and what they leave is for the long ones, alike."""
    shares, left = [0] * len(lengths), total
    ascending = sorted(range(len(lengths)), key=lambda place: lengths[place])
    for done, place in enumerate(ascending):
        shares[place] = min(lengths[place], left // (len(lengths) - done))
        left -= shares[place]
    return shares
