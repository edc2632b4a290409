"""Transfers at every node all the time, each with the moment and the place where it was sent."""

import threading
import time
from dataclasses import dataclass, field

from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS
from sogdia.ledger.params.networks import LOCAL_NET
from sogdia.local_network.errors import NodeRefused, NodeSilent
from sogdia.local_network.network import LocalNetwork
from sogdia.local_network.transfers import Sender

RECEIVER = b"\x5b" * 20
TRANSFERS_PER_S = 1.0  # of each node: the drill is about confirmation, not about throughput
# The last two accounts are the probe's and the double spender's.
SENDERS_MAX = len(DEVELOPMENT_ACCOUNTS) - 2


@dataclass(frozen=True, slots=True)
class Sent:
    """A transfer that a node has taken in."""

    hash: str
    node: str
    at_s: float
    phase: str


@dataclass(slots=True)
class Load:
    """One sender for each node, on a thread of its own; a node that is silent is left out."""

    network: LocalNetwork
    phase: str = "before"
    """Written into what is sent from now on."""
    sent: list[Sent] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    """Words of refusals, and how often."""
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Begin to send."""
        for place, node in enumerate(self.network.plan.nodes[:SENDERS_MAX]):
            sender = Sender(DEVELOPMENT_ACCOUNTS[place], LOCAL_NET.chain_id)
            thread = threading.Thread(target=self._send, args=(node.name, sender), daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Send no more."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _send(self, name: str, sender: Sender) -> None:
        rpc = self.network.rpc(name)
        while not self._stop.wait(1 / TRANSFERS_PER_S):
            raw = sender.sign(RECEIVER)
            try:
                answer = rpc.call("eth_sendRawTransaction", f"0x{raw.hex()}")
                self.sent.append(Sent(answer, name, time.time(), self.phase))
            except NodeSilent:
                sender.next_nonce -= 1
            except NodeRefused as error:
                self.refused[error.message] = self.refused.get(error.message, 0) + 1
                self._resume(name, sender)

    def _resume(self, name: str, sender: Sender) -> None:
        try:
            sender.resume(self.network.rpc(name))
        except (NodeSilent, NodeRefused):
            return  # the next round asks again
