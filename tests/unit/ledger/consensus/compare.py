"""Feed a graph of the twin to the engine's rules, and name every difference."""

from collections.abc import Iterable, Iterator

from tests.reference.graph_shapes import DIFFICULTY, Recipe
from tests.reference.tree_graph import Node, ReferenceGraph

from sogdia.ledger.consensus.api import BlockStatus
from sogdia.ledger.consensus.pipeline.tree_graph import TreeGraph
from sogdia.ledger.consensus.stores.blocks import Stage


def feed(twin: ReferenceGraph, recipes: list[Recipe], order: Iterable[int]) -> TreeGraph:
    """Return the engine's graph of the recipes, inserted in `order`."""
    keys = [node.key for node in twin.nodes]
    graph = TreeGraph(twin.params, keys[0], difficulty=DIFFICULTY)
    for position in order:
        recipe = recipes[position]
        graph.insert(
            hash=recipe.key,
            parent=keys[recipe.parent],
            referees=[keys[referee] for referee in recipe.referees],
            difficulty=DIFFICULTY,
            quality=recipe.quality,
            is_adaptive=recipe.says_adaptive,
            height=twin.nodes[recipe.parent].height + 1,
        )
    return graph


def differences(graph: TreeGraph, twin: ReferenceGraph) -> Iterator[str]:
    """Yield what the two conclude differently."""
    for node in twin.nodes[1:]:
        block = graph.find(node.key)
        if block is None:
            continue  # forgotten at a checkpoint
        if node.is_judged:
            expected = (node.is_active, _status(node), node.is_adaptive)
            actual = (block.stage is Stage.ACTIVE, block.status, block.is_adaptive)
            if actual != expected:
                yield f"block {node.index}: {actual} is not {expected}"
            if block.is_inside and block.child_difficulty != node.owed:
                yield f"block {node.index}: children owe {block.child_difficulty}, not {node.owed}"
            yield from _timer_differences(graph, twin, node)
        elif block.status is not BlockStatus.PENDING:
            yield f"block {node.index}: judged, and pending in the twin"
    yield from _pivot_differences(graph, twin)


def _status(node: Node) -> BlockStatus:
    return BlockStatus.VALID if node.is_valid else BlockStatus.PARTIALLY_INVALID


def _timer_differences(graph: TreeGraph, twin: ReferenceGraph, node: Node) -> Iterator[str]:
    block = graph.find(node.key)
    assert block is not None
    last = None if block.last_timer is None else block.last_timer
    expected = None if node.last_timer is None else twin.nodes[node.last_timer].key
    if last is not None and last.block is not None and last.block.hash != expected:
        yield f"block {node.index}: last timer differs"
    if block.timer_difficulty != node.timer_total:
        yield f"block {node.index}: timer total {block.timer_difficulty}, not {node.timer_total}"


def _pivot_differences(graph: TreeGraph, twin: ReferenceGraph) -> Iterator[str]:
    lowest, highest = graph.pivot_span()
    chain = [twin.nodes[index].key for index in twin.pivot_chain()]
    actual = [graph.pivot_at(height).hash for height in range(lowest, highest + 1)]
    if actual != chain[lowest:]:
        yield f"pivot chain of {len(actual)} from {lowest} differs from {len(chain)}"
        return
    epochs = twin.epochs()
    for height in range(lowest + 1, highest + 1):
        order = [block.hash for block in graph.epoch(height)]
        kept = [twin.nodes[i].key for i in epochs[height] if graph.find(twin.nodes[i].key)]
        if order != kept:
            yield f"epoch {height} differs"
    weights = twin.subtree_weights(twin.active())
    for node in twin.nodes:
        block = graph.find(node.key)
        if block is not None and block.is_active and block.is_inside:
            weight = graph.state.graph.subtree_weight(block.index)
            if weight != weights.get(node.index):
                yield f"block {node.index}: subtree weighs {weight} in the engine"
    if graph.state.stable_genesis.hash != twin.nodes[twin.stable].key:
        yield "stable genesis differs"
