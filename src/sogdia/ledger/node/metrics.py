"""`/metrics` for Prometheus: read from the parts when asked, so that counting costs nothing.

The client library is imported at the first scrape: a start-up has no use for it.
"""

import asyncio
import resource
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from sogdia.ledger.node.health import respond
from sogdia.ledger.rpc.http import AsgiApp, Receive, Scope, Send


@dataclass(frozen=True, slots=True)
class Sample:
    """One number. A counter only grows while the process lives; a gauge goes both ways."""

    name: str
    value: float
    meaning: str
    is_counter: bool = False
    labels: tuple[tuple[str, str], ...] = ()


def process_samples() -> Iterable[Sample]:
    """Yield what the operating system says of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    yield Sample(
        "process_cpu_seconds",
        usage.ru_utime + usage.ru_stime,
        "CPU time used, seconds.",
        is_counter=True,
    )
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    yield Sample(
        "process_resident_memory_bytes", pages * resource.getpagesize(), "Memory in use, bytes."
    )


def render(samples: Iterable[Sample]) -> bytes:
    """Return `samples` in the text format of Prometheus."""
    from prometheus_client import generate_latest
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
    from prometheus_client.registry import Collector, CollectorRegistry

    families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
    for sample in samples:
        name = sample.name if sample.name.startswith("process_") else f"sogdia_{sample.name}"
        if name not in families:
            kind = CounterMetricFamily if sample.is_counter else GaugeMetricFamily
            families[name] = kind(name, sample.meaning, labels=[key for key, _ in sample.labels])
        families[name].add_metric([value for _, value in sample.labels], sample.value)

    class Once(Collector):
        def collect(self) -> Iterable[Metric]:
            return families.values()

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Once())
    return generate_latest(registry)


def metrics_page(read: Callable[[], Iterable[Sample]]) -> AsgiApp:
    """Return the ASGI callable that answers a scrape with what `read` yields."""

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        # Beside the loop: what is read waits for the ledger's writer, and it for the medium.
        body = await asyncio.to_thread(lambda: render([*process_samples(), *read()]))
        await respond(scope, send, 200, b"text/plain; version=0.0.4; charset=utf-8", body)

    return page
