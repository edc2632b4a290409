"""Two venues hold one limit together: a blinder and three parties run as real processes."""

import asyncio
import functools
import hashlib
import json
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sogdia.compliance.rules.counters import oprf
from sogdia.compliance.rules.counters.shares import FIELD_PRIME
from sogdia.compliance.rules.counters.venue import CounterUnavailable, Venue

COUNTER, MARCH = "kz-aifc/KZ.1000", "2026-03"
CLIENT = "KZ:IIN:900101300123"
TOKENS = {"A": "token-of-a", "B": "token-of-b"}


def in_a_loop(test: Callable[[Any], Coroutine[Any, Any, None]]) -> Callable[[Any], None]:
    """Run an asynchronous test in a loop of its own."""

    @functools.wraps(test)
    def run(services: "Services") -> None:
        asyncio.run(test(services))

    return run


def free_ports(count: int) -> list[int]:
    """Return ports that are free now."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Services:
    """The four processes, their files and their ports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = oprf.new_key()
        mpc, self.http = free_ports(3), free_ports(4)
        venues = {hashlib.sha256(t.encode()).hexdigest(): name for name, t in TOKENS.items()}
        (folder / "key").write_text(self.key.hex())
        self._write("blinder", {"port": self.http[3], "key_file": str(folder / "key")}, venues)
        for index in range(3):
            self._write(
                f"party{index}",
                {
                    "index": index,
                    "mpc": [f"127.0.0.1:{port}" for port in mpc],
                    "port": self.http[index],
                    "database": str(folder / f"party{index}.sqlite"),
                    "counters": {COUNTER: {"max_units": 100_000}},
                },
                venues,
            )
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def _write(self, name: str, settings: dict[str, object], venues: dict[str, str]) -> None:
        whole = {**settings, "host": "127.0.0.1", "venues": venues}
        (self.folder / f"{name}.json").write_text(json.dumps(whole))

    def start(self) -> None:
        """Start every service that does not run."""
        for name in ("blinder", "party0", "party1", "party2"):
            if name not in self.processes or self.processes[name].poll() is not None:
                program = "import sys; from sogdia.cli import main; sys.argv[0] = 'sogdia'; main()"
                command = [sys.executable, "-c", program, "rules", "counters"]
                with (self.folder / f"{name}.log").open("ab") as log:
                    self.processes[name] = subprocess.Popen(
                        [*command, name.rstrip("012"), str(self.folder / f"{name}.json")],
                        stdout=log,
                        stderr=log,
                        cwd=self.folder,
                    )

    def stop(self, *names: str, how: signal.Signals = signal.SIGKILL) -> None:
        """Kill services for real."""
        for name in names or tuple(self.processes):
            self.processes[name].send_signal(how)
            self.processes[name].wait(30)

    @asynccontextmanager
    async def venue(self, name: str) -> AsyncIterator[Venue]:
        """Return a venue's side, once all services answer."""
        async with aiohttp.ClientSession() as session:
            for port in self.http[:3]:
                await self._wait_for(session, f"http://127.0.0.1:{port}/v1/health")
            await self._wait_for(session, f"http://127.0.0.1:{self.http[3]}/")
            yield Venue(
                session,
                token=TOKENS[name],
                blinder=f"http://127.0.0.1:{self.http[3]}",
                blinder_key=oprf.public_key(self.key),
                parties=[f"http://127.0.0.1:{port}" for port in self.http[:3]],
                randbelow=secrets.randbelow,
            )

    async def _wait_for(self, session: aiohttp.ClientSession, url: str) -> None:
        for _ in range(300):
            try:
                async with session.get(url):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)
        raise AssertionError(f"{url} never answered: {self._logs()}")

    def _logs(self) -> str:
        return "\n".join(log.read_text() for log in self.folder.glob("*.log"))

    def rows(self, party: int, query: str) -> list[tuple[str, ...]]:
        """Return what a party's file holds."""
        with sqlite3.connect(self.folder / f"party{party}.sqlite") as database:
            rows = database.execute(query).fetchall()
        database.close()
        return rows


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Four processes on this machine."""
    running = Services(tmp_path_factory.mktemp("counters"))
    running.start()
    try:
        yield running
    finally:
        running.stop()


@in_a_loop
async def test_a_client_of_two_venues_has_one_limit(services: Services) -> None:
    """600 at A, 400 at B fit; one cent more does not, at either (AIFC DASP 3.1.1, 3.1.3)."""
    async with services.venue("A") as a, services.venue("B") as b:
        assert (await a.reserve(CLIENT, COUNTER, MARCH, 60_000)).fits
        second = await b.reserve(CLIENT, COUNTER, MARCH, 40_000)
        assert second.fits
        assert not (await a.reserve(CLIENT, COUNTER, MARCH, 1)).fits
        assert not (await b.reserve(CLIENT, COUNTER, MARCH, 1)).fits
        assert (await b.reserve(CLIENT, COUNTER, "2026-04", 100_000)).fits
        assert (await a.reserve("KZ:IIN:800101300123", COUNTER, MARCH, 100_000)).fits

        await b.release(second)
        assert not (await a.reserve(CLIENT, COUNTER, MARCH, 40_001)).fits
        assert (await a.reserve(CLIENT, COUNTER, MARCH, 40_000)).fits
        with pytest.raises(CounterUnavailable, match="released already"):
            await b.release(second)


@in_a_loop
async def test_a_venue_cannot_release_what_another_counted(services: Services) -> None:
    """Nor count the same request twice by asking again."""
    client = "KZ:IIN:700101300123"
    async with services.venue("A") as a, services.venue("B") as b:
        first = await a.reserve(client, COUNTER, MARCH, 70_000)
        again = await a.reserve(client, COUNTER, MARCH, 70_000, request=first.request)
        assert again == first
        with pytest.raises(CounterUnavailable, match="no such reservation"):
            await b.release(first)
        with pytest.raises(CounterUnavailable, match="used for another"):
            await b.reserve(client, COUNTER, MARCH, 1, request=first.request)
        assert (await b.reserve(client, COUNTER, MARCH, 30_000)).fits


@in_a_loop
async def test_no_party_holds_a_deposit_a_sum_or_a_client(services: Services) -> None:
    """What is on a party's disk is a random number for each index, and differs between parties."""
    async with services.venue("A") as a:
        await a.reserve("KZ:IIN:600101300123", COUNTER, MARCH, 12_345)
        client = await a.client_index("KZ:IIN:600101300123", COUNTER, MARCH)
        april = await a.client_index("KZ:IIN:600101300123", COUNTER, "2026-04")
    assert client != april
    query = (
        f"select share, (select applied from requests where client = '{client}') from sums "
        f"where client = '{client}'"
    )
    held = [services.rows(party, query)[0] for party in range(3)]
    numbers = {int(number) for row in held for number in row}
    assert 12_345 not in numbers
    assert len(numbers) == 3, "the first deposit is the sum, and its shares differ by party"
    assert all(number > 2**64 or FIELD_PRIME - number > 2**64 for number in numbers)
    for party in range(3):
        assert b"600101300123" not in (services.folder / f"party{party}.sqlite").read_bytes()


@in_a_loop
async def test_a_stranger_is_turned_away(services: Services) -> None:
    """Neither the blinder nor a party answers without a venue's token."""
    async with services.venue("A") as a:
        a._headers = {"Authorization": "Bearer guessed"}
        with pytest.raises(CounterUnavailable, match="401"):
            await a.reserve(CLIENT, COUNTER, MARCH, 1)


@in_a_loop
async def test_sums_survive_a_kill_and_no_answer_comes_without_all_three(
    services: Services,
) -> None:
    """A dead party means no answer, which holds the deposit; restarted, the sums are as before."""
    client = "KZ:IIN:500101300123"
    async with services.venue("A") as a:
        first = await a.reserve(client, COUNTER, MARCH, 90_000)
        assert first.fits
        services.stop("party2")
        with pytest.raises(CounterUnavailable):
            await a.reserve(client, COUNTER, MARCH, 1)
    services.stop("party0", "party1")
    services.start()
    async with services.venue("B") as b:
        assert not (await b.reserve(client, COUNTER, MARCH, 10_001)).fits
        assert (await b.reserve(client, COUNTER, MARCH, 10_000)).fits
    async with services.venue("A") as a:
        assert await a.reserve(client, COUNTER, MARCH, 90_000, request=first.request) == first
