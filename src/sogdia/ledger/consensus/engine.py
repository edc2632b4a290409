"""The engine: the one writer of consensus, behind the door that `api` describes.

    B within G within H: bodies are kept of every header; the graph holds those in the future of the
    era genesis. Callers may rely on A1 to A4 of `api`.

After a failed commit the graph in memory is ahead of the disk. The store then refuses everything,
so that nothing wrong is acknowledged, and the node must be started again.
"""

from collections.abc import Callable, Sequence

from sogdia.ledger.consensus.api import (
    Accepted,
    BlockStatus,
    BlockTemplate,
    EpochPlan,
    HeaderContext,
    PivotChange,
    RewardInput,
    RootsReader,
    Standing,
)
from sogdia.ledger.consensus.errors import (
    DuplicateBlock,
    RewindTooDeep,
    UnknownBlock,
    UnknownEpoch,
    UnknownParent,
)
from sogdia.ledger.consensus.genesis import build_genesis
from sogdia.ledger.consensus.outlook import Outlook
from sogdia.ledger.consensus.pipeline.body import validate_body
from sogdia.ledger.consensus.pipeline.commit import (
    ANCHOR,
    WRONG,
    anchor_change,
    block_changes,
    wrong_change,
)
from sogdia.ledger.consensus.pipeline.graph import GraphChange
from sogdia.ledger.consensus.pipeline.header.isolation import validate_in_isolation
from sogdia.ledger.consensus.pipeline.header.parents import validate_lineage, validate_references
from sogdia.ledger.consensus.pipeline.resume import open_graph
from sogdia.ledger.consensus.pipeline.rewind import rewind_changes
from sogdia.ledger.consensus.processes.anticone_penalty import cut_height
from sogdia.ledger.consensus.processes.base_price import next_base_price
from sogdia.ledger.consensus.processes.epochs import plan_epoch
from sogdia.ledger.consensus.processes.gas_limit import choose_gas_limit, space_gas_limits
from sogdia.ledger.consensus.queries.confirmation import ConfirmationMeter
from sogdia.ledger.consensus.queries.context import describe_block
from sogdia.ledger.consensus.queries.publication import Publication
from sogdia.ledger.consensus.queries.rewards import reward_inputs
from sogdia.ledger.consensus.queries.state_votes import StateVotes
from sogdia.ledger.consensus.queries.template import build_child_template, build_template
from sogdia.ledger.consensus.stores.blocks import GraphBlock
from sogdia.ledger.consensus.stores.chain_store import ChainStore
from sogdia.ledger.params.network import NetworkParams
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.storage.table import Writer
from sogdia.ledger.storage.tables.arrivals import Arrivals
from sogdia.ledger.storage.tables.progress import Progress
from sogdia.ledger.storage.tables.settled import SettledEpochs


