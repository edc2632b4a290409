"""Catching up from one peer on this machine, over TLS: empty blocks, and blocks of transfers.

    uv run python -m benchmarks.catch_up [--blocks 20000]

A process holds 20,000 blocks with 200,000 transfers (and, apart, 20,000 empty blocks) and serves
them; a node of real parts with a store on disk, pinned to one core, catches up with it: headers,
bodies, work, signatures, rules, execution, the pool. Each run is cut into three parts of equal
length: median, least and most of their rates, per second of the clock and per second of the
catching process's own CPU time (the clock's say little while others use the machine; the other core
serves). The limit beside them is the recovery of the same signatures alone.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from sogdia.ledger.mining.builder import BlockBuilder
from sogdia.ledger.node.config import Config, load_config
from sogdia.ledger.node.network_task import NetworkTask, parse_address
from sogdia.ledger.node.parts import Parts, build_parts, network_params
from sogdia.ledger.node.self_test import sign_transfer
from sogdia.ledger.node.supervisor import relax_collector
from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS
from sogdia.ledger.params.network import NetworkParams
from sogdia.ledger.primitives.transaction import decode_transactions

BLOCKS = 20_000
PER_BLOCK = 10
PARTS = 3
WANTED = {"transfers": 5_000, "empty": 1_500}
START_S = 1_800_000_000
GAS_PRICE = 5 * 10**9


def params_without_work(params: NetworkParams) -> NetworkParams:
    """Return the network with blocks that any nonce solves: mining is no part of this."""
    consensus = replace(
        params.consensus, initial_difficulty=1, difficulty_period=0, espace_height_period=1
    )
    mempool = replace(params.mempool, ready_per_sender_max=100_000, nonce_gap_max=100_000)
    return replace(params, consensus=consensus, mempool=mempool)


def open_node(directory: Path) -> tuple[Config, Parts]:
    """Return settings and parts of a node with a network, over a directory."""
    flags = {
        "node.network": "local",
        "storage.sync": "interval",
        "network.enabled": True,
        "network.port": 0,
    }
    config = load_config(flags, {}, directory=directory)
    params = params_without_work(network_params(config))
    return config, build_parts(config, params, directory / "data", lambda: START_S + BLOCKS)


def transfers_of_block(number: int, per_block: int, chain_id: int) -> list[bytes]:
    """Return transfers of as many accounts, the next nonce of each."""
    accounts = DEVELOPMENT_ACCOUNTS[:per_block]
    return [
        sign_transfer(
            account, bytes(19) + b"\x09", 1, nonce=number, gas_price=GAS_PRICE, chain_id=chain_id
        )
        for account in accounts
    ]


def mine(parts: Parts, blocks: int, per_block: int) -> float:
    """Fill a ledger; return how many seconds recovering all its signatures takes alone."""
    time_s = START_S
    builder = BlockBuilder(
        parts.params.consensus,
        parts.consensus,
        parts.pool,
        author=bytes(20),
        clock=lambda: time_s,
    )
    chain_id, recovery_s = parts.params.chain_id, 0.0
    for number in range(blocks):
        raws = transfers_of_block(number, per_block, chain_id)
        started = time.process_time()
        decoded = decode_transactions(raws, chain_id)
        recovery_s += time.process_time() - started
        refused = [each for each in parts.pool.add(decoded) if each is not None]
        assert not refused, refused[0]
        block = builder.build()
        assert block is not None
        assert len(block.transactions) == per_block
        parts.ledger.submit(block)
        time_s += number % 2
    return recovery_s


def end_at_defect(error: BaseException) -> None:
    """A process with a defect measures nothing: its trace, then its end."""
    traceback.print_exception(error)
    os._exit(1)


async def serve(directory: Path, blocks: int, per_block: int) -> None:
    """Mine, open the door, say where it is, and serve until standard input ends."""
    config, parts = open_node(directory)
    recovery_s = mine(parts, blocks, per_block)
    thread = ThreadPoolExecutor(1)
    network = NetworkTask(config, parts, directory, thread, "benchmark", on_defect=end_at_defect)
    address = await network.start()
    print(json.dumps({"address": str(address), "recovery_s": recovery_s}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await network.stop()
    parts.database.close()


async def follow(directory: Path, address: str, height: int) -> list[dict[str, float]]:
    """Catch up to `height`; return seconds of the clock and of our CPU for each part of it."""
    config, parts = open_node(directory)
    thread = ThreadPoolExecutor(1)
    network = NetworkTask(config, parts, directory, thread, "benchmark", on_defect=end_at_defect)
    network.peers.static.append(parse_address(address))
    await network.start()
    relax_collector()  # as a node does once it has started
    executed = height + 1 - parts.params.consensus.deferred_epochs
    marks = [(0, time.perf_counter(), time.process_time())]
    for part in range(1, PARTS + 1):
        while parts.executor.head()[0] < executed * part // PARTS:
            await asyncio.sleep(0.02)
            assert time.perf_counter() - marks[0][1] < 900, network.sync.progress
        marks.append((parts.executor.head()[0], time.perf_counter(), time.process_time()))
    await network.stop()
    parts.database.close()
    return [
        {"blocks": to[0] - since[0], "clock_s": to[1] - since[1], "cpu_s": to[2] - since[2]}
        for since, to in itertools.pairwise(marks)
    ]


@contextlib.contextmanager
def server(directory: Path, blocks: int, per_block: int) -> Iterator[dict[str, Any]]:
    """Run the serving process; yields where it is."""
    command = [sys.executable, "-m", "benchmarks.catch_up", "--serve", str(directory)]
    command += ["--blocks", str(blocks), "--per-block", str(per_block)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.communicate("")


def catch_up_once(directory: Path, address: str, height: int) -> list[dict[str, float]]:
    """Run the catching process on one core."""
    directory.mkdir()
    command = [sys.executable, "-m", "benchmarks.catch_up", "--follow", str(directory)]
    command += ["--address", address, "--blocks", str(height)]
    core = max(os.sched_getaffinity(0))
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    marks: list[dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return marks


def spread(parts: list[dict[str, float]], rate: Callable[[dict[str, float]], float]) -> Any:
    """Return median, least and most of the parts' rates."""
    rates = [round(rate(part)) for part in parts]
    return {"median": round(statistics.median(rates)), "least": min(rates), "most": max(rates)}


