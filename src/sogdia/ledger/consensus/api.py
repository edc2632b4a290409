"""The one door to consensus: what the rest of the node may ask and is told.

    A1  A block is in the store before `submit_block` returns.
    A2  The pivot chain is one block per height, from `era_genesis` to `best_block`.
    A3  Every block in the past of the pivot tip belongs to exactly one epoch; its number is the
        height of its pivot block.
    A4  Calls are synchronous and come from one thread at a time: consensus has a single writer.
    A5  Other threads ask the `outlook`, and what does not change about a block that is stored:
        `genesis`, `has_block`, `header`, `header_bytes`, `references`, `body_bytes`, and `status`
        once it is judged.

Hashes are 32 bytes, times are seconds since 1970, amounts are drip.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from sogdia.ledger.consensus.outlook import Outlook
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.header import Header


class BlockStatus(Enum):
    """What consensus thinks of a block that it has stored."""

    VALID = "valid"
    PARTIALLY_INVALID = "partially_invalid"
    """It chose a wrong parent, difficulty or adaptive flag: in the order, but never rewarded."""
    PENDING = "pending"
    """Not judged: something in its past is not active, or its past misses the stable checkpoint."""


@dataclass(frozen=True, slots=True)
class PivotChange:
    """The pivot chain differs from `first_changed_height` on, and now ends at `tip`."""

    first_changed_height: int
    tip: bytes
    tip_height: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a submitted block did."""

    hash: bytes
    status: BlockStatus
    pivot_change: PivotChange | None
    activated: tuple[bytes, ...]
    """Blocks that count from now on, in order; often the block itself, sometimes earlier ones."""


@dataclass(frozen=True, slots=True)
class EpochPlan:
    """One epoch: `blocks` execute in this order, the pivot block last."""

    number: int
    pivot: bytes
    blocks: tuple[bytes, ...]
    skipped: tuple[bytes, ...]
    """Beyond the bound of executed blocks, or of another era: their transactions go back to the
    pool."""


class EpochRoots(Protocol):
    """What the execution of one epoch yields and a header commits."""

    @property
    def state_root(self) -> bytes:
        """Commitment to both spaces after the epoch."""

    @property
    def receipts_root(self) -> bytes:
        """Root over the receipts of the epoch."""

    @property
    def logs_bloom_hash(self) -> bytes:
        """Hash of the bloom filter over the epoch's logs."""


class RootsReader(Protocol):
    """What consensus needs to know of execution; handed in, never imported."""

    def epoch_roots(self, number: int, pivot: bytes | None = None) -> EpochRoots | None:
        """Return the roots of epoch `number`, None if it is not executed, or not with `pivot`.

        Execution follows the pivot chain a moment later: until then it holds another chain's.
        """


@dataclass(frozen=True, slots=True)
class DeferredRoots:
    """The four header fields that commit to an earlier epoch's state."""

    state_root: bytes
    receipts_root: bytes
    logs_bloom_hash: bytes
    blame: int
    """How many ancestors, from the parent on, committed wrong roots."""


@dataclass(frozen=True, slots=True)
class BlockTemplate:
    """The header fields that the graph decides; the miner adds the rest."""

    parent: bytes
    referees: tuple[bytes, ...]
    height: int
    difficulty: int
    is_adaptive: bool
    timestamp_min: int
    gas_limit: int
    parent_base_price: tuple[int, int]
    """Base prices (Core Space, eSpace) of the parent: what the packed gas is measured against."""
    base_price_max: tuple[int, int]
    """The base prices of a full block: a transaction whose fee cap is not below it always fits."""
    custom: tuple[bytes, ...]
    deferred: DeferredRoots | None
    """None while the epoch that the header must commit to has not been executed."""


@dataclass(frozen=True, slots=True)
class RewardInput:
    """What one executed block of an epoch earns, before fees."""

    hash: bytes
    author: bytes
    anticone_weight: int
    base_reward: int
    """Drip, after the anticone penalty; 0 when the proof of work misses the epoch's difficulty."""
    shares_fees: bool
    """Whether the block takes part in the fees of the transactions that it contains."""


