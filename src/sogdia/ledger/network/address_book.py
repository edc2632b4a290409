"""Which addresses a node knows, kept so that an attacker with many of them cannot fill it.

The shape is Bitcoin's (Heilman et al., "Eclipse Attacks on Bitcoin's Peer-to-Peer Network", 2015):
a table of addresses that answered once (trusted), one of addresses only heard of (untrusted), each
cut into buckets by a keyed hash.

    A1  An address heard of lands in one of 64 buckets that its source's group chooses: one talker,
        however loud, reaches 64 of 1,024 buckets.
    A2  An address that answered lands in one of 8 buckets that its own group chooses: a group
        (/16 of IPv4, /32 of IPv6) reaches 8 of 256 buckets.
    A3  What is trusted makes room only for an address that has just answered.
    A4  A bucket is chosen first, then an address in it, so that a party's chance to be dialled
        grows with the buckets it reaches and not with the addresses it owns.
"""

import hashlib
import ipaddress
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from sogdia.ledger.network.buckets import Buckets, Place
from sogdia.ledger.network.transport import Address

TRUSTED_BUCKETS, UNTRUSTED_BUCKETS, BUCKET_SLOTS = 256, 1_024, 64
TRUSTED_BUCKETS_PER_GROUP, UNTRUSTED_BUCKETS_PER_SOURCE = 8, 64
ATTEMPTS_MAX = 8  # an untrusted address that failed so often makes room first
LOOKED_AT_MAX = 256  # of a table with each look, 3 ms: a full one is gone through in four minutes
BACK_OFF_S, BACK_OFF_MAX_S = 15, 3_600  # doubled with each failure in a row


@dataclass(frozen=True, slots=True)
class KnownAddress:
    """One entry: who is said to be there, who said so, and how it went."""

    address: Address
    node_id: bytes
    source: str
    heard_at_s: int
    answered_at_s: int = 0
    tried_at_s: int = 0
    failures: int = 0

    def may_be_tried(self, now_s: int) -> bool:
        """Return whether its back-off is over."""
        if self.failures == 0:
            return True
        wait_s = min(BACK_OFF_MAX_S, BACK_OFF_S << min(self.failures - 1, 12))
        return now_s - self.tried_at_s >= wait_s


@lru_cache(maxsize=8_192)  # asked for the same hosts with every look at the book
def group_of(host: str) -> str:
    """Return the network that one party can be expected to own: /16 of IPv4, /32 of IPv6."""
    address = ipaddress.ip_address(host)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else address
    if mapped is not None:
        return str(ipaddress.ip_network(f"{mapped}/16", strict=False))
    return str(ipaddress.ip_network(f"{host}/32", strict=False))


