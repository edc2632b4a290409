"""Choosing a block's transactions by looking at every sender for every choice."""

from collections.abc import Sequence

from sogdia.ledger.mempool.order import GAS_MIN, MISFITS_MAX, price_at
from sogdia.ledger.mempool.sender import Entry


def select(
    rows: Sequence[Sequence[Entry]], *, gas: int, size: int, count: int, base_price: int
) -> list[Entry]:
    """Return the best transactions; `rows` holds each sender's ready ones that no block has."""
    waiting = [list(row) for row in rows]
    chosen: list[Entry] = []
    misfits = 0
    while len(chosen) < count and gas >= GAS_MIN and misfits < MISFITS_MAX:
        heads = [row for row in waiting if row and row[0].cap >= base_price]
        if not heads:
            break
        best = min(heads, key=lambda row: (-price_at(row[0], base_price), row[0].turn))
        entry = best[0]
        if entry.gas_limit > gas or entry.size > size:
            misfits += 1
            best.clear()
            continue
        chosen.append(best.pop(0))
        gas -= entry.gas_limit
        size -= entry.size
    return chosen
