"""What is always true of a pool, checked from nothing."""

from sogdia.ledger.mempool.content import PoolContent
from sogdia.ledger.mempool.pool import Pool
from sogdia.ledger.mempool.sender import Entry, SenderQueue


def content_of(pool: Pool) -> PoolContent:
    """Return the inside of a pool."""
    return pool._content


def rows(pool: Pool) -> list[list[Entry]]:
    """Return per sender the ready transactions that no block contains."""
    return [
        [
            sender.entries[nonce]
            for nonce in range(sender.nonce, sender.ready_end)
            if not sender.entries[nonce].is_packed
        ]
        for sender in content_of(pool).senders.values()
    ]


def check(pool: Pool) -> None:
    """Assert the invariants of pool, content and senders (their labels are in the modules)."""
    content = content_of(pool)
    entries = [e for sender in content.senders.values() for e in sender.entries.values()]
    assert {entry.hash for entry in entries} == set(content.by_hash), "P1"
    assert len(entries) == len(content.by_hash), "P1"
    ready = sum(sender.ready_count for sender in content.senders.values())
    assert (ready, len(entries) - ready) == (content.ready_count, content.queued_count), "P2"
    assert all(sender.entries for sender in content.senders.values()), "P3"
    for address, sender in content.senders.items():
        assert sender.address == address
        check_sender(sender)
        head = sender.first_to_pack()
        assert sender.head is head, "the order holds the head"
        assert head is None or head.in_order or head in content.order._selected, "O1"


def check_sender(sender: SenderQueue) -> None:
    """Assert S1 to S3, and that the ready row is as long as it can be."""
    entries = sender.entries
    assert all(nonce == entry.nonce >= sender.nonce for nonce, entry in entries.items()), "S1"
    row = [entries[nonce] for nonce in range(sender.nonce, sender.ready_end)]
    assert len(row) <= sender.ready_max, "S2"
    assert sender.ready_cost == sum(entry.cost for entry in row), "S3"
    assert sender.total_cost == sum(entry.cost for entry in entries.values()), "S3"
    assert sender.ready_cost <= sender.balance or row[-1].is_packed, "S2"
    following = entries.get(sender.ready_end)
    if following is not None and len(row) < sender.ready_max:
        assert sender.ready_cost + following.cost > sender.balance, "the row ends for a reason"
    first = next((entry for entry in row if not entry.is_packed), None)
    assert sender.first_to_pack() is first
    assert not entries or sender.last_nonce == max(entries)
