"""The compiled core. Import it through its wrappers, never directly (see docs/architecture.md)."""

from collections.abc import Sequence
from os import PathLike
from typing import Any, final

from sogdia.ledger.primitives.errors import InvalidTransaction

# --- build -----------------------------------------------------------------------------------

def build_info() -> dict[str, str]:
    """Return how the binary was built: `version`, `profile`, `commit`."""

# --- codec -----------------------------------------------------------------------------------

@final
class Transaction:
    """A signed transaction that passed every check which needs no state. Equal by hash.

    Amounts and prices are in drip. Legacy and access-list transactions have one price, which is
    then cap and tip at once.
    """

    @property
    def hash(self) -> bytes:
        """Keccak of `raw`."""

    @property
    def raw(self) -> bytes:
        """The bytes as they were signed and as they travel."""

    @property
    def size(self) -> int:
        """Length of `raw` in bytes."""

    @property
    def kind(self) -> int:
        """0 legacy, 1 access list, 2 dynamic fee, 4 set code (EIP-2718), 0xc0 Core Space."""

    @property
    def chain_id(self) -> int | None:
        """`None` for a legacy transaction without replay protection."""

    @property
    def nonce(self) -> int:
        """Position among the sender's transactions."""

    @property
    def gas_limit(self) -> int:
        """Most gas it may use."""

    @property
    def to(self) -> bytes | None:
        """Recipient; `None` creates a contract."""

    @property
    def value(self) -> int:
        """Amount sent."""

    @property
    def data(self) -> bytes:
        """Call data or init code."""

    @property
    def gas_price(self) -> int:
        """The same as `max_fee_per_gas`."""

    @property
    def max_fee_per_gas(self) -> int:
        """Most it pays per unit of gas."""

    @property
    def max_priority_fee_per_gas(self) -> int:
        """Most it pays per unit of gas beyond the base price."""

    @property
    def access_list(self) -> tuple[tuple[bytes, tuple[bytes, ...]], ...]:
        """(address, slots) it warms."""

    @property
    def authorizations(
        self,
    ) -> tuple[tuple[int, bytes, int, int, int, int, bytes | None], ...]:
        """(chain id, delegate, nonce, y parity, r, s, authority); no authority: signature void."""

    @property
    def y_parity(self) -> int:
        """0 or 1."""

    @property
    def r(self) -> int:
        """Of the signature."""

    @property
    def s(self) -> int:
        """Of the signature, in the lower half."""

    @property
    def sender(self) -> bytes:
        """Who signed, recovered when it was decoded."""

    @property
    def intrinsic_gas(self) -> int:
        """Gas charged before anything runs, by Ethereum's schedule."""

    @property
    def floor_gas(self) -> int:
        """Gas charged at least, by the size of the data (EIP-7623)."""

    def facts(self) -> tuple[bytes, bytes, int, int, int, int, int, int]:
        """Return hash, sender, nonce, gas limit, size, cap, tip and value in one crossing."""

    def keeps_limits(self, gas_limit_max: int | None, takes_core_space: bool) -> bool:
        """Return whether it keeps the bounds on kind, size and gas that need no state."""

    def effective_gas_price(self, base_price: int) -> int | None:
        """Return what it pays per unit of gas at `base_price`, `None` if its cap is below."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

def decode_transactions(
    raws: Sequence[bytes], chain_id: int, threads: int = 1
) -> list[Transaction | InvalidTransaction]:
    """Decode, check, hash and recover a batch; a refusal stands in its transaction's place."""

def decode_impersonated(
    raw: bytes, chain_id: int, sender: bytes
) -> Transaction | InvalidTransaction:
    """Decode a transaction without a true signature, as one of `sender`: development chains."""

def decode_submissions(
    bodies: Sequence[bytes], chain_id: int, threads: int, calls_max: int
) -> list[tuple[list[Transaction | InvalidTransaction], bytes | None] | None]:
    """Read and decode JSON-RPC bodies that only submit raw transactions, `calls_max` at most.

    For each its transactions and, if all were decoded, the answer that gives their hashes; `None`
    for a body that holds anything else.
    """

def measure_body(
    transactions: Sequence[Transaction], gas_limit_max: int | None, takes_core_space: bool
) -> tuple[int, int, int | None]:
    """Return bytes and gas of a body, and the place of the first that breaks a bound."""

