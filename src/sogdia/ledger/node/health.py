"""`/health` and `/ready`: is the process sound, and may it be given work.

`/health` fails only for what a restart mends; `/ready` also fails while starting or stopping. Both
answer one JSON object, 200 or 503.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field

import msgspec

from sogdia.ledger.rpc.backend import Alert
from sogdia.ledger.rpc.http import AsgiApp, Receive, Scope, Send


@dataclass(slots=True)
class Health:
    """What the node knows of its own state; the supervisor changes it, on the loop."""

    phase: str = "starting"
    failures: list[str] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    """What no restart mends, and everybody who relies on the node should know while it lasts."""

    @property
    def is_ready(self) -> bool:
        """Whether the node takes work."""
        return self.phase == "running" and not self.failures

    def health(self) -> tuple[bool, dict[str, object]]:
        """Return the verdict and the body of `/health`."""
        return not self.failures, {
            "healthy": not self.failures,
            "failures": self.failures,
            "alerts": [asdict(alert) for alert in self.alerts],
        }

    def ready(self) -> tuple[bool, dict[str, object]]:
        """Return the verdict and the body of `/ready`."""
        return self.is_ready, {"ready": self.is_ready, "phase": self.phase}


def json_page(verdict: Callable[[], tuple[bool, dict[str, object]]]) -> AsgiApp:
    """Return the ASGI callable that answers `verdict`."""

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        is_good, body = verdict()
        status = 200 if is_good else 503
        await respond(scope, send, status, b"application/json", msgspec.json.encode(body))

    return page


async def respond(scope: Scope, send: Send, status: int, kind: bytes, body: bytes) -> None:
    """Answer a GET or HEAD of a small page; other methods get 405."""
    if scope["method"] not in ("GET", "HEAD"):
        status, kind, body = 405, b"text/plain; charset=utf-8", b"GET or HEAD\n"
    headers = [
        (b"content-type", kind),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
