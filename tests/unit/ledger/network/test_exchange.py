"""Peer exchange: what is believed, what is passed on, and how nodes find one another."""

import asyncio
import random

import pytest
from tests.unit.ledger.sync.nodes import Node, run, settle

from sogdia.ledger.network.address_book import AddressBook
from sogdia.ledger.network.errors import InvalidMessage
from sogdia.ledger.network.exchange import PeerExchange, may_be_told
from sogdia.ledger.network.identity import NodeIdentity
from sogdia.ledger.network.memory import MemoryNetwork
from sogdia.ledger.network.messages import RECORDS_MAX, GetPeers, Peers
from sogdia.ledger.network.record import PeerRecord
from sogdia.ledger.network.transport import Address

NOW = 1_800_000_000
NETWORK = 7


def identity(number: int) -> NodeIdentity:
    """The key of a node."""
    return NodeIdentity.from_seed(number.to_bytes(32, "big"))


def record(number: int, host: str, *, network: int = NETWORK) -> bytes:
    """What node `number` says of itself."""
    address = Address(host, 32_323)
    signed = PeerRecord.sign(identity(number), network_id=network, address=address, sequence=NOW)
    return signed.encoded


def build_exchange() -> PeerExchange:
    """The exchange of node 0, which listens at 8.8.0.1."""
    book = AddressBook.empty(bytes(32), random.Random(1))
    return PeerExchange(identity(0), NETWORK, book, lambda: NOW, lambda: Address("8.8.0.1", 32_323))


def test_what_a_node_signed_of_itself_is_learned() -> None:
    """The address and the identity are in the book; our own record and a repetition add nothing."""
    exchange = build_exchange()
    told = [record(n, f"8.{n}.0.1") for n in range(1, 20)]
    assert exchange.learn([*told, record(0, "9.9.9.9")], source="8.1.0.1") == 19
    known = exchange.book.known[Address("8.7.0.1", 32_323)]
    assert known.node_id == identity(7).node_id
    assert known.source == "8.1.0.1"
    assert Address("9.9.9.9", 32_323) not in exchange.book.known


@pytest.mark.parametrize("break_it", ["signature", "network", "rubbish"])
def test_what_nobody_signed_is_refused(break_it: str) -> None:
    """The teller is told to be a liar: the caller bans it."""
    bad = {
        "signature": record(1, "8.1.0.1")[:-1] + b"\x00",
        "network": record(1, "8.1.0.1", network=8),
        "rubbish": b"\x93\x01\x02\x03",
    }[break_it]
    exchange = build_exchange()
    with pytest.raises(InvalidMessage):
        exchange.learn([bad], source="8.1.0.1")
    assert not exchange.book.known


@pytest.mark.parametrize(
    ("told", "source", "is_believed"),
    [
        ("8.1.0.1", "9.1.0.1", True),
        ("10.1.0.1", "9.1.0.1", False),
        ("10.1.0.1", "10.2.0.1", True),
        ("127.0.0.1", "10.2.0.1", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("0.0.0.0", "127.0.0.1", False),
        ("224.0.0.1", "8.1.0.1", False),
    ],
)
def test_nobody_sends_us_behind_walls_that_are_not_theirs(
    told: str, source: str, is_believed: bool
) -> None:
    """X4: a stranger cannot make us dial our own machine or network."""
    assert may_be_told(Address(told, 1), source) is is_believed


def test_a_false_record_does_not_keep_the_true_one_out() -> None:
    """An attacker signs themselves at a victim's address; once that failed, the victim counts."""
    exchange = build_exchange()
    exchange.learn([record(66, "8.1.0.1")], source="8.66.0.1")
    address = Address("8.1.0.1", 32_323)
    exchange.book.on_failure(address, now_s=NOW)
    exchange.learn([record(1, "8.1.0.1")], source="8.2.0.1")
    assert exchange.book.known[address].node_id == identity(1).node_id


def test_a_node_finds_the_others_through_one() -> None:
    """Nine nodes know only the first; told of one another they become a net, and nobody is banned.

    Asked again and again, a node gives the same sample, with at most `RECORDS_MAX` records.
    """

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        first = nodes[0]
        for node in nodes[1:]:
            await node.peers.dial(first.address)
        await settle(lambda: len(first.sync.views) == 8)
        await settle(lambda: len(first.exchange.records) == 8)
        first.time_s += 400  # the samples of the first minute are old
        for node in nodes[1:]:
            for _ in range(3):
                view = next(iter(node.sync.views.values()))
                answer = await view.session.request(GetPeers)
                assert isinstance(answer, Peers)
                assert len(answer.records) <= RECORDS_MAX
                node.exchange.learn(answer.records, source=first.address.host)
            node.peers.dial_missing()
        await settle(lambda: sum(len(node.peers.joined) >= 3 for node in nodes) >= 8)
        assert not any(node.bans for node in nodes)

    run(9, scenario)


def test_a_feeler_makes_a_rumour_known_and_leaves() -> None:
    """A3: an address heard of is tried, found and trusted; one where nobody is gets a failure."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        one, other = nodes
        book = one.peers.book
        nowhere = Address("10.99.0.1", 1)
        book.hear(other.address, other.peers.own_id, source="10.3.0.1", now_s=one.time_s)
        book.hear(nowhere, b"\x99" * 32, source="10.3.0.1", now_s=one.time_s)
        for address in (other.address, nowhere):
            await one.peers.feel(book.known[address])
        assert book.is_trusted(other.address)
        assert book.known[nowhere].failures == 1
        await asyncio.sleep(0.01)
        assert not one.peers.joined

    run(2, scenario)
