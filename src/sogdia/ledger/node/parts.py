"""Building the ledger's parts over one data directory, from the bottom up.

P1  Nothing is built over a directory that was refused.
P2  What the store holds is brought up to date before anybody can ask: the graph is rebuilt from
    its headers, epochs that were not executed yet are, and the pool takes back its journal.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from sogdia.ledger.consensus.api import Consensus, RootsReader
from sogdia.ledger.consensus.engine import Engine
from sogdia.ledger.consensus.genesis import build_genesis
from sogdia.ledger.execution.api import GenesisAccount
from sogdia.ledger.execution.driver import EpochDriver
from sogdia.ledger.execution.engine import CoreExecutor
from sogdia.ledger.mempool.pool import Pool
from sogdia.ledger.node.config import Config
from sogdia.ledger.node.errors import HeadMismatch, InvalidSetting
from sogdia.ledger.node.exclusive import exclusive
from sogdia.ledger.node.ledger import Ledger
from sogdia.ledger.node.recent_blocks import RecentBlocks
from sogdia.ledger.node.settings import ARCHIVE
from sogdia.ledger.params.network import NetworkParams
from sogdia.ledger.params.networks import LOCAL_NET, NETWORKS
from sogdia.ledger.primitives.errors import InvalidTransaction
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.transaction import decode_own, decode_transactions
from sogdia.ledger.storage.database import Database, SyncMode
from sogdia.ledger.storage.identity import Identity
from sogdia.ledger.storage.table import Writer
from sogdia.ledger.storage.tables.pool_journal import PoolJournal

# What consensus answers to any thread at any time (A5 of its api).
ANY_THREAD = frozenset(
    {
        "genesis",
        "outlook",
        "has_block",
        "header",
        "header_bytes",
        "references",
        "body_bytes",
        "status",
    }
)
# Settings `local.…` and the rules that they change.
_LOCAL_RULES = {
    "difficulty": "initial_difficulty",
    "difficulty_period": "difficulty_period",
    "espace_period": "espace_height_period",
}


@dataclass(frozen=True, slots=True)
class Parts:
    """What a node consists of, below its services."""

    params: NetworkParams
    database: Database
    consensus: Consensus
    executor: CoreExecutor
    pool: Pool
    ledger: Ledger


def network_params(config: Config) -> NetworkParams:
    """Return the network that the settings name, with their changes to it."""
    params = NETWORKS[config["node.network"]]
    if config["node.chain_id"] is not None:
        chain_id = config["node.chain_id"]
        params = replace(params, chain_id=chain_id, network_id=chain_id)
    if config["history.epochs"] is not None:
        kept = config["history.epochs"]
        kept = None if kept == ARCHIVE else kept
        execution = replace(params.execution, history_epochs=kept)
        params = replace(params, execution=execution)
    return _with_local_rules(config, params)


def _with_local_rules(config: Config, params: NetworkParams) -> NetworkParams:
    """Return the network with the rules of `local.*`, and then with an id that tells it apart.

    Raises:
        InvalidSetting: the network is not a local one, or the rules contradict each other.
    """
    fields = {name: config[f"local.{name}"] for name in _LOCAL_RULES}
    changed = {_LOCAL_RULES[name]: value for name, value in fields.items() if value is not None}
    if not changed:
        return params
    name = next(name for name, value in fields.items() if value is not None)
    wrong = {
        "name": f"local.{name}",
        "value": fields[name],
        "origin": config.origin(f"local.{name}"),
    }
    if params.name != LOCAL_NET.name:
        raise InvalidSetting(**wrong, want=f"no value on the {params.name} network")
    try:
        consensus = replace(params.consensus, **changed)
    except ValueError as error:
        raise InvalidSetting(**wrong, want=str(error)) from None
    # Nodes of different rules must not take each other for a peer: the handshake compares this.
    told_apart = keccak256(repr((params.network_id, sorted(changed.items()))).encode())
    return replace(params, consensus=consensus, network_id=int.from_bytes(told_apart[:4], "big"))


def identity_of(params: NetworkParams) -> Identity:
    """Return which ledger the network `params` is."""
    return Identity(params.name, params.chain_id, build_genesis(params).hash)


def build_parts(
    config: Config, params: NetworkParams, directory: Path, clock: Callable[[], int]
) -> Parts:
    """Open `directory` and build everything over it.

    Raises:
        DirectoryRefused, StoreDamaged: the directory cannot be used.
        HeadMismatch: the state is of a block that the graph does not hold.
    """
    database = Database.open(
        directory,
        identity_of(params),
        sync=SyncMode(config["storage.sync"]),
        cache_bytes=config["storage.cache_mib"] << 20,
    )
    try:
        return _build_over(config, params, database, clock)
    except BaseException:
        database.close()
        raise


def _build_over(
    config: Config, params: NetworkParams, database: Database, clock: Callable[[], int]
) -> Parts:
    executor = CoreExecutor(
        database.store,
        params.execution,
        chain_id=params.chain_id,
        call_memory_max=config["rpc.call_memory_bytes"],
    )
    write_genesis(executor, params)
    consensus = build_consensus(params, database.store, executor, clock)
    head, pivot = executor.head()
    if not consensus.has_block(pivot):
        raise HeadMismatch(number=head, pivot=pivot)
    journal = PoolJournal(database.store)
    # Miners that know each other's transactions had better not all pack the same ones.
    order_key = secrets.token_bytes(16) if config["network.enabled"] else b""
    pool = exclusive(
        Pool(params.mempool, executor, journal, base_price=0, block_gas_max=0, order_key=order_key)
    )
    recent = RecentBlocks(consensus.block)
    driver = EpochDriver(params, consensus, executor, recent)
    ledger = Ledger(consensus, driver, pool, recent, listeners=[])
    ledger.catch_up()
    decode = decode_own if params.consensus.takes_unsigned else decode_transactions
    waiting = decode(journal.load(), params.chain_id, config["node.workers"])
    pool.restore(
        (each for each in waiting if not isinstance(each, InvalidTransaction)), is_journaled=True
    )
    return Parts(params, database, consensus, executor, pool, ledger)


def build_consensus(
    params: NetworkParams, store: Writer, roots: RootsReader, clock: Callable[[], int]
) -> Consensus:
    """Return the engine for one writer and readers on any thread.

    On a development chain a revert can take a block away while it is read: there all calls take
    their turn. Nobody there waits for a medium, nor does a peer ask.
    """
    free = () if params.consensus.takes_unsigned else ANY_THREAD
    return exclusive(Engine(params, store, roots, clock), for_any_thread=free)


def write_genesis(executor: CoreExecutor, params: NetworkParams) -> None:
    """Write the state that the network begins with, or check that it is there.

    Raises:
        AlreadyInitialised: the store begins with another one.
    """
    header = build_genesis(params).header
    executor.genesis(
        [
            *(GenesisAccount(address, balance) for address, balance in params.genesis.balances),
            *(
                GenesisAccount(address, nonce=1, code=code)
                for address, code in params.genesis.contracts
            ),
        ],
        header.hash,
        timestamp=header.timestamp,
        gas_limit=header.gas_limit,
        base_price=0 if header.base_price is None else header.base_price[1],
    )
