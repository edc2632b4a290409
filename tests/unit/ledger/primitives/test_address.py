"""Addresses as wallets show them."""

from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS
from sogdia.ledger.primitives.address import show_address


def test_the_public_accounts_are_shown_as_every_tool_shows_them() -> None:
    for account in DEVELOPMENT_ACCOUNTS:
        assert show_address(account.address) == account.shown


@given(st.binary(min_size=20, max_size=20))
def test_every_address_is_shown_as_a_library_shows_it(address: bytes) -> None:
    assert show_address(address) == to_checksum_address(address)
