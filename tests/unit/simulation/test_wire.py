"""Lines between nodes."""

import random
from typing import Any

from sogdia.simulation.clock import MILLISECOND, SECOND, Timeline
from sogdia.simulation.scenario import NetworkPlan
from sogdia.simulation.wire import Wire


def wire(timeline: Timeline, **plan: Any) -> Wire:
    """Return the lines of three nodes in one region without access delays: 10 ms between any."""
    values = {"access_ms": 0, "bandwidth_mbit_s": 8.0} | plan  # 8 Mbit/s: a byte a microsecond
    regions = ["europe"] * 3
    return Wire(
        timeline, random.Random(1), NetworkPlan(**values), regions, honest=3, taken_bytes_per_s=0
    )


def arrivals(timeline: Timeline, until_s: int = 10_000) -> tuple[list[tuple[Any, int]], Any]:
    """Return a list that fills with (what, when), and the action that fills it."""
    seen: list[tuple[Any, int]] = []

    def note(what: Any) -> None:
        seen.append((what, timeline.now))

    return seen, note


def test_messages_of_one_sender_wait_for_each_other() -> None:
    """Bytes over rate, then the distance; another sender's line is free."""
    timeline = Timeline()
    lines = wire(timeline)
    seen, note = arrivals(timeline)
    lines.send(0, 1, 100_000, note, "large")
    lines.send(0, 2, 1_000, note, "behind it")
    lines.send(1, 2, 1_000, note, "free")
    timeline.run_until(SECOND)
    assert seen == [("free", 11_000), ("large", 110_000), ("behind it", 111_000)]


def test_a_receiver_takes_two_large_messages_one_after_the_other() -> None:
    """Its line has the same rate in the other direction."""
    timeline = Timeline()
    lines = wire(timeline)
    seen, note = arrivals(timeline)
    lines.send(0, 2, 100_000, note, "one")
    lines.send(1, 2, 100_000, note, "two")
    timeline.run_until(SECOND)
    assert seen == [("one", 110_000), ("two", 210_000)]


def test_transactions_take_their_part_of_a_line() -> None:
    """Half of it here; and never more than nine tenths."""
    plan = NetworkPlan(access_ms=0, bandwidth_mbit_s=8.0)
    for taken, expected in ((500_000, 210_000), (2_000_000, 1_010_000)):
        timeline = Timeline()
        lines = Wire(
            timeline, random.Random(1), plan, ["europe"] * 2, honest=2, taken_bytes_per_s=taken
        )
        seen, note = arrivals(timeline)
        lines.send(0, 1, 100_000, note, "x")
        timeline.run_until(10 * SECOND)
        assert seen == [("x", expected)]


def test_nothing_passes_walls_or_reaches_the_dark() -> None:
    """Not even what was under way; within a side everything passes."""
    timeline = Timeline()
    lines = wire(timeline)
    seen, note = arrivals(timeline)
    lines.send(0, 2, 1_000, note, "under way")
    lines.side[2] = 1
    lines.send(0, 2, 1_000, note, "refused")
    lines.send(0, 1, 1_000, note, "within")
    timeline.run_until(SECOND)
    lines.is_online[1] = False
    lines.send(0, 1, 1_000, note, "dark")
    timeline.run_until(2 * SECOND)
    assert [what for what, _ in seen] == ["within"]


def test_loss_delays_and_rarely_swallows() -> None:
    """A share `loss` of messages comes later by a timeout at least; 0.2^6 never come."""
    timeline = Timeline()
    lines = wire(timeline, loss_percent=20.0)
    seen, note = arrivals(timeline)
    for number in range(20_000):
        timeline.at(number * SECOND, lines.send, 0, 1, 100, note, number)
    timeline.run_until(30_000 * SECOND)
    late = sum(at - number * SECOND > 200 * MILLISECOND for number, at in seen)
    assert 0.18 < late / 20_000 < 0.22
    assert 0 <= 20_000 - len(seen) < 10
