"""Everything that a network fixes, in one value."""

from dataclasses import dataclass, field

from sogdia.ledger.params.consensus import ConsensusParams
from sogdia.ledger.params.execution import ExecutionParams
from sogdia.ledger.params.mempool import MempoolParams

CHAIN_ID_MAX = (1 << 62) - 1  # 35 + 2 x it still fits the 64 bits that most signers keep for v


@dataclass(frozen=True, slots=True, kw_only=True)
class Genesis:
    """The first block and the state that it starts from."""

    timestamp: int = 0
    """Unix seconds."""
    author: bytes = bytes(20)
    balances: tuple[tuple[bytes, int], ...] = ()
    """(address, drip) of eSpace."""
    contracts: tuple[tuple[bytes, bytes], ...] = ()
    """(address, code) of eSpace, each with nonce 1 as a contract that was created."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkParams:
    """A network: two nodes agree when these are equal, but for `mempool`, which is each node's."""

    name: str
    chain_id: int
    """Of eSpace, in signatures (EIP-155)."""
    network_id: int
    """In handshakes between nodes; also what `net_version` answers."""
    genesis: Genesis = field(default_factory=Genesis)
    consensus: ConsensusParams = field(default_factory=ConsensusParams)
    execution: ExecutionParams = field(default_factory=ExecutionParams)
    mempool: MempoolParams = field(default_factory=MempoolParams)
    is_eager: bool = False
    """One miner: the pivot tip is executed at once, so that a receipt exists as soon as its
    block does. With several miners a tip may still lose, and execution waits for its depth."""

    def __post_init__(self) -> None:
        """Refuse ids that signatures cannot carry.

        Raises:
            ValueError: names the id.
        """
        if not 0 < self.chain_id <= CHAIN_ID_MAX:
            raise ValueError(f"chain_id is {self.chain_id}; it must be from 1 to {CHAIN_ID_MAX}")
        if self.network_id < 0:
            raise ValueError(f"network_id is {self.network_id}; it must not be negative")
