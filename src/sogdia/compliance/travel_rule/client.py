"""The HTTPS client: fetch a counterparty's credential, and deliver what waits in the outbox."""

import asyncio
import ssl
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

from sogdia.compliance.travel_rule.envelope import PROTOCOL_VERSION, Refusal
from sogdia.compliance.travel_rule.exchange.house import House
from sogdia.compliance.travel_rule.institutions.address_book import (
    Counterparty,
    inbox_url,
)
from sogdia.compliance.travel_rule.institutions.licence import Unauthenticated
from sogdia.compliance.travel_rule.institutions.travel_address import (
    decode_travel_address,
    origin_of,
)
from sogdia.compliance.travel_rule.journal import Change, Outgoing, StaleTransfer
from sogdia.compliance.travel_rule.server import EXTENSION, INBOX_PATH
from sogdia.compliance.travel_rule.transfers import WAITING_STATES, State

ANSWER_BYTES_MAX = 64 << 10  # a credential has under 16 kB, every other answer under 1 kB
RETRY_SECONDS_MIN = 0.5  # a restart of the other end takes about that long
RETRY_SECONDS_MAX = 60.0  # an inquiry's shortest deadline
ANSWER_SECONDS_MAX = 15.0  # the other end writes to its database once
LOG = structlog.get_logger()


class Unreachable(Exception):
    """The counterparty could not be reached, or answered nonsense; try again later."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Status and word of an answer; `error` is empty when the message was taken."""

    status: int
    error: str


class _Identity(msgspec.Struct):
    credential: str


class _Error(msgspec.Struct):
    error: str = ""


