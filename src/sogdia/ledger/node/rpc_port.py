"""The JSON-RPC port of a node, with the pages that operators ask for."""

import asyncio
import platform
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Protocol

from sogdia.ledger.execution.driver import Advance
from sogdia.ledger.node.clock_watch import ClockWatch
from sogdia.ledger.node.config import Config
from sogdia.ledger.node.console_task import build_console
from sogdia.ledger.node.health import Health, json_page
from sogdia.ledger.node.loop_calls import from_any_thread
from sogdia.ledger.node.metrics import Sample, metrics_page
from sogdia.ledger.node.mining_task import MiningTask
from sogdia.ledger.node.parts import Parts
from sogdia.ledger.node.upkeep.backups import Backups
from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS
from sogdia.ledger.params.networks import DEVELOPMENT, LOCAL_NET
from sogdia.ledger.primitives.build import build_info
from sogdia.ledger.primitives.errors import InvalidTransaction
from sogdia.ledger.primitives.transaction import (
    Transaction,
    decode_impersonated,
    decode_submissions,
    decode_transactions,
)
from sogdia.ledger.rpc.admin.controls import PeerControls
from sogdia.ledger.rpc.backend import Backend, Lines
from sogdia.ledger.rpc.debug.queue import TraceQueue
from sogdia.ledger.rpc.dev.console import Console
from sogdia.ledger.rpc.dev.controls import DevelopmentControls
from sogdia.ledger.rpc.dispatch import Dispatcher, Supervisor
from sogdia.ledger.rpc.eth.removed_logs import read_removed
from sogdia.ledger.rpc.events import EpochsExecuted, EpochsUndone, EventHub, TransactionsAccepted
from sogdia.ledger.rpc.filters import FilterStore
from sogdia.ledger.rpc.http import HttpRequest, JsonRpcApp
from sogdia.ledger.rpc.intake import Decode, TransactionIntake
from sogdia.ledger.rpc.late_door import Door, LateDoor
from sogdia.ledger.rpc.limits import RpcLimits
from sogdia.ledger.rpc.listener import Listener
from sogdia.ledger.rpc.methods import served_methods
from sogdia.ledger.rpc.rate import RateLimiter
from sogdia.ledger.rpc.signer import AccountSigner
from sogdia.ledger.rpc.submissions import Read, Submissions, Submitted
from sogdia.ledger.sync.phases import Progress

# Nobody competes on an idle ledger; wallets that see 0 warn, so one unit of the ninth place.
DEFAULT_TIP_DRIP = 10**9
# Transactions of a batch from which on several threads share the recovery of senders.
SHARED_FROM = 32


class Network(Lines, Protocol):
    """What a node and its port see of the network, where there is one."""

    @property
    def clock_watch(self) -> ClockWatch:
        """What compares this machine's clock with those of others."""

    @property
    def controls(self) -> PeerControls:
        """What its operator may see and decide."""

    def progress(self) -> Progress | None:
        """Return how far it has caught up, if it has to."""


def build_listeners(
    config: Config,
    parts: Parts,
    health: Health,
    workers: ThreadPoolExecutor,
    supervisor: Supervisor,
    *,
    clock: Callable[[], int],
    controls: DevelopmentControls | None,
    guard: Callable[[HttpRequest], None] | None,
    network: Network | None = None,
    mining: MiningTask | None = None,
) -> tuple[Listener, Listener | None]:
    """Return the port and, if there is a guard for it, the guarded socket; neither open yet."""
    limits = config.rpc_limits()
    rate, version = _rate(limits), client_version()
    is_local = parts.params.name == LOCAL_NET.name and network is not None
    is_development = controls is not None
    methods = served_methods(
        version,
        is_development=is_development,
        is_local=is_local,
        namespaces=limits.namespaces,
    )
    events = hear_events(parts, asyncio.get_running_loop())
    backend = replace(
        _backend(config, parts, workers, clock=clock, controls=controls, events=events),
        alerts=lambda: health.alerts,
        lines=network if is_local else None,
        backups=None if guard is None else Backups(parts),
    )
    if network is not None:
        backend = _with_network(backend, network)
    dispatcher = Dispatcher(backend, methods, limits, workers, supervisor)
    mounts = {
        "/health": json_page(health.health),
        "/ready": json_page(health.ready),
        "/metrics": metrics_page(lambda: [*samples(parts), *_health_samples(health, backend)]),
    }
    submissions = _submissions(config, backend, supervisor, dispatcher, mining)
    app = JsonRpcApp(dispatcher, limits, rate, mounts, submissions=submissions)
    websocket = _websocket(backend, app, dispatcher, events)
    guarded = None
    if guard is not None:
        guarded_methods = served_methods(version, is_development=is_development, is_guarded=True)
        dispatcher = Dispatcher(backend, guarded_methods, limits, workers, supervisor)
        guarded = Listener(JsonRpcApp(dispatcher, limits, guard=guard), limits)
    return Listener(app, limits, websocket), guarded