class Engine:
    """Consensus over a store. One thread at a time."""

    def __init__(
        self,
        params: NetworkParams,
        store: Writer,
        roots: RootsReader,
        clock: Callable[[], int],
    ) -> None:
        """Begin a ledger in an empty store, or go on with the one that it holds.

        `roots` tells what execution found; `clock` gives the time in seconds.
        """
        self._params = params
        self._store = store
        self._clock = clock
        self._chain = ChainStore(store, params.chain_id, is_own=params.consensus.takes_unsigned)
        # What is known of a stored block alone: for any thread (A5 of `api`).
        self.header, self.header_bytes = self._chain.header, self._chain.header_bytes
        self.references = self._chain.references
        self.block, self.body_bytes = self._chain.block, self._chain.body_bytes
        self._arrivals = Arrivals(store)
        self._genesis = build_genesis(params)
        self._graph = open_graph(params.consensus, store, self._genesis)
        # The genesis is number 0, also over a store that keeps no arrivals.
        self._next_arrival = max(1, self._arrivals.next_number())
        self._publication = Publication(SettledEpochs(store))
        self._meter = ConfirmationMeter()
        self._votes = StateVotes(params.consensus, lambda: self._graph, self._chain, roots)
        self._stored_anchor = Progress(store).find(ANCHOR)
        anchor = self._graph.find(self._stored_anchor) if self._stored_anchor else None
        if anchor is not None:
            self._votes.resume(anchor)
        self._stored_wrong = Progress(store).find(WRONG) or b""
        self._votes.resume_wrong(self._stored_wrong)

    def submit_block(self, block: Block) -> Accepted:
        """Validate and store `block`, and update graph and pivot chain.

        Raises:
            UnknownParent, UnknownReferee: fetch that block first; nothing was stored.
            DuplicateBlock: it is stored already.
            InvalidBlock: the subclass names the rule and carries the values; nothing was stored.
            StorageError: the commit failed; the node must be started again.
        """
        header = block.header
        if self.has_block(header.hash):
            raise DuplicateBlock(hash=header.hash)
        params, now_s = self._params.consensus, self._clock()
        quality = validate_in_isolation(header, params, now_s=now_s)
        validate_references(header, self.has_block)
        parent = self._chain.header(header.parent)
        validate_lineage(header, parent, params)
        validate_body(block, parent, self._params)

        change = self._graph.insert(
            hash=header.hash,
            parent=header.parent,
            referees=header.referees,
            difficulty=header.difficulty,
            quality=quality,
            is_adaptive=header.is_adaptive,
            timestamp=header.timestamp,
            height=header.height,
            arrival=self._next_arrival,
        )
        rows = block_changes(block, self._next_arrival, change, self._graph.state)
        if self._votes.anchor is not None and self._votes.anchor != self._stored_anchor:
            rows.append(anchor_change(self._votes.anchor))
            self._stored_anchor = self._votes.anchor
        if (wrong := self._votes.wrong_rows()) != self._stored_wrong:
            rows.append(wrong_change(wrong))
            self._stored_wrong = wrong
        self._store.commit(rows)
        self._next_arrival += 1
        self._chain.remember(block)
        self._publication.on_change(self._graph, change)
        self._meter.on_change(self._graph, change, now_s=now_s)
        return self._accepted(header.hash, change)

    def _accepted(self, block_hash: bytes, change: GraphChange) -> Accepted:
        pivot_change = None
        if change.first_changed_height is not None:
            tip = self._graph.tip()
            pivot_change = PivotChange(change.first_changed_height, tip.hash, tip.height)
        return Accepted(
            hash=block_hash,
            status=BlockStatus.PENDING if change.block is None else change.block.status,
            pivot_change=pivot_change,
            activated=tuple(block.hash for block in change.activated),
        )

    @property
    def arrival_count(self) -> int:
        """How many blocks have arrived: what `rewind` returns to."""
        return self._next_arrival

    def rewind(self, arrival_count: int) -> None:
        """Forget the blocks that arrived after the first `arrival_count`; development chains only.

        Blocks that are a chain cost what they are; else the graph is built again from its rows, as
        at a start. Blocks that are kept must not have been waiting for what is forgotten, which is
        so where one miner makes all of them.

        Raises:
            RewindTooDeep: the checkpoint lies after that; nothing was changed.
            StorageError: the commit failed; the node must be started again.
        """
        stable = self._graph.state.stable_genesis
        if not stable.arrival < arrival_count <= self._next_arrival:
            raise RewindTooDeep(
                count=arrival_count, least=stable.arrival + 1, most=self._next_arrival
            )
        if arrival_count == self._next_arrival:
            return
        hashes, rows = rewind_changes(self._store, arrival_count)
        self._store.commit(rows)
        self._next_arrival = arrival_count
        self._chain.forget(hashes)
        if self._graph.forget_last(len(hashes)):
            first = self.best_height() + 1
        else:
            self._graph = open_graph(self._params.consensus, self._store, self._genesis)
            first = self.era_genesis_height
        self._publication.on_rewind(self._graph, first)
        self._meter.on_rewind(first)
        if self._votes.anchor is not None and not self.has_block(self._votes.anchor):
            self._votes.forget_anchor()
            self._stored_anchor = None

    def outlook(self) -> Outlook:
        """Return the state after the last block, for any thread; the first call is the writer's."""
        return self._publication.latest(self._graph)

    def standing(self) -> Standing:
        """Return what is asked together: several calls could tell of several states."""
        tip, state = self._graph.tip(), self._graph.state
        return Standing(
            best_block=tip.hash,
            best_height=tip.height,
            confirmed_height=self.confirmed_height(),
            stable_height=state.stable_genesis.height,
            era_genesis=state.era_genesis.hash,
            era_genesis_height=state.era_genesis.height,
            terminals=tuple(state.terminals),
        )

    @property
    def genesis(self) -> bytes:
        """The first block of the network."""
        return self._genesis.hash

    @property
    def era_genesis(self) -> bytes:
        """The checkpoint: the graph starts here, everything before it is settled for good."""
        return self._graph.state.era_genesis.hash

    @property
    def era_genesis_height(self) -> int:
        """Height of `era_genesis`."""
        return self._graph.state.era_genesis.height

    @property
    def stable_genesis(self) -> bytes:
        """The irreversible pivot block that new blocks must have in their past."""
        return self._graph.state.stable_genesis.hash

    @property
    def stable_height(self) -> int:
        """Height of `stable_genesis`."""
        return self._graph.state.stable_genesis.height

    def best_block(self) -> bytes:
        """Return the tip of the pivot chain."""
        return self._graph.tip().hash

    def best_height(self) -> int:
        """Return the height of the tip of the pivot chain."""
        return self._graph.pivot_span()[1]

    def pivot_at(self, height: int) -> bytes | None:
        """Return the pivot block at `height`, None above the tip or below the checkpoint."""
        lowest, highest = self._graph.pivot_span()
        return self._graph.pivot_at(height).hash if lowest <= height <= highest else None

    def epoch_plan(self, height: int) -> EpochPlan:
        """Return the epoch of the pivot block at `height`.

        Raises:
            UnknownEpoch: above the tip or below the checkpoint.
        """
        self._require_epoch(height)
        state = self._graph.state
        executed, skipped = plan_epoch(height, state.graph, state.params)
        blocks = tuple(block.hash for block in state.blocks.at_all(executed))
        left_out = tuple(block.hash for block in state.blocks.at_all(skipped))
        return EpochPlan(number=height, pivot=blocks[-1], blocks=blocks, skipped=left_out)

    def _require_epoch(self, height: int) -> None:
        lowest, highest = self._graph.pivot_span()
        if not lowest <= height <= highest:
            raise UnknownEpoch(number=height, lowest=lowest, highest=highest)

    def has_block(self, block_hash: bytes) -> bool:
        """Tell whether the block is stored."""
        block = self._graph.find(block_hash)
        # The graph holds a block a moment before the store does: to other threads it is not here.
        return self._chain.has(block_hash) if block is None else block.arrival < self._next_arrival

    def _in_graph(self, block_hash: bytes) -> GraphBlock | None:
        block = self._graph.find(block_hash)
        if block is None and not self._chain.has(block_hash):
            raise UnknownBlock(hash=block_hash)
        return block

    def status(self, block_hash: bytes) -> BlockStatus:
        """Return what consensus thinks of a stored block; of one before the checkpoint, PENDING.

        Raises:
            UnknownBlock: it is not stored.
        """
        block = self._in_graph(block_hash)
        return BlockStatus.PENDING if block is None else block.status

    def context(self, block_hash: bytes) -> HeaderContext:
        """Return what consensus knows of a stored block, beside its header.

        Raises:
            UnknownBlock: it is not stored.
        """
        return describe_block(self._graph, self._chain.header(block_hash))

    def epoch_of(self, block_hash: bytes) -> int | None:
        """Return the number of the epoch of a block, None outside the past of the pivot tip."""
        block = self._graph.find(block_hash)
        return None if block is None else self._graph.state.graph.epoch_of(block.index)

    def terminals(self) -> list[bytes]:
        """Return the active blocks that no active block refers to, in the order of arrival."""
        return list(self._graph.state.terminals)

    def block_template(self) -> BlockTemplate:
        """Return what the next block of an honest miner must carry."""
        return build_template(self._graph, self._chain, self._votes)

    def child_template(
        self,
        parent: bytes,
        referees: tuple[bytes, ...],
        *,
        is_adaptive: bool = False,
        difficulty: int | None = None,
    ) -> BlockTemplate:
        """Return what a block of a given parent and referees carries, honest or not.

        Raises:
            UnknownParent: the graph does not hold the parent.
        """
        block = self._graph.find(parent)
        if block is None:
            raise UnknownParent(missing=parent)
        return build_child_template(
            self._chain,
            self._votes,
            parent=block,
            referees=referees,
            is_adaptive=is_adaptive,
            difficulty=difficulty,
            params=self._params.consensus,
        )

    def base_price(self, parent: bytes, packed_gas: tuple[int, int]) -> tuple[int, int]:
        """Return the base prices of a child of `parent` with the template's gas limit, whose
        transactions' gas limits sum to `packed_gas`, each as (Core Space, eSpace).

        Raises:
            UnknownBlock: the parent is not stored.
        """
        header = self._chain.header(parent)
        params = self._params.consensus
        return next_base_price(
            header.base_price or params.min_base_price,
            packed_gas=packed_gas,
            height=header.height + 1,
            gas_limit=choose_gas_limit(header.gas_limit, params),
            params=params,
        )

    def space_gas_limits(self, height: int, gas_limit: int) -> tuple[int, int]:
        """Return how much gas (Core Space, eSpace) a block of this height may pack."""
        return space_gas_limits(height, gas_limit, self._params.consensus)

    def reward_inputs(self, epoch: int, base_reward: int) -> tuple[RewardInput, ...]:
        """Return what the executed blocks of `epoch` earn, in order, for a full reward of
        `base_reward` drip.

        Raises:
            UnknownEpoch: above the tip or below the checkpoint, or too young: its penalties are
                known once the pivot chain has passed it by `anticone_penalty_upper_epochs`.
            StateNotExecuted: whether they voted rightly on the state is not known yet.
        """
        self._require_epoch(epoch)
        self._require_epoch(cut_height(epoch, self._params.consensus))
        return reward_inputs(
            self._graph, self._chain, self._votes, epoch=epoch, base_reward=base_reward
        )

    def is_state_valid(self, block_hash: bytes) -> bool | None:
        """Tell whether the roots and the blame of a block are right, None if not yet known.

        Raises:
            UnknownBlock: it is not stored.
        """
        block = self._in_graph(block_hash)
        return None if block is None else self._votes.is_valid(block)

    def confirmation_risk(self, height: int) -> float:
        """Return an upper bound of the risk that the pivot block at `height` is reversed.

        Raises:
            UnknownEpoch: above the tip.
        """
        if height > self.best_height():
            self._require_epoch(height)
        return float(self._meter.risk(self._graph, height, now_s=self._clock()))

    def confirmed_height(self) -> int:
        """Return the greatest height whose risk of reversal is at most 1e-8."""
        return self._meter.confirmed_height(self._graph, now_s=self._clock())

    def arrivals_since(self, position: int, limit: int) -> Sequence[tuple[int, bytes]]:
        """Return up to `limit` stored blocks in order of arrival, from `position` on."""
        return self._arrivals.page(position)[:limit]