def encode_body(transactions: Sequence[Transaction]) -> bytes:
    """Return the RLP list of the raw transactions."""

def transactions_root(transactions: Sequence[Transaction]) -> bytes:
    """Return the simple-MPT root over the transactions' hashes."""

# --- crypto ----------------------------------------------------------------------------------

def keccak256(data: bytes) -> bytes:
    """Return the Keccak-256 hash of `data`."""

def merkle_root(values: Sequence[bytes]) -> bytes:
    """Return the simple-MPT root over `values`, keyed by their index."""

def recover_public_key(digest: bytes, y_parity: bool, r: bytes, s: bytes) -> bytes | None:
    """Return the 64-byte public key that signed `digest`, `None` if there is none."""

def pow_hash(problem_hash: bytes, nonce: int) -> bytes:
    """Return the work hash of `nonce` for a header's problem hash."""

def pow_quality(pow_hash: bytes, nonce: int) -> int:
    """Return the largest difficulty that the hash would meet, at most 2^256 - 1."""

@final
class StopFlag:
    """A flag by which another thread ends a search."""

    def __new__(cls) -> StopFlag: ...
    def set(self) -> None:
        """End every search that was given this flag."""

    def is_set(self) -> bool:
        """Tell whether it was set."""

def search_work(
    problem_hash: bytes,
    difficulty: int,
    start_nonce: int,
    attempts: int,
    stop: StopFlag | None = None,
) -> int | None:
    """Return the first nonce from `start_nonce` on that meets `difficulty`, without the GIL.

    `None` after `attempts` nonces, or soon after `stop` was set.
    """

# --- graph -----------------------------------------------------------------------------------

@final
class Graph:
    """The Tree-Graph from an era genesis on, by block index; index 0 is the virtual origin.

    Every method raises ValueError for an index that was not given out, and for a question that the
    state of the graph does not allow.
    """

    def __new__(cls, era_epoch_count: int) -> Graph: ...
    def __len__(self) -> int: ...
    def size_bytes(self) -> int:
        """Return the bytes that the graph occupies."""

    def add(self, parent: int, referees: list[int], height: int, key: bytes) -> int:
        """Add a block under `parent` (0: gone) and return its index; `key` is its hash."""

    def distinct_referees(self, referees: list[int]) -> list[int]:
        """Return the referees that are no tree ancestor of another one."""

    def seek(self, block: int) -> tuple[int, int]:
        """Move a cursor to the past of `block` and return it; the past must be active."""

    def seek_past_of(self, entries: list[int]) -> tuple[int, int]:
        """Move a cursor to the past that a block with these references would have."""

    def restore(self, block: int, weight: int, count: int) -> None:
        """Note what of its era is in the past of a block that was judged before."""

    def is_heaviest_path(self, view: tuple[int, int], top: int, bottom: int) -> bool:
        """Tell whether every step from `top` to `bottom` is the heaviest, the last childless."""

    def heaviest_tip(self, view: tuple[int, int], top: int) -> int:
        """Follow the heaviest child from `top` to the end."""

    def min_margin(self, view: tuple[int, int], top: int, bottom: int) -> int | None:
        """Return the least lead over the siblings below `top` down to `bottom`."""

    def mark_timer(self, block: int, previous: int | None) -> None:
        """Mark a judged block, before anything refers to it, as the timer after `previous`."""

    def is_timer_in_past(self, timer: int, block: int) -> bool:
        """Tell whether a marked timer is in the past of a judged block."""

    def last_before(self, timer: int, block: int) -> int | None:
        """Return the deepest ancestor of `block`, or itself, that lacks the timer in its past."""

    def common_ancestor(self, members: list[int]) -> int | None:
        """Return the deepest common tree ancestor."""

    def is_ancestor(self, ancestor: int, block: int) -> bool:
        """Tell whether `ancestor` is `block` or above it in the parent tree."""

    def ancestor_at(self, block: int, height: int) -> int | None:
        """Return the ancestor at `height`, or the block itself."""

    def is_in_past(self, block: int, of: int) -> bool:
        """Tell whether `block` is in the past of `of`."""

    def future(self, block: int) -> list[bool]:
        """Return for every block from index 1 on whether it is in the future of `block`."""

    def predecessors(self, block: int) -> list[int]:
        """Return the parent, unless it is gone, and the referees."""

    def successors(self, block: int) -> list[int]:
        """Return the blocks that refer to `block`, the latest first."""

    def era(self, block: int) -> tuple[int, int, int]:
        """Return the era genesis, and weight and number of the era's blocks in the past."""

    def subtree_weight(self, block: int) -> int:
        """Return the weight of the active subtree of an active block."""

    def heaviest_sibling(self, block: int) -> int | None:
        """Return the subtree weight of the heaviest active sibling."""

    def activate(self, block: int, weight: int) -> int | None:
        """Count a block from now on; return the first height at which the pivot chain changed."""

    def move_root(self, root: int) -> int | None:
        """Make the pivot chain pass through `root`; return the first changed height."""

    def forget_last(self, count: int) -> bool:
        """Forget the last `count` blocks and tell so, if they are the pivot chain's end, below its
        root, and refer to their parents alone; else change nothing."""

    def pivot_span(self) -> tuple[int, int] | None:
        """Return lowest and highest height of the pivot chain."""

    def pivot_at(self, height: int) -> int:
        """Return the pivot block at `height`."""

    def epoch_order(self, height: int) -> list[int]:
        """Return the epoch at `height` in order, the pivot block last."""

    def epoch_of(self, block: int) -> int | None:
        """Return the height of the epoch of `block`, None outside the past of the pivot tip."""

    def anticone_weights(self, height: int, cut: int, members: list[int]) -> list[int]:
        """Return the anticone weights of members of an epoch in the past of the pivot at `cut`."""

