import collections
import time
from types import SimpleNamespace

import numpy as np
import pytest

from rlm_lsp.model.measure.describe import MAX_CHARACTERS, describe_arguments, describe_call, describe_value


class Sized:
    def __init__(self, items: list[int]) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)


class Walked:
    def __len__(self) -> int:
        return sum(1 for _ in range(10**9))


class HalfBuilt:
    items: list[int]  # never set

    def __len__(self) -> int:
        return len(self.items)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "None"),
        (True, "bool"),
        (7, "int"),
        (-9, "int"),
        (10, "int[1e1]"),
        (-999, "int[9e2]"),
        (1000, "int[1e3]"),
        (-2_500_000, "int[2e6]"),
        (10**15 - 1, "int[9e14]"),
        (10**15, "int[1e15]"),
        pytest.param(10**4000, "int[1e4000]", id="huge"),
        (0.5, "float"),
        ("hello world!", "str[12]"),
        (b"abc", "bytes[3]"),
        ([0] * 1000, "list[1000]"),
        ([], "list[0]"),
        ([1, 2.5, None], "list[3]"),
        ([1, "a"], "list[2,mixed]"),
        (["ab", "abcd", "abcdef"], "list[3,str[4]]"),
        ([[0] * 10 for _ in range(10)], "list[10,list[10,int]]"),
        ([[], [1.5]], "list[2,list[0,float]]"),
        ((1, 2), "tuple[2]"),
        ({i: i for i in range(5)}, "dict[5]"),
        ({i: [i] for i in range(5)}, "dict[5,list[1,int]]"),
        ({1, 2, 3}, "set[3]"),
        (range(100), "range[100]"),
        (collections.deque([1, 2]), "deque[2]"),
        (collections.Counter("abca"), "Counter[3]"),
        (np.zeros((100, 100)), "ndarray[100x100,f8]"),
        (np.zeros(3, dtype=np.int32), "ndarray[3,i4]"),
        (np.array(1.0), "ndarray[scalar,f8]"),
        (np.float64(1.0), "float64"),
        (Sized([1] * 100), "Sized[100]"),
        ([Sized([1])], "list[1,Sized[1]]"),
        (Walked(), "Walked"),
        (HalfBuilt(), "HalfBuilt"),
        (Sized, "type"),
        (SimpleNamespace(), "SimpleNamespace"),
    ],
)
def test_value_is_described_by_type_and_size(value: object, words: str) -> None:
    assert describe_value(value) == words


def test_bounded_cost_on_large_values() -> None:
    start = time.perf_counter()
    describe_value([[0] * 1000] * 1_000_000)
    describe_value(dict.fromkeys(range(1_000_000)))
    assert time.perf_counter() - start < 1.0


def test_self_is_left_out_unless_it_has_a_size() -> None:
    assert describe_arguments([("self", object()), ("k", 3)]) == "k=int"
    assert describe_arguments([("self", Sized([1, 2])), ("k", 3)]) == "self=Sized[2], k=int"


def test_no_more_than_eight_arguments_and_120_characters() -> None:
    assert describe_arguments((f"a{i}", i) for i in range(20)).count("=") == 8
    text = describe_arguments((f"{'long_name' * 4}{i}", i) for i in range(8))
    assert len(text) <= MAX_CHARACTERS
    assert text.endswith("=int")


def test_call_names_positions_by_the_signature() -> None:
    def function(xs: object, k: int = 1, *rest: object, **named: object) -> None:
        raise NotImplementedError

    assert describe_call(function, ([1, 2], 5), {}) == "xs=list[2], k=int"
    assert describe_call(function, ([1, 2], 5, 6), {"z": "a"}) == "xs=list[2], k=int, rest=tuple[1], named=dict[1,str[1]]"
    assert describe_call(max, (1, 2), {"key": abs}) == "a0=int, a1=int, key=builtin_function_or_method"
