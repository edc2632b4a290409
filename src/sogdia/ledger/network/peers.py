"""Whom a node is joined with: slots, dialling, doors, bans.

P1  Slots that we fill by dialling are never taken by those who dial us.
P2  At most one session per identity; of two that cross, the one dialled by the smaller identity
    stays, so both sides keep the same one.
P3  What a session did wrong is scored here and nowhere else.
P4  No session with a banned identity begins, whoever dials.
"""

import asyncio
import ipaddress
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sogdia.ledger.network.address_book import AddressBook, KnownAddress, group_of
from sogdia.ledger.network.bans import Ban, BanList, household_of, subnet_of
from sogdia.ledger.network.errors import Banned, CutOff, NetworkError
from sogdia.ledger.network.limits import BAN_S
from sogdia.ledger.network.messages import Hello
from sogdia.ledger.network.session import Session, open_session
from sogdia.ledger.network.transport import Address, Connection, Listener, Transport

DIAL_INTERVAL_S = 1.0  # a free slot is refilled within a few of these
REMOVED_S = 3_600  # whom its operator removed knows our address, and would dial within seconds
REMOVED = "removed by its operator"
FEELER_INTERVAL_S = 120.0  # as Bitcoin's: 720 addresses a day are tried, and those that answer kept
STATIC_BACK_OFF_S, STATIC_BACK_OFF_MAX_S = 1, 30  # somebody wants this peer: tried for ever

