"""A table of addresses that is cut into buckets, and can be walked from any of them."""

import random
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field

from sogdia.ledger.network.transport import Address

Place = tuple[int, int]
"""Number of a bucket, number of a slot in it."""


@dataclass(slots=True, eq=False)
class Buckets(MutableMapping[Place, Address]):
    """Addresses by place. Empty buckets are not kept."""

    slots_of: dict[int, dict[int, Address]] = field(default_factory=dict)
    count: int = 0

    def __getitem__(self, place: Place) -> Address:
        """Return who is there."""
        bucket, slot = place
        return self.slots_of[bucket][slot]

    def __setitem__(self, place: Place, address: Address) -> None:
        """Put somebody there."""
        bucket, slot = place
        slots = self.slots_of.setdefault(bucket, {})
        self.count += slot not in slots
        slots[slot] = address

    def __delitem__(self, place: Place) -> None:
        """Make room."""
        bucket, slot = place
        slots = self.slots_of[bucket]
        del slots[slot]
        self.count -= 1
        if not slots:
            del self.slots_of[bucket]

    def __iter__(self) -> Iterator[Place]:
        """Yield the places that are taken."""
        for bucket, slots in self.slots_of.items():
            for slot in slots:
                yield bucket, slot

    def __len__(self) -> int:
        """Return how many addresses there are."""
        return self.count

    def in_chance_order(self, chance: random.Random) -> Iterator[Address]:
        """Yield the addresses of one bucket in an order of chance, then those of the next.

        A walk that ends early costs what it saw, and one look at the numbers of the buckets.
        """
        buckets = sorted(self.slots_of)
        for bucket in chance.sample(buckets, len(buckets)):
            slots = self.slots_of[bucket]
            for slot in chance.sample(sorted(slots), len(slots)):
                yield slots[slot]
