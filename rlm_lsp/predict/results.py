"""What is known about a file, in the one compact form that worker replies, cache and reports share.

A row is built for each function of each file even when everything comes from the cache, so rows are named tuples read straight
from JSON lists, and ``Prediction`` objects are made only where one is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import Any, NamedTuple, cast

from rlm_lsp.chunk.types import Directive, Problem
from rlm_lsp.chunk.worker import unpack_directive
from rlm_lsp.predict.errors import QuarantinedError
from rlm_lsp.predict.types import Answer, ModelInput, Prediction, Unknown, UnknownCode


@dataclass(frozen=True)
class Objective:
    """A metric on a device, and the unit of its values: "s" or "B" (of networks, which no report shows, also "%").

    ``model`` and ``device`` are those that answer for it where several models stand beside each other; empty: the first of them.
    """

    name: str
    unit: str
    model: str = ""
    device: str = ""


class Values(NamedTuple):
    """What the model said about one input: (p10, p50, p90) for each of the model's objectives in their order, or why it said nothing.

    Empty for an objective for which the input is not answered.
    """

    quantiles: Sequence[Sequence[float]] | None
    unknown: tuple[UnknownCode, str] | None = None
    partial: bool = False

    def encode(self) -> str:
        """JSON for the second cache level."""
        return json.dumps([self.quantiles, self.unknown, self.partial], separators=(",", ":"))

    @classmethod
    def decode(cls, text: str) -> Values:
        """The inverse of ``encode``.

        Raises:
            ValueError: the text is not what ``encode`` writes.
        """
        return _values(json.loads(text))


class FunctionRow(NamedTuple):
    """One function of a file. Line and column (1-based, code points) are those of its name; ``end_line`` is its last line."""

    name: str
    kind: str
    line: int
    column: int
    end_line: int
    values: Values


@dataclass(frozen=True)
class FileResult:
    """All that is known about a file: its functions in source order, its problems, and its directives with the functions they belong to.

    The latter are places in ``functions``; -1: a directive belongs to no function. ``cell``: see ``SourceFile``; lines are the cell's.
    """

    path: str
    language: str
    functions: Sequence[FunctionRow]
    problems: Sequence[Problem]
    directives: Sequence[tuple[int, Directive]] = ()
    cell: int = 0

    def encode(self) -> str:
        """Compact JSON without path and cell, for the first cache level."""
        problems = [[problem.code, problem.reason, problem.line] for problem in self.problems]
        directives = [[place, *astuple(directive)] for place, directive in self.directives]
        return json.dumps([self.functions, problems, directives], separators=(",", ":"))

    @classmethod
    def decode(cls, text: str, path: str, language: str, cell: int = 0) -> FileResult:
        """The inverse of ``encode``.

        Raises:
            ValueError: the text is not what ``encode`` writes.
        """
        try:
            rows, problems, directives = json.loads(text)
            functions = [FunctionRow(name, kind, line, column, end, _values(values)) for name, kind, line, column, end, values in rows]
            placed = [(place, unpack_directive(fields)) for place, *fields in directives]
            return cls(path, language, functions, [Problem(*problem) for problem in problems], placed, cell)
        except TypeError as error:
            raise ValueError(str(error)) from error

    @property
    def complete(self) -> bool:
        """Whether asking again would bring the same: no function is unknown merely because a worker was unavailable."""
        if any(problem.code in ("crashed", "unreadable", "parse-timeout") for problem in self.problems):
            return False
        return not any(row.values.unknown and row.values.unknown[0] == "worker-unavailable" for row in self.functions)


def _values(data: Any) -> Values:
    """Values out of parsed JSON; a tuple's fields are lists there, which are used alike."""
    if not isinstance(data, list) or len(data) != 3 or (data[0] is None) == (data[1] is None):
        raise ValueError("not the values of an input")
    return Values._make(data)


def unavailable(reason: str) -> Values:
    """Values of an input that no worker could answer."""
    return Values(None, ("worker-unavailable", reason))


def to_answer(values: Values, objectives: Sequence[Objective], model: str, device: str) -> Answer:
    """The public form of ``values``, in the model's order of objectives."""
    if values.quantiles is None:
        code, reason = values.unknown or ("worker-unavailable", "no answer")
        return Unknown(code, reason)
    return tuple(
        Prediction(objective.name, p10, p50, p90, objective.unit, objective.model or model, objective.device or device, values.partial)
        for objective, (p10, p50, p90) in answered(values, objectives)
    )


def answered(values: Values, objectives: Sequence[Objective]) -> Iterator[tuple[Objective, Sequence[float]]]:
    """The objectives for which there are p10, p50 and p90, with these."""
    return ((objective, quantiles) for objective, quantiles in zip(objectives, values.quantiles or (), strict=False) if quantiles)


def to_request(item: ModelInput) -> dict[str, Any]:
    """What asks the model's worker about ``item``; the ``Child`` adds the id."""
    request = {"language": item.language, "kind": item.kind, "text": item.text, "args": item.args, "header": item.header}
    further = {"whole": item.whole, "callees": item.callees or None}
    return {**request, **{name: value for name, value in further.items() if value is not None}}


def from_request(request: dict[str, Any]) -> ModelInput:
    """The inverse of ``to_request``."""
    fields = {name: value for name, value in request.items() if name != "id"}
    return ModelInput(**{**fields, "callees": tuple(fields.get("callees", ()))})


def from_reply(reply: dict[str, Any], objectives: Sequence[Objective]) -> Values:
    """Values out of the model worker's reply: ``{"values": {objective: [p10, p50, p90]}, "partial"}`` or ``{"unknown": [code, reason]}``.

    Raises:
        KeyError, TypeError: no objective of the model has values, or they are none.
        QuarantinedError: the one model that knows such inputs cannot run here; asking again would bring the same.
    """
    if "unknown" in reply:
        code, reason = reply["unknown"]
        if code == "worker-unavailable":
            raise QuarantinedError(reason)
        return Values(None, (cast(UnknownCode, code), reason))
    values = reply["values"]
    if not isinstance(values, dict):
        raise TypeError("the values of a reply are not by objective")
    quantiles = [values.get(objective.name, ()) for objective in objectives]
    if not any(quantiles):
        raise KeyError("none of the model's objectives")
    return Values(quantiles, None, bool(reply["partial"]))
