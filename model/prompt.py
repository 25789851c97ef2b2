"""What the network is given: the encoder's text, and the decoder's tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rlm_lsp.model.numbers import PAD, NumberCodec
from rlm_lsp.predict.types import ModelInput

IGNORE = -100
"""A target that has no loss, as in ``torch.nn.functional.cross_entropy``."""


@dataclass(frozen=True)
class PromptSpec:
    """How a checkpoint wants to be asked.

    ``header`` is a format string over ``language`` and ``kind``. ``objective_headers`` replaces it for an objective whose task stands in
    the encoder's text (the paper's released checkpoint); with ``objective_tokens`` the task stands in the decoder's prefix
    instead, and one encoder pass serves all objectives.
    """

    header: str = "{language} {kind}"
    args: str = "args: {args}"
    objective_tokens: bool = True
    objective_headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            self.args.format(args="")
            for template in (self.header, *self.objective_headers.values()):
                template.format(language="", kind="")
        except (LookupError, AttributeError, ValueError) as error:
            raise ValueError("a header may name {language} and {kind}, args only {args}") from error

    def encoder_text(self, item: ModelInput, objective: str | None = None) -> str:
        """Header line, ``args:`` line if there are arguments, and the normalised text. The only place where encoder text is made."""
        template = self.objective_headers.get(objective, self.header) if objective is not None else self.header
        header = item.header if item.header is not None else template.format(language=item.language, kind=item.kind)
        lines = [header]
        if item.args is not None:
            lines.append(self.args.format(args=" ".join(item.args.split())))
        lines.append(item.text)
        return "\n".join(lines)

    def decoder_prefix(self, codec: NumberCodec, objective: int) -> list[int]:
        """Decoder tokens that stand before the value of the checkpoint's ``objective``-th objective."""
        return [PAD, codec.vocab_size + objective] if self.objective_tokens else [PAD]
