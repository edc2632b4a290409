"""Tell peers of other nodes, and learn of nodes from them: signed records only.

X1  What is kept or passed on was signed by the node that it speaks of, for this network.
X2  Only nodes that have answered us, or are joined with us from where they say they are, are
    passed on, so that nobody can use us as a megaphone.
X3  A peer gets one sample in `SAMPLE_INTERVAL_S`, however often it asks: the book is not for sale.
X4  A record of an address inside somebody's own walls counts only from inside the same walls.
"""

import asyncio
import ipaddress
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from weakref import WeakKeyDictionary

from sogdia.ledger.network.address_book import AddressBook
from sogdia.ledger.network.errors import InvalidMessage
from sogdia.ledger.network.identity import NodeIdentity
from sogdia.ledger.network.messages import RECORDS_MAX, GetPeers, Peers
from sogdia.ledger.network.record import PeerRecord
from sogdia.ledger.network.session import Session
from sogdia.ledger.network.transport import Address

RECORDS_KEPT_MAX = 16_384  # a full trusted table, 256 bytes each: 4 MB
ASK_INTERVAL_S = 600.0  # a network that changes by the hour is followed
SAMPLE_INTERVAL_S = 300.0  # half of that, so that an honest asker always gets a fresh one


def may_be_told(address: Address, source: str) -> bool:
    """Return whether the host `source` can honestly know a node at `address` (X4)."""
    told, teller = ipaddress.ip_address(address.host), ipaddress.ip_address(source)
    if told.is_unspecified or told.is_multicast or address.port == 0:
        return False
    if told.is_loopback:
        return teller.is_loopback
    return teller.is_private or not told.is_private


@dataclass(slots=True, eq=False)
class PeerExchange:
    """The records a node holds. `own_address` is where others can reach us, if that is known."""

    identity: NodeIdentity
    network_id: int
    book: AddressBook
    now_s: Callable[[], int]
    own_address: Callable[[], Address | None]
    records: OrderedDict[bytes, PeerRecord] = field(default_factory=OrderedDict)
    present: set[bytes] = field(default_factory=set)
    """Peers of now that are where they say they are."""
    samples: WeakKeyDictionary[Session, tuple[int, list[bytes]]] = field(
        default_factory=WeakKeyDictionary
    )

    def restore(self, encoded: Iterable[bytes]) -> None:
        """Take back records that were saved; what is damaged is left out."""
        for each in encoded:
            try:
                self._keep(PeerRecord.decode(each))
            except InvalidMessage:
                continue

    def own_record(self) -> PeerRecord | None:
        """Return our own record as of now, `None` while we do not know where we are."""
        address = self.own_address()
        if address is None:
            return None
        return PeerRecord.sign(
            self.identity, network_id=self.network_id, address=address, sequence=self.now_s()
        )

    def answer(self, session: Session, request: GetPeers) -> Peers:
        """Return our own record and a sample of those who answered us (X2, X3)."""
        now_s = self.now_s()
        made_at_s, sample = self.samples.get(session, (0, []))
        if not sample or abs(now_s - made_at_s) >= SAMPLE_INTERVAL_S:
            sample = self._sample()
            self.samples[session] = (now_s, sample)
        return Peers(request.request_id, sample)

    def _sample(self) -> list[bytes]:
        own = self.own_record()
        sample = [] if own is None else [own.encoded]
        answered = {known.node_id: known.address for known in self.book.sample(RECORDS_MAX)}
        for node_id in [*answered, *sorted(self.present - answered.keys())]:
            record = self.records.get(node_id)
            if record is not None and answered.get(node_id, record.address) == record.address:
                sample.append(record.encoded)
        return sample[:RECORDS_MAX]

    async def keep_asking(self, session: Session) -> None:
        """Ask a peer for nodes, at once and then every ten minutes.

        Raises:
            InvalidMessage: it told of something that is not signed as it must be.
            NetworkError: it does not answer.
        """
        host = session.connection.remote.host
        try:
            while True:
                answer = await session.request(partial(GetPeers))
                if not isinstance(answer, Peers):
                    raise InvalidMessage("peers", type(answer).__name__)
                self.learn(answer.records, source=host)
                record = self.records.get(session.peer_id)
                if record is not None and record.address.host == host:
                    self.present.add(session.peer_id)
                await asyncio.sleep(ASK_INTERVAL_S)
        finally:
            self.present.discard(session.peer_id)

    def learn(self, records: Iterable[bytes], *, source: str) -> int:
        """Put what the host `source` told into the book; return how many were of use.

        Raises:
            InvalidMessage: a record is malformed, not signed by its node, or of another network.
        """
        learned = 0
        for encoded in records:
            record = PeerRecord.decode(encoded)
            if record.network_id != self.network_id:
                reason = f"network {record.network_id}, here it is {self.network_id}"
                raise InvalidMessage("peer record", reason)
            if record.node_id == self.identity.node_id or not may_be_told(record.address, source):
                continue
            now_s = self.now_s()
            if self.book.hear(record.address, record.node_id, source=source, now_s=now_s):
                self._keep(record)
                learned += 1
        return learned

    def _keep(self, record: PeerRecord) -> None:
        present = self.records.get(record.node_id)
        if present is not None and present.sequence >= record.sequence:
            return
        self.records[record.node_id] = record
        self.records.move_to_end(record.node_id)
        while len(self.records) > RECORDS_KEPT_MAX:
            self.records.popitem(last=False)
