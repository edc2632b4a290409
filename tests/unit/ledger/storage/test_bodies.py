"""Transactions are kept once, in rows of their block, and found there by whoever executed them."""

import json

import pytest
from tests.unit.ledger.execution.builders import block, epoch, executor, sign, signer

from sogdia._core import Store
from sogdia.ledger.execution.errors import DamagedState
from sogdia.ledger.primitives.rlp import encode
from sogdia.ledger.storage.database import Database
from sogdia.ledger.storage.tables import bodies
from sogdia.ledger.storage.tables.bodies import Bodies

BLOCK = bytes(range(32))


@pytest.mark.parametrize("count", [0, 1, 31, 32, 33, 64, 65, 300])
def test_a_body_is_what_was_put(count: int) -> None:
    """Also strings of one byte, which encode to themselves, and another block's rows beside."""
    raws = [bytes([number % 256]) * (1 + number % 3) for number in range(count)]
    store = Database.in_memory().store
    other = BLOCK[:31] + b"\xff"
    store.commit([*bodies.put(BLOCK, raws), *bodies.put(other, [b"other"])])
    assert Bodies(store).find(BLOCK) == encode(raws)
    store.commit(Bodies(store).deletions(BLOCK))
    assert Bodies(store).find(BLOCK) is None
    assert Bodies(store).find(other) == encode([b"other"])
    assert len(store.range(bodies.TABLE.name)) == 1


def test_a_body_with_a_missing_row_is_none() -> None:
    """Half a block is no block."""
    store = Database.in_memory().store
    store.commit(bodies.put(BLOCK, [b"raw"] * 70))
    store.commit([(bodies.TABLE.name, BLOCK + b"\x00\x01", None)])
    assert Bodies(store).find(BLOCK) is None


def test_signed_bytes_are_in_one_row_and_read_from_there() -> None:
    """Two blocks that share transactions, one left out between: every receipt finds its own."""
    store, rich = Store.memory([]), signer(1)
    sent = [sign(rich, nonce) for nonce in range(90)]
    left_out = sign(rich, 500)
    first = block("first", [*sent[:40], left_out, *sent[40:50]])
    pivot = block("pivot", [*sent[45:50], *sent[50:]])
    engine = executor(rich, store=store)
    store.commit(bodies.put(first.hash, [each.raw for each in first.transactions]))
    assert engine.execute_epoch(epoch(1, first, pivot)).executed == 90
    for index, each in enumerate(sent):
        assert engine.raw_transaction(each.hash) == each.raw
        receipt = json.loads(engine.receipt_json(each.hash) or b"")
        assert int(receipt["transactionIndex"], 16) == index
        assert int(receipt["cumulativeGasUsed"], 16) == 21_000 * (index + 1)
        found = engine.locate(each.hash)
        assert found is not None
        assert found.block == (first.hash if index < 50 else pivot.hash)
    whole = json.loads(engine.receipts_json(1) or b"")
    assert whole == [json.loads(engine.receipt_json(each.hash) or b"") for each in sent]
    rows = [row for table in store.tables() for _, row in store.range(table)]
    assert all(sum(each.raw in row for row in rows) == 1 for each in [*sent[:45], *sent[50:]])
    # The executor brought the body that nobody had stored.
    assert Bodies(store).find(pivot.hash) == encode([each.raw for each in pivot.transactions])


def test_a_receipt_whose_transaction_is_gone_is_damage() -> None:
    """It is not taken for a transaction that nobody knows."""
    store, rich = Store.memory([]), signer(1)
    engine, sent = executor(rich, store=store), sign(rich, 0)
    pivot = block("pivot", [sent])
    engine.execute_epoch(epoch(1, pivot))
    store.commit([(bodies.TABLE.name, pivot.hash, None)])
    with pytest.raises(DamagedState, match="body"):
        engine.receipt_json(sent.hash)
