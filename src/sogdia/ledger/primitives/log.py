"""An event that a contract emitted."""

from dataclasses import dataclass

from sogdia.ledger.primitives.errors import WrongItemCount
from sogdia.ledger.primitives.hashing import HASH_SIZE_BYTES
from sogdia.ledger.primitives.header import ADDRESS_SIZE_BYTES
from sogdia.ledger.primitives.rlp import Item, read_bytes, read_fixed, read_list

TOPICS_MAX = 4  # LOG4 is the last of its instructions


@dataclass(frozen=True, slots=True)
class Log:
    """Who emitted it, up to four topics of 32 bytes, and data of any length."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes

    def to_item(self) -> Item:
        """Return it as a list to be encoded: `[address, [topic, ...], data]`."""
        return [self.address, list(self.topics), self.data]


def log_from_item(item: Item) -> Log:
    """Read a log from a decoded list.

    Raises:
        InvalidEncoding: the subclass is the rule, `field` the place.
    """
    address, topics_item, data = read_list(item, "log", 3)
    topics = read_list(topics_item, "log.topics")
    if len(topics) > TOPICS_MAX:
        raise WrongItemCount(field="log.topics", expected=TOPICS_MAX, actual=len(topics))
    return Log(
        address=read_fixed(address, "log.address", ADDRESS_SIZE_BYTES),
        topics=tuple(read_fixed(topic, "log.topic", HASH_SIZE_BYTES) for topic in topics),
        data=read_bytes(data, "log.data"),
    )
