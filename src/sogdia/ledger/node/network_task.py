"""The network as a task of the node: peers on the loop, writing on the ledger's thread."""

import asyncio
import contextlib
import ipaddress
import random
import secrets
import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from sogdia.ledger.network.address_book import AddressBook
from sogdia.ledger.network.bans import BanList
from sogdia.ledger.network.exchange import PeerExchange
from sogdia.ledger.network.identity import NodeIdentity
from sogdia.ledger.network.messages import PROTOCOL_VERSION, Hello
from sogdia.ledger.network.peer_file import DamagedPeerFile, Remembered, load_peers, save_peers
from sogdia.ledger.network.peers import PeerSet, Slots
from sogdia.ledger.network.session import Session
from sogdia.ledger.network.tls import TlsTransport
from sogdia.ledger.network.transport import Address
from sogdia.ledger.node.clock_watch import ClockWatch
from sogdia.ledger.node.config import Config
from sogdia.ledger.node.errors import InvalidSetting
from sogdia.ledger.node.logs import log
from sogdia.ledger.node.parts import Parts
from sogdia.ledger.node.peer_controls import NodePeers
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.transaction import Transaction
from sogdia.ledger.sync.phases import Progress
from sogdia.ledger.sync.service import SyncService
from sogdia.ledger.sync.short_ids import ShortIdIndex

LOG_INTERVAL_S = 5.0  # between two lines of progress
RECORDS_SAVED_MAX = 1_024  # what a node can tell others right after a restart
SAVE_INTERVAL_S = 60.0  # a killed node forgets a minute of addresses
ANCHORS = 2  # peers that are dialled first after a restart, so that a restart cannot be an eclipse
AGENT_CHARACTERS_MAX = 64


def _clock() -> int:
    return int(time.time())


def parse_address(text: str, setting: str = "network.peers") -> Address:
    """Read `HOST:PORT`, an IPv6 host in brackets.

    Raises:
        InvalidSetting: it is not one.
    """
    try:
        return Address.parse(text)
    except ValueError:
        raise InvalidSetting(name=setting, value=text, want="IP:PORT", origin="config") from None


