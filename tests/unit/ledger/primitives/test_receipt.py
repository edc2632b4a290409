"""Receipts, logs and bloom filters: round trips, and the roots that the executor commits."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reference import rlp as twin
from tests.unit.ledger.execution.builders import (
    GWEI,
    STORE_AND_LOG,
    block,
    epoch,
    executor,
    sign,
    signer,
)

from sogdia.ledger.execution.api import GenesisAccount
from sogdia.ledger.primitives import errors
from sogdia.ledger.primitives.bloom import EMPTY_BLOOM, bloom_of, may_contain
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.log import Log
from sogdia.ledger.primitives.receipt import Receipt
from sogdia.ledger.primitives.roots import receipts_root

HASHES = st.binary(min_size=32, max_size=32)
LOGS = st.builds(
    Log,
    st.binary(min_size=20, max_size=20),
    st.lists(HASHES, max_size=4).map(tuple),
    st.binary(max_size=70),
)
RECEIPTS = st.builds(
    Receipt,
    st.booleans(),
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**256 - 1),
    st.lists(LOGS, max_size=3).map(tuple),
)


@given(RECEIPTS)
def test_a_receipt_survives_its_encoding(receipt: Receipt) -> None:
    """And is the list that it says it is."""
    data = receipt.encode()
    assert Receipt.decode(data) == receipt
    fields: Any = twin.decode(data)
    assert [int.from_bytes(field, "big") for field in fields[:3]] == [
        receipt.is_success,
        receipt.cumulative_gas_used,
        receipt.gas_price,
    ]
    assert fields[3] == [[log.address, list(log.topics), log.data] for log in receipt.logs]


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ([b"\x02", b"", b"", []], errors.InvalidFlag),
        ([b"\x01", b"\x01" * 9, b"", []], errors.IntegerTooLarge),
        ([b"\x01", b"", b"\x00", []], errors.NonMinimalInteger),
        ([b"\x01", b"", b""], errors.WrongItemCount),
        ([b"\x01", b"", b"", [[bytes(19), [], b""]]], errors.WrongLength),
        ([b"\x01", b"", b"", [[bytes(20), [bytes(31)], b""]]], errors.WrongLength),
        ([b"\x01", b"", b"", [[bytes(20), [bytes(32)] * 5, b""]]], errors.WrongItemCount),
        ([b"\x01", b"", b"", [[bytes(20), b"", b""]]], errors.UnexpectedString),
        ([b"\x01", b"", b"", [[bytes(20), [], []]]], errors.UnexpectedList),
    ],
)
def test_a_broken_receipt_is_refused(fields: Any, kind: type[errors.InvalidEncoding]) -> None:
    """Each by its own rule."""
    with pytest.raises(kind):
        Receipt.decode(twin.encode(fields))


@given(st.lists(LOGS, max_size=5), st.binary(min_size=20, max_size=20))
def test_a_bloom_filter_never_misses(logs: list[Log], other: bytes) -> None:
    """A value under it is always found; of an empty one nothing is."""
    bloom = bloom_of(logs)
    for log in logs:
        assert all(may_contain(bloom, value) for value in (log.address, *log.topics))
    assert not may_contain(EMPTY_BLOOM, other)
    assert bloom_of([]) == EMPTY_BLOOM


def test_three_bits_stand_where_the_yellow_paper_puts_them() -> None:
    """Counted from the end of the 256 bytes, by the low 11 bits of three pairs of the hash."""
    value = b"\x0f" * 20
    digest = keccak256(value)
    expected = bytearray(256)
    for pair in (digest[0:2], digest[2:4], digest[4:6]):
        bit = int.from_bytes(pair, "big") % 2048
        expected[255 - bit // 8] |= 1 << bit % 8
    assert bloom_of([Log(value, (), b"")]) == bytes(expected)


def test_the_executor_commits_to_these_receipts_and_this_bloom() -> None:
    """Two blocks of an epoch: a log, a transfer, a failure; roots built again from values."""
    contract = b"\xcc" * 20
    engine = executor(
        signer(1),
        signer(2),
        accounts=[
            GenesisAccount(contract, code=STORE_AND_LOG),
            GenesisAccount(b"\xdd" * 20, code=b"\xfe"),
        ],
    )
    word = (77).to_bytes(32, "big")
    first = sign(signer(1), 0, to=contract, data=word)
    plain = sign(signer(2), 0)
    failing = sign(signer(1), 1, to=b"\xdd" * 20, gas=60_000)
    outcome = engine.execute_epoch(epoch(1, block("a", [first, plain]), block("b", [failing])))

    gas = outcome.gas_used - 60_000 - 21_000  # the failure burns all, the transfer its 21,000
    log = Log(contract, (b"\0" * 31 + b"\xaa",), word)
    price = 2 * GWEI  # base and tip
    receipts = [
        [Receipt(True, gas, price, (log,)), Receipt(True, gas + 21_000, price)],
        [Receipt(False, gas + 81_000, price)],
    ]
    leaves = [[receipt.encode() for receipt in row] for row in receipts]
    assert outcome.roots.receipts_root == receipts_root(leaves)
    assert outcome.roots.logs_bloom_hash == keccak256(bloom_of([log]))
