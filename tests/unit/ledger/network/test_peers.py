"""Slots, crossing dials, bans, and what is remembered."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from sogdia.ledger.network.address_book import AddressBook, KnownAddress
from sogdia.ledger.network.bans import Ban, BanList
from sogdia.ledger.network.errors import NetworkError
from sogdia.ledger.network.memory import Link, MemoryNetwork
from sogdia.ledger.network.messages import PROTOCOL_VERSION, AnyMessage, Hello
from sogdia.ledger.network.peer_file import (
    DamagedPeerFile,
    Remembered,
    load_peers,
    save_peers,
)
from sogdia.ledger.network.peers import PeerSet, Slots
from sogdia.ledger.network.session import Session
from sogdia.ledger.network.transport import Address

NOW = 1_800_000_000


async def listen_only(session: Session) -> None:
    """A node that only keeps its sessions."""

    async def ignore(_: Session, __: AnyMessage) -> None:
        """Say nothing."""

    await session.run(ignore)


async def build_peer(network: MemoryNetwork, number: int, slots: Slots | None = None) -> PeerSet:
    """A listening node whose host is 10.number.0.1."""
    node_id = bytes([number]) * 32
    chance = random.Random(number)
    address = Address(f"10.{number}.0.1", 32323)
    peer = PeerSet(
        network.transport(node_id),
        node_id,
        Hello(PROTOCOL_VERSION, 7, bytes(32), "test", address.port),
        AddressBook.empty(node_id, chance),
        BanList(),
        listen_only,
        lambda: NOW,
        chance,
        slots or Slots(inbound_per_host=100, inbound_per_subnet=100),
    )
    await peer.listen(address)
    return peer


async def settle(is_reached: Callable[[], bool]) -> None:
    """Give the loop turns until something holds; a hundredth of them is more than it takes."""
    for _ in range(60_000):
        if is_reached():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("never settled")


def run(scenario: Callable[[MemoryNetwork], Awaitable[None]], link: Link | None = None) -> None:
    """Run a scenario on a network of its own."""

    async def started() -> None:
        await scenario(MemoryNetwork(random.Random(1), default_link=link or Link()))

    asyncio.run(started())


def address_of(peer: PeerSet) -> Address:
    """Where a peer listens."""
    assert peer.listener is not None
    return peer.listener.address


def test_of_two_sessions_that_cross_both_sides_keep_the_same_one() -> None:
    """P2: each dials the other at once, 20 times over."""

    async def scenario(network: MemoryNetwork) -> None:
        one, other = await build_peer(network, 1), await build_peer(network, 2)
        for _ in range(20):
            await asyncio.gather(one.dial(address_of(other)), other.dial(address_of(one)))
            await settle(lambda: len(one.joined) == len(other.joined) == 1)
            await asyncio.sleep(0.01)
            assert one.joined[other.own_id].is_outbound != other.joined[one.own_id].is_outbound
            one.joined[other.own_id].session.end("again")
            await settle(lambda: not one.joined and not other.joined)
        await one.close()
        await other.close()

    run(scenario, Link(delay_s=0.002))


def test_doors_and_dials_have_slots_of_their_own() -> None:
    """P1: a full door leaves the outbound slots alone."""

    async def scenario(network: MemoryNetwork) -> None:
        slots = Slots(outbound=2, inbound=3, inbound_per_host=3, inbound_per_subnet=3)
        centre = await build_peer(network, 1, slots)
        others = [await build_peer(network, n) for n in range(2, 12)]
        for other in others[:6]:
            await other.dial(address_of(centre))
        await settle(lambda: len(centre.joined) == 3)
        for other in others[6:]:
            centre.book.hear(address_of(other), other.own_id, source="10.1.0.1", now_s=NOW)
        centre.dial_missing()
        await settle(lambda: len(centre.joined) == 5)
        assert sum(joined.is_outbound for joined in centre.joined.values()) == 2
        for peer in [centre, *others]:
            await peer.close()

    run(scenario)


def test_who_comes_at_once_gets_no_more_slots_than_who_comes_in_turn() -> None:
    """Twenty connections whose hellos cross: all were let in before the first had joined."""

    async def scenario(network: MemoryNetwork) -> None:
        slots = Slots(inbound=3, inbound_per_host=3, inbound_per_subnet=3)
        centre = await build_peer(network, 1, slots)
        others = [await build_peer(network, n) for n in range(2, 22)]
        await asyncio.gather(*(other.dial(address_of(centre)) for other in others))
        await settle(lambda: len(centre.joined) >= 3)
        await asyncio.sleep(0.1)
        assert len(centre.joined) == 3
        for peer in [centre, *others]:
            await peer.close()

    run(scenario, Link(delay_s=0.01))


def test_a_banned_identity_does_not_come_back() -> None:
    """P3: neither by its door nor by ours."""

    async def scenario(network: MemoryNetwork) -> None:
        one, other = await build_peer(network, 1), await build_peer(network, 2)
        await other.dial(address_of(one))
        await settle(lambda: other.own_id in one.joined)
        one.ban(one.joined[other.own_id].session, "sent invalid work")
        await settle(lambda: not one.joined and not other.joined)
        await other.dial(address_of(one))
        await one.dial(address_of(other), expected_id=other.own_id)
        await asyncio.sleep(0.01)
        assert not one.joined
        await one.close()
        await other.close()

    run(scenario)


def test_who_was_removed_stays_away_until_it_is_added_again() -> None:
    """Whoever dials, and although the other side knows where we are; adding lifts no ban."""

    async def scenario(network: MemoryNetwork) -> None:
        one, other = await build_peer(network, 1), await build_peer(network, 2)
        assert one.keep(address_of(other))
        await settle(lambda: bool(one.joined and other.joined))
        assert one.release(address_of(other))
        await settle(lambda: not one.joined and not other.joined)
        assert not one.release(address_of(other))
        await other.dial(address_of(one))
        await one.dial(address_of(other))  # as an address of the book would be
        assert not one.joined
        assert one.keep(address_of(other))
        await settle(lambda: bool(one.joined and other.joined))
        one.ban(one.joined[other.own_id].session, "sent invalid work")
        await settle(lambda: not one.joined and not other.joined)
        assert not one.keep(address_of(other))
        await one.dial(address_of(other))
        assert not one.joined
        await one.close()
        await other.close()

    run(scenario)


def test_who_dialled_us_is_removed_by_where_it_listens() -> None:
    """Its session comes from a port that nobody could know."""

    async def scenario(network: MemoryNetwork) -> None:
        one, other = await build_peer(network, 1), await build_peer(network, 2)
        await other.dial(address_of(one))
        await settle(lambda: bool(one.joined))
        assert one.release(address_of(other))
        await settle(lambda: not one.joined and not other.joined)
        await one.close()
        await other.close()

    run(scenario)


def test_a_node_does_not_join_itself() -> None:
    """Its own address may well be told to it."""

    async def scenario(network: MemoryNetwork) -> None:
        one = await build_peer(network, 1)
        await one.dial(address_of(one))
        await asyncio.sleep(0.01)
        assert not one.joined
        await one.close()

    run(scenario)


def test_what_was_remembered_comes_back(tmp_path: Path) -> None:
    """Addresses, anchors, bans; and a damaged file is set aside, with its new name."""
    path = tmp_path / "peers.json"
    assert load_peers(path) is None
    known = KnownAddress(Address("192.0.2.7", 32323), b"\x07" * 32, "192.0.2.8", NOW, NOW, NOW, 2)
    remembered = Remembered(b"k" * 32, [known], [known.address], [Ban("192.0.2.9", NOW, "lied")])
    save_peers(path, remembered)
    assert load_peers(path) == remembered
    path.write_text(path.read_text()[:-20])
    with pytest.raises(DamagedPeerFile, match=r"is now .*peers\.damaged"):
        load_peers(path)
    assert load_peers(path) is None


def test_an_unreachable_peer_is_tried_less_often() -> None:
    """The failure is in the book, and the back-off follows."""

    async def scenario(network: MemoryNetwork) -> None:
        one = await build_peer(network, 1)
        nowhere = Address("10.9.0.1", 1)
        one.book.hear(nowhere, b"\x09" * 32, source="10.1.0.1", now_s=NOW)
        await one.dial(nowhere)
        assert one.book.known[nowhere].failures == 1
        assert not one.book.known[nowhere].may_be_tried(NOW + 1)
        with pytest.raises(NetworkError):
            await one.transport.dial(nowhere)
        await one.close()

    run(scenario)


def test_a_cut_line_ends_the_session_and_stays_cut_until_it_is_mended() -> None:
    """One side is told; the other may dial as often as it likes. A third peer stays joined."""

    async def scenario(network: MemoryNetwork) -> None:
        one, two, three = [await build_peer(network, number) for number in (1, 2, 3)]
        one.static = [address_of(two), address_of(three)]
        one.dial_missing()
        await settle(lambda: len(one.joined) == 2)
        assert one.cut(frozenset({two.own_id})) == 1
        await settle(lambda: not two.joined and not one.dialling)
        one.dial_missing()
        await two.dial(address_of(one))
        await settle(lambda: not one.dialling)
        assert (set(one.joined), set(two.joined)) == ({three.own_id}, set())
        assert one.cut(frozenset()) == 0
        one.dial_missing()
        await settle(lambda: len(one.joined) == 2)
        for peer in (one, two, three):
            await peer.close()

    run(scenario)
