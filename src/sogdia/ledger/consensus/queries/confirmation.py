"""How settled the pivot blocks are, for users (`processes/confirmation_meter.py` has the rule)."""

from collections import deque
from fractions import Fraction

from sogdia.ledger.consensus.pipeline.graph import GraphChange
from sogdia.ledger.consensus.pipeline.tree_graph import TreeGraph
from sogdia.ledger.consensus.processes.confirmation_meter import (
    CONFIRMED_RISK,
    EPOCHS_MAX,
    TIP_DISTANCE,
    Lead,
    recent_since,
    reversal_risk,
)
from sogdia.ledger.consensus.processes.weights import compute_weight


class ConfirmationMeter:
    """Measures leads on the graph as it is, with the weight that lately arrived set against it."""

    def __init__(self) -> None:
        self._arrived: deque[tuple[int, int]] = deque()  # (seconds, weight) of active blocks
        self._recent = 0
        self._lowest = 0
        self._cumulative: list[int] = []  # weight of the epochs from `_lowest` up to each height

    def on_change(self, tree: TreeGraph, change: GraphChange, *, now_s: int) -> None:
        """Count what a submitted block activated."""
        for block in change.activated:
            weight = compute_weight(block, tree.state.params)
            self._arrived.append((now_s, weight))
            self._recent += weight
        self._expire(now_s)
        if change.dropped:
            self._cumulative.clear()
        elif change.first_changed_height is not None:
            del self._cumulative[max(change.first_changed_height - self._lowest, 0) :]

    def on_rewind(self, first: int) -> None:
        """Follow the graph, which has forgotten its last blocks: nothing arrived lately, and the
        epochs below height `first` are as they were."""
        self._arrived.clear()
        self._recent = 0
        del self._cumulative[max(first - self._lowest, 0) :]

    def risk(self, tree: TreeGraph, height: int, *, now_s: int) -> Fraction:
        """Return an upper bound of the risk that the pivot block at `height` is reversed."""
        self._expire(now_s)
        lowest, highest = tree.pivot_span()
        if height <= max(lowest, highest - EPOCHS_MAX):
            return CONFIRMED_RISK
        graph, params = tree.state.graph, tree.state.params
        block = tree.pivot_at(height)
        return reversal_risk(
            Lead(
                total=graph.subtree_weight(tree.state.era_genesis.index),
                subtree=graph.subtree_weight(block.index),
                heaviest_sibling=graph.heaviest_sibling(block.index) or 0,
                past=self._epochs_weight(tree, height) - compute_weight(block, params),
                recent=self._recent,
                difficulty=block.difficulty,
            )
        )

    def confirmed_height(self, tree: TreeGraph, *, now_s: int) -> int:
        """Return the height below the highest confirmed pivot block."""
        lowest, highest = tree.pivot_span()
        for height in range(highest - TIP_DISTANCE, max(lowest, highest - EPOCHS_MAX), -1):
            if self.risk(tree, height, now_s=now_s) <= CONFIRMED_RISK:
                return max(height - 1, lowest)
        return max(lowest, highest - EPOCHS_MAX - 1)

    def _epochs_weight(self, tree: TreeGraph, height: int) -> int:
        """Return the weight of all blocks of the epochs up to `height`."""
        lowest, _ = tree.pivot_span()
        if lowest != self._lowest:
            self._lowest = lowest
            self._cumulative.clear()
        params = tree.state.params
        while len(self._cumulative) <= height - lowest:
            number = lowest + len(self._cumulative)
            below = self._cumulative[-1] if self._cumulative else 0
            weight = sum(compute_weight(block, params) for block in tree.epoch(number))
            self._cumulative.append(below + weight)
        return self._cumulative[height - lowest]

    def _expire(self, now_s: int) -> None:
        while self._arrived and self._arrived[0][0] < recent_since(now_s):
            self._recent -= self._arrived.popleft()[1]
