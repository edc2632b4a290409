"""Transfers of the public accounts, sent to a node: what a probe and a drill's load are made of."""

from dataclasses import dataclass, field

from sogdia.ledger.node.self_test import sign_transfer
from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS, DevelopmentAccount
from sogdia.local_network.errors import NodeRefused, NodeSilent
from sogdia.local_network.node_rpc import NodeRpc

GAS_PRICE = 20 * 10**9  # twenty times the least base price: a full hour of full blocks
PROBE_ACCOUNT = DEVELOPMENT_ACCOUNTS[-1]


@dataclass(slots=True)
class Sender:
    """One account whose transactions are numbered here; one node at a time is told of them."""

    account: DevelopmentAccount
    chain_id: int
    next_nonce: int = 0

    def sign(self, to: bytes, value: int = 1) -> bytes:
        """Return the next transfer, signed; `value` is in drip."""
        raw = self.sign_at(self.next_nonce, to, value)
        self.next_nonce += 1
        return raw

    def sign_at(self, nonce: int, to: bytes, value: int = 1) -> bytes:
        """Return a transfer of a nonce that may be used already."""
        return sign_transfer(
            self.account, to, value, nonce=nonce, gas_price=GAS_PRICE, chain_id=self.chain_id
        )

    def resume(self, rpc: NodeRpc) -> None:
        """Go on from what a node knows of the account."""
        address = f"0x{self.account.address.hex()}"
        self.next_nonce = int(rpc.call("eth_getTransactionCount", address, "pending"), 16)


@dataclass(slots=True)
class Probe:
    """A transfer that is watched until every node calls it confirmed; then the next is sent."""

    rpcs: dict[str, NodeRpc]
    sender: Sender
    hash: str | None = None
    risks: dict[str, str | None] = field(default_factory=dict)
    """Of the probe at each node; `None` while it is not executed there."""

    def look(self) -> None:
        """Ask every node for the probe's risk; send one if there is none or it is settled."""
        if self.hash is None or all(_is_settled(self.risks.get(name)) for name in self.rpcs):
            self._send()
        self.risks = {name: self._risk(rpc) for name, rpc in self.rpcs.items()}

    def _send(self) -> None:
        for rpc in self.rpcs.values():
            try:
                self.sender.resume(rpc)
                raw = self.sender.sign(self.sender.account.address)
                self.hash = rpc.call("eth_sendRawTransaction", f"0x{raw.hex()}")
            except (NodeSilent, NodeRefused):
                continue
            return

    def _risk(self, rpc: NodeRpc) -> str | None:
        try:
            receipt = rpc.call("eth_getTransactionReceipt", self.hash) if self.hash else None
            if receipt is None:
                return None
            risk = rpc.call("sogdia_getConfirmationRisk", receipt["blockNumber"])
        except (NodeSilent, NodeRefused):
            return None
        return None if risk is None else str(risk)


def _is_settled(risk: str | None) -> bool:
    return risk is not None and float(risk) <= 1e-8
