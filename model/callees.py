"""What a function calls in its file, added to what the function costs by itself (EXPERIMENTS.md, 16).

A network that reads one function can only guess what ``self.solve()`` costs. The same network's answer for ``solve`` is a better guess, and
as all functions of a file are asked about, it costs nothing. What callees call in turn is in their own numbers already, as far as
these are right: adding it again made predictions worse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from rlm_lsp.predict.types import Answer, ModelInput, Unknown

_REMEMBERED = 4096  # answers, of a few hundred bytes each

Alone = Callable[[Sequence[ModelInput], Sequence[str]], Iterator[Answer]]


class Callees:
    """Answers for functions by themselves, remembered, so that one that is called in many places is asked about once."""

    def __init__(self) -> None:
        self._known: dict[tuple[ModelInput, tuple[str, ...]], Answer] = {}

    def added(self, inputs: Sequence[ModelInput], names: Sequence[str], alone: Alone) -> Iterator[Answer]:
        """Yield what ``alone`` answers for each input, with the answers for its callees added, as soon as these and it are there.

        A callee that is not answered adds nothing. An input that is not answered stays so.
        """
        objectives = tuple(names)
        plans = [(replace(item, callees=()), [ModelInput(item.language, item.kind, text) for text in item.callees]) for item in inputs]
        wanted = dict.fromkeys(item for own, called in plans for item in (*called, own))
        found = {item: self._known[item, objectives] for item in wanted if (item, objectives) in self._known}
        asked = [item for item in wanted if item not in found]
        answers = zip(asked, alone(asked, names), strict=True)
        for own, called in plans:
            while any(item not in found for item in (*called, own)):
                item, answer = next(answers)
                found[item] = answer
                self._remember(item, objectives, answer)
            yield total(found[own], [found[item] for item in called])

    def _remember(self, item: ModelInput, names: tuple[str, ...], answer: Answer) -> None:
        if item.args is None and item.header is None and item.whole is None:
            self._known[item, names] = answer
            if len(self._known) > _REMEMBERED:
                del self._known[next(iter(self._known))]


def total(own: Answer, called: Sequence[Answer]) -> Answer:
    """Return an answer with others added to it, quantile by quantile: what is called tends to be dear or cheap together with its caller."""
    if isinstance(own, Unknown):
        return own
    parts = [{prediction.objective: prediction for prediction in answer} for answer in called if not isinstance(answer, Unknown)]
    summed = []
    for prediction in own:
        terms = [prediction, *(part[prediction.objective] for part in parts if prediction.objective in part)]
        p10, p50, p90 = (sum(quantile) for quantile in zip(*((term.p10, term.p50, term.p90) for term in terms), strict=True))
        summed.append(replace(prediction, p10=p10, p50=p50, p90=p90))
    return tuple(summed)