@dataclass(frozen=True, slots=True)
class HeaderContext:
    """What consensus knows of a stored block, beside its header."""

    hash: bytes
    height: int
    status: BlockStatus
    is_active: bool
    is_timer: bool
    is_heavy: bool
    is_adaptive: bool
    epoch: int | None
    """Number of the epoch it belongs to; None outside the past of the pivot tip."""
    is_pivot: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Where consensus stands at one moment, for those who show it."""

    best_block: bytes
    best_height: int
    confirmed_height: int
    stable_height: int
    era_genesis: bytes
    era_genesis_height: int
    terminals: tuple[bytes, ...]


class Consensus(Protocol):
    """The engine, as the other parts of the node see it."""

    def submit_block(self, block: Block) -> Accepted:
        """Validate and store `block`, and update graph and pivot chain.

        Raises:
            UnknownParent, UnknownReferee: fetch that block first; nothing was stored.
            DuplicateBlock: it is stored already.
            InvalidBlock: the subclass names the rule and carries the values; nothing was stored.
        """

    def outlook(self) -> Outlook:
        """Return the state after the last block, for any thread; the first call is the writer's."""

    def standing(self) -> Standing:
        """Return what is asked together: several calls could tell of several states."""

    @property
    def genesis(self) -> bytes:
        """The first block of the network."""

    @property
    def era_genesis(self) -> bytes:
        """The checkpoint: the graph starts here, everything before it is settled for good."""

    @property
    def era_genesis_height(self) -> int:
        """Height of `era_genesis`."""

    @property
    def stable_genesis(self) -> bytes:
        """The irreversible pivot block that new blocks must have in their past."""

    @property
    def stable_height(self) -> int:
        """Height of `stable_genesis`."""

    def best_block(self) -> bytes:
        """Return the tip of the pivot chain."""

    def best_height(self) -> int:
        """Return the height of the tip of the pivot chain."""

    def pivot_at(self, height: int) -> bytes | None:
        """Return the pivot block at `height`, None above the tip."""

    def epoch_plan(self, height: int) -> EpochPlan:
        """Return the epoch of the pivot block at `height`.

        Raises:
            UnknownEpoch: above the tip or below the checkpoint.
        """

    def has_block(self, block_hash: bytes) -> bool:
        """Tell whether the block is stored."""

    def header(self, block_hash: bytes) -> Header:
        """Return a stored header.

        Raises:
            UnknownBlock: it is not stored.
        """

    def header_bytes(self, block_hash: bytes) -> bytes:
        """Return a stored header as it is encoded, nothing decoded.

        Raises:
            UnknownBlock: it is not stored.
        """

    def references(self, block_hash: bytes) -> tuple[bytes, ...]:
        """Return what a stored block refers to: its parent, then its referees.

        Raises:
            UnknownBlock: it is not stored.
        """

    def block(self, block_hash: bytes) -> Block:
        """Return a stored block with its transactions.

        Raises:
            UnknownBlock: it is not stored.
        """

    def body_bytes(self, block_hash: bytes) -> bytes:
        """Return the encoded list of a stored block's raw transactions, nothing decoded.

        Raises:
            UnknownBlock: it is not stored.
        """

    def status(self, block_hash: bytes) -> BlockStatus:
        """Return what consensus thinks of a stored block.

        Raises:
            UnknownBlock: it is not stored.
        """

    def context(self, block_hash: bytes) -> HeaderContext:
        """Return what consensus knows of a stored block, beside its header.

        Raises:
            UnknownBlock: it is not stored.
        """

    @property
    def arrival_count(self) -> int:
        """How many blocks have arrived: what `rewind` returns to."""

    def rewind(self, arrival_count: int) -> None:
        """Forget the blocks that arrived after the first `arrival_count`; development chains only.

        Raises:
            RewindTooDeep: the checkpoint lies after that; nothing was changed.
        """

    def epoch_of(self, block_hash: bytes) -> int | None:
        """Return the number of the epoch of a block, None outside the past of the pivot tip."""

    def terminals(self) -> list[bytes]:
        """Return the active blocks that no active block refers to, in the order of arrival."""

    def block_template(self) -> BlockTemplate:
        """Return what the next block of an honest miner must carry."""

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

    def base_price(self, parent: bytes, packed_gas: tuple[int, int]) -> tuple[int, int]:
        """Return the base prices of a child of `parent` whose transactions' gas limits sum to
        `packed_gas`, each as (Core Space, eSpace)."""

    def space_gas_limits(self, height: int, gas_limit: int) -> tuple[int, int]:
        """Return how much gas (Core Space, eSpace) a block of this height may pack."""

    def reward_inputs(self, epoch: int, base_reward: int) -> tuple[RewardInput, ...]:
        """Return what the executed blocks of `epoch` earn, in order, for a full reward of
        `base_reward` drip. Callable once the pivot chain is at `epoch` + 10."""

    def is_state_valid(self, block_hash: bytes) -> bool | None:
        """Tell whether the roots and the blame of a block are right, None if not yet known."""

    def confirmation_risk(self, height: int) -> float:
        """Return an upper bound of the risk that the pivot block at `height` is reversed."""

    def confirmed_height(self) -> int:
        """Return the greatest height whose risk of reversal is at most 1e-8."""

    def arrivals_since(self, position: int, limit: int) -> Sequence[tuple[int, bytes]]:
        """Return up to `limit` stored blocks in order of arrival, from `position` on."""