OnSession = Callable[[Session], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Slots:
    """How many sessions of each kind."""

    outbound: int = 10  # eight for everything and two more that keep an eclipse honest
    inbound: int = 64  # with 50 peers a node stays below 300 MB
    inbound_per_host: int = 1  # an address is cheap, a host less so
    inbound_per_subnet: int = 2  # /24 of IPv4, /64 of IPv6


@dataclass(frozen=True, slots=True)
class Joined:
    """A live session and how it came to be."""

    session: Session
    address: Address
    is_outbound: bool

    @property
    def listens_at(self) -> Address:
        """Where it says that its door is, port 0 when it has none."""
        return Address(self.address.host, self.session.hello.listen_port)


@dataclass(slots=True, eq=False)
class PeerSet:
    """The sessions of one node."""

    transport: Transport
    own_id: bytes
    hello: Hello
    book: AddressBook
    bans: BanList
    on_session: OnSession
    now_s: Callable[[], int]
    chance: random.Random
    slots: Slots = field(default_factory=Slots)
    static: list[Address] = field(default_factory=list)
    """Peers to stay joined with, whatever the book says."""
    static_failures: dict[Address, tuple[int, int]] = field(default_factory=dict)
    """Of these: failures in a row, and when the last one was."""
    joined: dict[bytes, Joined] = field(default_factory=dict)
    dialling: set[Address] = field(default_factory=set)
    greeting: list[str] = field(default_factory=list)
    """Hosts of those who came through the door and have not said hello: they hold slots too."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    listener: Listener | None = None
    unreachable: frozenset[bytes] = frozenset()
    """Identities to which the line is cut, for drills: no session with them begins or goes on."""
    on_defect: Callable[[BaseException], None] | None = None
    """Told of an error that no peer can be blamed for."""

    async def listen(self, address: Address) -> Address:
        """Open the door and return where it is.

        Raises:
            OSError: the address cannot be had.
        """
        self.listener = await self.transport.listen(address, self._on_connection)
        return self.listener.address

    async def keep_dialling(self) -> None:
        """Fill free outbound slots, for as long as the task lives."""
        while True:
            self.dial_missing()
            await asyncio.sleep(DIAL_INTERVAL_S)

    def dial_missing(self) -> None:
        """Start a dial for each configured peer that is missing, then for each free slot."""
        present = {joined.address for joined in self.joined.values()} | self.dialling
        for address in self.static:
            if address not in present and self._is_due(address):
                self.dialling.add(address)
                self._start(self.dial(address))
        free = self.slots.outbound - len(self.dialling)
        free -= sum(joined.is_outbound for joined in self.joined.values())
        for _ in range(free):
            found = self.book.choose(now_s=self.now_s(), is_excluded=self._exclusion())
            if found is None:
                return
            self.dialling.add(found.address)
            self._start(self.dial(found.address, expected_id=found.node_id))

    def _is_due(self, address: Address) -> bool:
        known = self.book.known.get(address)
        if known is not None and known.node_id in self.unreachable | self.joined.keys():
            return False  # one that dialled us is joined under the port it dialled from
        failures, tried_at_s = self.static_failures.get(address, (0, 0))
        wait_s = STATIC_BACK_OFF_S << min(failures - 1, 8) if failures else 0
        return self.now_s() - tried_at_s >= min(STATIC_BACK_OFF_MAX_S, wait_s)

    def _note_static(self, address: Address, *, has_answered: bool) -> None:
        if has_answered:
            self.static_failures.pop(address, None)
        elif address in self.static:
            failures, _ = self.static_failures.get(address, (0, 0))
            self.static_failures[address] = (failures + 1, self.now_s())

    async def keep_feeling(self) -> None:
        """Try an address that we were only told of, every two minutes, and hang up (A3)."""
        while True:
            await asyncio.sleep(FEELER_INTERVAL_S)
            found = self.book.choose(
                now_s=self.now_s(), is_excluded=self._exclusion(), only_untrusted=True
            )
            if found is not None:
                await self.feel(found)

    async def feel(self, known: KnownAddress) -> None:
        """Note in the book whether a node is where we were told, without keeping a session."""
        try:
            self.bans.check(host=known.address.host, node_id=known.node_id, now_s=self.now_s())
            connection = await self.transport.dial(known.address, expected_id=known.node_id)
            clock = asyncio.get_running_loop().time
            session = await open_session(connection, self.hello, now_s=clock)
        except NetworkError:
            self.book.on_failure(known.address, now_s=self.now_s())
            return
        self.book.on_answer(known.address, session.peer_id, now_s=self.now_s())
        session.end("only a question whether you are there")

    def keep(self, address: Address) -> bool:
        """Stay joined with `address` from now on, and dial it now; return whether that is new.

        Whoever was removed from there is welcome again; a ban stays one.
        """
        known = self.book.known.get(address)
        if known is not None:
            self.bans.lift(known.node_id.hex(), only_reason=REMOVED)
        is_new = address not in self.static
        if is_new:
            self.static.append(address)
        self.static_failures.pop(address, None)
        self.dial_missing()
        return is_new

    def release(self, address: Address) -> bool:
        """End the session with `address` and begin none for an hour; return whether it was a peer.

        The other side may have learnt where we are and dial us: its identity is banned so long.
        """
        joined = [j for j in self.joined.values() if address in (j.address, j.listens_at)]
        was_static = self.stop_keeping(address)
        for each in joined:
            until_s = self.now_s() + REMOVED_S
            self.bans.add(Ban(each.session.peer_id.hex(), until_s, REMOVED))
            each.session.end(REMOVED)
        return was_static or bool(joined)

    def stop_keeping(self, address: Address) -> bool:
        """Dial `address` no longer by ourselves; return whether that had been asked for."""
        was_static = address in self.static
        if was_static:
            self.static.remove(address)
            self.static_failures.pop(address, None)
        return was_static

    def ban_by_name(self, who: str, *, seconds: int, reason: str) -> None:
        """Keep a host or an identity (hex) away, and end its sessions."""
        self.bans.add(Ban(who, self.now_s() + seconds, reason))
        for peer_id, joined in list(self.joined.items()):
            if who in (peer_id.hex(), joined.address.host):
                joined.session.end(f"banned: {reason}")

    def cut(self, identities: frozenset[bytes]) -> int:
        """Cut the lines to exactly these; return how many sessions ended.

        Those that were cut and are not any more are dialled again at once if they are configured.
        """
        for address in self.static:
            self.book.forgive(address)
        self.static_failures.clear()
        self.unreachable = identities
        ended = [self.joined[each].session for each in identities & self.joined.keys()]
        for session in ended:
            session.end("the line is cut")
        return len(ended)

    def _exclusion(self) -> Callable[[KnownAddress], bool]:
        """Return what tells whom not to dial as things are: a book may ask it a thousand times."""
        outbound = {j.address for j in self.joined.values() if j.is_outbound} | self.dialling
        groups = {group_of(address.host) for address in outbound}
        identities = self.unreachable | self.joined.keys() | {self.own_id}

        def is_excluded(known: KnownAddress) -> bool:
            host = known.address.host
            return (
                known.node_id in identities
                or known.address in outbound
                or (group_of(host) in groups and not ipaddress.ip_address(host).is_loopback)
            )

        return is_excluded

    async def dial(self, address: Address, *, expected_id: bytes | None = None) -> None:
        """Join one node; what goes wrong is noted in the book."""
        self.dialling.add(address)
        try:
            self.bans.check(host=address.host, node_id=expected_id, now_s=self.now_s())
            connection = await self.transport.dial(address, expected_id=expected_id)
            is_joined = await self._join(connection, address, is_outbound=True)
            self._note_static(address, has_answered=is_joined)
        except NetworkError:
            self.book.on_failure(address, now_s=self.now_s())
            self._note_static(address, has_answered=False)
        finally:
            self.dialling.discard(address)

    async def _on_connection(self, connection: Connection) -> None:
        host = connection.remote.host
        try:
            self._check_inbound(connection)
        except NetworkError:
            connection.close()
            return
        self.greeting.append(host)
        try:
            await self._join(connection, connection.remote, is_outbound=False)
        except NetworkError:
            connection.close()
        finally:
            self.greeting.remove(host)

    def _check_inbound(self, connection: Connection) -> None:
        host = connection.remote.host
        now_s = self.now_s()
        self.bans.check(host=host, node_id=connection.peer_id, now_s=now_s)
        inbound = [j.address.host for j in self.joined.values() if not j.is_outbound]
        inbound += self.greeting
        subnet = subnet_of(host)
        is_full = (
            len(inbound) >= self.slots.inbound
            or inbound.count(host) >= self.slots.inbound_per_host
            or sum(subnet_of(other) == subnet for other in inbound) >= self.slots.inbound_per_subnet
        )
        if is_full:
            raise Banned(host, now_s, "no inbound slot is free for it")

    async def _join(self, connection: Connection, address: Address, *, is_outbound: bool) -> bool:
        loop = asyncio.get_running_loop()
        self._check_line(connection)
        session = await open_session(connection, self.hello, now_s=loop.time)
        self._check_line(connection)  # it may have been cut, or they banned, meanwhile
        if not self._makes_way(session, is_outbound=is_outbound):
            session.end("this pair is joined already")
            return session.peer_id in self.joined
        joined = Joined(session, address, is_outbound)
        self.joined[session.peer_id] = joined
        if is_outbound:
            self.book.on_answer(address, session.peer_id, now_s=self.now_s())
        elif session.hello.listen_port:
            now_s = self.now_s()
            self.book.hear(joined.listens_at, session.peer_id, source=address.host, now_s=now_s)
        self._start(self._live(session))
        return True

    def _check_line(self, connection: Connection) -> None:
        """Pass a line that is not cut, to somebody who is not banned (P4)."""
        try:
            if connection.peer_id in self.unreachable:
                raise CutOff(connection.peer_id.hex())
            host, now_s = connection.remote.host, self.now_s()
            self.bans.check(host=host, node_id=connection.peer_id, now_s=now_s)
        except NetworkError:
            connection.close()
            raise

    def _makes_way(self, session: Session, *, is_outbound: bool) -> bool:
        """Return whether a new session may take its identity's place (P2)."""
        if session.peer_id == self.own_id:
            return False
        present = self.joined.get(session.peer_id)
        if present is None:
            return True
        dialler_is_smaller = (self.own_id < session.peer_id) == is_outbound
        if present.is_outbound == is_outbound or not dialler_is_smaller:
            return False
        present.session.end("another session with you takes its place")
        return True

    async def _live(self, session: Session) -> None:
        try:
            await self.on_session(session)
        except NetworkError as error:
            session.end(str(error))
        finally:
            session.end("a defect of this node")  # unless it has ended already
            present = self.joined.get(session.peer_id)
            if present is not None and present.session is session:
                del self.joined[session.peer_id]

    def ban(self, session: Session, reason: str) -> None:
        """End a session and keep its identity, and its household unless local, away for a day."""
        until_s = self.now_s() + BAN_S
        joined = self.joined.get(session.peer_id)
        self.bans.add(Ban(session.peer_id.hex(), until_s, reason))
        if joined is not None and not ipaddress.ip_address(joined.address.host).is_loopback:
            self.bans.add(Ban(household_of(joined.address.host), until_s, reason))
        session.end(f"banned: {reason}")

    def sessions(self) -> list[Session]:
        """Return the live sessions."""
        return [joined.session for joined in self.joined.values()]

    async def close(self) -> None:
        """Shut the door and end every session."""
        if self.listener is not None:
            await self.listener.close()
        for session in self.sessions():
            session.end("the node stops")
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)  # the loop holds tasks weakly
        task.add_done_callback(self._on_end)

    def _on_end(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            if self.on_defect is None:
                raise error
            self.on_defect(error)
