"""The blinder: evaluates blinded identifiers with its key, and proves that it used that key."""

from pathlib import Path

import msgspec
from aiohttp import web

from sogdia.compliance.rules.counters import oprf
from sogdia.compliance.rules.counters.settings import (
    BlinderSettings,
    SettingsError,
    find_venue,
)


class Evaluation(msgspec.Struct):
    """An evaluated element and its proof, all as hex."""

    evaluated: str
    challenge: str
    response: str


class Blinder:
    """Answers POST /v1/evaluate {"element": hex}. `now` returns seconds that never run back."""

    def __init__(self, settings: BlinderSettings) -> None:
        self._settings = settings
        try:
            self._key = bytes.fromhex(Path(settings.key_file).read_text("ascii").strip())
        except (OSError, ValueError):
            raise SettingsError(f"{settings.key_file} holds no key as hex") from None
        if len(self._key) != oprf.SCALAR_BYTES:
            raise SettingsError(f"{settings.key_file} holds {len(self._key)} bytes, not 32")
        self._left: dict[str, tuple[float, float]] = {}

    def application(self) -> web.Application:
        """Return the service."""
        application = web.Application(client_max_size=4096)  # an element is 64 hex digits
        application.router.add_post("/v1/evaluate", self._evaluate)
        return application

    async def _evaluate(self, request: web.Request) -> web.Response:
        venue = find_venue(self._settings.venues, request.headers.get("Authorization"))
        if venue is None:
            return web.json_response({"error": "unknown token"}, status=401)
        if not self._may_ask(venue, request.loop.time()):
            return web.json_response({"error": "too many questions"}, status=429)
        try:
            element = bytes.fromhex((await request.json())["element"])
            evaluated = oprf.evaluate(self._key, element)
        except (KeyError, TypeError, ValueError) as error:
            return web.json_response({"error": f"bad element: {error}"[:200]}, status=400)
        proof = oprf.prove(self._key, element, evaluated)
        answer = Evaluation(evaluated.hex(), proof.challenge.hex(), proof.response.hex())
        return web.Response(body=msgspec.json.encode(answer), content_type="application/json")

    def _may_ask(self, venue: str, now: float) -> bool:
        """Take one from the venue's bucket, which fills evenly and holds a minute's worth."""
        most = float(self._settings.per_minute)
        left, then = self._left.get(venue, (most, now))
        left = min(most, left + (now - then) * most / 60)
        self._left[venue] = (left - 1 if left >= 1 else left, now)
        return left >= 1


def serve(settings: BlinderSettings) -> None:
    """Run the service until it is stopped. Raises SettingsError."""
    web.run_app(Blinder(settings).application(), host=settings.host, port=settings.port, print=None)