def client_tls(ca: Path | None, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    """Return TLS 1.3 for a client; `ca` replaces the system's roots, the pair is our own proof.

    Raises:
        OSError, ssl.SSLError: a file is missing or is not what it should be.
    """
    context = ssl.create_default_context(cafile=None if ca is None else str(ca))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    if certificate is not None:
        context.load_cert_chain(certificate, key)
    return context


class Client:
    """Speaks to other institutions for `house`; use as an asynchronous context manager."""

    def __init__(self, house: House, credential: str, tls: ssl.SSLContext) -> None:
        self._house, self._credential, self._tls = house, credential, tls
        self._session: ClientSession | None = None
        self._pauses: dict[str, tuple[float, float]] = {}  # institution -> (until, length), seconds

    async def __aenter__(self) -> "Client":
        self._session = ClientSession(
            connector=TCPConnector(ssl=self._tls, limit_per_host=2),
            timeout=ClientTimeout(total=ANSWER_SECONDS_MAX),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._session is not None, "entered before"
        await self._session.close()

    async def authenticate(self, institution: str) -> Counterparty:
        """Fetch the credential of `institution` from the address in the book, and verify it.

        Raises:
            Unauthenticated: not in the book, or its proof fails; recorded.
            Unreachable: no answer.
        """
        directory = self._house.directory
        book_entry = directory.book_entry(institution)
        if book_entry is None:
            detail = "it is not in the address book"
            self._house.record("unknown", institution, detail, institution)
            raise Unauthenticated(institution, "unknown", detail)
        origin = origin_of(decode_travel_address(book_entry.travel_address))
        _, body = await self._request("GET", f"{origin}/identity")
        try:
            token = msgspec.json.decode(body, type=_Identity).credential
            counterparty = await asyncio.to_thread(directory.present, token)
            inbox_url(book_entry, counterparty)
        except msgspec.DecodeError as error:
            raise Unreachable(f"{origin} does not tell its identity: {error}") from None
        except Unauthenticated as refused:
            self._house.record(refused.reason, institution, refused.detail, token)
            raise
        return counterparty

    async def deliver(self) -> int:
        """Send what waits in the outbox, oldest first; return how many messages left it.

        What cannot be delivered now stays. What the other end refuses for good leaves the outbox
        and is recorded; an inquiry is then cancelled, since nobody will answer it.
        """
        left = 0
        now = asyncio.get_running_loop().time()
        # Later messages to the same institution must not overtake one that could not be sent.
        blocked = {who for who, (until, _) in self._pauses.items() if now < until}
        for outgoing in await asyncio.to_thread(self._house.journal.outgoing):
            if outgoing.recipient in blocked:
                continue
            try:
                reply = await self._post(outgoing)
            except (Unreachable, Unauthenticated) as reason:
                LOG.warning("travel_rule.undelivered", message=outgoing.message, why=str(reason))
                blocked.add(self._pause(outgoing.recipient, now))
                continue
            if reply.status >= 500 or reply.status in {408, 429}:
                blocked.add(self._pause(outgoing.recipient, now))
                continue
            self._pauses.pop(outgoing.recipient, None)
            await asyncio.to_thread(self._settle, outgoing, reply)
            left += 1
        return left

    def _pause(self, institution: str, now: float) -> str:
        """Wait longer, after each failure, before the institution is tried again."""
        _, length = self._pauses.get(institution, (0.0, RETRY_SECONDS_MIN / 2))
        length = min(2 * length, RETRY_SECONDS_MAX)
        self._pauses[institution] = (now + length, length)
        return institution

    async def _post(self, outgoing: Outgoing) -> Reply:
        counterparty = await asyncio.to_thread(self._house.directory.find, outgoing.recipient)
        known = self._house.directory.book_entry(outgoing.recipient)
        url = f"{origin_of(counterparty.entry.origin)}{INBOX_PATH}?t=i"
        if known is not None:
            url = inbox_url(known, counterparty)
        headers = {
            "api-version": PROTOCOL_VERSION,
            "api-extensions": EXTENSION,
            "request-identifier": outgoing.transfer,
        }
        posted = {"envelope": outgoing.envelope, "credential": self._credential}
        status, body = await self._request("POST", url, headers=headers, json=posted)
        try:
            return Reply(status, msgspec.json.decode(body, type=_Error).error)
        except msgspec.DecodeError:
            raise Unreachable(f"{url} answered {status} with no JSON") from None

    async def _request(self, method: str, url: str, **options: object) -> tuple[int, bytes]:
        assert self._session is not None, "used inside `async with`"
        try:
            # No redirects: whoever can redirect could otherwise choose who receives.
            async with self._session.request(
                method,
                url,
                allow_redirects=False,
                **options,  # type: ignore[arg-type]
            ) as answer:
                body = b""
                async for chunk in answer.content.iter_chunked(8192):
                    body += chunk
                    if len(body) > ANSWER_BYTES_MAX:
                        break
        except (ClientError, TimeoutError, OSError) as error:
            raise Unreachable(f"{url}: {error}") from None
        if len(body) > ANSWER_BYTES_MAX or 300 <= answer.status < 400:
            raise Unreachable(f"{url} answered {answer.status} with {len(body)} bytes or more")
        return answer.status, body

    def _settle(self, outgoing: Outgoing, reply: Reply) -> None:
        journal = self._house.journal
        # A message that was taken before is a message delivered: only our answer was lost.
        if reply.status != 200 and reply.error != Refusal.REPLAYED:
            detail = f"{outgoing.recipient} refused the message: {reply.status} {reply.error}"
            self._house.record("refused-by-counterparty", outgoing.recipient, detail, "")
            before = journal.find_transfer(outgoing.transfer)
            if before is not None and before.role == "originator":
                self._cancel_unanswerable(outgoing, reply)
        journal.drop_outgoing(outgoing.message)

    def _cancel_unanswerable(self, outgoing: Outgoing, reply: Reply) -> None:
        journal = self._house.journal
        before = journal.find_transfer(outgoing.transfer)
        if before is None or before.state not in WAITING_STATES:
            return
        after = replace(before, state=State.CANCELLED, reason=reply.error[:40] or "refused")
        try:
            journal.commit_change(Change(after, self._house.clock(), "delivery"), before)
        except StaleTransfer:
            LOG.info("travel_rule.moved_meanwhile", transfer=outgoing.transfer)
