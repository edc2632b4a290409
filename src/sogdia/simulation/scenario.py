"""What is simulated: the values of a scenario file, with their units, bounds and defaults.

Each dataclass is a table of the file and each field a key. `loading` reads and checks them; what
is checked here is what the values of several keys must fulfil together.
"""

from dataclasses import dataclass, field
from typing import Any

from sogdia.simulation.regions import REGIONS


def number(default: float, low: float, high: float) -> Any:
    """Return a field for a number from `low` to `high`; whole when the default is."""
    return field(default=default, metadata={"low": low, "high": high})


def choice(default: str, *permitted: str) -> Any:
    """Return a field for one of a few words."""
    return field(default=default, metadata={"permitted": permitted})


def words(*permitted: str) -> Any:
    """Return a field for a list of words; without `permitted`, of any."""
    return field(default=(), metadata={"words": permitted})


def tables(kind: type) -> Any:
    """Return a field for any number of equal tables."""
    return field(default=(), metadata={"tables": kind})


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPlan:
    """The nodes and what lies between them."""

    nodes: int = number(20, 2, 5_000)
    """Honest nodes, miners among them."""
    outbound: int = number(8, 1, 64)
    """Connections that a node opens; as many come in on average."""
    bandwidth_mbit_s: float = number(20.0, 0.1, 100_000.0)
    """Each way, of each node."""
    access_ms: int = number(20, 0, 5_000)
    """A node's own delay is drawn evenly from 0 to this, and added on both ends."""
    extra_delay_ms: int = number(0, 0, 60_000)
    """Added to every message, once."""
    loss_percent: float = number(0.0, 0.0, 50.0)
    """Chance that a message is lost and sent again, later each time."""
    pool_known_percent: float = number(99.0, 0.0, 100.0)
    """How many of a new block's transactions a node has already."""
    clock_error_s: int = number(0, 0, 86_400)
    """Clocks are wrong by up to this, forwards or backwards."""
    block_work_us: int = number(1_000, 0, 1_000_000)
    """Processor time of a node for a block without transactions."""
    transaction_work_us: int = number(5, 0, 10_000)
    """Processor time for each transaction of a compact block that the pool knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsensusPlan:
    """The rules' parameters; those of the main network unless said."""

    initial_difficulty: int = number(500, 10, 1_000_000)
    """Hashes of a first block. They are really tried, so thousands are enough for the rules."""
    blocks_per_s: float = number(2.0, 0.001, 1_000.0)
    """What all miners together make at the initial difficulty."""
    target_block_interval_ms: int = number(500, 1, 1_000_000)
    difficulty_period: int = number(250, 0, 20_000)
    era_epoch_count: int = number(20_000, 10, 1_000_000)
    timer_ratio: int = number(180, 1, 100_000)
    timer_beta: int = number(240, 1, 100_000)
    heavy_ratio: int = number(250, 1, 100_000)
    adaptive_beta: int = number(1_000, 1, 1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionPlan:
    """Transactions, counted and weighed but not executed."""

    per_s: float = number(0.0, 0.0, 1_000_000.0)
    """Entering the network; 0: blocks are empty."""
    size_bytes: int = number(112, 1, 100_000)
    """Of one, signed: a simple transfer."""
    block_bytes: int = number(200 * 1024, 0, 10_000_000)
    """What a block holds at most."""
    packing: str = choice("own", "ordered", "own")
    """Which of the waiting transactions a miner takes: the first in an order of its own, as a pool
    does where prices are equal, or the first that came."""
    spread_ms: int = number(1_000, 0, 60_000)
    """From entering anywhere to being in every miner's pool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Jurisdiction:
    """Nodes and work under one law."""

    name: str = "world"
    work: float = number(100.0, 0.0, 1_000_000.0)
    """Share of the honest work, relative to the others'."""
    nodes: float = number(100.0, 0.0, 1_000_000.0)
    """Share of the nodes, relative to the others'."""
    miners: int = number(10, 0, 5_000)
    """How many of its nodes mine, with equal work."""
    regions: tuple[str, ...] = words(*REGIONS)
    """Where they stand, evenly; everywhere if empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happens to whole jurisdictions."""

    at_s: float = number(0.0, 0.0, 10_000_000.0)
    kind: str = choice("dark", "dark", "light", "cut-off", "heal")
    """dark: their nodes stop; light: these go on; cut-off: they hear only each other, and attackers
    stay outside; heal: nobody is cut off any more."""
    jurisdictions: tuple[str, ...] = words()


@dataclass(frozen=True, slots=True, kw_only=True)
class Churn:
    """Nodes that come and go; miners stay."""

    nodes_percent: float = number(0.0, 0.0, 100.0)
    up_s: float = number(600.0, 1.0, 1_000_000.0)
    """How long one stays on average."""
    down_s: float = number(60.0, 1.0, 1_000_000.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attacker:
    """One miner who does not play fair."""

    kind: str = choice("withhold", "withhold", "private-chain", "balance")
    work: float = number(30.0, 0.1, 99.0)
    """Percent of all work, the honest miners' included."""
    start_s: float = number(60.0, 0.0, 10_000_000.0)
    release_s: float = number(30.0, 0.1, 10_000_000.0)
    """withhold: how long each block is held. private-chain: after how long it is given up and shown
    whatever it is worth."""
    stated_risk: float = number(1e-4, 0.0, 1.0)
    """private-chain: shown as soon as it is heavier and an observer had stated this risk or less
    for what it reverses; 0 shows it only at `release_s`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObserverPlan:
    """Honest nodes that are asked, every second, how settled the ledger is."""

    nodes: int = number(5, 1, 1_000)
    interval_ms: int = number(1_000, 100, 60_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A whole scenario."""

    name: str = "unnamed"
    duration_s: float = number(300.0, 1.0, 10_000_000.0)
    """How long blocks are made."""
    settle_s: float = number(60.0, 0.0, 100_000.0)
    """How long messages still travel afterwards: then all honest nodes must agree."""
    network: NetworkPlan = field(default_factory=NetworkPlan)
    consensus: ConsensusPlan = field(default_factory=ConsensusPlan)
    transactions: TransactionPlan = field(default_factory=TransactionPlan)
    observers: ObserverPlan = field(default_factory=ObserverPlan)
    churn: Churn = field(default_factory=Churn)
    jurisdiction: tuple[Jurisdiction, ...] = tables(Jurisdiction)
    event: tuple[Event, ...] = tables(Event)
    attacker: tuple[Attacker, ...] = tables(Attacker)

    @property
    def jurisdictions(self) -> tuple[Jurisdiction, ...]:
        """Those of the file, or one that is the whole world."""
        return self.jurisdiction or (Jurisdiction(),)
