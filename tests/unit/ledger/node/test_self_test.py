"""The transfer that a node tries itself with, read by another library."""

from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from sogdia.ledger.node.self_test import SELF_TEST_ACCOUNT, sign_transfer
from sogdia.ledger.primitives.transaction import decode_transaction


@given(
    st.integers(0, 2**64 - 2), st.integers(0, 2**96), st.integers(1, 2**32), st.integers(0, 2**90)
)
def test_the_transfer_is_what_other_libraries_sign(
    nonce: int, price: int, chain_id: int, value: int
) -> None:
    """Signatures are deterministic (RFC 6979), so that the bytes are equal."""
    account = SELF_TEST_ACCOUNT
    raw = sign_transfer(
        account, account.address, value, nonce=nonce, gas_price=price, chain_id=chain_id
    )
    other = Account.sign_transaction(
        {
            "nonce": nonce,
            "gasPrice": price,
            "gas": 21_000,
            "to": SELF_TEST_ACCOUNT.shown,
            "value": value,
            "data": b"",
            "chainId": chain_id,
        },
        SELF_TEST_ACCOUNT.key,
    )
    assert raw == other.raw_transaction
    assert decode_transaction(raw, chain_id).sender == SELF_TEST_ACCOUNT.address