@dataclass(slots=True)
class AddressBook:
    """The two tables. `key` is this node's secret, so nobody can aim at a bucket."""

    key: bytes
    chance: random.Random
    trusted: Buckets
    untrusted: Buckets
    known: dict[Address, KnownAddress]

    @staticmethod
    def empty(key: bytes, chance: random.Random) -> "AddressBook":
        """Return a book that knows nobody."""
        return AddressBook(key, chance, Buckets(), Buckets(), {})

    def hear(self, address: Address, node_id: bytes, *, source: str, now_s: int) -> bool:
        """Note an address told by the host `source`; return whether it is (now) in the book."""
        if address in self.known:
            self._correct(address, node_id)
            return True
        entry = KnownAddress(address, node_id, source, now_s)
        place = self._untrusted_place(entry)
        present = self.untrusted.get(place)
        if present is not None:
            if self.known[present].failures < ATTEMPTS_MAX:
                return False
            del self.known[present]
        self.untrusted[place] = address
        self.known[address] = entry
        return True

    def _correct(self, address: Address, node_id: bytes) -> None:
        """Believe another identity at an address where the one we were told of is not.

        Anyone can sign a record that puts themselves at somebody else's address.
        """
        entry = self.known[address]
        if entry.failures and not entry.answered_at_s and entry.node_id != node_id:
            self.known[address] = replace(entry, node_id=node_id, failures=0)

    def on_answer(self, address: Address, node_id: bytes, *, now_s: int) -> None:
        """Note that `address` completed a handshake as `node_id`."""
        entry = self.known.get(address) or KnownAddress(address, node_id, address.host, now_s)
        entry = replace(entry, node_id=node_id, answered_at_s=now_s, tried_at_s=now_s, failures=0)
        was_known = address in self.known
        self.known[address] = entry
        place = self._trusted_place(address)
        present = self.trusted.get(place)
        if present == address:
            return
        if was_known:
            self._leave_untrusted(entry)
        if present is not None:
            self._demote(present)
        self.trusted[place] = address

    def on_failure(self, address: Address, *, now_s: int) -> None:
        """Note that `address` could not be reached or was not what it should be."""
        entry = self.known.get(address)
        if entry is not None:
            self.known[address] = replace(entry, tried_at_s=now_s, failures=entry.failures + 1)

    def forgive(self, address: Address) -> None:
        """Forget that `address` could not be reached: it may be tried at once."""
        entry = self.known.get(address)
        if entry is not None:
            self.known[address] = replace(entry, failures=0)

    def choose(
        self,
        *,
        now_s: int,
        is_excluded: Callable[[KnownAddress], bool],
        only_untrusted: bool = False,
    ) -> KnownAddress | None:
        """Return an address to dial: trusted or not with equal chance, then any bucket equally.

        `None`: there is none among those looked at; the next call looks at others.
        """
        tables = [self.untrusted] if only_untrusted else [self.trusted, self.untrusted]
        self.chance.shuffle(tables)
        for table in tables:
            for address in islice(table.in_chance_order(self.chance), LOOKED_AT_MAX):
                entry = self.known[address]
                if entry.may_be_tried(now_s) and not is_excluded(entry):
                    return entry
        return None

    def sample(self, count: int) -> list[KnownAddress]:
        """Return up to `count` entries that have answered, for a peer who asks."""
        answered = list(self.trusted.values())
        return [self.known[a] for a in self.chance.sample(answered, min(count, len(answered)))]

    def restore(self, entries: Iterable[KnownAddress]) -> None:
        """Fill the book from what was saved; entries that answered are trusted again."""
        for entry in entries:
            is_trusted = entry.answered_at_s > 0
            place = self._trusted_place(entry.address) if is_trusted else None
            table = self.trusted if is_trusted else self.untrusted
            place = place or self._untrusted_place(entry)
            if place not in table and entry.address not in self.known:
                table[place] = entry.address
                self.known[entry.address] = entry

    def is_trusted(self, address: Address) -> bool:
        """Return whether `address` has answered and is kept for it."""
        return self.trusted.get(self._trusted_place(address)) == address

    def _demote(self, address: Address) -> None:
        del self.trusted[self._trusted_place(address)]
        entry = replace(self.known.pop(address), answered_at_s=0)
        place = self._untrusted_place(entry)
        if place not in self.untrusted:
            self.untrusted[place] = address
            self.known[address] = entry

    def _leave_untrusted(self, entry: KnownAddress) -> None:
        place = self._untrusted_place(entry)
        if self.untrusted.get(place) == entry.address:
            del self.untrusted[place]

    def _keyed(self, *parts: object) -> int:
        words = "|".join(str(part) for part in parts).encode()
        return int.from_bytes(hashlib.blake2b(words, key=self.key, digest_size=8).digest(), "big")

    def _trusted_place(self, address: Address) -> Place:
        lane = self._keyed("lane", address) % TRUSTED_BUCKETS_PER_GROUP
        bucket = self._keyed("trusted", group_of(address.host), lane) % TRUSTED_BUCKETS
        return bucket, self._keyed("slot", bucket, address) % BUCKET_SLOTS

    def _untrusted_place(self, entry: KnownAddress) -> Place:
        source = group_of(entry.source)
        lane = self._keyed(source, group_of(entry.address.host)) % UNTRUSTED_BUCKETS_PER_SOURCE
        bucket = self._keyed("untrusted", source, lane) % UNTRUSTED_BUCKETS
        return bucket, self._keyed("slot", bucket, entry.address) % BUCKET_SLOTS
