"""The running service: serve HTTPS, deliver the outbox, and close what has passed its deadline."""

import asyncio
import contextlib
from collections.abc import Callable

import structlog
from aiohttp import web

from sogdia.compliance.travel_rule.client import Client, client_tls
from sogdia.compliance.travel_rule.exchange.inbox import expire
from sogdia.compliance.travel_rule.server import Served, build_app, server_tls
from sogdia.compliance.travel_rule.settings import Configured

ROUND_SECONDS = 0.5  # how soon an officer's order, written by another process, is sent
HOUSEKEEPING_SECONDS = 30.0  # deadlines are minutes at least
KEEPALIVE_SECONDS = 60.0

LOG = structlog.get_logger()


async def serve(
    configured: Configured,
    monotonic: Callable[[], float],
    stop: asyncio.Event,
    on_ready: Callable[[str], None],
) -> None:
    """Serve until `stop` is set; `on_ready` is given the HTTPS origin once it answers.

    Raises:
        OSError: the port is taken, or a TLS file cannot be read.
    """
    listen, house = configured.settings.listen, configured.house
    institution = configured.settings.institution
    served = Served(institution.name, institution.id, configured.credential, monotonic, monotonic())
    tls = server_tls(
        configured.path(listen.certificate),
        configured.path(listen.key),
        configured.find_path(listen.client_ca),
    )
    runner = web.AppRunner(
        build_app(house, served), access_log=None, keepalive_timeout=KEEPALIVE_SECONDS
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, listen.host, listen.port, ssl_context=tls)
        await site.start()
        host, port = runner.addresses[0][:2]
        on_ready(f"https://{host}:{port}")
        await _work(configured, stop)
    finally:
        await runner.cleanup()


def client_of(configured: Configured) -> Client:
    """Return a client for the house, with its own TLS certificate as proof where one is asked."""
    listen = configured.settings.listen
    tls = client_tls(
        configured.find_path(configured.settings.trust.tls_ca),
        configured.path(listen.certificate),
        configured.path(listen.key),
    )
    return Client(configured.house, configured.credential, tls)


async def _work(configured: Configured, stop: asyncio.Event) -> None:
    """Deliver and expire until `stop`."""
    house, idle = configured.house, HOUSEKEEPING_SECONDS
    async with client_of(configured) as client:
        while not stop.is_set():
            await client.deliver()
            idle += ROUND_SECONDS
            if idle >= HOUSEKEEPING_SECONDS:
                idle = 0.0
                for transfer in await asyncio.to_thread(expire, house):
                    LOG.info("travel_rule.expired", transfer=transfer.id)
                await asyncio.to_thread(house.journal.forget_expired, house.clock())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), ROUND_SECONDS)
