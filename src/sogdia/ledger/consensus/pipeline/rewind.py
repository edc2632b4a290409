"""Forgetting the blocks that arrived last: what a development chain does to return to a snapshot.

Z1  What is left on disk is what was there before those blocks arrived.
"""

from sogdia.ledger.storage.table import Change, Writer
from sogdia.ledger.storage.tables import arrivals, bodies, graph, headers


def rewind_changes(store: Writer, arrival: int) -> tuple[list[bytes], list[Change]]:
    """Return every block that arrived as number `arrival` or later, and the batch that forgets
    them."""
    hashes: list[bytes] = []
    rows: list[Change] = []
    reader, kept = arrivals.Arrivals(store), bodies.Bodies(store)
    start = arrival
    while page := reader.page(start):
        for number, block in page:
            hashes.append(block)
            rows += [
                headers.delete(block),
                *kept.deletions(block),
                arrivals.delete(number),
                graph.delete(number),
            ]
        start = page[-1][0] + 1
    return hashes, rows
