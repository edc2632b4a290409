"""What a transfer costs the node's code, from the bytes of its request to the epoch that holds it.

    uv run python -m benchmarks.submission

Eight callers send the transfers of eight accounts, each its next request when it has the answer to
the last, to the connections of the JSON-RPC port of a development ledger on disk, which mines as it
does by default. There is no network between them, and no other process: what is measured is all
that the process uses until the last transfer is executed, in processor time, which neighbours
disturb least. *Recovering* is the same transfers decoded in batches of 100, in the same process:
the limit of any node. Each round has a ledger of its own; median of five rounds.
"""

import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import uvloop
from benchmarks.pipeline import open_ledger

from sogdia.ledger.node.config import DEVELOPMENT_PROFILE, Config, load_config
from sogdia.ledger.node.health import Health
from sogdia.ledger.node.mining_task import MiningTask
from sogdia.ledger.node.parts import network_params
from sogdia.ledger.node.rpc_port import build_listeners
from sogdia.ledger.node.supervisor import relax_collector
from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.transaction import decode_transactions
from sogdia.ledger.primitives.unsigned import UnsignedTransaction
from sogdia.ledger.rpc.connection import Connection

ROUNDS = 5
CALLERS = 8
TRANSFERS = 800  # of each caller
SECONDS = 10**9  # what `open_ledger` gives its ledger
SHAPES = {"one_per_request": 1, "batches_of_100": 100}
HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "


def signed(chain_id: int) -> list[list[bytes]]:
    """Return each caller's transfers, each to an address of its own."""
    return [
        [
            UnsignedTransaction(
                chain_id,
                nonce,
                gas=21_000,
                to=keccak256(account.key + nonce.to_bytes(8, "big"))[12:],
                value=1,
                max_fee_per_gas=10**10,
                max_priority_fee_per_gas=10**9,
            ).sign(account.key)
            for nonce in range(TRANSFERS)
        ]
        for account in DEVELOPMENT_ACCOUNTS[:CALLERS]
    ]


def requests(raws: list[bytes], batch: int) -> Iterator[bytes]:
    """Yield whole HTTP requests that submit `raws`, so many in each."""
    for start in range(0, len(raws), batch):
        calls = [
            {
                "jsonrpc": "2.0",
                "id": place,
                "method": "eth_sendRawTransaction",
                "params": ["0x" + raw.hex()],
            }
            for place, raw in enumerate(raws[start : start + batch])
        ]
        body = json.dumps(calls if batch > 1 else calls[0], separators=(",", ":")).encode()
        yield HEAD + b"%d\r\n\r\n%b" % (len(body), body)


class Caller:
    """The other end of one connection: its next request follows the answer to the last."""

    def __init__(self, made: list[bytes]) -> None:
        self._loop = asyncio.get_running_loop()
        self._requests = iter(made)
        self.connection: Connection
        self.done = self._loop.create_future()

    def get_extra_info(self, name: str) -> tuple[str, int]:
        """Say who it is."""
        assert name == "peername"
        return ("127.0.0.1", 1)

    def write(self, data: bytes) -> None:
        """Take an answer."""
        assert b'"error"' not in data, data
        self.go_on()

    def go_on(self) -> None:
        """Send the next request in the next turn of the loop."""
        request = next(self._requests, None)
        if request is None:
            self.done.set_result(None)
        else:
            self._loop.call_soon(self.connection.data_received, request)


class Plain:
    """A supervisor that lets every defect end the benchmark."""

    def call(self, work: Any, *arguments: Any) -> Any:
        """Return the result."""
        return work(*arguments)

    async def wait(self, work: Any) -> Any:
        """Return the result."""
        return await work


async def measure(directory: Path, config: Config, rows: list[list[bytes]], batch: int) -> float:
    """Return the processor time of one transfer, in microseconds."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as writer, ThreadPoolExecutor(config["rpc.workers"]) as workers:
        parts = await loop.run_in_executor(writer, open_ledger, directory, "interval")
        failed: list[BaseException] = []
        mining = MiningTask(config, parts, writer, failed.append, lambda: SECONDS)
        listener, _ = build_listeners(
            config,
            parts,
            Health(),
            workers,
            Plain(),
            clock=lambda: SECONDS,
            controls=None,
            guard=None,
            mining=mining,
        )
        callers = [Caller(list(requests(row, batch))) for row in rows]
        for caller in callers:
            caller.connection = listener._connection()
            caller.connection.connection_made(caller)
        relax_collector()
        started = time.process_time()
        for caller in callers:
            caller.go_on()
        await asyncio.gather(*(caller.done for caller in callers))
        while parts.pool.status().ready and not failed:
            await asyncio.sleep(0.002)
        spent = time.process_time() - started
        assert not failed, failed
        await mining.stop()
        await loop.run_in_executor(writer, parts.database.close)
    return spent / sum(map(len, rows)) * 1e6


def recovering(rows: list[list[bytes]], chain_id: int) -> float:
    """Return the processor time of decoding one transfer, in microseconds."""
    raws = [raw for row in rows for raw in row]
    started = time.process_time()
    for start in range(0, len(raws), 100):
        decode_transactions(raws[start : start + 100], chain_id)
    return (time.process_time() - started) / len(raws) * 1e6


def main() -> None:
    """Print medians and spreads as JSON."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    found: dict[str, list[float]] = {name: [] for name in ("recovering", *SHAPES)}
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        root = Path(folder)
        config = load_config({}, {}, directory=root, profile=DEVELOPMENT_PROFILE)
        chain_id = network_params(config).chain_id
        rows = signed(chain_id)
        for number in range(ROUNDS):
            found["recovering"].append(recovering(rows, chain_id))
            for name, batch in SHAPES.items():
                work = measure(root / f"{name}{number}", config, rows, batch)
                found[name].append(uvloop.run(work))
    report: dict[str, Any] = {
        "microseconds": {name: round(statistics.median(times), 1) for name, times in found.items()}
    }
    for name in SHAPES:
        ratios = [
            ours / limit for ours, limit in zip(found[name], found["recovering"], strict=True)
        ]
        report[f"{name}_to_recovering"] = {
            "median": round(statistics.median(ratios), 2),
            "spread": f"{min(ratios):.2f} to {max(ratios):.2f}",
        }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
