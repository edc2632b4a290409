"""`/health`, `/ready` and `/metrics`, asked as an ASGI server asks."""

import asyncio
import json
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from sogdia.ledger.node.health import Health, json_page
from sogdia.ledger.node.metrics import Sample, metrics_page
from sogdia.ledger.rpc.http import AsgiApp


def ask(page: AsgiApp, method: str = "GET") -> tuple[int, bytes]:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(page({"type": "http", "method": method, "path": "/"}, receive, send))  # type: ignore[arg-type]
    return sent[0]["status"], sent[1]["body"]


def test_ready_follows_the_phase_and_health_the_failures() -> None:
    """Starting is healthy and not ready; a failure is neither."""
    health = Health()
    assert ask(json_page(health.health))[0] == 200
    assert ask(json_page(health.ready)) == (503, b'{"ready":false,"phase":"starting"}')
    health.phase = "running"
    assert ask(json_page(health.ready))[0] == 200
    health.failures.append("no room left")
    assert ask(json_page(health.ready))[0] == 503
    status, body = ask(json_page(health.health))
    assert (status, json.loads(body)["failures"]) == (503, ["no room left"])


def test_only_reading_is_allowed() -> None:
    """HEAD has no body; anything else is refused."""
    page = json_page(Health().health)
    assert ask(page, "HEAD") == (200, b"")
    assert ask(page, "POST")[0] == 405


def test_metrics_are_what_prometheus_reads() -> None:
    """Parsed by the client library; counters get their suffix, labels stay together."""
    samples = [
        Sample("epoch", 7, "Last executed epoch."),
        Sample("calls", 3, "Calls.", is_counter=True, labels=(("method", "eth_call"),)),
        Sample("calls", 4, "Calls.", is_counter=True, labels=(("method", "eth_chainId"),)),
    ]
    status, body = ask(metrics_page(lambda: samples))
    families = {f.name: f for f in text_string_to_metric_families(body.decode())}
    assert status == 200
    assert families["sogdia_epoch"].samples[0].value == 7
    assert {s.labels["method"]: s.value for s in families["sogdia_calls"].samples} == {
        "eth_call": 3,
        "eth_chainId": 4,
    }
    assert families["process_resident_memory_bytes"].samples[0].value > 1_000_000
