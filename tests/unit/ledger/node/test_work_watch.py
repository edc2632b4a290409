"""When a node says that the work behind its ledger has fallen."""

import random
from dataclasses import replace

import pytest
from tests.unit.ledger.mining.test_miner import HEADER
from tests.unit.ledger.sync.nodes import START_S, Node, run

from sogdia.ledger.network.memory import MemoryNetwork
from sogdia.ledger.node.work_watch import RECENT_S, WorkWatch
from sogdia.ledger.rpc.backend import Alert

DIFFICULTY = 1_000


class Network:
    """Blocks that come by chance, as miners of a given total work find them."""

    def __init__(self, seed: int) -> None:
        self.now_s = 1_800_000_000.0
        self.chance = random.Random(seed)
        self.watch = WorkWatch(lambda: int(self.now_s))

    def mine(self, seconds: float, blocks_per_s: float, difficulty: int = DIFFICULTY) -> list[bool]:
        """Let time pass; return for every two seconds whether the alert stood."""
        stood = []
        end, next_look = self.now_s + seconds, self.now_s
        while self.now_s < end:
            self.now_s += self.chance.expovariate(blocks_per_s)
            header = replace(HEADER, timestamp=int(self.now_s), difficulty=difficulty)
            self.watch.on_block(header)
            while next_look < self.now_s:
                stood.append(self.watch.look() is not None)
                next_look += 2
        return stood

    def look(self) -> Alert | None:
        """Return the alert of now."""
        return self.watch.look()


def test_chance_alone_raises_no_alert() -> None:
    """An hour at two blocks a second, from the first second on."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    assert not any(Network(seed).mine(3_600, 2.0))


@pytest.mark.full
def test_chance_alone_raises_no_alert_in_days() -> None:
    """A day of it, over several seeds."""
    for seed in range(8):
        assert not any(Network(seed).mine(3 * 3_600, 2.0))


def test_a_loss_of_two_thirds_is_told_within_the_minute() -> None:
    """Before anything made after the loss can be confirmed: that takes 79 s at the least."""
    for seed in range(20):
        network = Network(seed)
        assert not any(network.mine(600, 2.0))
        stood = network.mine(120, 2.0 / 3)
        assert 2 * stood.index(True) <= RECENT_S + 15
        alert = network.look()
        assert alert is not None
        assert alert.details["recent"] * 2 < alert.details["reference"]


def test_an_adjusted_difficulty_hides_nothing_and_causes_nothing() -> None:
    """Easier blocks bring the rate back, not the work; fewer and harder ones are the same work."""
    network = Network(1)
    network.mine(600, 2.0)
    assert not any(network.mine(600, 1.0, difficulty=2 * DIFFICULTY))
    network.mine(120, 2.0, difficulty=DIFFICULTY // 3)
    assert network.look() is not None
    network.mine(120, 2.0)
    assert network.look() is None


def test_silence_is_told_and_the_beginning_is_not() -> None:
    """A node that knows too little says nothing; one that hears nothing any more does."""
    network = Network(2)
    assert not any(network.mine(50, 2.0))
    network.mine(300, 2.0)
    network.now_s += 90
    alert = network.look()
    assert alert is not None
    assert alert.details["recent"] == 0


def test_a_restarted_node_knows_what_it_had_seen() -> None:
    """What is read back from the graph is what was heard block by block, forks included."""
    live, resumed = WorkWatch(lambda: START_S), WorkWatch(lambda: START_S)

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        one, other = nodes
        one.ledger.block_listeners.append(lambda block: live.on_block(block.header))
        one.mine(20)
        for block in other.mine(7):  # a branch that loses
            one.ledger.submit(block)
        one.mine(3)
        resumed.resume(one.consensus)

    run(2, scenario)
    assert sum(live.buckets.values()) == 30
    assert resumed.buckets == live.buckets