# --- evm and state ---------------------------------------------------------------------------

@final
class Executor:
    """Executes epochs over a store; `sogdia.ledger.execution.engine` wraps it."""

    def __new__(
        cls,
        store: Store,
        *,
        spec: str,
        chain_id: int,
        kept_share: int | None,
        pay_author_at_once: bool,
        transaction_gas_max: int | None,
        contracts_may_send: bool,
        window_epochs: int,
        window_keys: int,
        history_epochs: int | None,
        cache_entries: int,
        call_gas_max: int,
        call_memory_max: int,
    ) -> Executor: ...
    def genesis(
        self,
        allocation: list[tuple[bytes, int, int, bytes, list[tuple[int, int]]]],
        pivot: bytes,
        timestamp: int,
        gas_limit: int,
        base_price: int,
    ) -> tuple[bytes, bytes, bytes]:
        """Write epoch 0 or check it; (address, balance, nonce, code, slots) -> roots."""

    def execute_epoch(
        self,
        number: int,
        pivot: bytes,
        base_price: int,
        blocks: list[tuple[bytes, bytes, int, int, int, int, int, bytes, list[Transaction]]],
        rewards: list[tuple[bytes, int]],
        prev_randao: bytes | None,
    ) -> tuple[
        tuple[bytes, bytes, bytes],
        int,
        int,
        int,
        list[tuple[bytes, str]],
        list[tuple[bytes, int, int]],
    ]:
        """Execute and commit the epoch after the head.

        A block is (hash, author, timestamp, difficulty, gas limit, nonce, size, transactions root,
        transactions). Returns roots, gas used, receipts, drip burnt, (hash, reason) of what was
        left out, and (sender, nonce, balance).
        """

    def undo_to(self, number: int) -> list[int]:
        """Take back all epochs above `number`."""

    def forget_before(self, number: int) -> None:
        """Say that nothing below `number` will be returned to."""

    def prune_backlog(self, epochs: int) -> tuple[int, int]:
        """Forget up to `epochs` of old history; return the oldest kept, and how many are left."""

    def head(self) -> tuple[int, bytes, int]:
        """Return number and pivot of the last epoch, and the oldest whose state is kept."""

    def summary(
        self, number: int
    ) -> (
        tuple[
            bytes,
            tuple[bytes, bytes, bytes],
            int,
            bytes,
            int,
            int,
            int,
            int,
            list[bytes],
        ]
        | None
    ):
        """Return pivot, roots, timestamp, author, base price, gas used and limit, count, blocks."""

    def account(self, address: bytes, at: int | None = None) -> tuple[int, int, bytes]:
        """Return nonce, balance and code hash."""

    def code(self, address: bytes, at: int | None = None) -> bytes:
        """Return the code at `address`."""

    def storage_at(self, address: bytes, slot: int, at: int | None = None) -> int:
        """Return the value of a slot."""

    def call(
        self,
        request: object,
        at: int | None,
        accounts: list[
            tuple[
                bytes,
                int | None,
                int | None,
                bytes | None,
                list[tuple[int, int]] | None,
                list[tuple[int, int]],
            ]
        ],
        block: object | None,
    ) -> tuple[int, bytes, int, int, str | None]:
        """Run a call: status, output, gas used, gas before refunds, why it halted."""

    def estimate_gas(
        self,
        request: object,
        at: int | None,
        accounts: list[
            tuple[
                bytes,
                int | None,
                int | None,
                bytes | None,
                list[tuple[int, int]] | None,
                list[tuple[int, int]],
            ]
        ],
        block: object | None,
    ) -> tuple[int | None, tuple[int, bytes, int, int, str | None] | None]:
        """Return the least gas, or how the call fails."""

    def locate(self, hash: bytes) -> tuple[int, int, bytes] | None:
        """Return epoch, place and first block of an executed transaction."""

    def raw_transaction(self, hash: bytes) -> bytes | None:
        """Return the signed bytes of an executed transaction."""

    def transaction_json(self, hash: bytes) -> bytes | None:
        """Return an executed transaction as JSON."""

    def receipt_json(self, hash: bytes) -> bytes | None:
        """Return a receipt as JSON."""

    def block_json(self, number: int, full: bool) -> bytes | None:
        """Return an epoch as a JSON block."""

    def receipts_json(self, number: int) -> bytes | None:
        """Return all receipts of an epoch as JSON."""

    def logs_json(
        self,
        first: int,
        last: int,
        addresses: list[bytes],
        topics: list[list[bytes]],
        limit: int,
    ) -> bytes:
        """Return the logs that match as JSON."""

    def fee_shares(
        self, number: int, rewardable: list[bytes]
    ) -> tuple[list[tuple[bytes, int]], int] | None:
        """Return the shares of an epoch's rewardable blocks in its fees, and the rest."""

