"""The Tree-Graph with all its rules: blocks go in by what the graph needs of a header.

The engine puts headers, bodies and the disk around it; vectors and benchmarks feed it directly.
"""

from collections.abc import Sequence

from sogdia.ledger.consensus.pipeline.checkpoint import advance_eras
from sogdia.ledger.consensus.pipeline.forget import forget_chain
from sogdia.ledger.consensus.pipeline.graph import GraphChange, add_to_graph, insert_genesis
from sogdia.ledger.consensus.pipeline.state import GraphState
from sogdia.ledger.consensus.stores.blocks import GraphBlock
from sogdia.ledger.params.consensus import ConsensusParams


class TreeGraph:
    """The graph from the era genesis on. One thread at a time."""

    def __init__(
        self,
        params: ConsensusParams,
        genesis_hash: bytes,
        *,
        difficulty: int,
        timestamp: int = 0,
    ) -> None:
        self.state = GraphState(params)
        genesis = GraphBlock(
            hash=genesis_hash,
            parent=None,
            referees=(),
            height=0,
            difficulty=difficulty,
            timestamp=timestamp,
            is_timer=False,
            is_heavy=False,
            is_adaptive=False,
        )
        insert_genesis(self.state, genesis)

    @classmethod
    def resume(cls, state: GraphState) -> "TreeGraph":
        """Go on with a graph that was rebuilt."""
        graph = cls.__new__(cls)
        graph.state = state
        return graph

    def __len__(self) -> int:
        return len(self.state.blocks)

    def insert(
        self,
        *,
        hash: bytes,
        parent: bytes,
        referees: Sequence[bytes],
        difficulty: int,
        quality: int,
        is_adaptive: bool,
        timestamp: int = 0,
        height: int | None = None,
        arrival: int = -1,
    ) -> GraphChange:
        """Insert a block whose references the graph holds or has forgotten at a checkpoint.

        `quality` is the difficulty that its proof of work would meet. `height` is needed only when
        the parent is forgotten.
        """
        state = self.state
        parent_block = state.blocks.find(parent)
        known = tuple(block for block in map(state.blocks.find, referees) if block is not None)
        if parent_block is None and not known:
            return GraphChange()  # in the future of nothing that is kept: nobody needs a verdict
        if height is None:
            height = 0 if parent_block is None else parent_block.height + 1
        block = GraphBlock(
            hash=hash,
            parent=parent_block,
            referees=(),
            height=height,
            difficulty=difficulty,
            timestamp=timestamp,
            is_timer=quality >= state.params.timer_ratio * difficulty,
            is_heavy=quality >= state.params.heavy_ratio * difficulty,
            is_adaptive=is_adaptive,
        )
        block.arrival = arrival
        change = add_to_graph(state, block, known)
        change.block = block
        if change.activated:  # the clock may have moved although the pivot chain did not
            self.state = advance_eras(state, change)
        return change

    def forget_last(self, count: int) -> bool:
        """Forget the last `count` blocks, if they are a chain; tell whether they were."""
        return forget_chain(self.state, self.tip(), count)

    def find(self, block_hash: bytes) -> GraphBlock | None:
        """Return a block of the graph, None if it does not hold it."""
        return self.state.blocks.find(block_hash)

    def pivot_span(self) -> tuple[int, int]:
        """Return lowest and highest height of the pivot chain."""
        span = self.state.graph.pivot_span()
        assert span is not None, "the era genesis is always on the pivot chain"
        return span

    def pivot_at(self, height: int) -> GraphBlock:
        """Return the pivot block at a height that the chain spans."""
        return self.state.blocks.at(self.state.graph.pivot_at(height))

    def tip(self) -> GraphBlock:
        """Return the last pivot block."""
        return self.pivot_at(self.pivot_span()[1])

    def epoch(self, height: int) -> list[GraphBlock]:
        """Return the whole epoch at a height that the pivot chain spans, in order."""
        return self.state.blocks.at_all(self.state.graph.epoch_order(height))
