"""Everything that the rules know between two blocks, in one place."""

from sogdia.ledger.consensus.processes.tree_graph import Graph
from sogdia.ledger.consensus.stores.blocks import BlockStore, GraphBlock
from sogdia.ledger.consensus.stores.timers import TimerChain
from sogdia.ledger.params.consensus import ConsensusParams


class GraphState:
    """The graph from the era genesis on. Only the pipeline changes it."""

    era_genesis: GraphBlock
    stable_genesis: GraphBlock

    def __init__(self, params: ConsensusParams) -> None:
        self.params = params
        self.graph = Graph(params.era_epoch_count)
        self.blocks = BlockStore()
        self.timer_chain = TimerChain()
        self.terminals: dict[bytes, GraphBlock] = {}
        """Active blocks that no active block refers to, in the order in which they began to
        count."""
        self.held: list[tuple[int, int, GraphBlock]] = []
        """A heap of partially invalid blocks by the length of the timer chain they wait for."""
        self.missing_count: dict[bytes, int] = {}
        """Waiting blocks: how many of the blocks they refer to are not active."""
        self.dependents: dict[bytes, list[GraphBlock]] = {}
        """Who waits for a block."""
