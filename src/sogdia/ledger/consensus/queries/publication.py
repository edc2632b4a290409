"""The outlook that the writer leaves for other threads, after every block."""

from sogdia.ledger.consensus.outlook import Epoch, Outlook
from sogdia.ledger.consensus.pipeline.graph import GraphChange
from sogdia.ledger.consensus.pipeline.tree_graph import TreeGraph
from sogdia.ledger.storage.tables.settled import SettledEpochs


class Publication:
    """Keeps one outlook up to date from when it is first asked for; nobody pays for it before."""

    def __init__(self, settled: SettledEpochs) -> None:
        self._settled = settled
        self._latest: Outlook | None = None

    def latest(self, tree: TreeGraph) -> Outlook:
        """Return the outlook after the last block. The first call is the writer's."""
        if self._latest is None:
            self._latest = self._begin(tree)
        return self._latest

    def on_change(self, tree: TreeGraph, change: GraphChange) -> None:
        """Follow the graph, which has taken a block and whose batch is written."""
        if self._latest is None:
            return
        if tree.state.era_genesis.height != self._latest.era_genesis_height:
            self._latest = self._begin(tree)
        elif change.activated:
            first = change.first_changed_height
            epochs = [] if first is None else _epochs(tree, first)
            self._latest = self._latest.changed(first, epochs, list(tree.state.terminals))

    def on_rewind(self, tree: TreeGraph, first: int) -> None:
        """Follow the graph, which has forgotten its last blocks; the pivot chain below height
        `first` is as it was."""
        if self._latest is None:
            return
        if first <= self._latest.era_genesis_height:
            self._latest = self._begin(tree)
        else:
            self._latest = self._latest.changed(first, [], list(tree.state.terminals))

    def _begin(self, tree: TreeGraph) -> Outlook:
        lowest = tree.state.era_genesis.height
        epochs, terminals = _epochs(tree, lowest), list(tree.state.terminals)
        return Outlook.begin(lowest, epochs, terminals, self._settled)


def _epochs(tree: TreeGraph, first: int) -> list[Epoch]:
    _, highest = tree.pivot_span()
    return [
        tuple(block.hash for block in tree.epoch(height)) for height in range(first, highest + 1)
    ]
