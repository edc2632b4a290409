"""The course of the drill: settle, before, ban, after, and the wait until all is settled again."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS
from sogdia.ledger.params.networks import LOCAL_NET
from sogdia.local_network.errors import InvalidGroups
from sogdia.local_network.network import LocalNetwork
from sogdia.local_network.observe import observe
from sogdia.local_network.transfers import Sender
from sogdia.local_network.work_ban.load import RECEIVER, Load
from sogdia.local_network.work_ban.verdict import FinalLedger
from sogdia.local_network.work_ban.witness import Witness, blocks_of

SHARES = {"before": 0.2, "ban": 0.5, "after": 0.3}  # of the minutes asked for
SETTLE_S_MAX = 180.0  # the difficulty begins at an eighth of what it comes to
SETTLED_BLOCKS_PER_S = 2.6  # the target is 2; chance alone moves a quarter minute's mean by 0.4
DRAIN_S_MAX = 600.0  # at a third of the work a confirmation takes 80 s
DOUBLE_SPENDER = DEVELOPMENT_ACCOUNTS[-2]
DOUBLE_SPEND_AFTER_S = 2.0  # both lines are cut by then, and neither side knows of the other's
LOOK_S = 1.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DoubleSpend:
    """One coin spent on both sides of a cut: the same nonce, two receivers."""

    staying: str
    """Hash of what the staying side was told."""
    banned: str


@dataclass(slots=True)
class WorkBan:
    """One run on a network whose nodes run."""

    network: LocalNetwork
    jurisdiction: str
    variant: str
    minutes: float
    say: Say
    banned: list[str] = field(init=False)
    """Names of the nodes that leave."""
    staying: list[str] = field(init=False)
    load: Load = field(init=False)
    witness: Witness = field(init=False)
    moments: dict[str, float] = field(default_factory=dict)
    double_spend: DoubleSpend | None = None
    is_drained: bool = False

    def __post_init__(self) -> None:
        """Prepare what watches and what sends.

        Raises:
            UnknownNode: no node is of the jurisdiction.
            InvalidGroups: all are, and nobody stays.
        """
        self.load, self.witness = Load(self.network), Witness(self.network)
        self.banned = [node.name for node in self.network.plan.named(self.jurisdiction)]
        self.staying = [n.name for n in self.network.plan.nodes if n.name not in self.banned]
        if not self.staying:
            raise InvalidGroups(self.jurisdiction, "nobody stays")

    def run(self) -> None:
        """Live the story; what was seen is in `load` and `witness` afterwards."""
        self._begin("settle")
        self.witness.start()
        try:
            self._settle()
            self.load.start()
            self._live("before")
            self._ban()
            self._live("ban")
            self._return()
            self._live("after")
            self.load.stop()
            self._begin("drain")
            self._drain()
            self._begin("end")
        finally:
            self.load.stop()
            self.witness.stop()

    def _begin(self, phase: str) -> None:
        self.moments[phase] = time.time()
        self.load.phase = phase
        self.say(phase)

    def _live(self, phase: str) -> None:
        if phase not in self.moments:
            self._begin(phase)
        end = self.moments[phase] + 60 * self.minutes * SHARES[phase]
        while time.time() < end:
            time.sleep(max(0.0, min(LOOK_S, end - time.time())))
            if self.witness.failure is not None:
                raise self.witness.failure

    def _settle(self) -> None:
        """Wait until the difficulty has caught up with the work, and epochs are confirmed."""
        end = time.monotonic() + SETTLE_S_MAX
        while time.monotonic() < end:
            rates = [node.blocks_per_s for node in observe(self.network).nodes]
            is_calm = all(rate is not None and rate <= SETTLED_BLOCKS_PER_S for rate in rates)
            if is_calm and all(record.standing for record in self.witness.records.values()):
                return
            time.sleep(LOOK_S)

    def _ban(self) -> None:
        self._begin("ban")
        if self.variant == "dark":
            self.network.stop(self.banned, at_once=True)
            return
        self.network.partition([self.banned, self.staying])
        time.sleep(DOUBLE_SPEND_AFTER_S)
        self.double_spend = self._spend_twice()

    def _spend_twice(self) -> DoubleSpend:
        sender = Sender(DOUBLE_SPENDER, LOCAL_NET.chain_id)
        raws = [sender.sign_at(0, RECEIVER, value) for value in (1, 2)]
        nodes = (self.staying[0], self.banned[0])
        hashes = [
            self.network.rpc(name).call("eth_sendRawTransaction", f"0x{raw.hex()}")
            for name, raw in zip(nodes, raws, strict=True)
        ]
        return DoubleSpend(*hashes)

    def _return(self) -> None:
        self._begin("after")
        if self.variant == "dark":
            self.network.start(self.banned)
        else:
            self.network.heal()

    def _drain(self) -> None:
        """Wait until every node calls every transfer confirmed that any node took in."""
        end = time.monotonic() + DRAIN_S_MAX
        wanted = {each.hash for each in self.load.sent}
        while time.monotonic() < end:
            known = [
                {hash_ for statement in record.standing for hash_ in statement.transactions}
                for record in list(self.witness.records.values())
            ]
            if all(wanted <= hashes for hashes in known):
                self.is_drained = True
                return
            time.sleep(LOOK_S)

    def final_ledgers(self) -> dict[str, FinalLedger]:
        """Return what each node holds now, up to the last epoch that every node executed.

        Raises:
            NodeSilent, NodeRefused: a node does not answer.
        """
        top = min(self._heights("executedEpoch"))
        return {
            node.name: FinalLedger(
                {
                    number: (epoch["hash"], tuple(epoch["transactions"]))
                    for number, epoch in enumerate(
                        blocks_of(self.network.rpc(node.name), 1, top), start=1
                    )
                }
            )
            for node in self.network.plan.nodes
        }

    def confirmed_everywhere(self) -> int:
        """Return the last epoch that every node calls confirmed now."""
        return min(self._heights("confirmedEpoch"))

    def _heights(self, name: str) -> list[int]:
        rpcs = [self.network.rpc(node.name) for node in self.network.plan.nodes]
        return [int(rpc.call("sogdia_getStatus")[name], 16) for rpc in rpcs]
