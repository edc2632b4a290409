"""Transactions: what is read, who signed, and that each broken rule has its own error."""

import pytest
from eth_account import Account
from tests.unit.ledger.primitives.signing import ALL_KINDS, CHAIN_ID, SENDER

from sogdia.ledger.primitives.transaction import (
    decode_transaction,
    decode_transactions,
    validate_limits,
)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_every_kind_is_read_with_its_sender(kind: str) -> None:
    """eth-account signs, and knows hash and signer by its own code."""
    raw = ALL_KINDS[kind]
    transaction = decode_transaction(raw, CHAIN_ID)
    assert transaction.raw == raw
    assert transaction.size == len(raw)
    assert transaction.sender == SENDER
    assert Account.recover_transaction(raw).lower() == "0x" + SENDER.hex()
    assert transaction.chain_id == (None if kind == "legacy without chain id" else CHAIN_ID)
    validate_limits(transaction)


def test_a_batch_keeps_its_order_on_several_threads() -> None:
    """Refusals stand where their transaction stood."""
    raws = [*ALL_KINDS.values(), b"\x03", b""] * 20
    alone = decode_transactions(raws, CHAIN_ID)
    together = decode_transactions(raws, CHAIN_ID, threads=2)
    assert list(map(repr, alone)) == list(map(repr, together))
    assert len(alone) == len(raws)
