"""Blocks of far less work than one costs now: told of by hash, in a status, as a long chain.

Nothing is fetched nor stored for being told of. A branch that most of the work has left comes to
such blocks honestly: its nodes are blamed for nothing, and its blocks come in with the next one
that refers to them.
"""

import asyncio
from dataclasses import replace

import pytest
from tests.attacks.parties import (
    Liar,
    agree,
    attack,
    dropped,
    is_dropped,
    join_all,
    score_of,
    until,
)
from tests.unit.ledger.sync.nodes import PARAMS, Node, solve
from tests.unit.ledger.sync.test_service import transfer

from sogdia.ledger.network.memory import Link, MemoryNetwork
from sogdia.ledger.network.messages import (
    HASHES_MAX,
    AnyMessage,
    Blocks,
    EpochHashes,
    GetBlocks,
    GetEpochHashes,
    GetHeaders,
    GetPast,
    Headers,
    Message,
    NewBlockHashes,
    Status,
)
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.sync.worth import CHEAP_SHARE

LOWEST = 20
CHEAP = replace(
    PARAMS,
    consensus=replace(PARAMS.consensus, initial_difficulty=LOWEST, difficulty_period=10),
)


def tip_difficulty(node: Node) -> int:
    """What the last block of the pivot chain cost."""
    return node.consensus.header(node.consensus.best_block()).difficulty


def mine_until_dear(nodes: list[Node], difficulty: int) -> None:
    """Let the first mine at once what it can, until a block costs so much."""
    miner, *others = nodes
    while tip_difficulty(miner) < difficulty:
        miner.mine(10)  # in a second, five times faster than wanted
        for node in (miner, *others):
            node.time_s += 1


class CheapChain:
    """Blocks of the least difficulty, one upon the other, with a transaction each; and how a peer
    that has them answers."""

    def __init__(self, node: Node, parent: bytes, count: int) -> None:
        """Make the chain upon a block of `node`'s."""
        self.node = node
        base = node.consensus.header(parent)
        self.first_height = base.height + 1
        self.blocks: list[Block] = []
        body = (transfer(5, 0),)
        template = node.builder.build()
        assert template is not None
        for place in range(count):
            header = replace(
                template.header,
                parent=parent,
                referees=(),
                height=self.first_height + place,
                difficulty=LOWEST,
                timestamp=max(base.timestamp, template.header.timestamp),
                blame=0,
            )
            header = replace(header, transactions_root=Block(header, body).transactions_root)
            self.blocks.append(Block(solve(header, node.chance), body))
            parent = self.blocks[-1].hash
        self.by_hash = {block.hash: block for block in self.blocks}
        self.served_bodies = 0

    @property
    def tip(self) -> Block:
        """The last of it."""
        return self.blocks[-1]

    def status(self) -> Status:
        """What a node with this pivot chain says of itself."""
        return Status(self.tip.hash, self.tip.header.height, [self.tip.hash])

    def answer(self, message: AnyMessage) -> Message | None:
        """Answer from the chain what is asked of it."""
        match message:
            case GetPast(request_id=id_, tips=tips) if self.by_hash.keys() & set(tips):
                return Headers(id_, [b.header.encode() for b in self.blocks[:HASHES_MAX]])
            case GetHeaders(request_id=id_, hashes=hashes) if self.by_hash.keys() & set(hashes):
                headers = [self.by_hash[each].header.encode() for each in hashes]
                return Headers(id_, headers)
            case GetBlocks(request_id=id_, hashes=hashes) if self.by_hash.keys() & set(hashes):
                self.served_bodies += 1
                return Blocks(id_, [self.by_hash[each].encode() for each in hashes])
            case GetEpochHashes(request_id=id_, epochs=epochs):
                return EpochHashes(id_, [self._epoch(number) for number in epochs])
            case _:
                return None

    def _epoch(self, number: int) -> list[bytes]:
        place = number - self.first_height
        if place >= len(self.blocks):
            return []
        pivot = self.node.consensus.pivot_at(number) if place < 0 else self.blocks[place].hash
        return [] if pivot is None else [pivot]


def depth_of(node: Node, depth: int) -> bytes:
    """The pivot block that many heights below the tip."""
    pivot = node.consensus.pivot_at(node.consensus.best_height() - depth)
    assert pivot is not None
    return pivot


@pytest.mark.parametrize(("depth", "count"), [(0, 40), (20, HASHES_MAX + 40)])
def test_a_cheap_chain_told_of_by_hash_is_not_fetched(depth: int, count: int) -> None:
    """Also when it is longer than what one answer tells of: its last header decides."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        honest, victim = nodes
        mine_until_dear(nodes, LOWEST * (CHEAP_SHARE + 1))
        await join_all(nodes)
        await agree(nodes)
        before = victim.consensus.arrivals_since(0, 10**6)
        chain = CheapChain(honest, depth_of(honest, depth), count)
        liar = Liar(network, honest, lie=chain.answer)
        session = await liar.join(victim)
        for block in chain.blocks[-30:]:
            session.send(NewBlockHashes([block.hash]))
        await until(lambda: score_of(victim, liar) > 0, "it is noted")
        honest.mine(3)
        await agree(nodes)
        assert victim.consensus.arrivals_since(0, 10**6)[: len(before)] == before
        assert not any(victim.consensus.has_block(each) for each in chain.by_hash)
        assert not chain.served_bodies
        assert not victim.sync.orphans

    attack(2, scenario, params=CHEAP)


def test_made_up_difficulties_told_of_by_hash_are_dropped() -> None:
    """Block after block on the tip, of a difficulty that no rule gives: that is no light branch."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        honest, victim = nodes
        mine_until_dear(nodes, LOWEST * (CHEAP_SHARE + 1))
        await join_all(nodes)
        await agree(nodes)
        tip = depth_of(honest, 0)
        chains = [CheapChain(honest, tip, 1) for _ in range(60)]

        def answer(message: AnyMessage) -> Message | None:
            return next(filter(None, (chain.answer(message) for chain in chains)), None)

        liar = Liar(network, honest, lie=answer)
        session = await liar.join(victim)
        for chain in chains:
            if session.end_reason is None:
                session.send(NewBlockHashes([chain.tip.hash]))
        await dropped(victim, liar)
        assert not any(victim.consensus.has_block(chain.tip.hash) for chain in chains)
        honest.mine(3)
        await agree(nodes)

    attack(2, scenario, params=CHEAP)