class NetworkTask:
    """A node's peers, and its following of them."""

    def __init__(
        self,
        config: Config,
        parts: Parts,
        directory: Path,
        thread: ThreadPoolExecutor,
        agent: str,
        *,
        on_defect: Callable[[BaseException], None],
    ) -> None:
        """`on_defect` is told of an error that no peer can be blamed for."""
        self._on_defect = on_defect
        self._config = config
        self._parts = parts
        self._thread = thread
        self._path = directory / "network" / "peers.json"
        self.identity = NodeIdentity.load_or_create(
            directory / "network" / "key", fresh_seed=secrets.token_bytes(32)
        )
        self._remembered = self._load()
        self._logged_at_s = -LOG_INTERVAL_S
        self.clock_watch = ClockWatch(_clock, time.monotonic, lambda: len(self.sync.views))
        self.sync = SyncService(
            consensus=parts.consensus,
            chain_id=parts.params.chain_id,
            held=ShortIdIndex(secrets.token_bytes(16)),
            submit=self._submit,
            add_transactions=self._add_transactions,
            ban=self._ban,
            now_s=time.monotonic,
            on_progress=self._on_progress,
            on_early_block=self.clock_watch.on_early_block,
        )
        self.peers = self._build_peers(agent)
        self.sync.exchange = PeerExchange(
            self.identity,
            parts.params.network_id,
            self.peers.book,
            self.peers.now_s,
            self._own_address,
        )
        self.sync.exchange.restore(self._remembered.records)
        self.controls = NodePeers(self.peers, self.sync, self._own_address, self._save)
        self._writing = threading.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._unsubscribe: Callable[[], None] = lambda: None

    def _build_peers(self, agent: str) -> PeerSet:
        config, parts = self._config, self._parts
        chance = random.Random(secrets.randbits(256))
        book = AddressBook.empty(self._remembered.key, chance)
        book.restore(self._remembered.addresses)
        hello = Hello(
            PROTOCOL_VERSION,
            parts.params.network_id,
            parts.consensus.genesis,
            agent[:AGENT_CHARACTERS_MAX],
            config["network.port"],
            self.sync.held.key,
        )
        return PeerSet(
            TlsTransport(self.identity),
            self.identity.node_id,
            hello,
            book,
            BanList({ban.who: ban for ban in self._remembered.bans}),
            self._on_session,
            _clock,
            chance,
            Slots(
                outbound=config["network.outbound"],
                inbound=config["network.inbound"],
                inbound_per_host=config["network.inbound_per_host"],
                inbound_per_subnet=config["network.inbound_per_host"] * 2,
            ),
            [parse_address(text) for text in config["network.peers"]],
            on_defect=self._on_defect,
        )

    def _load(self) -> Remembered:
        try:
            remembered = load_peers(self._path)
        except DamagedPeerFile as error:
            log.warning("peer file", reason=str(error))
            remembered = None
        return remembered or Remembered(secrets.token_bytes(32))

    async def start(self) -> Address:
        """Open the door, dial, and follow; return where the door is.

        Raises:
            OSError: the address cannot be had.
        """
        await self._on_thread(self._parts.consensus.outlook)  # from now on sync may ask for it
        host = self._config["network.host"]
        address = await self.peers.listen(Address(host, self._config["network.port"]))
        self.peers.hello = msgspec.structs.replace(self.peers.hello, listen_port=address.port)
        loop = asyncio.get_running_loop()

        def on_pool(transactions: Sequence[Transaction]) -> None:
            loop.call_soon_threadsafe(self._announce, list(transactions))

        def on_block(block: Block) -> None:
            if self.sync.progress is None:  # nobody is told of old blocks: do not wake the loop
                loop.call_soon_threadsafe(self.sync.announce, block)

        self._unsubscribe = self._parts.pool.subscribe(on_pool)
        self._parts.ledger.block_listeners.append(on_block)
        anchors = [a for a in self._remembered.anchors if a not in self.peers.static]
        for work in (
            self.peers.keep_dialling(),
            self.peers.keep_feeling(),
            self.sync.relay.keep_announcing(),
            self._keep_saving(),
            *(self.peers.dial(anchor) for anchor in anchors[:ANCHORS]),
        ):
            self._tasks.append(asyncio.create_task(work))
        return address

    async def stop(self) -> None:
        """End every session and remember who was there."""
        self._unsubscribe()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._save()
        await self.peers.close()

    @property
    def node_id(self) -> bytes:
        """This node's identity towards its peers."""
        return self.identity.node_id

    def progress(self) -> Progress | None:
        """Return how far it has caught up, if it has to."""
        return self.sync.progress

    def peer_ids(self) -> Collection[bytes]:
        """Return the identities that this node is joined with."""
        return self.peers.joined.keys()

    def cut(self, identities: frozenset[bytes]) -> int:
        """Cut the lines to exactly these; return how many sessions ended."""
        log.warning("lines cut", to=[each.hex()[:12] for each in sorted(identities)])
        return self.peers.cut(identities)

    def _announce(self, transactions: list[Transaction]) -> None:
        self.sync.held.add(transactions)
        self.sync.relay.announce_transactions(transactions)

    async def _on_session(self, session: Session) -> None:
        name = session.peer_id.hex()[:12]
        log.info("peer joined", peer=name, agent=session.hello.agent)
        try:
            await self.sync.on_session(session)
        finally:
            log.info("peer left", peer=name, reason=session.end_reason)

    def _own_address(self) -> Address | None:
        """Return where others reach us: as configured, or where we listen if that is one place."""
        if self._config["network.public_address"]:
            return parse_address(self._config["network.public_address"], "network.public_address")
        listener = self.peers.listener
        if listener is None or ipaddress.ip_address(listener.address.host).is_unspecified:
            return None
        return listener.address

    async def _submit(self, blocks: list[Block]) -> None:
        await self._on_thread(self._parts.ledger.submit_all, blocks)

    async def _add_transactions(self, transactions: list[Transaction]) -> None:
        await self._on_thread(self._parts.pool.add, transactions)

    async def _on_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    def _ban(self, session: Session, reason: str) -> None:
        log.warning("peer banned", peer=session.peer_id.hex()[:12], reason=reason)
        self.peers.ban(session, reason)

    def _on_progress(self, progress: Progress) -> None:
        is_over = progress.height >= progress.highest_height
        if is_over or progress.now_s - self._logged_at_s >= LOG_INTERVAL_S:
            self._logged_at_s = progress.now_s
            left_s = progress.remaining_s
            log.info(
                "catching up",
                phase=progress.phase.value,
                height=progress.height,
                of=progress.highest_height,
                blocks_per_s=round(progress.blocks_per_s),
                remaining_s=None if left_s is None else round(left_s),
            )

    def _records(self) -> list[bytes]:
        exchange = self.sync.exchange
        assert exchange is not None, "made beside the sync"
        return [record.encoded for record in exchange.records.values()][-RECORDS_SAVED_MAX:]

    async def _keep_saving(self) -> None:
        while True:
            await asyncio.sleep(SAVE_INTERVAL_S)
            await asyncio.to_thread(self._write, self._to_remember())

    def _save(self) -> None:
        self._write(self._to_remember())

    def _to_remember(self) -> Remembered:
        outbound = [j.address for j in self.peers.joined.values() if j.is_outbound]
        return Remembered(
            self._remembered.key,
            list(self.peers.book.known.values()),
            outbound[:ANCHORS] or self._remembered.anchors,
            self.peers.bans.live(now_s=_clock()),
            self._records(),
        )

    def _write(self, remembered: Remembered) -> None:
        # One at a time: all of them write the same file beside the one they replace. A full disk
        # costs addresses, not the node.
        with self._writing, contextlib.suppress(OSError):
            save_peers(self._path, remembered)