def measure(kind: str, blocks: int) -> dict[str, Any]:
    """Return the rates of one kind of ledger."""
    per_block = PER_BLOCK if kind == "transfers" else 0
    unit = per_block or 1
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as scratch:
        root = Path(scratch)
        (root / "server").mkdir()
        with server(root / "server", blocks, per_block) as told:
            parts = catch_up_once(root / "follower", told["address"], blocks)
    row = {
        "wanted_per_second": WANTED[kind],
        "per_second": spread(parts, lambda part: unit * part["blocks"] / part["clock_s"]),
        "per_cpu_second": spread(parts, lambda part: unit * part["blocks"] / part["cpu_s"]),
    }
    if per_block:
        alone = unit * blocks / told["recovery_s"]
        row["recovery_alone_per_cpu_second"] = round(alone)
        row["ratio_to_recovery_alone"] = round(row["per_cpu_second"]["median"] / alone, 2)
    return row


def main() -> int:
    """Print rates as JSON, or run one side; 1 when a floor was missed by the CPU's time."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--serve", type=Path)
    parser.add_argument("--follow", type=Path)
    parser.add_argument("--address")
    parser.add_argument("--blocks", type=int, default=BLOCKS)
    parser.add_argument("--per-block", type=int, default=PER_BLOCK)
    options = parser.parse_args()
    if options.serve is not None:
        asyncio.run(serve(options.serve, options.blocks, options.per_block))
        return 0
    if options.follow is not None:
        print(json.dumps(asyncio.run(follow(options.follow, options.address, options.blocks))))
        return 0
    kinds = {kind: measure(kind, options.blocks) for kind in WANTED}
    print(json.dumps({"blocks": options.blocks, **kinds}, indent=2))
    return int(any(kinds[k]["per_cpu_second"]["median"] < WANTED[k] for k in WANTED))


if __name__ == "__main__":
    sys.exit(main())