def edit_accounts(
    executor: Executor,
    accounts: list[
        tuple[
            bytes,
            int | None,
            int | None,
            bytes | None,
            list[tuple[int, int]] | None,
            list[tuple[int, int]],
        ]
    ],
) -> tuple[bytes, bytes, bytes]:
    """Amend the head epoch by (address, balance, nonce, code, storage, slots); its new roots."""

def simulate(
    executor: Executor,
    requests: list[object],
    at: int | None,
    accounts: list[
        tuple[
            bytes,
            int | None,
            int | None,
            bytes | None,
            list[tuple[int, int]] | None,
            list[tuple[int, int]],
        ]
    ],
    block: object | None,
) -> tuple[
    list[
        tuple[
            tuple[int, bytes, int, int, str | None],
            list[tuple[bytes, list[bytes], bytes]],
            bytes | None,
        ]
    ],
    list[tuple[bytes, int | None, tuple[int, int, bytes] | None, int]],
    list[tuple[bytes, bytes]],
]:
    """Run calls in a row: (result, logs, created), then (address, slot, account, value), code."""

@final
class SimulatedState:
    """A pretended state that lives between simulated blocks."""

    def __new__(cls, executor: Executor, at: int | None = None) -> SimulatedState: ...
    def run_block(
        self,
        executor: Executor,
        block: object,
        accounts: list[
            tuple[
                bytes,
                int | None,
                int | None,
                bytes | None,
                list[tuple[int, int]] | None,
                list[tuple[int, int]],
            ]
        ],
        moved: list[tuple[bytes, bytes]],
        hashes: list[tuple[int, bytes]],
        calls: list[object],
        gas_budget: int,
        validates: bool,
        logs_transfers: bool,
    ) -> list[
        tuple[
            tuple[int, bytes, int, int, str | None],
            list[tuple[bytes, list[bytes], bytes]],
            int,
            int,
        ]
    ]:
        """Run one block on what earlier ones left: (result, logs, nonce, gas limit) a call."""

