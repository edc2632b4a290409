"""Forgetting the blocks that arrived last: what a development chain does to return to a snapshot.

Z1  What is left on disk is what was there before those blocks arrived.
"""

from sogdia.ledger.storage.table import Change, Writer
from sogdia.ledger.storage.tables import arrivals, bodies, graph, headers


def rewind_changes(store: Writer, arrival: int) -> list[Change]:
    """Return the batch that forgets every block that arrived as number `arrival` or later."""
    rows: list[Change] = []
    reader, kept = arrivals.Arrivals(store), bodies.Bodies(store)
    start = arrival
    while page := reader.page(start):
        for number, block in page:
            rows += [
                headers.delete(block),
                *kept.deletions(block),
                arrivals.delete(number),
                graph.delete(number),
            ]
        start = page[-1][0] + 1
    return rows
