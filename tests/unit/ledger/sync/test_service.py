"""Nodes of real parts that catch up, merge, relay, and drop liars."""

import asyncio
import itertools
from dataclasses import replace

import pytest
from eth_account import Account
from eth_utils import to_checksum_address
from tests.unit.ledger.sync.nodes import PARAMS, Node, run, settle, solve

from sogdia.ledger.network.memory import Link, MemoryNetwork
from sogdia.ledger.network.messages import HASHES_MAX, CompactBlock
from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.transaction import Transaction, decode_transaction
from sogdia.ledger.sync import service


def transfer(sender: int, nonce: int, *, data: bytes = b"", gas: int = 21_000) -> Transaction:
    """A transfer between development accounts."""
    signed = Account.sign_transaction(
        {
            "nonce": nonce,
            "gasPrice": 5 * 10**9,
            "gas": gas,
            "to": to_checksum_address(DEVELOPMENT_ACCOUNTS[1].address),
            "value": 1,
            "data": data,
            "chainId": PARAMS.chain_id,
        },
        DEVELOPMENT_ACCOUNTS[sender].key,
    )
    return decode_transaction(bytes(signed.raw_transaction), PARAMS.chain_id)


def agree(nodes: list[Node]) -> bool:
    """Whether all have the same tip, terminals and order."""
    return len({node.view() for node in nodes}) == 1


def test_a_new_node_catches_up_epoch_by_epoch() -> None:
    """300 blocks, headers first; the progress ends at the peer's height."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        old, new = nodes
        old.mine(300)
        await new.peers.dial(old.address)
        await settle(lambda: agree(nodes))
        assert new.progress[-1].height == new.progress[-1].highest_height == 300
        assert new.progress[-1].blocks == 300
        assert not old.bans
        assert not new.bans

    run(2, scenario)


def test_two_halves_that_mined_apart_merge() -> None:
    """Each side has 60 blocks that the other lacks; afterwards one order has every block."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        one, other = nodes
        mined = {block.hash for block in one.mine(60) + other.mine(60)}
        await one.peers.dial(other.address)
        await settle(lambda: len({frozenset(n.consensus.terminals()) for n in nodes}) == 1)
        merge = one.mine(12)
        await settle(lambda: agree(nodes))
        ordered = {
            block
            for height in range(1, one.consensus.best_height() + 1)
            for block in one.consensus.epoch_plan(height).blocks
        }
        assert mined | {block.hash for block in merge} == ordered
        assert one.executor.head() == other.executor.head()
        epoch = one.executor.head()[0]
        assert one.executor.epoch_roots(epoch) == other.executor.epoch_roots(epoch)

    run(2, scenario)


def test_blocks_and_transactions_reach_nodes_that_are_not_neighbours() -> None:
    """A chain of five nodes: what enters at one end is packed at the other, and comes back."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        for left, right in itertools.pairwise(nodes):
            await left.peers.dial(right.address)
        await settle(lambda: all(node.sync.views for node in nodes))
        transactions = [transfer(0, nonce) for nonce in range(10)]
        assert nodes[0].pool.add(transactions) == [None] * 10
        for node in nodes[:-1]:
            node.sync.relay.flush()
            following = nodes[nodes.index(node) + 1]
            await settle(lambda f=following: f.pool.status().ready == 10)
        (block,) = nodes[-1].mine()
        assert len(block.transactions) == 10
        await settle(lambda: agree(nodes))
        nodes[0].mine(6)
        await settle(lambda: agree(nodes))
        assert {node.executor.head() for node in nodes} == {nodes[0].executor.head()}
        assert nodes[0].executor.locate(transactions[-1].hash) is not None

    run(5, scenario)


def test_a_partition_heals() -> None:
    """Frames pass within a side only; both sides mine; after healing one order."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        for node in nodes[1:]:
            await node.peers.dial(nodes[0].address)
        await settle(lambda: len(nodes[0].sync.views) == 3)
        nodes[0].mine(5)
        await settle(lambda: agree(nodes))
        network.partition({n.node_id: n.number % 2 for n in nodes})
        for node in nodes:
            node.mine(30)
        network.partition({})
        for node in nodes:
            node.mine(1)
        await settle(lambda: len({frozenset(n.consensus.terminals()) for n in nodes}) == 1)
        nodes[2].mine(1)
        await settle(lambda: agree(nodes))

    run(4, scenario)


def test_more_terminals_than_a_message_holds() -> None:
    """600 siblings beside the chain: asked for in parts, and nobody hangs up."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        old, new = nodes
        (fork,) = old.mine()
        for _ in range(HASHES_MAX + 88):
            sibling = replace(fork.header, nonce=old.chance.getrandbits(64))
            old.ledger.submit(Block(solve(sibling, old.chance)))
        old.mine(2)
        await new.peers.dial(old.address)
        await settle(lambda: new.consensus.arrival_count >= HASHES_MAX)
        assert new.peers.joined
        assert not old.bans

    run(2, scenario)


def test_a_long_branch_is_fetched_in_parts() -> None:
    """600 blocks of the lighter side, more than one answer holds, beside 610 of the heavier."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        heavy, light = nodes
        branch = light.mine(600)
        heavy.mine(610)
        await heavy.peers.dial(light.address)
        await settle(lambda: heavy.consensus.has_block(branch[-1].hash))
        assert not heavy.bans
        assert not light.bans

    run(2, scenario)


def test_who_fell_behind_in_a_burst_follows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """20 blocks are not heard of; the next one is, and no heartbeat is needed to get them all."""
    monkeypatch.setattr(service, "HEARTBEAT_S", 3_600.0)

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        old, new = nodes
        await new.peers.dial(old.address)
        await settle(lambda: bool(old.sync.views) and bool(new.sync.views))
        old.mine()
        await settle(lambda: agree(nodes))
        listeners = list(old.ledger.block_listeners)
        old.ledger.block_listeners.clear()
        old.mine(20)
        old.ledger.block_listeners.extend(listeners)
        old.mine()
        await settle(lambda: agree(nodes))
        assert new.consensus.best_height() == 22

    run(2, scenario)


def test_a_peer_without_work_is_banned() -> None:
    """Headers that do not meet their difficulty cost their sender the session, and us nothing."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        honest, liar = nodes
        await liar.peers.dial(honest.address)
        await settle(lambda: bool(liar.sync.views))
        header = liar.builder.build().header  # type: ignore[union-attr]
        forged = replace(header, difficulty=2**90)
        view = next(iter(liar.sync.views.values()))
        view.session.send(CompactBlock(forged.encode(), [], []))
        await settle(lambda: bool(honest.bans))
        assert "does not meet its difficulty" in honest.bans[0]
        await settle(lambda: not honest.sync.views)
        assert not honest.consensus.has_block(forged.hash)

    run(2, scenario)


def test_what_came_from_elsewhere_meanwhile_is_nobodys_fault() -> None:
    """While one peer is asked another delivers: the answer holds nothing new."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        one, other = nodes
        network.default_link = Link(delay_s=0.02)
        await other.peers.dial(one.address)
        await settle(lambda: bool(other.sync.views))
        one.ledger.block_listeners.clear()  # it tells nobody: what comes, comes otherwise
        blocks = one.mine(3)
        (view,) = other.sync.views.values()
        asking = asyncio.create_task(other.sync._run().past_of(view, [blocks[-1].hash]))
        await asyncio.sleep(0.03)
        for block in blocks:
            other.ledger.submit(block)
        assert await asking == 0

    run(2, scenario)