def _rate(limits: RpcLimits) -> RateLimiter | None:
    calls = limits.calls_per_second
    return None if calls is None else RateLimiter(calls, time.monotonic)


def _submissions(
    config: Config,
    backend: Backend,
    supervisor: Supervisor,
    dispatcher: Dispatcher,
    mining: MiningTask | None,
) -> Submissions | None:
    """Return the short way in; none where calls are counted, or the method is not served."""
    is_counted = backend.limits.calls_per_second is not None
    if is_counted or not dispatcher.serves("eth_sendRawTransaction"):
        return None
    read = _reader(config["node.workers"], backend)
    submissions = Submissions(backend.intake, read, backend.workers, supervisor, dispatcher)
    if mining is not None:
        mining.wait_while(submissions.is_entering)
    return submissions


def _websocket(
    backend: Backend, app: JsonRpcApp, dispatcher: Dispatcher, events: EventHub
) -> LateDoor:
    def build() -> Door:
        from sogdia.ledger.rpc.websocket import WebSocketDoor

        return WebSocketDoor(backend, app, dispatcher, events=events, new_id=new_id)

    return LateDoor("sogdia.ledger.rpc.websocket", backend.workers, build)


def _with_network(backend: Backend, network: Network) -> Backend:
    return replace(
        backend,
        accepts_peers=True,
        peer_count=lambda: len(network.peer_ids()),
        sync_progress=network.progress,
        peers=network.controls,
    )


def new_id() -> int:
    """Return an id that nobody can guess: whoever knows a filter's may empty it."""
    return secrets.randbits(128)


def _backend(
    config: Config,
    parts: Parts,
    workers: ThreadPoolExecutor,
    *,
    clock: Callable[[], int],
    controls: DevelopmentControls | None,
    events: EventHub,
) -> Backend:
    params, limits = parts.params, config.rpc_limits()
    is_development = params.name == DEVELOPMENT.name
    keys = {account.address: account.key for account in DEVELOPMENT_ACCOUNTS if is_development}
    signer = AccountSigner(keys)
    console = None if controls is None else build_console(parts, workers, events)
    signed_for = None if console is None else (signer, console)
    decode = _decoder(params.chain_id, config["node.workers"], signed_for)
    return Backend(
        chain_id=params.chain_id,
        network_id=params.network_id,
        client_version=config["rpc.client_version"] or client_version(),
        consensus=parts.consensus,
        executor=parts.executor,
        at_hand=parts.executor.at_hand,
        tracer=parts.executor.tracer,
        simulator=parts.executor.simulator,
        pool=parts.pool,
        events=events,
        intake=TransactionIntake(parts.pool, decode, workers),
        workers=workers,
        traces=TraceQueue(limits.traces_waiting),
        filters=_filters(events, limits),
        limits=limits,
        clock=clock,
        default_tip=max(params.mempool.min_tip, DEFAULT_TIP_DRIP),
        signer=signer,
        development=controls,
        console=console,
    )


def _filters(events: EventHub, limits: RpcLimits) -> FilterStore:
    return FilterStore(
        events,
        time.monotonic,
        new_id,
        filters_max=limits.filters,
        idle_s=limits.filter_idle_s,
    )


