"""A node as the harness expects it, joined from the same parts as any other.

H1  Blocks are made only when a test asks for them.
H2  Our nodes talk over our own transport, with the harness's key in each hello; the harness's own
    peer talks plainly, through the same port.
H3  The methods of the harness are on its own ports, the Ethereum methods on theirs.
"""

import asyncio
import contextlib
import os
import secrets
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sogdia.conflux.admission import EPOCH_BOUND, Admission
from sogdia.conflux.backend import BlockNumbers, HarnessBackend
from sogdia.conflux.configuration import Configuration
from sogdia.conflux.keys import HarnessKey
from sogdia.conflux.maker import BlockMaker
from sogdia.conflux.methods import accounts, blocks, cfx, peers, refused, test, transfers
from sogdia.conflux.plain.door import SharedPort
from sogdia.conflux.plain.peer import Ledger, PlainPeers
from sogdia.conflux.pubsub import PubSub
from sogdia.conflux.throttling import TokenBucket, read_buckets, throttle
from sogdia.ledger.network.tls import TlsTransport
from sogdia.ledger.network.transport import Address
from sogdia.ledger.node.config import Config, load_config
from sogdia.ledger.node.health import Health
from sogdia.ledger.node.network_task import NetworkTask
from sogdia.ledger.node.node import Supervisor
from sogdia.ledger.node.parts import Parts, build_parts
from sogdia.ledger.node.rpc_port import build_listeners, client_version
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.rpc.dispatch import Dispatcher
from sogdia.ledger.rpc.http import JsonRpcApp
from sogdia.ledger.rpc.listener import Listener
from sogdia.ledger.rpc.method import MethodTable

HOST = "127.0.0.1"
RPC_GRACE_S = 1.0
PUBSUB_PORT = "jsonrpc_ws_port"
OPTIONAL_PORTS = ("jsonrpc_ws_eth_port",)  # the other port of eSpace serves WebSockets too
# Section of a file with rates -> the port that it is for, by its key.
CORE_PORTS = {"rpc": ("jsonrpc_http_port",), "rpc_local": ("jsonrpc_local_http_port",)}
# Rewards go to an ordinary Core Space account that nobody has the key of.
AUTHOR = b"\x10" + bytes(19)
METHODS = MethodTable(
    each.METHODS for each in (cfx, accounts, blocks, transfers, test, peers, refused)
)
DISCOVERED_MAX = 16  # more than the nodes of any test that lets them find one another
ANSWER_S = 0.2  # to answer in, before the node stops because it was asked to
NONCE_BITS = 64  # of those that are tried first: libraries read no more of a block's nonce
DEV_TRANSACTIONS_MAX = 1_000
DEV_BLOCK_S = 0.25  # between two blocks of a node in the family's `dev` mode
# What the harness asks of one machine, and no public node would take.
SETTINGS: dict[str, Any] = {
    "node.network": "local",  # settings are judged by a name; the rules come from the harness
    "network.enabled": True,
    "network.host": HOST,
    "network.outbound": 0,  # tests say who is joined with whom
    "network.inbound_per_host": 64,
    "storage.sync": "interval",
    "rpc.call_time_s": 120.0,  # a thousand blocks in one call; the harness itself waits 60 s
    "rpc.body_bytes": 16 << 20,
    "rpc.workers": 2,
    "rpc.namespaces": ("*",),
}


