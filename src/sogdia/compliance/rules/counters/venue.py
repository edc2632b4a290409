"""A venue's side: ask whether a deposit still fits a limit that all venues share."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import aiohttp

from sogdia.compliance.rules.counters import oprf
from sogdia.compliance.rules.counters.shares import FIELD_PRIME, PARTIES, join, split

# A venue's customer waits for this answer; beyond it the deposit is held and tried again.
ANSWER_TIMEOUT_S = 30


class CounterUnavailable(Exception):
    """No answer that can be relied on. The deposit must wait: facts without `fits` hold it."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """What the parties answered. `request` names it when it is released; `fits` is the bit."""

    request: str
    counter: str
    window: str
    client: str
    fits: bool


class Venue:
    """Talks to the blinder and the three parties.

    `blinder_key` is the pinned public key; `randbelow(n)` returns a uniform integer below n from
    a cryptographic source, such as `secrets.randbelow`.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        token: str,
        blinder: str,
        blinder_key: bytes,
        parties: Sequence[str],
        randbelow: Callable[[int], int],
    ) -> None:
        if len(parties) != PARTIES:
            raise ValueError(f"{len(parties)} parties given, there are {PARTIES}")
        self._session = session
        self._headers = {"Authorization": f"Bearer {token}"}
        self._blinder = blinder
        self._blinder_key = blinder_key
        self._parties = tuple(parties)
        self._randbelow = randbelow

    async def client_index(self, identifier: str, counter: str, window: str) -> str:
        """Return the client's index for one counter and window, the same at every venue.

        `identifier` is the state's own number, such as "KZ:IIN:…"; it never leaves this process.
        Another counter or month gives an index that cannot be joined with this one.
        Raises CounterUnavailable.
        """
        parts = (b"sogdia-counter-1", counter.encode(), window.encode(), identifier.encode())
        blinded = oprf.blind(b"".join(len(p).to_bytes(2, "big") + p for p in parts))
        answer = await self._post(
            f"{self._blinder}/v1/evaluate", {"element": blinded.element.hex()}
        )
        try:
            evaluated = bytes.fromhex(answer["evaluated"])
            proof = oprf.Proof(
                bytes.fromhex(answer["challenge"]), bytes.fromhex(answer["response"])
            )
            oprf.verify(self._blinder_key, blinded.element, evaluated, proof)
        except (KeyError, TypeError, ValueError) as error:
            raise CounterUnavailable(f"the blinder's answer is refused: {error}") from None
        return hashlib.sha256(oprf.finalize(blinded, evaluated)).hexdigest()

    async def reserve(
        self, identifier: str, counter: str, window: str, units: int, *, request: str | None = None
    ) -> Reservation:
        """Count a deposit of `units` (minor units) when it fits, and tell whether it did.

        Asking again with the same `request` gives the same answer and counts nothing twice.
        Raises CounterUnavailable; then it is unknown whether it was counted, so ask again.
        """
        client = await self.client_index(identifier, counter, window)
        name = request or f"{self._randbelow(2**256):064x}"
        bit = await self._ask(Reservation(name, counter, window, client, fits=False), units)
        return Reservation(name, counter, window, client, bit)

    async def release(self, reservation: Reservation) -> None:
        """Take back a reservation whose deposit did not happen. Raises CounterUnavailable."""
        name = f"{self._randbelow(2**256):064x}"
        await self._ask(replace(reservation, request=name), 0, releases=reservation.request)

    async def _ask(self, about: Reservation, units: int, *, releases: str = "") -> bool:
        bodies = [
            {
                "request": about.request,
                "counter": about.counter,
                "window": about.window,
                "client": about.client,
                "share": str(share),
                "releases": releases,
            }
            for share in split(units, self._randbelow)
        ]
        answers = await asyncio.gather(
            *(
                self._post(f"{party}/v1/requests", body)
                for party, body in zip(self._parties, bodies, strict=True)
            )
        )
        try:
            bit = join([int(answer["answer"]) % FIELD_PRIME for answer in answers])
        except (KeyError, TypeError, ValueError) as error:
            raise CounterUnavailable(f"the parties' answer is refused: {error}") from None
        if bit not in (0, 1):
            raise CounterUnavailable("the parties' answer is not a bit: one erred or lied")
        return bit == 1

    async def _post(self, url: str, body: dict[str, str]) -> dict[str, Any]:
        try:
            async with self._session.post(
                url,
                json=body,
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(total=ANSWER_TIMEOUT_S),
            ) as response:
                answer: dict[str, Any] = await response.json()
                if response.status != 200:
                    raise CounterUnavailable(f"{url}: {response.status} {answer.get('error')}")
                return answer
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise CounterUnavailable(f"{url}: {error!r}") from None
