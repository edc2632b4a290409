"""What lies between nodes: lines with a rate, distance, loss, and walls between sides.

W1  A node sends one message after the other: what is queued behind a large one waits.
W2  Between two nodes messages keep their order, unless one was lost and had to be sent again.
W3  What is under way when its receiver goes dark or behind a wall is gone.
"""

import random
from collections.abc import Callable, Sequence
from typing import Any

from sogdia.simulation.clock import MILLISECOND, SECOND, Timeline
from sogdia.simulation.regions import REGIONS, one_way_ms
from sogdia.simulation.scenario import NetworkPlan

QUEUED_BYTES_MIN = 4_096  # smaller messages pass a receiver's line without queueing
RESEND_FIRST = 200 * MILLISECOND  # the least retransmission timeout of TCP; doubles each time
SENDS_MAX = 6  # then the connection is given up, and only the heartbeat heals


class Wire:
    """All lines of a network."""

    def __init__(
        self,
        timeline: Timeline,
        chance: random.Random,
        plan: NetworkPlan,
        regions: Sequence[str],
        *,
        honest: int,
        taken_bytes_per_s: float,
    ) -> None:
        """`regions` is where each node stands, the first `honest` of them honest ones;
        `taken_bytes_per_s` of each line is used up by transactions. At least a tenth of a line is
        left for blocks."""
        self._honest = honest
        self._timeline = timeline
        self._chance = chance
        line = plan.bandwidth_mbit_s * 1_000_000 / 8
        self._us_per_byte = SECOND / max(line - taken_bytes_per_s, line / 10)
        self._loss = plan.loss_percent / 100
        self._extra = plan.extra_delay_ms * MILLISECOND
        access_max = plan.access_ms * MILLISECOND
        self._access = [chance.randint(0, access_max) for _ in regions]
        self._region = [REGIONS.index(name) for name in regions]
        self._between = [[one_way_ms(a, b) * MILLISECOND for b in REGIONS] for a in REGIONS]
        self._sends_until = [0] * len(regions)
        self._receives_until = [0] * len(regions)
        self.is_online = [True] * len(regions)
        self.side = [0] * len(regions)
        """Which side of a wall each node is on."""
        self.messages = 0
        self.bytes = 0

    def delay(self, origin: int, target: int) -> int:
        """Return how long a byte travels, in microseconds."""
        between = self._between[self._region[origin]][self._region[target]]
        return between + self._access[origin] + self._access[target] + self._extra

    def is_apart(self, origin: int, target: int) -> bool:
        """Tell whether nothing passes between two nodes now."""
        online = self.is_online
        return not (online[origin] and online[target]) or self.side[origin] != self.side[target]

    def reachable(self, origin: int) -> int:
        """Return how many honest nodes a message from `origin` could reach now, itself among
        them."""
        side = self.side[origin]
        honest = range(self._honest)
        return sum(self.is_online[node] and self.side[node] == side for node in honest)

    def send(
        self,
        origin: int,
        target: int,
        size_bytes: int,
        action: Callable[..., None],
        *arguments: Any,
    ) -> None:
        """Do `action` when a message has come through, if it does."""
        if self.is_apart(origin, target):
            return
        self.messages += 1
        self.bytes += size_bytes
        sent = self._sends_until[origin]
        now = self._timeline.now
        sent = (sent if sent > now else now) + int(size_bytes * self._us_per_byte)
        self._sends_until[origin] = sent
        delay = self.delay(origin, target)
        arrives = sent + delay
        if self._loss:
            resent = self._resending(delay)
            if resent is None:
                return
            arrives += resent
        self._timeline.at(arrives, self._arrive, origin, target, size_bytes, action, arguments)

    def _resending(self, delay: int) -> int | None:
        """Return how much later a message comes because it was lost; None: it never does."""
        later = 0
        timeout = RESEND_FIRST + 2 * delay
        for _ in range(SENDS_MAX):
            if self._chance.random() >= self._loss:
                return later
            later += timeout
            timeout *= 2
        return None

    def _arrive(
        self,
        origin: int,
        target: int,
        size_bytes: int,
        action: Callable[..., None],
        arguments: tuple[Any, ...],
    ) -> None:
        if self.is_apart(origin, target):
            return
        if size_bytes >= QUEUED_BYTES_MIN:
            # The line takes the bytes as they come: only what others occupy is waited for.
            ends = self._receives_until[target] + int(size_bytes * self._us_per_byte)
            self._receives_until[target] = max(ends, self._timeline.now)
            if ends > self._timeline.now:
                self._timeline.at(ends, self._hand_over, origin, target, action, arguments)
                return
        action(*arguments)

    def _hand_over(
        self, origin: int, target: int, action: Callable[..., None], arguments: tuple[Any, ...]
    ) -> None:
        if not self.is_apart(origin, target):
            action(*arguments)
