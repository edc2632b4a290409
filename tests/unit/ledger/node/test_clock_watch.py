"""When a node says that its clock is behind those of the others."""

import asyncio

from tests.attacks.parties import agree, attack, join_all
from tests.unit.ledger.sync.nodes import Node

from sogdia.ledger.network.memory import MemoryNetwork
from sogdia.ledger.node.clock_watch import MEMORY_S, ClockWatch

HOUR_S = 3_600


def watched(node: Node) -> ClockWatch:
    """Return a watch of a node's clock, fed as the network's task feeds it."""
    watch = ClockWatch(
        lambda: node.time_s, asyncio.get_running_loop().time, lambda: len(node.sync.views)
    )
    node.sync.on_early_block = watch.on_early_block
    return watch


def test_a_clock_that_is_behind_is_named_until_it_is_set() -> None:
    """By how much, and what to do; an hour of refused blocks is nobody's fault."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        late = nodes[0]
        watch, right = watched(late), watched(nodes[1])
        late.time_s -= HOUR_S
        await join_all(nodes)
        assert watch.look() is None
        nodes[1].mine(10)
        nodes[2].mine(10)
        for _ in range(3):  # while it waits it keeps saying so
            await asyncio.sleep(60)
            alert = watch.look()
            assert alert is not None
            assert (alert.code, alert.since) == ("clock-behind", late.time_s)
            assert alert.details == {"aheadSeconds": HOUR_S, "earlyPeers": 2, "peers": 2}
            assert "3600 s behind" in alert.message and "timedatectl" in alert.message
        assert right.look() is None
        late.time_s += HOUR_S
        await agree(nodes)
        await asyncio.sleep(MEMORY_S + 1)
        assert watch.look() is None
        assert not late.bans

    attack(3, scenario)


def test_one_peer_of_several_that_is_ahead_alarms_nobody() -> None:
    """It is more likely wrong than everybody else; a single peer is as likely wrong as we."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        early, other, alone = nodes[0], nodes[1], nodes[3]
        early.time_s += HOUR_S
        watch, with_one = watched(other), watched(alone)
        await join_all(nodes[:3])
        await alone.peers.dial(early.address)
        early.mine(3)
        await asyncio.sleep(30)
        assert set(watch.early) == {early.node_id}
        assert watch.look() is None
        alert = with_one.look()
        assert alert is not None and alert.details["peers"] == 1

    attack(4, scenario)
