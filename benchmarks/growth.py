"""What a million transfers leave behind: memory, disk, and how fast the next ones are.

    uv run python -m benchmarks.growth

One node on a core of its own, with a history of 1,000 epochs, takes ten times 100,000 transfers in
batches of 100 from `rpcbench`: each from 1,000 fresh senders to fresh recipients, so that every
transfer makes an account. Memory is what the process holds; disk is the whole data directory, the
engine's journal of up to 64 MiB included, after the node was stopped. ![Transfers a CPU second
against the length of the chain](throughput-chain.svg)
"""

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.node_process import running, sogdia_command
from benchmarks.plot import save_line
from benchmarks.rival_nodes import KEY, KINDS
from benchmarks.rpc import RPCBENCH, tool_python

PARTS = 10
TRANSFERS = int(os.environ.get("BENCH_TRANSFERS", "100000"))
SENDERS = 1_000
PORT = 18_548
# The engine writes its tables in the background; what it has not within this is left in the figure.
SETTLE_S = 5.0


def load(url: str, process: int, out: Path) -> float:
    """Send one part; return transfers per CPU second of the node."""
    command = ["taskset", "-c", "0", str(tool_python()), "rpcbench.py", "transfer"]
    command += ["--batch", "100", "--n", str(TRANSFERS), "--senders", str(SENDERS)]
    command += ["--verify", "500", "--url", url, "--pid", str(process)]
    command += ["--chain-id", str(KINDS["sogdia"].chain_id), "--key", KEY, "--out", str(out)]
    subprocess.run(command, cwd=RPCBENCH, check=False, stdout=subprocess.DEVNULL)
    (result,) = json.loads(out.read_text())["results"]
    out.unlink()
    assert "failed" not in result, result
    return float(result["per_node_cpu_s"])


def disk_bytes(directory: Path) -> int:
    """Return what the files of a directory take on the disk."""
    return sum(each.stat().st_blocks * 512 for each in directory.rglob("*") if each.is_file())


def main() -> None:
    """Print the figures as JSON; draw the plot."""
    points: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        data, out = Path(folder) / "data", Path(folder) / "results.jsonl"
        url = f"http://127.0.0.1:{PORT}"
        settings = {"SOGDIA_HISTORY_EPOCHS": "1000", "XDG_RUNTIME_DIR": folder}
        with running(sogdia_command(data, PORT), url, **settings) as node:
            at_rest = node.resident_mib()
            for part in range(1, PARTS + 1):
                points.append((part * (TRANSFERS + SENDERS), load(url, node.process, out)))
            time.sleep(SETTLE_S)
            memory, epochs = node.resident_mib(), int(node.call("eth_blockNumber"), 16)
        sent = PARTS * (TRANSFERS + SENDERS)
        bytes_each = disk_bytes(data) / sent
    save_line("throughput-chain", "transfers on the chain", points)
    report = {
        "transfers": sent,
        "epochs": epochs,
        "resident_mib": {"at_rest": round(at_rest), "after": round(memory), "at_most": 500},
        "disk_bytes_per_transfer": {"measured": round(bytes_each), "at_most": 400},
        "transfers_per_cpu_second": {f"to {n:,}": round(rate) for n, rate in points},
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
