"""Which nodes a network has, what each is called, and its share of the work.

W1  Shares are parts of a whole, whatever they sum to: 67, 15, 10, 8 and 6.7, 1.5, 1, 0.8 are
    the same network.
W2  A jurisdiction has at least one node; further nodes go where a node's share is largest, and
    divide it evenly.
"""

import re
from collections.abc import Mapping

import msgspec

from sogdia.ledger.params.networks import LOCAL_NET
from sogdia.local_network.errors import InvalidGroups, InvalidWork, UnknownNode

NODES_MAX = 64  # of 60 MB each
NAME = re.compile(r"[a-z][a-z0-9]{0,15}")
# In the sum over all nodes: 6 % of a core, and enough that a tenth of it still finds blocks by
# thousands of trials rather than a handful.
HASH_RATE = 100_000.0
# The least difficulty, also the first one, is this part of what the target rate needs: work can
# fall to an eighth before the adjustment reaches its floor.
HEADROOM = 8
DIFFICULTY_PERIOD = 20  # ten seconds at the target rate, where the protocol has two minutes
ESPACE_PERIOD = 1


class NodePlan(msgspec.Struct, frozen=True):
    """One node."""

    name: str
    jurisdiction: str
    share: float
    """Of all work, from 0 to 1."""
    rpc_port: int
    peer_port: int


class NetworkPlan(msgspec.Struct, frozen=True):
    """One network."""

    name: str
    hash_rate: float
    """Nonces a second, of all nodes together."""
    nodes: tuple[NodePlan, ...]

    @property
    def difficulty(self) -> int:
        """The first and least difficulty."""
        interval_s = LOCAL_NET.consensus.target_block_interval_ms / 1_000
        return max(2, round(self.hash_rate * interval_s / HEADROOM))

    def node(self, name: str) -> NodePlan:
        """Return the node called `name`.

        Raises:
            UnknownNode: there is none.
        """
        for node in self.nodes:
            if node.name == name:
                return node
        raise UnknownNode(name, tuple(each.name for each in self.nodes))

    def named(self, name: str) -> list[NodePlan]:
        """Return the node called `name`, or all nodes of the jurisdiction of that name.

        Raises:
            UnknownNode: there is neither.
        """
        found = [node for node in self.nodes if name in (node.name, node.jurisdiction)]
        return found or [self.node(name)]


def parse_work(text: str) -> dict[str, float]:
    """Return the share of each jurisdiction, in the order given.

    Raises:
        InvalidWork: not of the form, a share that is not positive, or a name twice.
    """
    shares: dict[str, float] = {}
    for part in text.split(","):
        name, sign, number = part.strip().partition("=")
        if not sign or not NAME.fullmatch(name):
            raise InvalidWork(text, f"{part.strip()!r} is no NAME=SHARE")
        if name in shares:
            raise InvalidWork(text, f"{name} is there twice")
        try:
            shares[name] = float(number)
        except ValueError:
            raise InvalidWork(text, f"{number!r} is no number") from None
        if not 0 < shares[name] < float("inf"):
            raise InvalidWork(text, f"the share of {name} is {number}; it must be positive")
    return shares


def equal_work(nodes: int) -> dict[str, float]:
    """Return equal shares for nodes called n1, n2 …"""
    return {f"n{number}": 1.0 for number in range(1, nodes + 1)}


def divide(shares: Mapping[str, float], nodes: int) -> list[tuple[str, str, float]]:
    """Return (name, jurisdiction, share from 0 to 1) of each node (W1, W2).

    Raises:
        InvalidWork: fewer nodes than jurisdictions, or too many.
    """
    words = ",".join(f"{name}={share:g}" for name, share in shares.items())
    if not len(shares) <= nodes <= NODES_MAX:
        raise InvalidWork(
            words,
            f"for {len(shares)} shares there must be {len(shares)} to {NODES_MAX} nodes, and "
            f"{nodes} were asked for",
        )
    counts = dict.fromkeys(shares, 1)
    for _ in range(nodes - len(shares)):
        counts[max(shares, key=lambda name: shares[name] / counts[name])] += 1
    whole = sum(shares.values())
    return [
        (name if count == 1 else f"{name}-{number}", name, shares[name] / count / whole)
        for name, count in counts.items()
        for number in range(1, count + 1)
    ]


def parse_groups(plan: NetworkPlan, text: str) -> list[list[str]]:
    """Return the names of the nodes in each group; nodes that are not named form one more.

    Raises:
        UnknownNode: a name that is no node and no jurisdiction.
        InvalidGroups: a node is in two groups, or there is but one group.
    """
    groups = []
    for part in text.split("|"):
        words = [word.strip() for word in part.split(",") if word.strip()]
        groups.append([node.name for word in words for node in plan.named(word)])
    seen = [name for group in groups for name in group]
    for name in seen:
        if seen.count(name) > 1:
            raise InvalidGroups(text, f"{name} is in two")
    groups.append([node.name for node in plan.nodes if node.name not in seen])
    groups = [group for group in groups if group]
    if len(groups) < 2:
        raise InvalidGroups(text, "there is but one, which parts nothing")
    return groups
