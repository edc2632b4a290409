"""What the methods need of the node: readers, the pool, and a few facts. Handed in, never imported.

B1  Everything here is the node's own part or a number; this package builds none of it.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor as WorkerPool
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from sogdia.ledger.consensus.api import Consensus
from sogdia.ledger.execution.api import Executor
from sogdia.ledger.execution.at_hand import AtHand
from sogdia.ledger.execution.simulation import Simulator
from sogdia.ledger.execution.traces import Tracer
from sogdia.ledger.mempool.pool import PoolStatus
from sogdia.ledger.primitives.transaction import Transaction
from sogdia.ledger.rpc.admin.backups import Backups
from sogdia.ledger.rpc.admin.controls import PeerControls
from sogdia.ledger.rpc.debug.queue import TraceQueue
from sogdia.ledger.rpc.dev.console import Console
from sogdia.ledger.rpc.dev.controls import DevelopmentControls
from sogdia.ledger.rpc.events import EventHub
from sogdia.ledger.rpc.filters import FilterStore
from sogdia.ledger.rpc.intake import TransactionIntake
from sogdia.ledger.rpc.limits import RpcLimits
from sogdia.ledger.rpc.signer import AccountSigner
from sogdia.ledger.sync.phases import Progress

T = TypeVar("T")


class TransactionPool(Protocol):
    """What waits to be packed."""

    def get(self, transaction_hash: bytes) -> Transaction | None:
        """Return a waiting transaction."""

    def pending_nonce(self, address: bytes) -> int:
        """Return the nonce after the sender's last ready transaction."""

    def status(self) -> PoolStatus:
        """Return how many are ready and queued."""

    def content(self, address: bytes | None = None) -> tuple[list[Transaction], list[Transaction]]:
        """Return ready and queued transactions, of one sender if given, by nonce."""


class Lines(Protocol):
    """The node's peers, as a drill on a local network steers them; every call is on the loop."""

    @property
    def node_id(self) -> bytes:
        """This node's identity."""

    def peer_ids(self) -> Collection[bytes]:
        """Return the identities that this node is joined with."""

    def cut(self, identities: frozenset[bytes]) -> int:
        """Cut the lines to exactly these; return how many sessions ended."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that an operator and every user should know while it lasts."""

    code: str
    message: str
    since: int
    """Unix seconds."""
    details: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Backend:
    """The node as its JSON-RPC methods see it."""

    chain_id: int
    network_id: int
    client_version: str
    consensus: Consensus
    executor: Executor
    at_hand: AtHand
    tracer: Tracer
    simulator: Simulator
    pool: TransactionPool
    intake: TransactionIntake
    workers: WorkerPool
    limits: RpcLimits
    filters: FilterStore
    traces: TraceQueue
    # Seconds since 1970.
    clock: Callable[[], int]
    # Least tip that miners of this network take, drip per gas; also suggested on an idle ledger.
    default_tip: int
    # Executed epochs may trail the pivot chain by so many before the node says that it is syncing.
    sync_lag_epochs: int = 10
    accepts_peers: bool = False
    peer_count: Callable[[], int] = lambda: 0
    alerts: Callable[[], Sequence[Alert]] = lambda: ()
    # How a local network's lines are cut; None elsewhere.
    lines: Lines | None = None
    # How far the node is in catching up with its peers; None while it follows them.
    sync_progress: Callable[[], Progress | None] = lambda: None
    # What an operator decides about peers; None where the node joins no others.
    peers: PeerControls | None = None
    # What a development chain lets its user decide; None elsewhere.
    development: DevelopmentControls | None = None
    # What happens here, told to whoever listens.
    events: EventHub = field(default_factory=EventHub)
    # Copies of the ledger, begun through the guarded socket; None where a node has none.
    backups: Backups | None = None
    # Shows what contracts of a development chain print; None elsewhere.
    console: Console | None = None
    # Signs for development accounts; has none on real networks.
    signer: AccountSigner = field(default_factory=lambda: AccountSigner({}))

    async def off_loop(self, work: Callable[[], T]) -> T:
        """Run `work` in a worker thread; it may read what was committed, and nothing else."""
        return await asyncio.get_running_loop().run_in_executor(self.workers, work)
