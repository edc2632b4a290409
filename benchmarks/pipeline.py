"""The whole pipeline on empty blocks: decode, work, rules, stores, execution.

    uv run python -m benchmarks.pipeline

A first ledger mines the blocks; then each round a new ledger takes them in from their bytes, as
a node that catches up does: decode, check work and rules, store durably, execute the epoch. With
`interval` a block is written when it is acknowledged and synced within 100 ms; with `always` it
is synced before. The limit beside it is keccak of the block's bytes and one synced append of
them to a file.
"""

import json
import os
import statistics
import tempfile
import time
from pathlib import Path

from sogdia.ledger.mining.builder import BlockBuilder
from sogdia.ledger.node.config import DEVELOPMENT_PROFILE, load_config
from sogdia.ledger.node.parts import Parts, build_parts, network_params
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.hashing import keccak256

ROUNDS = 3
BLOCKS = 2_000


def open_ledger(directory: Path, sync: str) -> Parts:
    """Return the parts of a new development ledger."""
    flags = {"storage.sync": sync}
    config = load_config(flags, {}, directory=directory, profile=DEVELOPMENT_PROFILE)
    params = network_params(config)
    return build_parts(config, params, directory / "data", lambda: 10**9)


def mine(directory: Path) -> list[bytes]:
    """Return the bytes of a chain of empty blocks."""
    parts = open_ledger(directory, "interval")
    builder = BlockBuilder(
        parts.params.consensus, parts.consensus, parts.pool, author=bytes(20), clock=lambda: 10**9
    )
    blocks = []
    with parts.database:
        for _ in range(BLOCKS):
            block = builder.build()
            assert block is not None
            parts.ledger.submit(block)
            blocks.append(block.encode())
    return blocks


def take_in(directory: Path, blocks: list[bytes], sync: str) -> tuple[float, float]:
    """Return blocks per second of a ledger that takes all of them in, and per CPU second."""
    parts = open_ledger(directory, sync)
    with parts.database:
        started, used = time.perf_counter(), time.process_time()
        for raw in blocks:
            parts.ledger.submit(Block.decode(raw, parts.params.chain_id))
        elapsed, used = time.perf_counter() - started, time.process_time() - used
        assert parts.executor.head()[0] == len(blocks)
    return len(blocks) / elapsed, len(blocks) / used


def append(path: Path, blocks: list[bytes]) -> float:
    """Return blocks per second of hashing and appending alone."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    started = time.perf_counter()
    for raw in blocks:
        keccak256(raw)
        os.write(descriptor, raw)
        os.fdatasync(descriptor)
    return len(blocks) / (time.perf_counter() - started)


def main() -> None:
    """Print medians, spreads and ratios as JSON."""
    rates: dict[str, list[float]] = {"interval": [], "always": [], "file": []}
    per_cpu_second: list[float] = []
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as scratch:
        root = Path(scratch)
        blocks = mine(root / "mined")
        for number in range(ROUNDS):
            for sync in ("interval", "always"):
                rate, per_cpu = take_in(root / f"{sync}{number}", blocks, sync)
                rates[sync].append(rate)
                per_cpu_second.append(per_cpu)
            rates["file"].append(append(root / f"file{number}", blocks))
    medians = {name: statistics.median(values) for name, values in rates.items()}
    report = {
        "blocks_per_second": {name: round(median) for name, median in medians.items()},
        "blocks_per_cpu_second": round(statistics.median(per_cpu_second)),
        "spread": {n: round((max(v) - min(v)) / statistics.median(v), 2) for n, v in rates.items()},
        "always_to_file": round(medians["always"] / medians["file"], 3),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