def prove(
    executor: Executor, address: bytes, slots: list[int], at: int | None = None
) -> tuple[
    int,
    tuple[bytes, bytes, bytes],
    list[
        tuple[
            bytes | None,
            tuple[bytes, bytes, list[tuple[int, bytes]]] | None,
            tuple[bytes, bytes, list[tuple[int, bytes]]] | None,
            tuple[list[tuple[bytes, bytes]], list[bytes]] | None,
        ]
    ],
]:
    """Prove an account and slots after epoch `at`: epoch, (S, I, D), each value with its walks."""

def trace_epoch(
    executor: Executor, number: int, index: int | None, options: str
) -> list[tuple[bytes, bytes]] | None:
    """Trace an epoch's transactions, or only the one at `index`: (hash, JSON)."""

def trace_call(
    executor: Executor,
    request: object,
    at: int | None,
    accounts: list[
        tuple[
            bytes,
            int | None,
            int | None,
            bytes | None,
            list[tuple[int, int]] | None,
            list[tuple[int, int]],
        ]
    ],
    block: object | None,
    options: str,
) -> bytes:
    """Trace a call: JSON."""

def call_if_brief(
    executor: Executor, request: object
) -> tuple[int, bytes, int, int, str | None] | None:
    """Run a call on the latest state; None if it is too long for this thread."""

def logs_json_at_hand(
    executor: Executor,
    first: int,
    last: int,
    addresses: list[bytes],
    topics: list[list[bytes]],
    limit: int,
) -> bytes | None:
    """Return the logs that match as JSON, if those of all the epochs are held."""

def access_list(
    executor: Executor,
    request: object,
    at: int | None,
    accounts: list[
        tuple[
            bytes,
            int | None,
            int | None,
            bytes | None,
            list[tuple[int, int]] | None,
            list[tuple[int, int]],
        ]
    ],
    block: object | None,
) -> tuple[list[tuple[bytes, list[bytes]]], tuple[int, bytes, int, int, str | None]]:
    """Return what a call touches, and how it ends with that warmed."""

def pending_transaction_json(transaction: Transaction) -> bytes:
    """Return a transaction that is not executed as JSON."""

# --- store -----------------------------------------------------------------------------------

@final
class Store:
    """An ordered, transactional key-value store; the same object serves Python and the core."""

    @staticmethod
    def open(
        path: str | PathLike[str],
        tables: Sequence[str],
        *,
        sync_interval_ms: int | None,
        cache_bytes: int,
    ) -> Store:
        """Open or make the store at `path`; `sync_interval_ms=None` syncs every commit.

        Raises:
            StorageError: locked, of another format, damaged, full or unreadable.
        """

    @staticmethod
    def memory(tables: Sequence[str]) -> Store:
        """Return a store in memory, gone with the process."""

    def tables(self) -> list[str]:
        """Return the names of the tables, the core's own first."""

    def get(self, table: str, key: bytes) -> bytes | None:
        """Return the value of `key`, or `None`."""

    def get_many(self, table: str, keys: Sequence[bytes]) -> list[bytes | None]:
        """Return the values of `keys` at one moment, in their order."""

    def range(
        self,
        table: str,
        start: bytes = ...,
        end: bytes | None = None,
        *,
        reverse: bool = False,
        limit: int | None = None,
    ) -> list[tuple[bytes, bytes]]:
        """Return rows with `start <= key < end` in key order, or from the end when `reverse`."""

    def commit(
        self, rows: Sequence[tuple[str, bytes, bytes | None]], *, synced: bool = False
    ) -> None:
        """Apply `rows` (table, key, value or `None` to delete) as one atomic batch.

        Raises:
            StoreStopped: the write failed; every later commit repeats this.
        """

    def sync(self) -> None:
        """Bring every commit so far to the medium."""

    def raise_failure(self) -> None:
        """Raise the failure that stopped the store, when one did."""

    def stats(self) -> dict[str, Any]:
        """Return counters and sizes; under `tables` and `table_bytes`, each table's approximate
        rows and the bytes of its files."""

    def measure(self, table: str) -> tuple[int, int, int]:
        """Return rows, bytes of keys and bytes of values of `table`, counted one by one."""

    def copy_to(self, path: str | PathLike[str]) -> None:
        """Copy the store as it is now into a new one at `path`; others may go on writing.

        Raises:
            DestinationNotEmpty: `path` holds something; nothing was written.
            StorageError: it cannot be read or written.
        """

    def close(self) -> None:
        """Sync and let the directory go; later calls raise `StoreClosed`."""
