"""A program as it was written, for models that read it so and not as a module body without its functions."""

from __future__ import annotations

from rlm_lsp.languages import LANGUAGES
from rlm_lsp.text import decode


def program_text(source: bytes, language: str) -> str | None:
    """All of a file's text, comments and layout included; None where it is no text, or of no language that is known."""
    known = LANGUAGES.get(language)
    return None if known is None else decode(source, known)[0]
