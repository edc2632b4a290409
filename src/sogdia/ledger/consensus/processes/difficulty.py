"""The difficulty of the next blocks (protocol §3.8, CIP-86).

It is adjusted at every height that is a multiple of the period, from the number of blocks that the
epochs of the period hold and the time that their pivot blocks span.
"""

from sogdia.ledger.consensus.processes.tree_graph import Graph
from sogdia.ledger.consensus.stores.blocks import GraphBlock
from sogdia.ledger.params.consensus import ConsensusParams


def compute_child_difficulty(block: GraphBlock, graph: Graph, params: ConsensusParams) -> int:
    """Return the difficulty of the children of `block`, which has been judged.

    Beside the subtree of the era genesis no block is valid, whatever its difficulty, and a period
    may reach back to what is forgotten: nothing is measured there.
    """
    period = params.difficulty_period
    parent = block.parent
    if period == 0 or parent is None or not block.is_inside:
        return block.child_difficulty or params.initial_difficulty
    if block.height % period != 0:
        return parent.child_difficulty
    count, span_s = _measure_period(block, graph, period)
    return adjust_difficulty(
        parent.child_difficulty, block_count=count, span_s=span_s, params=params
    )


def adjust_difficulty(
    difficulty: int, *, block_count: int, span_s: int, params: ConsensusParams
) -> int:
    """Return the difficulty after a period of `block_count` blocks that took `span_s` seconds."""
    interval_us = params.target_block_interval_ms * 1000
    measured = difficulty * interval_us * max(block_count - 1, 0) // (1_000_000 * max(span_s, 1))
    smoothed = difficulty // 5 * 4 + measured // 5
    bounded = min(max(smoothed, difficulty // 2), difficulty + difficulty // 2)
    return max(bounded, params.initial_difficulty)


def _measure_period(end: GraphBlock, graph: Graph, period: int) -> tuple[int, int]:
    """Return how many blocks of the era the last `period` epochs on the way to `end` hold, and how
    many seconds their pivot blocks span.

    Blocks of an earlier era that were referred to late do not count: a node that joined at the
    checkpoint does not know them (ADR 0024).
    """
    block = end
    earliest = latest = end.timestamp
    for _ in range(period):
        earliest, latest = min(earliest, block.timestamp), max(latest, block.timestamp)
        assert block.parent is not None, "a period does not reach beyond its era"
        block = block.parent
    era, _, count = graph.era(end.index)
    era_before, _, count_before = graph.era(block.index)
    if era_before == era:
        count -= count_before
    else:
        count += 1  # `end` itself; what was subtracted above includes the block before the period
    return count, latest - earliest
