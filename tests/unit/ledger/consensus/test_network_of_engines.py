"""Several engines mine on their own templates, under delay and partition, and agree."""

import random
from dataclasses import replace

import pytest
from tests.seed import SEED
from tests.unit.ledger.consensus.miner import Ledger, network

from sogdia.ledger.consensus.api import BlockStatus
from sogdia.ledger.consensus.errors import UnknownReference
from sogdia.ledger.primitives.block import Block

PEERS = 3


class Net:
    """Ledgers, and the blocks that each has not been given yet."""

    def __init__(self, chance: random.Random, **consensus: int) -> None:
        params = network(**consensus)
        self.chance = chance
        self.peers = [Ledger(params=params) for _ in range(PEERS)]
        self.waiting: list[list[Block]] = [[] for _ in range(PEERS)]
        self.blocks: list[Block] = []

    def mine(self, peer: int) -> None:
        """Let one peer find a block on its template."""
        author = bytes([peer]) * 20
        (block,) = self.peers[peer].mine(1, author=author, timestamp=self.peers[peer].now_s)
        assert self.peers[peer].engine.status(block.hash) is BlockStatus.VALID
        self.blocks.append(block)
        for other in range(PEERS):
            if other != peer:
                self.waiting[other].append(block)

    def deliver(self, peer: int, share: float) -> None:
        """Give a peer some of what waits for it, in any order; what comes too early waits on."""
        chosen = [block for block in self.waiting[peer] if self.chance.random() < share]
        self.chance.shuffle(chosen)
        progress = True
        while chosen and progress:
            progress = False
            for block in list(chosen):
                try:
                    self.peers[peer].engine.submit_block(block)
                except UnknownReference:
                    continue
                chosen.remove(block)
                self.waiting[peer].remove(block)
                progress = True

    def tick(self) -> None:
        """Let a second pass."""
        for peer in self.peers:
            peer.now_s += 1


@pytest.mark.parametrize("shape", ["delay", "partition"])
@pytest.mark.parametrize("adjusted", [False, True], ids=["fixed", "adjusted"])
def test_honest_engines_agree_and_never_make_an_invalid_block(shape: str, adjusted: bool) -> None:
    """Every block is valid for every peer; once all is delivered, pivot and order are equal."""
    print(f"seed {SEED}")
    chance = random.Random(f"{SEED} {shape} {adjusted}")
    period = {"difficulty_period": 10, "target_block_interval_ms": 700} if adjusted else {}
    net = Net(chance, era_epoch_count=50, adaptive_beta=30, **period)
    for step in range(240):
        net.tick()
        net.mine(chance.randrange(PEERS))
        is_split = shape == "partition" and step % 80 > 30
        for peer in range(PEERS):
            net.deliver(peer, 0.0 if is_split and peer == 0 else 0.4)
    for peer in range(PEERS):
        net.deliver(peer, 1.0)
        net.deliver(peer, 1.0)
    engines = [peer.engine for peer in net.peers]
    first = engines[0]
    for engine in engines[1:]:
        assert engine.best_block() == first.best_block()
        lowest = max(engine.era_genesis_height, first.era_genesis_height) + 1
        for height in range(lowest, first.best_height() + 1):
            assert engine.epoch_plan(height) == first.epoch_plan(height)
        kept = [block for block in net.blocks if engine.context(block.hash).is_active]
        assert len(kept) > 60
        assert all(engine.status(block.hash) is BlockStatus.VALID for block in kept)
    templates = [engine.block_template() for engine in engines]
    unordered = [
        replace(template, referees=tuple(sorted(template.referees))) for template in templates
    ]
    assert unordered == unordered[:1] * PEERS
    if shape == "partition":
        assert any(block.header.is_adaptive for block in net.blocks), "the split was long enough"


def test_engines_that_arrive_late_reach_the_same_checkpoint() -> None:
    """A peer that gets everything at the end, in order, has the same eras, rewards and blame."""
    chance = random.Random(f"{SEED} late")
    net = Net(chance, era_epoch_count=20)
    for _ in range(150):
        net.tick()
        net.mine(chance.randrange(2))
        for peer in range(2):
            net.deliver(peer, 0.6)
    late = net.peers[2].engine
    for block in net.blocks:
        late.submit_block(block)
    net.deliver(0, 1.0)
    early = net.peers[0].engine
    assert early.stable_genesis == late.stable_genesis
    assert early.era_genesis == late.era_genesis
    assert early.era_genesis_height > 0
    for epoch in range(early.era_genesis_height + 1, early.best_height() - 12):
        assert early.reward_inputs(epoch, 10**18) == late.reward_inputs(epoch, 10**18)
