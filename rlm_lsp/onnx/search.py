"""Finding nodes by what they are: ``op:Conv shape:1x256 attr:group=32 dtype:int8 name:layer* cost>1% is:unknown``.

A word without a colon is looked for in operators and names. All words must fit. ``*`` stands for anything and capitals do not matter.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Sequence

from rlm_lsp.onnx.costs_rules import operator
from rlm_lsp.onnx.document import TIMES, attribute_text, shape_text
from rlm_lsp.onnx.network import Network
from rlm_lsp.onnx.values import NONE
from rlm_lsp.predict.errors import InputError

LONGEST = 500
"""Characters of a query."""

Test = Callable[[Network, int], bool]

_WORD = re.compile(r"(?P<key>op|name|shape|dtype|attr|domain|path|block|is):(?P<value>.+)", re.IGNORECASE)
_SHARE = re.compile(r"cost(?P<sign>[<>])(?P<share>[0-9]{1,3}(?:\.[0-9]{1,6})?)%", re.IGNORECASE)
_STATES: dict[str, Test] = {
    "unknown": lambda network, number: bool(network.costs.run[number].unknown),
    "folded": lambda network, number: number in network.folded,
}


def search(network: Network, query: str) -> list[int]:
    """The numbers of the nodes that fit, in order; of an empty query none.

    Raises:
        InputError: the query is too long, or a word of it is not understood.
    """
    if len(query) > LONGEST:
        raise InputError(f"a query has at most {LONGEST} characters")
    tests = [_test(word) for word in query.split()]
    if not tests:
        return []
    return [number for number in range(len(network.nodes)) if all(test(network, number) for test in tests)]


def _test(word: str) -> Test:
    share = _SHARE.fullmatch(word)
    if share is not None:
        return _cost_test(float(share["share"]) / 100, above=share["sign"] == ">")
    match = _WORD.fullmatch(word)
    if match is None:
        fits = _pattern(word, anywhere=True)
        return lambda network, number: any(fits(text) for text in (operator(network.nodes[number]), network.nodes[number].name))
    key, value = match["key"].lower(), match["value"]
    if key == "is":
        if value.lower() not in _STATES:
            raise InputError(f"is: what is known is {', '.join(_STATES)}")
        return _STATES[value.lower()]
    if key == "shape":
        return _shape_test(value)
    if key == "attr":
        return _attribute_test(value)
    fits = _pattern(value, anywhere=key in ("name", "block"))
    return lambda network, number: any(fits(text) for text in _texts(network, number, key))


def _texts(network: Network, number: int, key: str) -> Sequence[str]:
    node = network.nodes[number]
    if key == "op":
        return node.op, operator(node)
    if key == "dtype":
        return [network.values.types[value].dtype for value in _values(network, number)]
    if key == "block":
        return (network.tree.groups[network.node_groups[number]].path,)
    return ({"name": node.name, "domain": node.domain or "ai.onnx", "path": node.path}[key],)


def _values(network: Network, number: int) -> list[int]:
    return [value for value in (*network.values.inputs[number], *network.values.outputs[number]) if value != NONE]


def _pattern(text: str, *, anywhere: bool) -> Callable[[str], bool]:
    """Whether another text is this one or, ``anywhere``, has it inside."""
    wanted = text.lower()
    if "*" in wanted:
        compiled = re.compile(fnmatch.translate(wanted.replace("[", "[[]")), re.DOTALL)
        return lambda other: compiled.match(other.lower()) is not None
    return (lambda other: wanted in other.lower()) if anywhere else (lambda other: wanted == other.lower())


def _shape_test(text: str) -> Test:
    """Dimensions that stand beside each other in a shape of what the node reads or writes; ``?`` fits any."""
    wanted = [part.strip().lower() for part in re.split(f"[x{TIMES},]", text.strip("[]()"))]

    def test(network: Network, number: int) -> bool:
        for value in _values(network, number):
            dims = shape_text(network.values.types[value]).lower().split(TIMES)
            for start in range(len(dims) - len(wanted) + 1):
                if all(want in ("?", dim) for want, dim in zip(wanted, dims[start:], strict=False)):
                    return True
        return False

    return test


def _attribute_test(text: str) -> Test:
    name, equals, value = text.partition("=")
    fits_name, fits_value = _pattern(name, anywhere=False), _pattern(value, anywhere=False)

    def test(network: Network, number: int) -> bool:
        return any(
            fits_name(item.name) and (not equals or fits_value(attribute_text(item.value, item.count)))
            for item in network.nodes[number].attributes
        )

    return test


def _cost_test(share: float, *, above: bool) -> Test:
    def test(network: Network, number: int) -> bool:
        seconds, whole = network.costs.run[number].seconds, network.totals.seconds
        if seconds is None or not whole:
            return False
        return seconds / whole > share if above else seconds / whole < share

    return test
