"""What the next block of an honest miner carries."""

from dataclasses import dataclass

from sogdia.ledger.consensus.api import BlockTemplate, DeferredRoots
from sogdia.ledger.consensus.pipeline.state import GraphState
from sogdia.ledger.consensus.pipeline.tree_graph import TreeGraph
from sogdia.ledger.consensus.processes.adaptive_weight import must_be_adaptive
from sogdia.ledger.consensus.processes.base_price import next_base_price
from sogdia.ledger.consensus.processes.force_confirmation import force_confirmed
from sogdia.ledger.consensus.processes.gas_limit import choose_gas_limit, space_gas_limits
from sogdia.ledger.consensus.processes.pivot import choose_parent
from sogdia.ledger.consensus.processes.timer_chain import find_timer_chain
from sogdia.ledger.consensus.processes.tree_graph import View
from sogdia.ledger.consensus.queries.state_votes import StateVotes
from sogdia.ledger.consensus.stores.blocks import GraphBlock
from sogdia.ledger.consensus.stores.chain_store import HeaderReader
from sogdia.ledger.params.consensus import ConsensusParams
from sogdia.ledger.primitives.header import Header


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the graph a block comes, and whether it must say that it is adaptive."""

    parent: GraphBlock
    referees: list[GraphBlock]
    is_adaptive: bool


def choose_place(tree: TreeGraph) -> Place:
    """Return where the next block comes.

    It refers to all terminals. Where timer chains tie, the rule for the past that this makes can
    lead elsewhere than the global one (ADR 0021). Then it refers to the pivot tip alone: a block on
    the other branch would commit a state that is not executed here.
    """
    state = tree.state
    references = choose_references(tree)
    parent, view = _choose(state, references)
    if parent is not references[0]:
        references = references[:1]
        parent, view = _choose(state, references)
    referees = [block for block in references if block is not parent]
    _, last_timer = find_timer_chain((parent, *referees))
    is_adaptive = must_be_adaptive(
        parent=parent,
        difficulty=parent.child_difficulty,
        last_timer=last_timer,
        confirmed=force_confirmed(last_timer, state.era_genesis),
        view=view,
        graph=state.graph,
        blocks=state.blocks,
        params=state.params,
    )
    return Place(parent, referees, is_adaptive)


def build_template(tree: TreeGraph, headers: HeaderReader, votes: StateVotes) -> BlockTemplate:
    """Return the template on the graph as it is."""
    place = choose_place(tree)
    return _fill(
        headers.header(place.parent.hash),
        referees=tuple(block.hash for block in place.referees),
        difficulty=place.parent.child_difficulty,
        is_adaptive=place.is_adaptive,
        deferred=votes.expected(place.parent),
        params=tree.state.params,
    )


def build_child_template(
    headers: HeaderReader,
    votes: StateVotes,
    *,
    parent: GraphBlock,
    referees: tuple[bytes, ...],
    is_adaptive: bool,
    difficulty: int | None,
    params: ConsensusParams,
) -> BlockTemplate:
    """Return the template for a parent and referees that somebody else chose.

    Beside the pivot chain the state is not executed. Then the roots are those that the parent
    committed, blaming nobody: wrong roots make no block invalid, they cost its reward.
    """
    header = headers.header(parent.hash)
    deferred = votes.expected_of_child(parent) or DeferredRoots(
        state_root=header.deferred_state_root,
        receipts_root=header.deferred_receipts_root,
        logs_bloom_hash=header.deferred_logs_bloom_hash,
        blame=0,
    )
    return _fill(
        header,
        referees=referees,
        difficulty=difficulty or parent.child_difficulty or params.initial_difficulty,
        is_adaptive=is_adaptive,
        deferred=deferred,
        params=params,
    )


def _choose(state: GraphState, references: list[GraphBlock]) -> tuple[GraphBlock, View]:
    view = state.graph.seek_past_of([block.index for block in references])
    parent = choose_parent(
        references,
        view=view,
        era_genesis=state.era_genesis,
        graph=state.graph,
        blocks=state.blocks,
    )
    return parent, view


def _fill(
    parent: Header,
    *,
    referees: tuple[bytes, ...],
    difficulty: int,
    is_adaptive: bool,
    deferred: DeferredRoots | None,
    params: ConsensusParams,
) -> BlockTemplate:
    gas_limit = choose_gas_limit(parent.gas_limit, params)
    base_price = parent.base_price or params.min_base_price
    height = parent.height + 1
    return BlockTemplate(
        parent=parent.hash,
        referees=referees,
        height=height,
        difficulty=difficulty,
        is_adaptive=is_adaptive,
        timestamp_min=parent.timestamp,
        gas_limit=gas_limit,
        parent_base_price=base_price,
        base_price_max=next_base_price(
            base_price,
            packed_gas=space_gas_limits(height, gas_limit, params),
            height=height,
            gas_limit=gas_limit,
            params=params,
        ),
        custom=params.header_custom,
        deferred=deferred,
    )


def choose_references(tree: TreeGraph) -> list[GraphBlock]:
    """Return the pivot tip and the other terminals, as many as a block may refer to.

    Too many means that others withhold or spam: the oldest wait longest, so they come first.
    Whoever gets a block beside the stable genesis now holds it pending, so none is referred to.
    """
    tip = tree.tip()
    terminals = tree.state.terminals.values()
    others = [block for block in terminals if block.reaches_stable and block is not tip]
    return [tip, *others[: tree.state.params.referee_bound]]