def _decoder(
    chain_id: int, threads: int, development: tuple[AccountSigner, Console] | None
) -> Decode:
    """Return what decodes raw transactions; on `development`, of impersonated accounts too."""

    def decode(raws: Sequence[bytes]) -> Sequence[Transaction | InvalidTransaction]:
        # Waking the other threads costs more than a few recoveries.
        share = threads if len(raws) >= SHARED_FROM else 1
        decoded = decode_transactions(raws, chain_id, share)
        if development is not None:
            signer, console = development
            for place, raw in enumerate(raws):
                console.note_code(raw)
                if (sender := signer.take_claim(raw)) is not None:
                    decoded[place] = decode_impersonated(raw, chain_id, sender)
        return decoded

    return decode


def _reader(threads: int, backend: Backend) -> Read:
    """Return what reads bodies of submissions; a development chain looks for its console."""
    chain_id, limits, console = backend.chain_id, backend.limits, backend.console

    def read(bodies: Sequence[bytes]) -> Sequence[Submitted | None]:
        found = decode_submissions(bodies, chain_id, threads, limits.batch_calls)
        for place, each in enumerate(found):
            if each is None:
                continue
            decoded, answer = each
            if console is not None:
                for item in decoded:
                    if not isinstance(item, InvalidTransaction):
                        console.note_code(item.raw)
            if answer is not None and len(answer) > limits.response_bytes:
                found[place] = (decoded, None)  # the dispatcher says what is too long
        return found

    return read


def hear_events(parts: Parts, loop: asyncio.AbstractEventLoop) -> EventHub:
    """Return a hub that hears, on the loop, what the ledger's thread and the pool tell."""
    events = EventHub(lambda: parts.executor.undo_count)

    call_soon = from_any_thread(loop)

    def on_advance(advance: Advance) -> None:
        if advance.undone:
            logs = read_removed(advance.removed_logs)
            undone = EpochsUndone(advance.undone[-1], advance.undone[0], logs)
            call_soon(events.publish, undone)
        if advance.executed:
            first, last = advance.executed[0].number, advance.executed[-1].number
            call_soon(events.publish, EpochsExecuted(first, last))

    def on_pool(transactions: Sequence[Transaction]) -> None:
        if transactions:
            event = TransactionsAccepted([each.hash for each in transactions])
            call_soon(events.publish, event)

    parts.ledger.listeners.append(on_advance)
    parts.pool.subscribe(on_pool)
    return events


def client_version() -> str:
    """Return what `web3_clientVersion` answers: name, version, commit, system, build."""
    info = build_info()
    python = ".".join(map(str, sys.version_info[:2]))
    return (
        f"Sogdia/v{info['version']}-{info['commit'][:8]}/{sys.platform}-{platform.machine()}/"
        f"python{python}-{info['profile']}"
    )


def _health_samples(health: Health, backend: Backend) -> Iterable[Sample]:
    yield Sample("peers", backend.peer_count(), "Peers that this node is joined with.")
    yield Sample("alerts", len(health.alerts), "Alerts that stand; /health has their words.")


def samples(parts: Parts) -> Iterable[Sample]:
    """Yield what `/metrics` shows of the ledger."""
    head, _ = parts.executor.head()
    standing = parts.consensus.standing()
    waiting = parts.pool.status()
    stats = parts.database.store.stats()
    yield Sample("epoch", head, "Last executed epoch.")
    yield Sample("pivot_height", standing.best_height, "Height of the pivot tip.")
    yield Sample("confirmed_height", standing.confirmed_height, "Highest confirmed height.")
    for name in ("ready", "queued"):
        yield Sample(
            "pool_transactions",
            getattr(waiting, name),
            "Waiting transactions.",
            labels=(("state", name),),
        )
    yield Sample("store_commits", stats["commits"], "Batches committed.", is_counter=True)
    yield Sample(
        "store_unsynced_commits",
        stats["commits"] - stats["synced_commits"],
        "Batches that a power cut would lose.",
    )
    for name in ("disk_bytes", "write_buffer_bytes", "cache_bytes", "journals", "compactions"):
        yield Sample(f"store_{name}", stats[name], f"{name.replace('_', ' ')} of the store.")
    for table, rows in stats["tables"].items():
        yield Sample("store_rows", rows, "Rows, approximate.", labels=(("table", table),))