class HarnessNode:
    """One node: built by `start`, taken apart by `stop`."""

    def __init__(self, configuration: Configuration, supervisor: Supervisor) -> None:
        self._configuration = configuration
        self._supervisor = supervisor
        self._params = configuration.params()
        self._directory = configuration.path("conflux_data_dir", "blockchain_data")
        settings = {**SETTINGS, "network.port": configuration.port("tcp_port")}
        if configuration.flag("enable_discovery"):
            settings |= {
                "network.outbound": DISCOVERED_MAX,
                "network.peers": configuration.bootnodes(),
            }
        self._config: Config = load_config(settings, {}, directory=self._directory)
        self._writer = ThreadPoolExecutor(1, "ledger")
        self._workers = ThreadPoolExecutor(self._config["rpc.workers"], "worker")
        self._closing = contextlib.AsyncExitStack()

    async def start(self) -> None:
        """Build everything and take work.

        Raises:
            StorageError, OSError: nothing is left running after `stop`.
        """
        database = self._directory / "blockchain_db"
        # The harness removes both when it wipes a node; state and blocks are in the first one.
        for folder in (database, self._directory / "storage_db"):
            folder.mkdir(parents=True, exist_ok=True)
        parts = await self._on_writer(
            lambda: build_parts(self._config, self._params, database, _clock)
        )
        self._closing.push_async_callback(self._on_writer, parts.database.close)
        key_path = self._directory / "net_config" / "key"
        key = HarnessKey.load_or_create(key_path, secrets.token_bytes(32))
        network = NetworkTask(
            self._config,
            parts,
            self._directory,
            self._writer,
            key.agent,
            on_defect=self._supervisor.meet,
        )
        network.sync.announces_all = True  # tests compare how many blocks two nodes have
        admission = self._admission(parts)
        plain = self._share_port(parts, key, network, admission)
        await network.start()
        self._closing.push_async_callback(network.stop)
        await self._open_espace(parts, network)
        maker = BlockMaker(
            parts, author=AUTHOR, clock=_clock, random_nonce=lambda: secrets.randbits(NONCE_BITS)
        )
        backend = HarnessBackend(
            parts,
            maker,
            key,
            network,
            client_version(),
            self._on_writer,
            BlockNumbers(parts),
            admission,
            plain,
            _stop_soon,
            not self._configuration.flag("dev_allow_phase_change_without_peer", default=True),
        )
        await self._open_core(backend)
        if self._configuration.values.get("mode") == "dev":
            making = asyncio.create_task(self._keep_making(maker))
            self._closing.callback(making.cancel)

    async def stop(self) -> None:
        """Take the node apart; what was acknowledged is kept and synced."""
        await self._closing.aclose()
        self._workers.shutdown(wait=False, cancel_futures=True)
        self._writer.shutdown(wait=False, cancel_futures=True)

    async def _on_writer(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._writer, work)

    async def _keep_making(self, maker: BlockMaker) -> None:
        """Make blocks of what waits, as a node of the family does in `dev` mode."""
        while True:
            await asyncio.sleep(DEV_BLOCK_S)
            await self._on_writer(lambda: maker.make(DEV_TRANSACTIONS_MAX))

    def _admission(self, parts: Parts) -> Admission:
        number = self._configuration.number
        return Admission(
            parts,
            self._on_writer,
            price_min=max(1, number("tx_pool_min_native_tx_gas_price") or 0),
            epoch_bound=number("transaction_epoch_bound") or EPOCH_BOUND,
        )

    def _share_port(
        self, parts: Parts, key: HarnessKey, network: NetworkTask, admission: Admission
    ) -> PlainPeers:
        """Let the harness's own peer in by the port of our own peers."""
        address = Address(HOST, self._configuration.port("tcp_port"))
        params = parts.params
        plain = PlainPeers(
            Ledger(
                parts.consensus,
                network.sync.intake,
                params.network_id,
                params.chain_id,
                key.node_id,
                address,
                admission.add,
            ),
            self._configuration.session_limits(),
        )
        tls = network.peers.transport
        assert isinstance(tls, TlsTransport), "what every node's network is built with"
        network.peers.transport = SharedPort(tls, plain.serve)
        loop = asyncio.get_running_loop()

        def on_block(block: Block) -> None:
            loop.call_soon_threadsafe(plain.announce, block)

        parts.ledger.block_listeners.append(on_block)
        return plain

    async def _open_core(self, backend: HarnessBackend) -> None:
        limits = self._config.rpc_limits()
        for section, names in CORE_PORTS.items():
            methods = MethodTable([throttle(METHODS, self._buckets(section), time.monotonic)])
            dispatcher = Dispatcher(backend, methods, limits, self._workers, self._supervisor)
            listener = Listener(JsonRpcApp(dispatcher, limits), limits)
            await self._open(listener, *names)
        if PUBSUB_PORT in self._configuration.values:
            payload_max = self._configuration.number("jsonrpc_ws_max_payload_bytes")
            pubsub = PubSub(backend, dispatcher, payload_max)
            pubsub.hear()
            close = await pubsub.open(HOST, self._configuration.port(PUBSUB_PORT))
            self._closing.callback(close)

    def _buckets(self, section: str) -> dict[str, TokenBucket]:
        path = self._configuration.values.get("throttling_conf")
        return {} if path is None else read_buckets(Path(path), section, time.monotonic())

    async def _open_espace(self, parts: Parts, network: NetworkTask) -> None:
        listener, _ = build_listeners(
            self._config,
            parts,
            Health(),
            self._workers,
            self._supervisor,
            clock=_clock,
            controls=None,
            network=network,
            guard=None,
        )
        await self._open(listener, "jsonrpc_http_eth_port", "jsonrpc_ws_eth_port")

    async def _open(self, listener: Listener, *names: str) -> None:
        for name in names:
            if name in self._configuration.values or name not in OPTIONAL_PORTS:
                await listener.open(HOST, self._configuration.port(name))
        self._closing.push_async_callback(listener.close, RPC_GRACE_S)


def _stop_soon() -> None:
    """Stop as after SIGTERM, once the caller has its answer."""
    loop = asyncio.get_running_loop()
    loop.call_later(ANSWER_S, lambda: os.kill(os.getpid(), signal.SIGTERM))


def _clock() -> int:
    return int(time.time())
