"""What a node signs for its development accounts, against a wallet's library."""

import pytest

from sogdia.eth_accounts import Account, encode_defunct
from sogdia.ledger.rpc.signer import AccountSigner, UnknownAccount

KEY = bytes(range(1, 33))
ADDRESS = bytes.fromhex(Account.from_key(KEY).address[2:])


@pytest.mark.parametrize("data", [b"", b"hello", b"\0" * 300])
def test_a_personal_message_is_signed_as_by_a_wallet(data: bytes) -> None:
    signer = AccountSigner({ADDRESS: KEY})
    wanted = Account.sign_message(encode_defunct(data), KEY).signature
    assert signer.sign_message(ADDRESS, data) == bytes(wanted)


def test_no_key_no_signature() -> None:
    with pytest.raises(UnknownAccount):
        AccountSigner({}).sign_message(ADDRESS, b"")
