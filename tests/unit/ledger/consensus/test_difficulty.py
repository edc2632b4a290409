"""The difficulty of every block's children, against a count over sets of blocks.

Written from protocol §3.8 and ADR 0024: the blocks of the block's own era that its period has added
to the past, and the seconds that the period's blocks on the way to it span.
"""

import random

from tests.seed import SEED

from sogdia.ledger.consensus.pipeline.tree_graph import TreeGraph
from sogdia.ledger.params.consensus import ConsensusParams

PERIOD, ERA, BLOCKS = 4, 12, 140
PARAMS = ConsensusParams(
    timer_ratio=3,
    timer_beta=50,  # no checkpoint in so short a graph: all blocks stay to be counted
    heavy_ratio=5,
    adaptive_beta=5,
    era_epoch_count=ERA,
    initial_difficulty=1_000,
    difficulty_period=PERIOD,
    target_block_interval_ms=1_500,
    activation_is_immediate=True,
    adaptive_is_computed=True,
)


class Count:
    """Blocks by number: parents, pasts as sets, heights, times, and what their children owe."""

    def __init__(self) -> None:
        self.parents = [-1]
        self.pasts: list[set[int]] = [set()]
        self.heights, self.times = [0], [0]
        self.owed = [PARAMS.initial_difficulty]

    def ancestor(self, block: int, steps: int) -> int:
        """Return the ancestor so many steps above a block."""
        for _ in range(steps):
            block = self.parents[block]
        return block

    def era(self, block: int) -> int:
        """Return the block at the era's beginning from which a block descends; -1: the genesis."""
        block = self.parents[block]
        while block > 0 and self.heights[block] % ERA:
            block = self.parents[block]
        return block

    def add(self, parent: int, referees: list[int], time: int) -> None:
        """Add a block, and compute what its children owe."""
        block = len(self.parents)
        past = set[int]().union(*(self.pasts[i] | {i} for i in (parent, *referees)))
        self.parents.append(parent)
        self.pasts.append(past)
        self.heights.append(self.heights[parent] + 1)
        self.times.append(time)
        difficulty = self.owed[parent]
        if self.heights[block] % PERIOD:
            self.owed.append(difficulty)
            return
        before = self.ancestor(block, PERIOD)
        added = (past | {block}) - self.pasts[before] - {before}
        count = sum(self.era(i) == self.era(block) for i in added)
        way = [self.times[self.ancestor(block, steps)] for steps in range(PERIOD)]
        span_us = max(max(way) - min(way), 1) * 1_000_000
        measured = difficulty * 1_500_000 * (count - 1) // span_us
        smoothed = difficulty // 5 * 4 + measured // 5
        clamped = min(max(smoothed, difficulty // 2), difficulty + difficulty // 2)
        self.owed.append(max(clamped, PARAMS.initial_difficulty))


def test_what_children_owe_follows_from_the_sets() -> None:
    """Random graphs of several eras; old blocks are referred to late. The seed is printed."""
    print(f"seed {SEED}")
    for number in range(6):
        chance = random.Random(f"{SEED} {number}")
        keys = [chance.randbytes(32) for _ in range(BLOCKS + 1)]
        count, graph = Count(), TreeGraph(PARAMS, keys[0], difficulty=PARAMS.initial_difficulty)
        for block in range(1, BLOCKS + 1):
            parent = max(0, block - chance.choice((1, 1, 1, 1, 2, 3, 9)))
            others = chance.sample(range(block), min(block, chance.choice((0, 0, 1, 2))))
            referees = [other for other in others if other != parent]
            time = count.times[parent] + chance.choice((0, 0, 1, 2, 5))
            count.add(parent, referees, time)
            graph.insert(
                hash=keys[block],
                parent=keys[parent],
                referees=[keys[other] for other in referees],
                difficulty=count.owed[parent],
                quality=count.owed[parent] * chance.choice((1, 1, 3, 5)),
                is_adaptive=False,
                timestamp=time,
            )
            found = graph.find(keys[block])
            assert found is not None
            assert found.child_difficulty == count.owed[block], (SEED, number, block)
        assert len(set(count.owed)) > 3, "the difficulty moves"
        assert max(count.heights) > 2 * ERA
