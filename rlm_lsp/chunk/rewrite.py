"""What a grammar cannot read, written for its parser alone, byte for byte as long: Fortran's fixed form, for one.

Chunks are cut from the file as it is; only the tree comes from the rewritten text, so every offset holds in both.
"""

from __future__ import annotations

import re
from functools import partial

from rlm_lsp.languages import Language

_NO_BREAK = re.compile(rb"[^\r\n]")


def for_parser(data: bytes, language: Language) -> bytes:
    """Return the text that the parser reads instead of ``data``: the same length, ``data`` itself for most languages."""
    for rewrite in language.rewrites:
        if (rewrite.when is None or rewrite.when.search(data)) and (rewrite.unless is None or not rewrite.unless.search(data)):
            data = rewrite.pattern.sub(partial(_replaced, rewrite.replacement), data)
    return data


def _replaced(text: bytes, match: re.Match[bytes]) -> bytes:
    """Return ``text``, its last byte (a blank if it is empty) repeated up to the match's length, with the line breaks where they are.

    The match itself where its group ``keep`` took part or the text is too long for it.
    """
    whole = match.group()
    if (match.re.groups and match.groupdict().get("keep") is not None) or len(text) > len(whole):
        return whole
    if len(text) == len(whole):
        return text
    filling = text[-1:] or b" "
    return text + _NO_BREAK.sub(lambda _: filling, whole[len(text) :])
