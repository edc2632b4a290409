"""The one batch that a block causes: header, body, arrival, and what the graph concluded.

C1  Nothing is acknowledged before its batch is written; a batch is all or nothing.
"""

from sogdia.ledger.consensus.pipeline.graph import GraphChange
from sogdia.ledger.consensus.pipeline.state import GraphState
from sogdia.ledger.consensus.stores.blocks import GraphBlock
from sogdia.ledger.consensus.stores.graph_rows import encode_row
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.storage.table import Change
from sogdia.ledger.storage.tables import arrivals, bodies, graph, headers, progress, settled

ERAS = "consensus.eras"
"""Fact in the `progress` table: hash of the era genesis, then of the stable genesis."""

ANCHOR = "consensus.valid_state"
"""Fact in the `progress` table: hash of a block that committed right roots, so that a start need
not judge all headers since the era genesis."""

WRONG = "consensus.wrong_state"
"""Fact in the `progress` table: which blocks committed wrong roots and may become the era genesis,
as `StateVotes.wrong_rows` gives it."""


def block_changes(
    block: Block, arrival: int, change: GraphChange, state: GraphState
) -> list[Change]:
    """Return the batch that stores `block`, which arrived as number `arrival`."""
    rows: list[Change] = [
        headers.put(block.hash, block.header.encode()),
        *bodies.put(block.hash, [transaction.raw for transaction in block.transactions]),
        arrivals.put(arrival, block.hash),
    ]
    rows.extend(graph_changes(change, state))
    return rows


def graph_changes(change: GraphChange, state: GraphState) -> list[Change]:
    """Return what an insertion changed of the graph's own tables."""
    rows: list[Change] = []
    gone = {block.arrival for block in change.dropped}
    told = (change.block, *change.wanted, *change.judged, *change.activated)
    touched = {block.arrival: block for block in told if block}
    rows.extend(
        graph.put(arrival, _row(block, state))
        for arrival, block in touched.items()
        if arrival not in gone
    )
    rows.extend(graph.delete(arrival) for arrival in sorted(gone))
    for number, blocks in change.settled:
        rows.extend(settled.put(number, blocks))
    if change.moved_eras:
        rows.append(eras_change(state))
    return rows


def eras_change(state: GraphState) -> Change:
    """Return the change that records era genesis and stable genesis."""
    return progress.put(ERAS, state.era_genesis.hash + state.stable_genesis.hash)


def _row(block: GraphBlock, state: GraphState) -> bytes:
    _, weight, count = state.graph.era(block.index)
    references = state.blocks.at_all(state.graph.predecessors(block.index))
    referees = references if block.parent is None else references[1:]
    return encode_row(block, referees, weight, count)


def genesis_changes(block: Block, state: GraphState) -> list[Change]:
    """Return the batch that begins a ledger."""
    state.era_genesis.arrival = 0
    change = GraphChange(block=state.era_genesis, moved_eras=True)
    return block_changes(block, 0, change, state)


def anchor_change(block_hash: bytes) -> Change:
    """Return the change that notes a block with right roots, for the next start."""
    return progress.put(ANCHOR, block_hash)


def wrong_change(rows: bytes) -> Change:
    """Return the change that notes era blocks with wrong roots, for the next start."""
    return progress.put(WRONG, rows)
