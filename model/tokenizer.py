"""Source text to token ids: byte-level BPE, trained on our own corpus."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

PAD_TOKEN = "<pad>"
PAD_ID = 0

# Pieces inside which BPE may merge: a line break with its indentation, a word or a run of punctuation with the space before
# it, any other white space. Digits are split off before, each alone, so that sizes are read digit by digit.
_PIECES = r"\n *| ?[\p{L}\p{M}_]+| ?[^\s\p{L}\p{M}\p{N}_]+| ?\p{N}|\s"
# The same, but letters and digits are one word: a network's text is mostly shapes (w64x3x7x7), and few of them are rare.
_SHAPES = r"\n *| ?[\p{L}\p{M}\p{N}_]+| ?[^\s\p{L}\p{M}\p{N}_]+|\s"


class TokenizerError(ValueError):
    """A tokenizer file that cannot be used."""


class TextTokenizer:
    """Byte-level BPE without BOS, EOS or unknown token; lossless on any text; id 0 is padding and is never produced.

    A released checkpoint's own tokenizer (Gemma's) is read as well; what its template puts around a text is left out.
    """

    def __init__(self, content: str) -> None:
        try:
            self._tokenizer = Tokenizer.from_str(content)
        except Exception as error:  # the Rust side raises bare Exception
            raise TokenizerError(str(error)) from error
        self._content = content

    @classmethod
    def load(cls, path: Path) -> TextTokenizer:
        """Read ``tokenizer.json``; raises OSError or TokenizerError."""
        try:
            return cls(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            raise TokenizerError(str(error)) from error

    def to_json(self) -> str:
        """The content of ``tokenizer.json``."""
        return self._content

    @property
    def vocab_size(self) -> int:
        """Number of ids, padding included."""
        return int(self._tokenizer.get_vocab_size())

    def vocabulary(self) -> dict[str, int]:
        """Ids by spelling, in the byte-level alphabet."""
        return dict(self._tokenizer.get_vocab())

    @cached_property
    def longest_token(self) -> int:
        """Bytes of the longest token: text of n bytes has at least n / longest_token tokens."""
        return max(len(token) for token in self._tokenizer.get_vocab())  # a byte is one character in the byte-level alphabet

    def encode(self, text: str) -> list[int]:
        """Token ids of ``text``. Lone surrogates, which no encoding has bytes for, are read as ``?``."""
        return list(self._tokenizer.encode(_without_surrogates(text), add_special_tokens=False).ids)

    def encode_many(self, texts: Sequence[str]) -> list[list[int]]:
        """``encode`` of each text, on several threads."""
        encodings = self._tokenizer.encode_batch([_without_surrogates(text) for text in texts], add_special_tokens=False)
        return [list(encoding.ids) for encoding in encodings]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ``ids``."""
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=False))


def train_tokenizer(texts: Iterable[str], vocab_size: int, *, shapes: bool = False) -> TextTokenizer:
    """Train on ``texts``; the same texts in the same order give the same tokenizer.

    With ``shapes`` digits may be merged, also with letters; otherwise each is alone.
    """
    tokenizer = Tokenizer(models.BPE())
    split = pre_tokenizers.Split(Regex(_SHAPES if shapes else _PIECES), behavior="isolated")
    alphabet = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    digits = [] if shapes else [pre_tokenizers.Digits(individual_digits=True)]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*digits, split, alphabet])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=2,
        special_tokens=[PAD_TOKEN],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        max_token_length=32,
        show_progress=False,
    )
    tokenizer.train_from_iterator((_without_surrogates(text) for text in texts), trainer=trainer)
    content = json.loads(tokenizer.to_str())
    # As an added token "<pad>" would be cut out of source text that spells it; as a plain vocabulary entry no merge leads to it.
    content["added_tokens"] = []
    return TextTokenizer(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n")


def _without_surrogates(text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8")
    return text
