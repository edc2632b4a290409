"""The book against an attacker with many addresses."""

import random

from sogdia.ledger.network.address_book import (
    LOOKED_AT_MAX,
    AddressBook,
    KnownAddress,
    group_of,
)
from sogdia.ledger.network.transport import Address

NOW = 1_800_000_000


def book(seed: int = 7) -> AddressBook:
    """A book with its own secret and chance."""
    chance = random.Random(seed)
    return AddressBook.empty(chance.randbytes(32), chance)


def anyone(_: KnownAddress) -> bool:
    """Exclude nobody."""
    return False


def node_id(number: int) -> bytes:
    """A name for a node."""
    return number.to_bytes(32, "big")


def honest(number: int) -> Address:
    """Nodes of many owners: each in a /16 of its own."""
    return Address(f"{20 + number // 200}.{number % 200}.1.1", 32323)


def test_groups_are_what_one_party_can_own() -> None:
    """IPv4 written as IPv6 belongs to its IPv4 group."""
    assert group_of("10.20.30.40") == group_of("10.20.99.1") == group_of("::ffff:10.20.1.1")
    assert group_of("10.20.30.40") != group_of("10.21.30.40")
    assert group_of("2001:db8::1") == group_of("2001:db8:ffff::1") != group_of("2001:db9::1")


def test_one_loud_talker_reaches_few_buckets() -> None:
    """A1: 20,000 addresses from one source."""
    known = book()
    for number in range(20_000):
        address = Address(f"{number % 223 + 1}.{number // 223}.0.1", 1)
        known.hear(address, node_id(number), source="203.0.113.9", now_s=NOW)
    assert len({bucket for bucket, _ in known.untrusted}) <= 64
    assert len(known.known) == len(known.untrusted) <= 64 * 64


def test_an_eclipse_by_4096_addresses_of_8_networks_rarely_succeeds() -> None:
    """Ten outbound slots after a restart; every one hostile in less than 1 % of 500 trials."""
    known = book()
    for number in range(200):
        known.on_answer(honest(number), node_id(number), now_s=NOW)
    hostile = {Address(f"66.{n % 8}.{n // 256}.{n % 256}", 1) for n in range(4_096)}
    for address in sorted(hostile):
        known.on_answer(address, node_id(9), now_s=NOW)
    eclipsed = 0
    for _ in range(500):
        chosen: set[Address] = set()
        while len(chosen) < 10:
            found = known.choose(now_s=NOW, is_excluded=lambda e, seen=chosen: e.address in seen)
            assert found is not None
            chosen.add(found.address)
            if found.address not in hostile:
                break
        eclipsed += len(chosen) == 10 and chosen <= hostile
    assert eclipsed < 5


def test_a_full_book_is_not_searched_whole() -> None:
    """Nobody of 12,000 may be dialled: each second a part is looked at, and other parts later."""
    known = book()
    for number in range(12_000):
        known.on_answer(
            Address(f"{number % 199 + 20}.{number // 199 % 250}.1.{number % 7}", number),
            node_id(number),
            now_s=NOW,
        )
    assert len(known.known) > 8_000
    seen: list[Address] = []

    def exclude(entry: KnownAddress) -> bool:
        seen.append(entry.address)
        return True

    assert known.choose(now_s=NOW, is_excluded=exclude) is None
    assert len(seen) <= 2 * LOOKED_AT_MAX
    for _ in range(9):
        assert known.choose(now_s=NOW, is_excluded=exclude) is None
    assert len(set(seen)) > 6 * LOOKED_AT_MAX


def test_failures_wait_longer_each_time_and_an_answer_forgives_them() -> None:
    """Back-off doubles from 15 s to an hour."""
    known = book()
    address = honest(1)
    known.hear(address, node_id(1), source="198.51.100.1", now_s=NOW)
    for _ in range(3):
        known.on_failure(address, now_s=NOW)
    assert known.choose(now_s=NOW + 59, is_excluded=anyone) is None
    assert known.choose(now_s=NOW + 60, is_excluded=anyone) is not None
    known.on_answer(address, node_id(1), now_s=NOW)
    assert known.known[address].failures == 0
    assert known.is_trusted(address)


def test_a_book_restored_from_its_entries_knows_the_same() -> None:
    """Places are functions of key and address."""
    known = book()
    for number in range(300):
        known.hear(honest(number), node_id(number), source="198.51.100.1", now_s=NOW)
        if number % 2:
            known.on_answer(honest(number), node_id(number), now_s=NOW + 1)
    again = AddressBook.empty(known.key, random.Random(1))
    again.restore(known.known.values())
    assert again.trusted == known.trusted
    assert again.untrusted == known.untrusted
