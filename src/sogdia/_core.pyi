"""The compiled core. Import it through its wrappers, never directly (see docs/architecture.md)."""

from collections.abc import Sequence
from os import PathLike
from typing import Any

from sogdia.ledger.primitives.errors import InvalidTransaction

# --- build -----------------------------------------------------------------------------------

def build_info() -> dict[str, str]:
    """Return how the binary was built: `version`, `profile`, `commit`."""

# --- codec -----------------------------------------------------------------------------------

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
        """0 legacy, 1 access list, 2 dynamic fee, 4 set code (EIP-2718)."""

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

    def effective_gas_price(self, base_price: int) -> int | None:
        """Return what it pays per unit of gas at `base_price`, `None` if its cap is below."""

    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...

def decode_transactions(
    raws: Sequence[bytes], chain_id: int, threads: int = 1
) -> list[Transaction | InvalidTransaction]:
    """Decode, check, hash and recover a batch; a refusal stands in its transaction's place."""

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

# --- evm and state ---------------------------------------------------------------------------

# --- store -----------------------------------------------------------------------------------

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
        """Return counters and sizes, the approximate rows of each table under `tables`."""

    def close(self) -> None:
        """Sync and let the directory go; later calls raise `StoreClosed`."""
