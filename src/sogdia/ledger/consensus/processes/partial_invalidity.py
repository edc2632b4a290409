"""Partial invalidity: a block that broke a rule about its past (protocol §3.4).

It stays in the graph and in the order, since others may have referred to it, but earns nothing, is
never a timer block, and counts only once it is old.
"""

from enum import Enum

from sogdia.ledger.consensus.processes.tree_graph import Graph, View
from sogdia.ledger.consensus.stores.blocks import GraphBlock


class Defect(Enum):
    """The rule that a partially invalid block broke."""

    WRONG_PARENT = "wrong_parent"
    """Following the weight from the settled block, in its own past, does not end at its parent."""
    WRONG_DIFFICULTY = "wrong_difficulty"
    WRONG_ADAPTIVE_FLAG = "wrong_adaptive_flag"


def has_right_parent(
    *, parent: GraphBlock | None, confirmed: GraphBlock, view: View, graph: Graph
) -> bool:
    """Tell whether `parent` is where the pivot chain of the past `view` ends."""
    return parent is not None and graph.is_heaviest_path(view, confirmed.index, parent.index)


def has_right_difficulty(*, parent: GraphBlock, difficulty: int) -> bool:
    """Tell whether a child of `parent` has the difficulty that its history demands."""
    return difficulty == parent.child_difficulty
