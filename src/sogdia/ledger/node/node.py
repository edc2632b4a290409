"""The node: the only place where the parts are joined, in the order in which they depend.

N1  What was refused left nothing behind: no thread, no port, no lock.
N2  Services stop before what they use: intake, mining, the writer, the database.
N3  Consensus and execution are written on one thread; whatever lasts longer than 5 ms is not on
    the loop.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, TypeVar

from sogdia.ledger.node import paths
from sogdia.ledger.node.chain_clock import ChainClock
from sogdia.ledger.node.config import Config, ledger_dir
from sogdia.ledger.node.development import Development
from sogdia.ledger.node.endpoint import Endpoint, publish
from sogdia.ledger.node.errors import NodeError, SocketRefused
from sogdia.ledger.node.guarded_socket import SOCKET_PATH_BYTES_MAX, GuardedFiles, token_guard
from sogdia.ledger.node.health import Health
from sogdia.ledger.node.heartbeat import say_regularly
from sogdia.ledger.node.listening import listen_error, probe_port
from sogdia.ledger.node.logs import log
from sogdia.ledger.node.mining_task import MiningTask
from sogdia.ledger.node.parts import Parts, build_parts, network_params
from sogdia.ledger.node.ready import Ready
from sogdia.ledger.node.rpc_port import Network, build_listeners, client_version
from sogdia.ledger.node.self_test import run_self_test
from sogdia.ledger.node.work_watch import WorkWatch
from sogdia.ledger.params.networks import DEVELOPMENT
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.build import build_info
from sogdia.ledger.primitives.errors import StorageError
from sogdia.ledger.rpc.backend import Alert
from sogdia.ledger.rpc.dispatch import Supervisor as CallSupervisor
from sogdia.ledger.rpc.listener import Listener
from sogdia.ledger.storage.database import Database

RPC_GRACE_S = 1.0  # for requests that run when the node stops; its own limit for a call is longer

STORE_WATCH_S = 0.5  # a failed sync is known within this, even when nobody writes

ALERT_LOOK_S = 2.0  # an alert is late by no more; a look takes a millisecond after a day

T = TypeVar("T")


class Supervisor(CallSupervisor, Protocol):
    """Who a node reports to."""

    def fail(self, error: BaseException) -> None:
        """Stop the node for `error`; any thread may call."""

    def meet(self, error: BaseException) -> None:
        """Log a defect that nobody waits to be told of; stop the node if it must."""


class Node:
    """A node: built by `start`, taken apart by `stop`."""

    def __init__(
        self,
        config: Config,
        environment: Mapping[str, str],
        *,
        fresh: bool,
        supervisor: Supervisor,
    ) -> None:
        self._config = config
        self._environment = environment
        self._fresh = fresh
        self._supervisor = supervisor
        self.health = Health()
        self._params = network_params(config)
        self._directory = ledger_dir(config, environment)
        self._writer = ThreadPoolExecutor(1, "ledger")
        self._workers = ThreadPoolExecutor(config["rpc.workers"], "worker")
        self._is_development = self._params.name == DEVELOPMENT.name
        self._clock = ChainClock(_clock, is_steady=self._is_development)
        self._guarded = self._guarded_files()
        self._closing = contextlib.AsyncExitStack()

    async def start(self) -> Ready:
        """Build everything and take work.

        Raises:
            UnknownHost, PortInUse, DirectoryRefused, StorageError, SelfTestFailed: nothing is left
                running after `stop`.
        """
        probe_port(self._config["rpc.host"], self._config["rpc.port"])
        if self._fresh:
            Database.discard(self._directory, self._params.name)
        parts = await self._on_writer(
            lambda: build_parts(self._config, self._params, self._directory, self._clock)
        )
        self._closing.push_async_callback(self._on_writer, parts.database.close)
        watch = asyncio.create_task(self._watch_store(parts.database), name="store watch")
        self._closing.callback(watch.cancel)
        if self._is_development:
            self._clock.begin_after(parts.consensus.header(parts.consensus.best_block()).timestamp)
        parts.ledger.listeners.append(lambda _: self._clock.release())
        mining = MiningTask(self._config, parts, self._writer, self._supervisor.fail, self._clock)
        self._closing.push_async_callback(mining.stop)
        looks = self._watch_work(parts)
        network = await self._open_network(parts, looks)
        self._raise_alerts(looks)
        port = await self._open_rpc(parts, mining, network)
        rpc = f"http://{self._config['rpc.host']}:{port}"
        self._publish(rpc)
        epoch = None
        if self._config["node.self_test"]:
            epoch = await run_self_test(parts, mining.miner)
        self.health.phase = "running"
        return self._ready(parts, rpc, epoch)

    async def stop(self) -> None:
        """Take the node apart; what was acknowledged is kept and synced."""
        self.health.phase = "stopping"
        await self._closing.aclose()
        self._workers.shutdown(wait=False, cancel_futures=True)
        self._writer.shutdown(wait=False, cancel_futures=True)

    async def _watch_store(self, database: Database) -> None:
        """Stop the node when a background write of the store failed and nobody has met it yet."""
        while True:
            await asyncio.sleep(STORE_WATCH_S)
            try:
                database.store.raise_failure()
            except StorageError as error:
                self.health.failures.append(str(error))
                self._supervisor.fail(error)
                return

    def _watch_work(self, parts: Parts) -> list[Callable[[], Alert | None]]:
        """Watch the work behind the ledger, and return where to look; a lone miner has no such."""
        if not (self._config["network.enabled"] and parts.params.consensus.difficulty_period):
            return []
        watch = WorkWatch(self._clock)
        watch.resume(parts.consensus)
        loop = asyncio.get_running_loop()

        def on_block(block: Block) -> None:
            loop.call_soon_threadsafe(watch.on_block, block.header)

        parts.ledger.block_listeners.append(on_block)
        return [watch.look]

    def _raise_alerts(self, looks: Sequence[Callable[[], Alert | None]]) -> None:
        """Keep the alerts that stand in the health, and log when one begins or ends."""
        if looks:
            task = asyncio.create_task(self._keep_looking(looks), name="alerts")
            self._closing.callback(task.cancel)

    async def _keep_looking(self, looks: Sequence[Callable[[], Alert | None]]) -> None:
        while True:
            before = {alert.code for alert in self.health.alerts}
            standing = [alert for look in looks if (alert := look()) is not None]
            self.health.alerts[:] = standing
            for alert in standing:
                if alert.code not in before:
                    log.warning(alert.message, **alert.details)
            for code in sorted(before - {alert.code for alert in standing}):
                log.info("an alert is over", alert=code)
            await asyncio.sleep(ALERT_LOOK_S)

    async def _on_writer(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writer, work)

    async def _open_rpc(self, parts: Parts, mining: MiningTask, network: Network | None) -> int:
        host, port = self._config["rpc.host"], self._config["rpc.port"]
        controls = None
        if self._is_development:
            controls = Development(self._clock, mining, parts, self._on_writer)
        guard = None
        if self._guarded is not None:
            self._closing.callback(self._guarded.remove)
            try:
                guard = token_guard(self._guarded.prepare(), _clock)
            except OSError as error:
                raise _socket_error(error, self._guarded.socket) from error
        listener, guarded = build_listeners(
            self._config,
            parts,
            self.health,
            self._workers,
            self._supervisor,
            clock=self._clock,
            controls=controls,
            network=network,
            mining=mining,
            guard=guard,
        )
        if guarded is not None:
            await self._open_guarded(guarded)
        try:
            port = await listener.open(host, port)
        except OSError as error:
            raise listen_error(error, host, port) from error
        self._closing.push_async_callback(listener.close, RPC_GRACE_S)
        return port

    async def _open_guarded(self, listener: Listener) -> None:
        assert self._guarded is not None
        try:
            await listener.open_at(self._guarded.socket)
        except OSError as error:
            raise _socket_error(error, self._guarded.socket) from error
        self._closing.push_async_callback(listener.close, RPC_GRACE_S)

    def _guarded_files(self) -> GuardedFiles | None:
        given: Path | None = self._config["rpc.guarded_socket"]
        if given is not None:
            return GuardedFiles.of(given)
        path = paths.runtime_dir(self._environment) / f"{os.getpid()}.sock"
        if len(os.fsencode(path)) <= SOCKET_PATH_BYTES_MAX:
            return GuardedFiles.of(path)
        log.warning(
            "no guarded socket: its path is too long for the system, set rpc.guarded_socket",
            path=str(path),
        )
        return None

    async def _open_network(
        self, parts: Parts, looks: list[Callable[[], Alert | None]]
    ) -> Network | None:
        if not self._config["network.enabled"]:
            return None
        # Peers, TLS and sync take long to import, and a development ledger has none.
        from sogdia.ledger.node.network_task import NetworkTask

        agent = client_version()
        network = NetworkTask(
            self._config,
            parts,
            self._directory,
            self._writer,
            agent,
            on_defect=self._supervisor.meet,
        )
        host, port = self._config["network.host"], self._config["network.port"]
        try:
            address = await network.start()
        except OSError as error:
            raise listen_error(error, host, port, "network") from error
        self._closing.push_async_callback(network.stop)
        looks.append(network.clock_watch.look)
        log.info("listening for peers", address=str(address), node=network.identity.node_id.hex())
        heartbeat = say_regularly(parts, lambda: len(network.peer_ids()))
        self._closing.callback(asyncio.create_task(heartbeat, name="heartbeat").cancel)
        return network

    def _publish(self, rpc: str) -> None:
        endpoint = Endpoint(
            process=os.getpid(),
            rpc=rpc,
            network=self._params.name,
            chain_id=self._params.chain_id,
            # Whoever reads this was started in another folder.
            data_dir=str(self._directory.absolute()),
            guarded=None if self._guarded is None else str(self._guarded.socket.absolute()),
        )
        path = publish(paths.runtime_dir(self._environment), endpoint)
        self._closing.callback(path.unlink, missing_ok=True)

    def _ready(self, parts: Parts, rpc: str, self_test_epoch: int | None) -> Ready:
        info = build_info()
        return Ready(
            version=info["version"],
            commit=info["commit"],
            network=self._params.name,
            chain_id=self._params.chain_id,
            genesis=parts.consensus.genesis,
            data_dir=self._directory,
            rpc=rpc,
            mining=self._config["mining.mode"],
            is_public=self._params.name == DEVELOPMENT.name,
            self_test_epoch=self_test_epoch,
            started_in_s=_seconds_since_start(),
        )


def _clock() -> int:
    return int(time.time())


def _seconds_since_start() -> float:
    """Return how long this process has run, the interpreter's own start included."""
    ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def _socket_error(error: OSError, path: Path) -> NodeError:
    return SocketRefused(path=path, detail=error.strerror or str(error))
