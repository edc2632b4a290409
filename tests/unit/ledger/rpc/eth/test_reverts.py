"""Revert data in words, with eth-abi as the other side."""

import pytest
from eth_abi import encode
from hypothesis import given
from hypothesis import strategies as st

from sogdia.ledger.rpc.eth.reverts import ERROR_SELECTOR, PANIC_SELECTOR, revert_reason


@given(st.text())
def test_the_text_of_an_error_is_found(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    assert revert_reason(ERROR_SELECTOR + encode(["string"], [text])) == text


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (1, "assert(false)"),
        (0x11, "arithmetic underflow or overflow"),
        (99, "unknown panic code: 0x63"),
    ],
)
def test_a_panic_has_its_name(code: int, words: str) -> None:
    assert revert_reason(PANIC_SELECTOR + encode(["uint256"], [code])) == words


@given(st.binary(max_size=200))
def test_other_data_has_no_words_and_breaks_nothing(data: bytes) -> None:
    revert_reason(data)
    revert_reason(ERROR_SELECTOR + data)
    revert_reason(PANIC_SELECTOR + data)
    assert revert_reason(b"\x12\x34\x56\x78" + data) is None


def test_a_text_that_is_cut_off_is_no_reason() -> None:
    whole = ERROR_SELECTOR + encode(["string"], ["nothing to save"])
    assert revert_reason(whole[:-32]) is None
