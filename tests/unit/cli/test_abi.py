"""The decoder of arguments, against eth-abi."""

import contextlib
from typing import Any

import pytest
from eth_abi import encode
from hypothesis import given
from hypothesis import strategies as st

from sogdia.cli.abi import Unfitting, canonical, decode, show

PAIR = {"type": "tuple", "components": [{"type": "uint8"}, {"type": "string"}]}
FLAT = {"type": "tuple", "components": [{"type": "bool"}, {"type": "bytes4"}]}
CASES: list[tuple[list[dict[str, Any]], list[Any], str]] = [
    ([{"type": "uint256"}, {"type": "int8"}], [2**256 - 1, -3], f"[{2**256 - 1}, -3]"),
    ([{"type": "string"}, {"type": "bytes"}], ["Баян", b"\x01"], '["Баян", 0x01]'),
    ([{"type": "uint16[]"}, {"type": "bool[2]"}], [[1, 2], [True, False]],
     "[[1, 2], [true, false]]"),
    ([PAIR], [(7, "x")], '[[7, "x"]]'),
    ([{**PAIR, "type": "tuple[]"}], [[(7, "x"), (8, "")]], '[[[7, "x"], [8, ""]]]'),
    ([{**FLAT, "type": "tuple[2]"}], [[(True, b"abcd"), (False, b"efgh")]],
     "[[[true, 0x61626364], [false, 0x65666768]]]"),
    ([{"type": "string[2]"}, {"type": "address"}], [["a", "bc"], "0x" + "1f" * 20],
     '[["a", "bc"], 0x1f1f1F1f1F1f1f1F1F1F1f1F1f1F1f1F1F1F1F1F]'),
    ([{"type": "uint8[2][]"}], [[[1, 2], [3, 4]]], "[[[1, 2], [3, 4]]]"),
]  # fmt: skip


@pytest.mark.parametrize(("kinds", "values", "shown"), CASES)
def test_values_are_read_as_they_were_written(
    kinds: list[dict[str, Any]], values: list[Any], shown: str
) -> None:
    data = encode([canonical(kind) for kind in kinds], values)
    assert show(decode(kinds, data)) == shown
    for end in range(0, len(data), 32):
        with pytest.raises(Unfitting):
            decode(kinds, data[:end])


@given(data=st.binary(max_size=400), case=st.sampled_from(CASES))
def test_no_data_breaks_the_reader(
    data: bytes, case: tuple[list[dict[str, Any]], Any, str]
) -> None:
    with contextlib.suppress(Unfitting):
        show(decode(case[0], data))
