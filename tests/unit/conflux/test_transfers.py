"""Transfers of Core Space: whose accounts they move, and who takes them."""

from dataclasses import replace

import pytest
from tests.unit.ledger.primitives.signing import CHAIN_ID, KEY, core_transfer, sign

from sogdia.conflux.addresses import encode_address
from sogdia.conflux.keys import core_address_of_key, core_state_address
from sogdia.conflux.transfers import CoreTransfer, receipt_members
from sogdia.ledger.params.networks import DEVELOPMENT, HARNESS
from sogdia.ledger.primitives.errors import UnknownTransactionType
from sogdia.ledger.primitives.transaction import decode_transaction, validate_limits

SENDER = core_address_of_key(bytes.fromhex(KEY[2:]))
TO = b"\x1a" * 20


def test_the_accounts_of_a_transfer() -> None:
    """The core finds the accounts under hashed addresses; the bytes name the addresses."""
    raw = core_transfer(nonce=5, value=7)
    decoded = decode_transaction(raw, CHAIN_ID)
    assert decoded.sender == core_state_address(SENDER)
    assert decoded.to == core_state_address(TO)
    transfer = CoreTransfer.read(raw)
    assert (transfer.sender, transfer.to, transfer.hash) == (SENDER, TO, decoded.hash)
    assert (transfer.nonce, transfer.value, transfer.gas) == (5, 7, decoded.gas_limit)
    shown = transfer.members(10)
    assert shown["from"] == encode_address(SENDER, 10)
    assert shown["hash"] == "0x" + decoded.hash.hex()


def test_only_the_harness_takes_them() -> None:
    """Pool and blocks of every other network refuse them by their kind."""
    transfer = decode_transaction(core_transfer(), CHAIN_ID)
    with pytest.raises(UnknownTransactionType):
        validate_limits(transfer)
    validate_limits(transfer, takes_core_space=True)
    validate_limits(decode_transaction(sign(), CHAIN_ID))
    assert HARNESS.execution.takes_core_space
    assert HARNESS.mempool.takes_core_space
    assert not DEVELOPMENT.execution.takes_core_space
    assert not DEVELOPMENT.mempool.takes_core_space


@pytest.mark.parametrize("fields", [{"to": b""}, {"to": b"\x8a" * 20}, {"data": b"\x01"}])
def test_what_is_more_than_a_transfer_is_refused(fields: dict[str, bytes]) -> None:
    """No contract is made or called."""
    with pytest.raises(UnknownTransactionType):
        decode_transaction(core_transfer(**fields), CHAIN_ID)


def test_a_receipt_in_the_familys_words() -> None:
    """A status of zero is success there."""
    receipt = {
        "status": "0x1",
        "gasUsed": "0x5208",
        "effectiveGasPrice": "0x2",
        "transactionIndex": "0x0",
        "blockHash": "0x" + "00" * 32,
        "blockNumber": "0x9",
        "logsBloom": "0x",
    }
    transfer = CoreTransfer.read(core_transfer())
    shown = receipt_members(transfer, receipt, 10)
    assert (shown["outcomeStatus"], shown["gasFee"], shown["epochNumber"]) == (
        "0x0",
        "0xa410",
        "0x9",
    )
    assert receipt_members(transfer, receipt | {"status": "0x0"}, 10)["outcomeStatus"] == "0x1"
    assert replace(transfer, value=2).members(10)["value"] == "0x2"
