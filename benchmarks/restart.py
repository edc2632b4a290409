"""How long a kept ledger of 20,000 blocks and 200,000 transfers takes to be ready again.

    uv run python -m benchmarks.restart

The ledger is made in this process, ten transfers a block, by the node's own parts. Then `sogdia up`
is started on it, from the shell to its first answer, after a stop and after `kill -9`, which leaves
the engine's journal to be replayed.
"""

import json
import os
import signal
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.node_process import START_S_MAX, NodeProcess, sogdia_command
from coincurve import PrivateKey

from sogdia.ledger.mining.builder import BlockBuilder
from sogdia.ledger.node.config import DEVELOPMENT_PROFILE, load_config
from sogdia.ledger.node.parts import build_parts, network_params
from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.rlp import encode, encode_integer
from sogdia.ledger.primitives.transaction import Transaction, decode_transactions

ROUNDS = 3
BLOCKS = int(os.environ.get("BENCH_BLOCKS", "20000"))
TRANSFERS_EACH = 10
PORT = 18_551


def signed_transfer(
    key: PrivateKey, chain_id: int, nonce: int, recipient: bytes, value: int = 1
) -> bytes:
    """Return a raw transfer of `value` drip."""
    amounts = (chain_id, nonce, 10**9, 10**12, 21_000)
    fields = [*map(encode_integer, amounts), recipient, encode_integer(value), b"", []]
    signature = key.sign_recoverable(keccak256(b"\x02" + encode(fields)), hasher=None)
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:64])
    return b"\x02" + encode([*fields, *map(encode_integer, (signature[64], r, s))])


def make_ledger(directory: Path) -> None:
    """Make and execute the blocks."""
    config = load_config({}, {}, directory=directory, profile=DEVELOPMENT_PROFILE)
    params = network_params(config)
    parts = build_parts(config, params, directory / "data", lambda: int(time.time()))
    builder = BlockBuilder(
        params.consensus,
        parts.consensus,
        parts.pool,
        author=bytes(20),
        clock=lambda: int(time.time()),
    )
    key = PrivateKey(DEVELOPMENT_ACCOUNTS[0].key)
    with parts.database:
        for number in range(BLOCKS):
            first = number * TRANSFERS_EACH
            raws = [
                signed_transfer(key, params.chain_id, nonce, keccak256(nonce.to_bytes(8))[:20])
                for nonce in range(first, first + TRANSFERS_EACH)
            ]
            transactions = [
                each
                for each in decode_transactions(raws, params.chain_id, 1)
                if isinstance(each, Transaction)
            ]
            assert parts.pool.add(transactions) == [None] * TRANSFERS_EACH
            block = builder.build()
            assert block is not None and len(block.transactions) == TRANSFERS_EACH
            parts.ledger.submit(block)


def restart(directory: Path, ending: signal.Signals) -> tuple[float, float, float]:
    """Start the node, end it; return seconds and CPU seconds to its first answer, and MiB then."""
    started = time.perf_counter()
    process = subprocess.Popen(
        sogdia_command(directory / "data", PORT),
        stdout=subprocess.DEVNULL,
        env=os.environ | {"XDG_RUNTIME_DIR": str(directory)},
    )
    node = NodeProcess(process.pid, f"http://127.0.0.1:{PORT}")
    while True:
        try:
            height = int(node.call("eth_blockNumber"), 16)
            break
        except OSError:
            assert process.poll() is None and time.perf_counter() - started < START_S_MAX
            time.sleep(0.005)
    seconds, used, memory = time.perf_counter() - started, node.cpu_seconds(), node.resident_mib()
    assert height >= BLOCKS, height
    process.send_signal(ending)
    process.wait(30)
    return seconds, used, memory


def main() -> None:
    """Print medians and spreads as JSON."""
    found: dict[str, list[tuple[float, float, float]]] = {"after_stop": [], "after_kill": []}
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        directory = Path(folder)
        make_ledger(directory)
        restart(directory, signal.SIGTERM)
        for _ in range(ROUNDS):
            found["after_stop"].append(restart(directory, signal.SIGKILL))
            found["after_kill"].append(restart(directory, signal.SIGTERM))
    report = {
        "blocks": BLOCKS,
        "transactions": BLOCKS * TRANSFERS_EACH,
        "seconds_at_most": 5,
        **{
            name: {
                "seconds": round(statistics.median(each[0] for each in rounds), 2),
                "spread": f"{min(rounds)[0]:.2f} to {max(rounds)[0]:.2f}",
                "cpu_seconds": round(statistics.median(each[1] for each in rounds), 2),
                "resident_mib": round(statistics.median(each[2] for each in rounds)),
            }
            for name, rounds in found.items()
        },
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
