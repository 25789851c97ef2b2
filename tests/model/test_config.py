"""The strict parser of ``config.json``."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from rlm_lsp.model.config import ConfigError, QuantileLevels, parse_config
from tests.model.tiny import tiny_config


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    data = json.loads(tiny_config().to_json())
    change(data)
    return json.dumps(data)


def test_round_trip() -> None:
    assert parse_config(tiny_config().to_json()) == tiny_config()


def test_levels_are_the_plain_ones_unless_recalibrated() -> None:
    config = tiny_config()
    assert config.levels("latency@cpu") == QuantileLevels(0.1, 0.5, 0.9)
    assert config.levels("peak_heap@cpu") == QuantileLevels(0.05, 0.5, 0.95)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(extra=1), r"unknown key config\.extra"),
        (lambda d: d["codec"].update(extra=1), r"unknown key config\.codec\.extra"),
        (lambda d: d.pop("id"), r"missing key config\.id"),
        (lambda d: d["objectives"][1].pop("unit"), r"missing key config\.objectives\[1\]\.unit"),
        (lambda d: d.update(id=7), r"config\.id must be of type str"),
        (lambda d: d.update(schema=True), r"config\.schema must be of type int"),
        (lambda d: d.update(schema=2), "schema 2"),
        (lambda d: d.update(objectives={}), r"config\.objectives must be a list"),
        (lambda d: d.update(objectives=[]), "objectives must be named"),
        (lambda d: d.update(codec=[]), r"config\.codec must be an object"),
        (lambda d: d.update(quantile_levels=[]), r"config\.quantile_levels must be an object"),
        (lambda d: d["quantile_levels"].update({"nothing": {}}), "unknown objective nothing"),
        (lambda d: d["quantile_levels"]["peak_heap@cpu"].update(p10=0.6), "levels must be ascending"),
        (lambda d: d["quantile_levels"]["peak_heap@cpu"].update(p10=float("nan")), "levels must be ascending"),
        (lambda d: d["codec"].update(base=11), r"config\.codec: base must be"),
        (lambda d: d["codec"].update(mantissa_digits=3.0), r"mantissa_digits must be of type int"),
        (lambda d: d["architecture"]["decoder"].update(vocab_size=99), "need 15 decoder tokens"),
        (lambda d: d["architecture"]["encoder"].update(heads=0), "sizes must be positive"),
        (lambda d: d["architecture"]["encoder"].update(kv_heads=3), "multiple of kv_heads"),
        (lambda d: d["architecture"]["encoder"].update(sliding_layers=[0]), "needs a sliding_window"),
        (lambda d: d["architecture"]["encoder"].update(sliding_layers=[7], sliding_window=4), "existing layers"),
        (lambda d: d["prompt"].update(header="{x}"), "a header may name"),
    ],
)
def test_wrong_configs_name_the_key(change: Callable[[dict[str, Any]], object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_config(changed(change))


@pytest.mark.parametrize("text", ["", "[1", "nonsense", "[" * 100_000])
def test_what_is_not_json(text: str) -> None:
    with pytest.raises(ConfigError, match="not valid JSON"):
        parse_config(text)


def test_a_repeated_key_is_refused() -> None:
    with pytest.raises(ConfigError, match="twice"):
        parse_config('{"id": "a", "id": "b"}')


def test_what_is_json_but_no_object() -> None:
    with pytest.raises(ConfigError, match="config must be an object"):
        parse_config("[]")
