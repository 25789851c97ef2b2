"""The requests of the network viewer: ``rlm/onnx/open``, ``bind``, ``predict``, ``node``, ``search`` and ``close``.

A client names a file and gets the document that ``rlm_lsp.onnx.document`` describes, then asks for pieces by the id that came with it. The
file itself never goes to the client. Reading and counting happen in threads, shape inference in a process that may die. The first
picture does not wait for the model: where one is to be asked, the document says ``pending``, and ``predict`` brings what it says.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from rlm_lsp.lsp.documents import path_of
from rlm_lsp.lsp.message import REQUEST_FAILED
from rlm_lsp.lsp.protocol import RequestError, invalid_params
from rlm_lsp.lsp.wire import Encoded, encode
from rlm_lsp.predict.errors import RlmLspError

if TYPE_CHECKING:
    from rlm_lsp.onnx.analysis import Analyst
    from rlm_lsp.onnx.network import Network
    from rlm_lsp.onnx.predictions import Forecaster
    from rlm_lsp.onnx.types import Model

P = ParamSpec("P")
T = TypeVar("T")

MOST_OPEN = 8
MOST_FOUND = 2_000
MOST_BINDINGS = 100
_LONGEST = 4096  # characters of a URI, a name or an id


@dataclass
class _Open:
    """A file that a viewer shows."""

    path: Path
    model: Model
    network: Network


class Networks:
    """The files that viewers show; beyond ``MOST_OPEN`` the one goes that was asked for longest ago."""

    def __init__(self, unload_after_s: Callable[[], float]) -> None:
        self._unload_after_s = unload_after_s
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._ids = itertools.count(1)
        self._analyst: Analyst | None = None
        self._forecaster: Forecaster | None = None
        self.notices: dict[str, None] = {}  # what the cache and the model's process had to say to people, in order
        self.requests: Mapping[str, Callable[[Any], Awaitable[Any]]] = {
            "rlm/onnx/open": self.open,
            "rlm/onnx/bind": self.bind,
            "rlm/onnx/predict": self.predict,
            "rlm/onnx/node": self.node,
            "rlm/onnx/search": self.search,
            "rlm/onnx/close": self.close_one,
        }

    @property
    def model_pid(self) -> int | None:
        """The process of the model that answers for networks, while there is one."""
        return self._forecaster.pid if self._forecaster is not None else None

    async def open(self, params: Any) -> Encoded:
        """rlm/onnx/open: {uri, bindings?} → {id, document}."""
        given = _Parameters("rlm/onnx/open", params, {"uri", "bindings"})
        uri = given.text("uri")
        path = path_of(uri)
        if path is None:
            raise invalid_params("rlm/onnx/open: 'uri' must be the URI of a file")
        bindings = given.bindings()
        from rlm_lsp.onnx.network import readable  # nothing of it is needed before a network is opened

        model = await _in_thread(readable, Path(path))
        network = await self._examined(Path(path), model, bindings)
        id_ = str(next(self._ids))
        answer = await _in_thread(_with_document, network, self._forecasts(), {"id": id_})
        self._open[id_] = _Open(Path(path), model, network)
        while len(self._open) > MOST_OPEN:
            self._open.popitem(last=False)
        return answer

    async def bind(self, params: Any) -> Encoded:
        """rlm/onnx/bind: {id, bindings} → {document}, with all figures for the new sizes; {} unbinds."""
        given = _Parameters("rlm/onnx/bind", params, {"id", "bindings"})
        opened = self._known(given)
        opened.network = await self._examined(opened.path, opened.model, given.bindings())
        return await _in_thread(_with_document, opened.network, self._forecasts(), {})

    async def predict(self, params: Any) -> Encoded:
        """rlm/onnx/predict: {id} → {predictions, prediction, figures}: the document's field, groups' column and figures of the model.

        Figures are only those that it adds. Loads the model; a network that is bound anew meanwhile has to be asked about again.
        """
        given = _Parameters("rlm/onnx/predict", params, {"id"})
        return await _in_thread(_predicted, self._known(given).network, self._forecasts())

    async def node(self, params: Any) -> dict[str, Any]:
        """rlm/onnx/node: {id, node} → what ``document.node_detail`` says."""
        given = _Parameters("rlm/onnx/node", params, {"id", "node"})
        opened = self._known(given)
        from rlm_lsp.onnx.document import node_detail

        return node_detail(opened.network, given.number("node", len(opened.network.nodes)))

    async def search(self, params: Any) -> dict[str, Any]:
        """rlm/onnx/search: {id, query} → {nodes, more}: the first ones that fit, and how many there are beyond."""
        given = _Parameters("rlm/onnx/search", params, {"id", "query"})
        opened = self._known(given)
        from rlm_lsp.onnx.search import search

        found = await _in_thread(search, opened.network, given.text("query"))
        return {"nodes": found[:MOST_FOUND], "more": max(len(found) - MOST_FOUND, 0)}

    async def close_one(self, params: Any) -> None:
        """rlm/onnx/close: {id} → null, also where there is nothing any more."""
        given = _Parameters("rlm/onnx/close", params, {"id"})
        self._open.pop(given.text("id"), None)

    async def close(self) -> None:
        """End the processes."""
        self._open.clear()
        closing = [each for each in (self._analyst, self._forecaster) if each is not None]
        await asyncio.gather(*(asyncio.to_thread(each.close) for each in closing))

    def _forecasts(self) -> Forecaster:
        if self._forecaster is None:
            from rlm_lsp.onnx.predictions import Forecaster
            from rlm_lsp.predict.engine import processors

            jobs = max(1, processors() // 2)
            self._forecaster = Forecaster(lambda line: self.notices.setdefault(line), jobs=jobs, idle_s=self._unload_after_s())
        return self._forecaster

    async def _examined(self, path: Path, model: Model, bindings: Mapping[str, int]) -> Network:
        from rlm_lsp.onnx.analysis import Analyst
        from rlm_lsp.onnx.network import with_shapes
        from rlm_lsp.onnx.shapes import parse_bindings, symbols

        try:
            sizes = parse_bindings([f"{name}={size}" for name, size in bindings.items()], symbols(model))
        except RlmLspError as error:
            raise invalid_params(str(error)) from None
        if self._analyst is None:
            self._analyst = Analyst()
        shapes = await asyncio.wrap_future(self._analyst.submit(path, model, sizes))
        return await _in_thread(with_shapes, model, shapes)

    def _known(self, given: _Parameters) -> _Open:
        id_ = given.text("id")
        opened = self._open.get(id_)
        if opened is None:
            raise RequestError(REQUEST_FAILED, "this network is not open any more; open it again")
        self._open.move_to_end(id_)
        return opened


class _Parameters:
    """One object, read strictly; what is wrong with it is one sentence (-32602)."""

    def __init__(self, method: str, params: Any, known: set[str]) -> None:
        self._method = method
        if not isinstance(params, dict) or not set(params) <= known:
            raise invalid_params(f"{method} takes one object with {', '.join(sorted(known))}")
        self._params: dict[str, Any] = params

    def text(self, key: str) -> str:
        value = self._params.get(key)
        if not isinstance(value, str) or len(value) > _LONGEST:
            raise invalid_params(f"{self._method}: {key!r} must be a string of at most {_LONGEST:,} characters")
        return value

    def number(self, key: str, below: int) -> int:
        value = self._params.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < below:
            raise invalid_params(f"{self._method}: {key!r} must be a whole number from 0 to {below - 1:,}")
        return value

    def bindings(self) -> dict[str, int]:
        value = self._params.get("bindings", {})
        if not isinstance(value, dict) or len(value) > MOST_BINDINGS:
            raise invalid_params(f"{self._method}: 'bindings' must be an object with at most {MOST_BINDINGS} sizes by name")
        for name, size in value.items():
            if isinstance(size, bool) or not isinstance(size, int) or size < 1 or len(name) > _LONGEST:
                raise invalid_params(f"{self._method}: 'bindings' must have whole numbers above 0")
        return value


async def _in_thread(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """What a function returns; its one-line error becomes the client's."""
    try:
        return await asyncio.to_thread(function, *arguments, **named)
    except RlmLspError as error:
        raise RequestError(REQUEST_FAILED, str(error)) from None


def _with_document(network: Network, forecaster: Forecaster, beside: dict[str, Any]) -> Encoded:
    from rlm_lsp.onnx.document import document

    return Encoded(encode({**beside, "document": document(network, forecaster.begin())}))


def _predicted(network: Network, forecaster: Forecaster) -> Encoded:
    from rlm_lsp.onnx.document import predicted_groups
    from rlm_lsp.onnx.figures import predicted_figures

    found = forecaster.forecast(network)
    figures = predicted_figures(network, found)
    return Encoded(encode({"predictions": found.as_dict(), **predicted_groups(network, found), "figures": figures}))
