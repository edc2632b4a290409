"""Headers of every shape, and a block."""

from dataclasses import replace

from tests.unit.ledger.primitives.signing import ALL_KINDS, CHAIN_ID

from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.primitives.transaction import decode_transaction

PLAIN = Header(
    parent=b"\x01" * 32,
    height=300,
    timestamp=1_700_000_000,
    author=b"\x02" * 20,
    transactions_root=b"\x03" * 32,
    deferred_state_root=b"\x04" * 32,
    deferred_receipts_root=b"\x05" * 32,
    deferred_logs_bloom_hash=b"\x06" * 32,
    blame=0,
    difficulty=1_000_000,
    is_adaptive=False,
    gas_limit=60_000_000,
    nonce=2**200 + 1,
)
HEADERS = (
    PLAIN,
    replace(PLAIN, custom=(b"\x04",), base_price=(1, 20 * 10**9), is_adaptive=True, blame=3),
    replace(PLAIN, pos_reference=b"\x07" * 32, referees=(b"\x08" * 32, b"\x09" * 32)),
    replace(PLAIN, pos_reference=b"\x07" * 32, base_price=(0, 0), custom=(b"", b"four" * 8)),
)


def block() -> Block:
    """Return a block with one transaction of each kind."""
    raws = ALL_KINDS.values()
    return Block(HEADERS[1], tuple(decode_transaction(raw, CHAIN_ID) for raw in raws))