@pytest.mark.parametrize("depth", [0, 20])
def test_a_long_cheap_chain_is_not_caught_up_with(depth: int) -> None:
    """It is higher than ours, by hundreds of heights, and all its work is less than ours."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        honest, victim = nodes
        mine_until_dear(nodes, LOWEST * 50)
        await join_all(nodes)
        await agree(nodes)
        count = 20 + depth
        chain = CheapChain(honest, depth_of(honest, depth), count)
        liar = Liar(network, honest, lie=chain.answer)
        (await liar.join(victim)).send(chain.status())
        await until(lambda: score_of(victim, liar) > 0, "it is noted")
        await until(lambda: not victim.sync.views[liar.node_id].is_followed, "it is done with")
        assert not any(victim.consensus.has_block(each) for each in chain.by_hash)
        assert not chain.served_bodies
        honest.mine(3)
        await agree(nodes)

    attack(2, scenario, params=CHEAP)


def test_a_light_branch_heals_and_nobody_is_blamed() -> None:
    """A part with a tenth of the work mines on until its blocks are cheap, and comes back."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        heavy, other, light = nodes
        mine_until_dear(nodes, LOWEST * 12)
        await join_all(nodes)
        await agree(nodes)
        network.partition({light.node_id: 1})
        mine_until_dear([heavy, other], LOWEST * 24)
        await until(lambda: other.view() == heavy.view(), "the heavy side is one")
        while tip_difficulty(light) * CHEAP_SHARE >= tip_difficulty(heavy):
            light.mine()
            light.time_s += 5  # ten times slower than wanted
        for node in nodes:
            node.time_s = max(each.time_s for each in nodes)
        own = light.consensus.best_block()
        network.partition({})
        joining = asyncio.create_task(join_all(nodes))
        await until(lambda: len(light.sync.views) == 2, "they are joined")
        for _ in range(120):  # it tells of them before it has what the others have
            light.mine()
            for node in nodes:
                node.time_s += 1
        await joining
        light.mine(2)
        await agree(nodes)
        assert heavy.consensus.has_block(own), "a block with full work refers to it"
        assert not any(node.bans for node in nodes)

    attack(3, scenario, params=CHEAP, link=Link(delay_s=1.0))


def test_a_node_whose_network_lost_most_work_while_it_was_off_follows_it() -> None:
    """What the others have built is cheap, and more work than there is on its own last blocks."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        stayed, absent = nodes
        mine_until_dear(nodes, LOWEST * (CHEAP_SHARE + 4))
        await join_all(nodes)
        await agree(nodes)
        network.partition({absent.node_id: 1})
        absent.mine(3)  # a fork of its own
        while tip_difficulty(stayed) * CHEAP_SHARE >= tip_difficulty(absent):
            stayed.mine()
            stayed.time_s += 5
        stayed.mine(20)
        absent.time_s = stayed.time_s
        network.partition({})
        await join_all(nodes)
        await until(lambda: absent.consensus.has_block(stayed.consensus.best_block()), "it has all")
        stayed.mine(3)
        await agree(nodes)
        assert not any(node.bans for node in nodes)

    attack(2, scenario, params=CHEAP)


def test_a_chain_that_shows_the_network_s_work_and_gives_cheap_blocks_gains_little() -> None:
    """Two chains of one peer: what it gives is followed no further than what it showed was worth,
    and its bodies are those of one run."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        honest, victim = nodes
        mine_until_dear(nodes, LOWEST * (CHEAP_SHARE + 4))
        await join_all(nodes)
        await agree(nodes)
        network.partition({victim.node_id: 1})
        honest.mine(60)  # what the liar shows, and does not give
        cheap = CheapChain(honest, victim.consensus.best_block(), 90)
        liar = Liar(network, honest, host=victim.address.host)
        assert not is_dropped(victim, liar)
        asked: list[AnyMessage] = []

        def answer(message: AnyMessage) -> Message | None:
            if isinstance(message, GetEpochHashes):
                asked.append(message)
                # The fork is sought and the work is shown from the honest chain, once.
                if len(asked) <= 3 and max(message.epochs) > victim.consensus.best_height():
                    return None
            return cheap.answer(message)

        liar.lie = answer
        network.partition({victim.node_id: 1, liar.node_id: 1})
        (await liar.join(victim)).send(cheap.status())
        await until(lambda: score_of(victim, liar) > 0, "it is noted")
        stored = sum(victim.consensus.has_block(each) for each in cheap.by_hash)
        assert stored <= 60, "as high as what was shown"
        network.partition({})
        await join_all(nodes)
        honest.mine(3)
        await agree(nodes)

    attack(2, scenario, params=CHEAP)
