"""Text out of a model file, made fit to be looked at: what the file's author wrote must not command a terminal or deceive a reader."""

from __future__ import annotations

import re

_UNSHOWN = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters, escapes among them
    "\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # invisible ones, and those that turn the direction of text
    "\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e007f]"  # halves of characters, annotations, tags
)


def shown(text: str, limit: int = 200) -> str:
    """Text on one line without control, invisible and bidirectional characters, at most ``limit`` characters long."""
    cleaned = _UNSHOWN.sub("", text[: 4 * limit].replace("\n", " ").replace("\t", " "))
    return cleaned if len(cleaned) <= limit and len(text) <= 4 * limit else cleaned[: limit - 1] + "…"


def first_line(error: Exception, limit: int | None = 300) -> str:
    """What an exception of somebody else's says, as far as one line goes; its name where it says nothing."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:limit]
