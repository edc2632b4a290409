"""How badly each peer has behaved lately, in points that fade.

Some wrongs have an honest explanation once and none the fiftieth time. Each costs points; who
comes to `BAN_AT` is banned. Points belong to the identity, so hanging up forgives nothing.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

BAN_AT = 100.0
HALF_LIFE_S = 3_600.0  # an honest node with a bad hour is a good peer two hours later
IDENTITIES_MAX = 4_096  # an identity is cheap, a host is not: hosts are banned with it
CHEAP_HEADER_POINTS = 2.0  # work far below what any rule lets a block have: 50 of them
LIGHT_BRANCH_POINTS = 0.5  # work far below ours, on a branch of its own: for two hours
PARTIALLY_INVALID_POINTS = 4.0  # honest miners never make one and honest nodes never tell one: 25
UNKNOWN_PAST_POINTS = 4.0  # announced, and its past cannot be had from who announced it: 25
FALSE_HEIGHT_POINTS = 25.0  # said that it has epochs that it cannot name: 4
FLOOD_POINTS = 25.0  # more than its buckets hold: a new session has them full again: 5
STALL_POINTS = 5.0  # did not answer in time: 20, and it is asked last meanwhile


@dataclass(slots=True)
class Scores:
    """Points by identity; times are seconds of any steady clock."""

    points: OrderedDict[bytes, tuple[float, float]] = field(default_factory=OrderedDict)

    def add(self, peer_id: bytes, points: float, *, now_s: float) -> float:
        """Note a wrong; return what it comes to."""
        total = self.of(peer_id, now_s=now_s) + points
        self.points[peer_id] = (total, now_s)
        self.points.move_to_end(peer_id)
        while len(self.points) > IDENTITIES_MAX:
            self.points.popitem(last=False)
        return total

    def of(self, peer_id: bytes, *, now_s: float) -> float:
        """Return what is left of a peer's points."""
        points, at_s = self.points.get(peer_id, (0.0, now_s))
        return float(points * 0.5 ** (max(0.0, now_s - at_s) / HALF_LIFE_S))
