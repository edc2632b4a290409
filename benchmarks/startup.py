"""How long `sogdia up` takes from the shell to its first answer, and how much memory it then holds.

    uv run python -m benchmarks.startup

The limit beside it is the interpreter that imports nothing. Rounds alternate; medians and spreads.
Bytecode is kept, as it is wherever a node was started once or `make setup` was run.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROUNDS = 7
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def resident_mib(process: int) -> float:
    """Return the memory that `process` holds, MiB."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def start_node(directory: Path) -> tuple[float, float]:
    """Start a node on a new or kept ledger; return seconds to its first answer, and MiB."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "sogdia", "up", "--port", "0", "--json"]
    with subprocess.Popen(
        [*command, "--data-dir", str(directory)],
        stdout=subprocess.PIPE,
        env=ENVIRONMENT | {"XDG_RUNTIME_DIR": str(directory.parent)},
    ) as node:
        assert node.stdout is not None
        ready = json.loads(node.stdout.readline())
        body = {"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber", "params": []}
        request = urllib.request.Request(
            ready["rpc"], json.dumps(body).encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            answer.read()
        seconds = time.perf_counter() - started
        memory = resident_mib(node.pid)
        node.terminate()
    return seconds, memory


def start_interpreter() -> float:
    """Return seconds that the interpreter takes to do nothing."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - started


def main() -> None:
    """Print medians and spreads as JSON."""
    new, kept, memory, limit = [], [], [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as directory:
            path = Path(directory) / "data"
            seconds, held = start_node(path)
            new.append(seconds)
            memory.append(held)
            kept.append(start_node(path)[0])
        limit.append(start_interpreter())
    report = {
        name: {
            "median": round(statistics.median(values), 3),
            "spread": round(max(values) - min(values), 3),
        }
        for name, values in (
            ("seconds_new_ledger", new),
            ("seconds_kept_ledger", kept),
            ("seconds_interpreter", limit),
            ("resident_mib", memory),
        )
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
