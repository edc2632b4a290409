"""Writes down what each node calls confirmed, when, with which alerts, and how its epochs came.

S1  A statement is what a node's `confirmedEpoch` covers: the pivot block of an epoch and its
    transactions in order, stated to be reversed with a risk of at most 1e-8.
S2  A statement is kept for ever. One that the node itself no longer holds is marked with the
    moment that was noticed, and the node's later words on that epoch are further statements.
"""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from sogdia.local_network.errors import NodeRefused, NodeSilent
from sogdia.local_network.network import LocalNetwork
from sogdia.local_network.node_rpc import NodeRpc

LOOK_S = 1.0


@dataclass(slots=True)
class Statement:
    """One epoch that one node called confirmed."""

    node: str
    epoch: int
    pivot: str
    transactions: tuple[str, ...]
    at_s: float
    alerts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EpochSeen:
    """One epoch as a node executed it."""

    number: int
    pivot: str
    timestamp: int
    blocks: int
    difficulty: int
    at_s: float
    """When it was seen."""


@dataclass(slots=True)
class NodeRecord:
    """What one node has said so far."""

    name: str
    rpc: NodeRpc
    standing: list[Statement] = field(default_factory=list)
    """By epoch, from epoch 1 on: the statements that the node still holds."""
    withdrawn: list[Statement] = field(default_factory=list)
    epochs: list[EpochSeen] = field(default_factory=list)
    """As they came; epochs that were executed again are there twice."""
    alerts: list[tuple[float, tuple[str, ...]]] = field(default_factory=list)
    """The moments at which the alerts changed, and what they were from then on."""
    next_executed: int = 1
    last_pivot: str | None = None
    """Of the last epoch seen executed: when it changes, the chain has moved."""

    def look(self) -> None:
        """Write down what is new.

        Raises:
            NodeSilent, NodeRefused: the node does not run, or was moving; ask again.
        """
        status = self.rpc.call("sogdia_getStatus")
        now_s = time.time()
        alerts = tuple(alert["code"] for alert in status["alerts"])
        if alerts != (self.alerts[-1][1] if self.alerts else ()):
            self.alerts.append((now_s, alerts))
        self._withdraw()
        confirmed, executed = int(status["confirmedEpoch"], 16), int(status["executedEpoch"], 16)
        first = len(self.standing) + 1
        for number, epoch in zip(
            range(first, confirmed + 1), blocks_of(self.rpc, first, confirmed), strict=True
        ):
            transactions = tuple(epoch["transactions"])
            self.standing.append(
                Statement(self.name, number, epoch["hash"], transactions, now_s, alerts)
            )
        self._see_epochs(executed, now_s)

    def _withdraw(self) -> None:
        """Take back the statements that the node's chain no longer holds (S2)."""
        while self.standing:
            last = self.standing[-1]
            epoch = self.rpc.call("eth_getBlockByNumber", hex(last.epoch), False)
            if epoch is not None and epoch["hash"] == last.pivot:
                return
            self.withdrawn.append(self.standing.pop())

    def _see_epochs(self, executed: int, now_s: float) -> None:
        """Write down the epochs that were executed since, after a fork those of the new chain."""
        while self.next_executed > 1:
            held = self.rpc.call("sogdia_getEpoch", hex(self.next_executed - 1))
            seen = next(e for e in reversed(self.epochs) if e.number == self.next_executed - 1)
            if held is not None and held["pivot"] == seen.pivot:
                break
            self.next_executed -= 1
        numbers = range(self.next_executed, executed + 1)
        epochs = self.rpc.batch([("sogdia_getEpoch", (hex(n),)) for n in numbers])
        pivots = self.rpc.batch([("sogdia_getBlock", (epoch["pivot"],)) for epoch in epochs])
        for number, epoch, pivot in zip(numbers, epochs, pivots, strict=True):
            blocks = len(epoch["blocks"]) + len(epoch["skipped"])
            timestamp, difficulty = int(pivot["timestamp"], 16), int(pivot["difficulty"], 16)
            self.epochs.append(
                EpochSeen(number, epoch["pivot"], timestamp, blocks, difficulty, now_s)
            )
        self.next_executed = max(self.next_executed, executed + 1)

    @property
    def statements(self) -> list[Statement]:
        """All statements, those that were withdrawn too."""
        return self.withdrawn + self.standing


def blocks_of(rpc: NodeRpc, first: int, last: int) -> list[dict[str, Any]]:
    """Return epochs as blocks of the Ethereum API, with the hashes of their transactions.

    Raises:
        NodeRefused: one of them is not there, as the chain is moving.
    """
    numbers = range(first, last + 1)
    found = rpc.batch([("eth_getBlockByNumber", (hex(n), False)) for n in numbers])
    if not all(found):
        raise NodeRefused("eth_getBlockByNumber", "the chain is moving")
    return found


@dataclass(slots=True)
class Witness:
    """Looks at every node once a second, on a thread of its own."""

    network: LocalNetwork
    records: dict[str, NodeRecord] = field(init=False)
    failure: BaseException | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __post_init__(self) -> None:
        """Begin with nothing written."""
        self.records = {
            node.name: NodeRecord(node.name, NodeRpc(node.rpc_port))
            for node in self.network.plan.nodes
        }

    def start(self) -> None:
        """Begin to look."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more; raise what went wrong while looking."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        for record in self.records.values():
            record.rpc.close()
        if self.failure is not None:
            raise self.failure

    def _run(self) -> None:
        try:
            while not self._stop.wait(LOOK_S):
                self.look()
        except BaseException as error:
            self.failure = error
            raise

    def look(self) -> None:
        """Look once at every node that answers."""
        for record in self.records.values():
            try:
                record.look()
            except (NodeSilent, NodeRefused):
                continue
