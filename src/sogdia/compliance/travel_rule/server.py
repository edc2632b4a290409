"""The HTTPS server of an institution, in the shape of the Travel Rule Protocol.

    GET  /version, /uptime, /extensions   what we speak
    GET  /identity                        our signed credential: public, nothing personal
    POST /transfers?t=i                   one sealed message, with the sender's credential

An answer says that a message was taken or a stable word for why not, and never more: what exists
here is not told to who guesses. Officers' decisions travel as messages of their own.

Source: OpenVASP Travel Rule Protocol 3.2, core specification (paths, headers, version and extension
discovery). The sealing of the payload is ours, announced as a required extension.
"""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog
from aiohttp import web

from sogdia.compliance.travel_rule.envelope import (
    ENVELOPE_BYTES_MAX,
    PROTOCOL_VERSION,
    PROTOCOL_VERSION_MIN,
    EnvelopeRefused,
    Refusal,
    read_claims,
)
from sogdia.compliance.travel_rule.exchange.house import House
from sogdia.compliance.travel_rule.exchange.inbox import receive
from sogdia.compliance.travel_rule.exchange.payloads import PayloadRefused
from sogdia.compliance.travel_rule.institutions.licence import ENTRY_BYTES_MAX, Unauthenticated
from sogdia.compliance.travel_rule.transfers import ExchangeRefused

INBOX_PATH = "/transfers"
EXTENSION = "sealed-envelope"
BODY_BYTES_MAX = ENVELOPE_BYTES_MAX + ENTRY_BYTES_MAX + 1024
BODY_SECONDS_MAX = 10.0  # a body of 145 kB over the slowest mobile line takes three
MESSAGES_AT_ONCE_MAX = 16  # each waits for the database, not for the processor

LOG = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Served:
    """What the public paths tell: our name, identifier and credential, and the monotonic clock."""

    name: str
    institution: str
    credential: str
    monotonic: Callable[[], float]
    started: float


HOUSE = web.AppKey("house", House)
SERVED = web.AppKey("served", Served)
GATE = web.AppKey("gate", asyncio.Semaphore)


class Posted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a POST: a sealed message, and the sender's credential unless we know it."""

    envelope: str
    credential: str | None = None


def build_app(house: House, served: Served) -> web.Application:
    """Return the application that speaks for `house`."""
    app = web.Application(client_max_size=BODY_BYTES_MAX)
    app[HOUSE], app[SERVED] = house, served
    app[GATE] = asyncio.Semaphore(MESSAGES_AT_ONCE_MAX)
    app.add_routes(
        [
            web.get("/version", _version),
            web.get("/uptime", _uptime),
            web.get("/extensions", _extensions),
            web.get("/identity", _identity),
            web.post(INBOX_PATH, _inbox),
        ]
    )
    return app


def server_tls(certificate: Path, key: Path, client_ca: Path | None) -> ssl.SSLContext:
    """Return TLS 1.3 for a server; with `client_ca`, callers must show a certificate under it.

    Raises:
        OSError, ssl.SSLError: a file is missing or is not what it should be.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(certificate, key)
    if client_ca is not None:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


async def _version(_: web.Request) -> web.Response:
    return web.json_response({"version": PROTOCOL_VERSION, "vendor": "Sogdia"})


async def _uptime(request: web.Request) -> web.Response:
    served = request.app[SERVED]
    return web.json_response({"uptime": int(served.monotonic() - served.started)})


async def _extensions(_: web.Request) -> web.Response:
    return web.json_response({"required": [EXTENSION], "supported": [EXTENSION]})


async def _identity(request: web.Request) -> web.Response:
    served = request.app[SERVED]
    return web.json_response(
        {"name": served.name, "lei": served.institution, "credential": served.credential}
    )


async def _inbox(request: web.Request) -> web.Response:
    house = request.app[HOUSE]
    try:
        body = await asyncio.wait_for(request.read(), BODY_SECONDS_MAX)
    except TimeoutError:
        return _refuse(408, "too-slow")
    try:
        posted = msgspec.json.decode(body, type=Posted)
    except msgspec.DecodeError:
        await asyncio.to_thread(
            house.record, Refusal.MALFORMED, "unknown", "the body is no message", repr(body[:64])
        )
        return _refuse(400, Refusal.MALFORMED)
    async with request.app[GATE]:
        return await asyncio.to_thread(_take, house, posted, dict(request.headers))


def _take(house: House, posted: Posted, headers: dict[str, str]) -> web.Response:
    lowered = {name.lower(): value for name, value in headers.items()}
    try:
        _refuse_headers(posted, lowered)
    except EnvelopeRefused as refused:
        house.record(refused.reason, refused.sender, refused.detail, posted.envelope)
        return _refuse(400, refused.reason)
    try:
        transfer = receive(house, posted.envelope, posted.credential)
    except Unauthenticated as refused:
        LOG.warning("travel_rule.unauthenticated", reason=refused.reason)
        return _refuse(401, refused.reason)
    except EnvelopeRefused as refused:
        LOG.warning("travel_rule.envelope_refused", reason=refused.reason, sender=refused.sender)
        return _refuse(_ENVELOPE_STATUS.get(refused.reason, 400), refused.reason)
    except PayloadRefused as refused:
        # Paths and constraints only: a value could be somebody's name, and logs outlive it.
        faults = [{"path": v.path, "constraint": v.constraint} for v in refused.violations]
        return web.json_response({"error": refused.reason, "violations": faults}, status=422)
    except ExchangeRefused as refused:
        return _refuse(404 if refused.reason == "unknown-transfer" else 409, refused.reason)
    LOG.info("travel_rule.taken", transfer=transfer.id, state=transfer.state)
    return web.json_response({"version": PROTOCOL_VERSION, "status": "received"})


_ENVELOPE_STATUS = {
    Refusal.BAD_SIGNATURE: 401,
    Refusal.UNKNOWN_SENDER: 401,
    Refusal.REPLAYED: 409,
}


def _refuse_headers(posted: Posted, headers: dict[str, str]) -> None:
    """The headers are unsigned: they must agree with what is signed, and be no older."""
    claims = read_claims(posted.envelope)
    version = headers.get("api-version", "")
    numbers = tuple(int(part) for part in version.split(".") if part.isdecimal())
    if len(numbers) != 3 or numbers < PROTOCOL_VERSION_MIN or version != claims.version:
        detail = f"the header says version {version[:20]!r}, the message {claims.version[:20]!r}"
        raise EnvelopeRefused(Refusal.DOWNGRADED_VERSION, claims.sender, detail)
    extensions = {part.strip() for part in headers.get("api-extensions", "").split(",")}
    if EXTENSION not in extensions:
        detail = f"the header api-extensions lacks {EXTENSION}"
        raise EnvelopeRefused(Refusal.DOWNGRADED_VERSION, claims.sender, detail)
    if headers.get("request-identifier") != claims.transfer:
        detail = "request-identifier is not the transfer of the message"
        raise EnvelopeRefused(Refusal.MISMATCH, claims.sender, detail)


def _refuse(status: int, reason: str) -> web.Response:
    return web.json_response({"error": str(reason)}, status=status)
