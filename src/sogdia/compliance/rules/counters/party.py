"""One of the three parties that keep shares of sums, and compare them without seeing them.

R1  A request is computed when all three parties hold it, in the order the first party gives.
R2  A share is synced before it is answered; a venue needs all three answers to learn the bit.
R3  A party that loses another stops. Its venues get no answer, and no answer is no deposit.
"""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
from aiohttp import web

from sogdia.compliance.rules.counters.ledger import Entry, Ledger
from sogdia.compliance.rules.counters.settings import PartySettings, find_venue
from sogdia.compliance.rules.counters.shares import FIELD_PRIME

# A comparison takes tens of milliseconds; a party that waits longer has lost another.
COMPUTE_TIMEOUT_S = 20
# A request reaches the other parties a network hop after the first, or the venue died between.
GATHER_TIMEOUT_S = 5
# Reserving and releasing in steps finds out what a client used elsewhere. A month of honest trade
# asks less often than this; a search over 100,000 cents by halves still needs 17 of them.
REQUESTS_OF_A_CLIENT_MAX = 100
# What may wait at once; beyond it a venue is told to come back.
WAITING_MAX = 1_000

Hex = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Share = Annotated[str, msgspec.Meta(pattern="^[0-9]{1,29}$")]


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a venue asks. `request` is its own random name for it; `releases` names an earlier
    one to take back, in which case `share` is of zero."""

    request: Hex
    counter: Name
    window: Name
    client: Hex
    share: Share
    releases: str = ""


class Waiting:
    """A request that is waiting for its turn."""

    def __init__(self, venue: str, body: Request, answer: "asyncio.Future[int | str]") -> None:
        self.venue = venue
        self.body = body
        self.answer = answer

    def agreed_fields(self) -> tuple[str, ...]:
        """Return what all parties must have been told alike: everything but the share."""
        b = self.body
        return self.venue, b.request, b.counter, b.window, b.client, b.releases


class Party:
    """The service of one party around a running MPyC runtime."""

    def __init__(self, settings: PartySettings, runtime: Any) -> None:
        self._settings = settings
        self._mpc = runtime
        self._integer = runtime.SecInt(64)
        assert self._integer.field.modulus == FIELD_PRIME, "MPyC computes in another field"
        self._ledger = Ledger(Path(settings.database))
        self._waiting: dict[str, Waiting] = {}
        self._arrived = asyncio.Event()

    async def run(self) -> None:
        """Align with the other parties, then answer until one of them is lost."""
        mpc = self._mpc
        await mpc.start()
        self._ledger.undo_to(min(await mpc.transfer(self._ledger.last_seq())))
        application = web.Application(client_max_size=4096)
        application.router.add_post("/v1/requests", self._accept)
        application.router.add_get("/v1/health", self._health)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, self._settings.host, self._settings.port).start()
        logging.getLogger(__name__).info("party %d is ready", self._settings.index)
        while True:
            await self._next()

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"seq": self._ledger.last_seq(), "waiting": len(self._waiting)})

    async def _accept(self, request: web.Request) -> web.Response:
        venue = find_venue(self._settings.venues, request.headers.get("Authorization"))
        if venue is None:
            return _refusal(401, "unknown token")
        try:
            body = msgspec.json.decode(await request.read(), type=Request)
        except msgspec.DecodeError as error:
            return _refusal(400, str(error))
        if body.counter not in self._settings.counters:
            return _refusal(404, f"no counter {body.counter!r}")
        if len(self._waiting) >= WAITING_MAX or body.request in self._waiting:
            return _refusal(503, "too many requests wait, or this one does already")
        waiting = Waiting(venue, body, asyncio.get_running_loop().create_future())
        self._waiting[body.request] = waiting
        self._arrived.set()
        try:
            answer = await waiting.answer
        finally:
            self._waiting.pop(body.request, None)
        if isinstance(answer, str):
            return _refusal(409, answer)
        return web.json_response({"answer": str(answer)})

    async def _next(self) -> None:
        """Agree on the next request with the other parties, and compute it."""
        mpc = self._mpc
        name = None
        if self._settings.index == 0:
            while not self._open():
                self._arrived.clear()
                await self._arrived.wait()
            name = self._open()[0]
        name = await mpc.transfer(name, senders=0)
        mine = await self._await_request(name)
        known = self._ledger.find(name)
        problem = self._problem(mine, known)
        told = (mine.agreed_fields() if mine else None, known is not None, problem)
        views = await asyncio.wait_for(mpc.transfer(told), COMPUTE_TIMEOUT_S)
        problems = [view[2] for view in views if view[2]]
        if problems or mine is None or len({view[:2] for view in views}) != 1:
            reason = problems[0] if problems else "the parties were told different things"
            self._settle(mine, reason)
            return
        if known is not None:
            self._settle(mine, known.answer)
            return
        answer = await asyncio.wait_for(self._compute(mine), COMPUTE_TIMEOUT_S)
        self._settle(mine, answer)

    def _open(self) -> list[str]:
        return [name for name, waiting in self._waiting.items() if not waiting.answer.done()]

    async def _await_request(self, name: str) -> Waiting | None:
        deadline = asyncio.get_running_loop().time() + GATHER_TIMEOUT_S
        while name not in self._waiting:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return None
            self._arrived.clear()
            try:
                await asyncio.wait_for(self._arrived.wait(), left)
            except TimeoutError:
                return None
        return self._waiting[name]

    def _problem(self, mine: Waiting | None, known: Entry | None) -> str:
        """Say why this party will not compute the request; empty when it will."""
        if mine is None:
            return "a party did not get the request"
        if known is not None:
            return "" if _is_same(known, mine) else "this name was used for another request"
        b = mine.body
        if not b.releases:
            asked = self._ledger.count(mine.venue, b.counter, b.window, b.client)
            return (
                "" if asked < REQUESTS_OF_A_CLIENT_MAX else "too many questions about this client"
            )
        earlier = self._ledger.find(mine.body.releases)
        if earlier is None or earlier.releases or not _is_same(earlier, mine):
            return "there is no such reservation of this venue to release"
        return "" if earlier.released is None else "it was released already"

    async def _compute(self, mine: Waiting) -> int:
        body = mine.body
        stored = self._ledger.share(body.counter, body.window, body.client)
        if body.releases:
            earlier = self._ledger.find(body.releases)
            assert earlier is not None, "checked before"
            answer, applied = 1, -earlier.applied % FIELD_PRIME
            share = (stored + applied) % FIELD_PRIME
        else:
            answer, applied, share = await self._reserve(stored, int(body.share), body.counter)
        entry = Entry(
            self._ledger.last_seq() + 1,
            body.request,
            mine.venue,
            body.counter,
            body.window,
            body.client,
            answer,
            applied,
            body.releases,
        )
        self._ledger.apply(entry, share)
        return answer

    async def _reserve(self, stored: int, asked: int, counter: str) -> tuple[int, int, int]:
        """Return this party's shares of: whether it fits, what was added, the new sum."""
        field, integer = self._integer.field, self._integer
        total, amount = integer(field(stored)), integer(field(asked))
        most = self._settings.counters[counter].max_units
        # A negative amount would make room for the next one, so it never fits.
        fits = (amount >= 0) * (total + amount <= most)
        applied = amount * fits
        bit, added, new = await self._mpc.gather([fits, applied, total + applied])
        return int(bit.value), int(added.value), int(new.value)

    def _settle(self, mine: Waiting | None, answer: int | str) -> None:
        if mine is not None and not mine.answer.done():
            mine.answer.set_result(answer)


def _is_same(known: Entry, mine: Waiting) -> bool:
    """Tell whether an entry is of this venue, counter, window and client."""
    b = mine.body
    ours = (mine.venue, b.counter, b.window, b.client)
    return (known.venue, known.counter, known.window, known.client) == ours


def _refusal(status: int, problem: str) -> web.Response:
    return web.json_response({"error": problem}, status=status)


def serve(settings: PartySettings) -> None:
    """Run one party until it is stopped, or another is lost. Raises SettingsError."""
    # MPyC reads its addresses from the command line when it is imported.
    peers = [argument for address in settings.mpc for argument in ("-P", address)]
    tls = ["--ssl"] if settings.tls else []
    sys.argv = [sys.argv[0], *peers, "-I", str(settings.index), "--no-log", *tls]
    from mpyc.runtime import mpc

    async def run() -> None:
        await Party(settings, mpc).run()

    mpc.run(run())
