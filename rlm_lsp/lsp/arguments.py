"""Reading the arguments of workspace/executeCommand, which come from a client and may be anything."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from rlm_lsp.lsp.protocol import invalid_params

MAX_TEXT = 4096  # characters of a URI or a function's key
MAX_NAMED = 40  # characters of an unknown key that are repeated to its sender


class Arguments:
    """The one object that a command takes. Each reader answers with the default where its key is absent.

    All of them raise ``RequestError`` (-32602) with one sentence that says what is wrong.
    """

    def __init__(self, command: str, arguments: Sequence[Any] | None, known: Collection[str]) -> None:
        given = list(arguments or ())
        if len(given) > 1 or not all(isinstance(item, dict) for item in given):
            raise invalid_params(f"{command} takes one object with {_listed(known)}" if known else f"{command} takes no arguments")
        self._command = command
        self._values: dict[str, Any] = given[0] if given else {}
        if unknown := sorted(key for key in self._values if key not in known):
            allowed = f"it knows {_listed(known)}" if known else "it takes none"
            raise invalid_params(f"{command} does not know the argument {unknown[0][:MAX_NAMED]!r}; {allowed}")

    def text(self, key: str) -> str | None:
        """A string that is not empty."""
        value = self._values.get(key)
        if value is not None and (not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT):
            raise self.wrong(key, f"a string of 1 to {MAX_TEXT:,} characters")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self._values.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def whole_number(self, key: str, default: int, low: int, high: int) -> int:
        """An integer from ``low`` to ``high``."""
        value = self._values.get(key)
        return default if value is None else self._whole(key, value, low, high, f"a whole number from {low:,} to {high:,}")

    def whole_numbers(self, key: str, low: int, high: int, most: int) -> tuple[int, ...] | None:
        """Integers from ``low`` to ``high``, ``most`` of them at the most."""
        value = self._values.get(key)
        if value is None:
            return None
        what = f"a list of 1 to {most} whole numbers from {low:,} to {high:,}"
        if not isinstance(value, list) or not 0 < len(value) <= most:
            raise self.wrong(key, what)
        return tuple(self._whole(key, item, low, high, what) for item in value)

    def texts(self, key: str, most: int) -> dict[str, str] | None:
        """An object whose values are strings, ``most`` of them at the most."""
        value = self._values.get(key)
        if value is None:
            return None
        if not isinstance(value, dict) or not 0 < len(value) <= most or not all(isinstance(item, str) for item in value.values()):
            raise self.wrong(key, f"an object with 1 to {most} strings")
        return dict(value)

    def wrong(self, key: str, what: str) -> Exception:
        """The error that says what ``key`` must be."""
        return invalid_params(f"{self._command}: {key!r} must be {what}")

    def _whole(self, key: str, value: Any, low: int, high: int, what: str) -> int:
        """JavaScript's 3.0 is a whole number too."""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.wrong(key, what)
        return value


def _listed(known: Collection[str]) -> str:
    return ", ".join(repr(key) for key in known)
