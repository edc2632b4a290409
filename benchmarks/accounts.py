"""Whether many accounts slow the ledger down: 100,000 senders against 1,000.

    uv run python -m benchmarks.accounts

Each round sends 100,000 transfers in batches of 100, one from each of 100,000 senders, or 100 from
each of 1,000, to as many fresh recipients, to a fresh node on a core of its own. The generator is
`rpcbench`, as for JSON-RPC. Rates are for each second of the node's processor. The numbers between
are measured once, for the plot: ![Transfers a CPU second against
accounts](throughput-accounts.svg)
"""

import json
import os
import statistics
import subprocess
import tempfile
from pathlib import Path

from benchmarks.plot import save_line
from benchmarks.rpc import CHAINS, KEY, PORTS, RPCBENCH, node_command, tool_python

ROUNDS = 3
TRANSFERS = int(os.environ.get("BENCH_TRANSFERS", "100000"))
FEW, MANY = TRANSFERS // 100, TRANSFERS
BETWEEN = (TRANSFERS // 10, TRANSFERS // 3)


def rate(senders: int) -> float:
    """Return transfers per CPU second of a fresh node."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        out = Path(folder) / "results.jsonl"
        command = [str(tool_python()), "rpcbench.py", "transfer", "--batch", "100"]
        command += ["--n", str(TRANSFERS), "--senders", str(senders), "--verify", "1000"]
        command += ["--url", f"http://127.0.0.1:{PORTS['sogdia']}", "--pin", "0,1"]
        command += ["--chain-id", str(CHAINS["sogdia"]), "--key", KEY, "--out", str(out)]
        command += ["--node-cmd", node_command("sogdia", Path(folder) / "data")]
        subprocess.run(command, cwd=RPCBENCH, check=False, stdout=subprocess.DEVNULL)
        (result,) = json.loads(out.read_text())["results"]
    assert "failed" not in result, result
    return float(result["per_node_cpu_s"])


def main() -> None:
    """Print medians and spreads as JSON; draw the plot."""
    rates: dict[int, list[float]] = {senders: [] for senders in (FEW, *BETWEEN, MANY)}
    for number in range(ROUNDS):
        for senders in rates if number == 0 else (FEW, MANY):
            rates[senders].append(rate(senders))
    ratios = [many / few for few, many in zip(rates[FEW], rates[MANY], strict=True)]
    medians = {senders: statistics.median(found) for senders, found in rates.items()}
    save_line("throughput-accounts", "senders", list(medians.items()), is_log=True)
    report = {
        "transfers_per_cpu_second": {f"{n:,} senders": round(m) for n, m in medians.items()},
        "many_to_few": {
            "median": round(statistics.median(ratios), 3),
            "spread": f"{min(ratios):.2f} to {max(ratios):.2f}",
            "at_least": 0.8,
        },
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
