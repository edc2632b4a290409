"""What a client gets over JSON-RPC, against anvil in the same rounds.

    uv run python -m benchmarks.rpc [--rounds 3] [--n 10000]

The load is made by the neutral generator `rpcbench` (`../shared/tools/rpcbench`, or where
`SOGDIA_RPCBENCH` says), which signs everything before the clock starts and reads every receipt
back. The node has one core and the generator the other, unless a row says otherwise. Each round
starts a fresh node of each kind for every workload. A ratio is Sogdia's figure over the rival's of
the same round; the table shows the median of the ratios and their spread. *Per CPU second* divides
by what the node's own processor used, and is the steadier figure on a machine that others use too.
The rivals are anvil and `geth --dev` as they start, a block for each transaction or batch or for
what waits, and *block-time 1*: anvil that makes a block each second. geth is measured once it has
settled after its start. For seconds and megabytes less is better. The limit of a transfer is the
recovery of its sender: *recovery alone* is what the node's core recovers, in batches of 100, in the
same round and by the same clock.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.execution import CHAIN_ID, transfer
from benchmarks.rival_nodes import CACHE, KEY, KINDS
from coincurve import PrivateKey

from sogdia.ledger.primitives.transaction import decode_transactions

REPOSITORY = Path(__file__).resolve().parents[1]
RPCBENCH = Path(
    os.environ.get("SOGDIA_RPCBENCH", REPOSITORY.parent / "shared" / "tools" / "rpcbench")
)
RECOVERY = "recovery alone"
NODE_CORE = 1  # where `--pin 0,1` puts the node
RECOVERED = 5_000


@dataclass(frozen=True, slots=True)
class Workload:
    """What the generator is asked to do, of whom, and what the table calls it."""

    name: str
    label: str
    options: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ("anvil", "geth")
    # Of the transactions that the command asks for.
    share: float = 1.0
    is_pinned: bool = True


WORKLOADS = (
    Workload("transfer", "transfers, batches of 100", ("--batch", "100")),
    Workload("erc20", "ERC-20 transfers, batches of 100", ("--batch", "100")),
    Workload("transfer", "transfers, one per request", ("--batch", "0"), share=0.2),
    Workload(
        "transfer",
        "transfers, one per request",
        ("--batch", "0"),
        rivals=("block-time 1",),
        share=0.5,
    ),
    Workload(
        "transfer",
        "20,000 transfers, both cores, not pinned",
        ("--batch", "100"),
        rivals=("block-time 1",),
        share=2.0,
        is_pinned=False,
    ),
    Workload("reads", "reads", ("--read-connections", "8", "64", "--read-seconds", "1")),
    Workload("startup", "start-up"),
)
# What a row is asked to reach, by the beginning of its name and its rival.
FLOORS = {
    ("transfers, batches of 100, per second", "anvil"): "3",
    ("transfers, batches of 100, per second", RECOVERY): "0.5",
    ("ERC-20 transfers, batches of 100, per second", "anvil"): "2.5",
    ("transfers, one per request, per second", "anvil"): "15",
    ("transfers, one per request, per second", "block-time 1"): "1.5",
    ("20,000 transfers, both cores, not pinned, per second", "block-time 1"): "2",
    ("eth_getBlockByNumber", "anvil"): "100",
    ("eth_getLogs", "anvil"): "2",
    ("eth_", "anvil"): "0.6",
    ("start-up, seconds", "anvil"): "at most 1 s",
    ("memory then, MB", "anvil"): "at most 150",
}

Figures = dict[str, float]
Row = tuple[str, str]


def tool_python() -> Path:
    """Return the interpreter of the generator's own environment, made on first use."""
    python = CACHE / "rpcbench" / "bin" / "python"
    if not python.exists():
        subprocess.run(["uv", "venv", "-q", str(CACHE / "rpcbench")], check=True)
        requirements = str(RPCBENCH / "requirements.txt")
        install = ["uv", "pip", "install", "-q", "--python", str(python), "-r", requirements]
        subprocess.run(install, check=True)
    return python


def run_workload(name: str, workload: Workload, n: int) -> list[Any]:
    """Return the generator's results for one workload on one fresh node."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        out = Path(folder) / "results.jsonl"
        command = [str(tool_python()), "rpcbench.py", workload.name, *workload.options]
        command += ["--n", str(round(n * workload.share)), "--verify", "2000"]
        kind = KINDS[name]
        command += ["--url", f"http://127.0.0.1:{kind.port}", "--chain-id", str(kind.chain_id)]
        command += ["--key", kind.key, "--startup-runs", "1", "--out", str(out), *kind.options]
        command += ["--pin", "0,1"] if workload.is_pinned else []
        command += ["--node-cmd", kind.command(Path(folder) / "data")]
        # A node keeps its bytecode, whatever the shell of a developer says.
        kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        subprocess.run(command, cwd=RPCBENCH, check=False, stdout=subprocess.DEVNULL, env=kept)
        results: list[Any] = json.loads(out.read_text())["results"]
    failed = [result for result in results if "failed" in result]
    assert not failed, f"{name}: {failed}"
    return results


def figures(label: str, results: list[Any]) -> Figures:
    """Return the figures of a workload: bigger is better, but for seconds and megabytes."""
    if label == "start-up":
        (result,) = results
        return {"start-up, seconds": result["seconds"], "memory then, MB": result["idle_rss_mb"]}
    if label != "reads":
        (result,) = results
        return {
            f"{label}, per second": result["confirmed_tps"],
            f"{label}, per CPU second": result["per_node_cpu_s"],
        }
    return {
        f"{result['method']}, {result['connections']} connections, per {unit}": result[key]
        for result in results
        for unit, key in (("second", "rps"), ("CPU second", "per_node_cpu_s"))
        if key in result
    }


@cache
def _signed() -> list[bytes]:
    key = PrivateKey(bytes.fromhex(KEY[2:]))
    return [transfer(key, nonce, bytes(range(20))) for nonce in range(RECOVERED)]


def recovery() -> dict[str, float]:
    """Return how many transfers the node's core decodes and recovers, by both clocks."""
    raws, allowed = _signed(), os.sched_getaffinity(0)
    os.sched_setaffinity(0, {NODE_CORE})
    started, used = time.perf_counter(), time.process_time()
    for start in range(0, RECOVERED, 100):
        decode_transactions(raws[start : start + 100], CHAIN_ID)
    elapsed, used = time.perf_counter() - started, time.process_time() - used
    os.sched_setaffinity(0, allowed)
    return {"per second": RECOVERED / elapsed, "per CPU second": RECOVERED / used}


def measure(rounds: int, n: int) -> list[dict[Row, tuple[float, float]]]:
    """Return for each round (ours, the rival's) of each row."""
    measured = []
    for _ in range(rounds):
        found: dict[Row, tuple[float, float]] = {}
        for workload in WORKLOADS:
            ours, *others = (
                figures(workload.label, run_workload(name, workload, n))
                for name in ("sogdia", *workload.rivals)
            )
            for rival, theirs in zip(workload.rivals, others, strict=True):
                for what in ours.keys() & theirs.keys():
                    found[what, rival] = (ours[what], theirs[what])
            if workload is WORKLOADS[0]:
                for unit, limit in recovery().items():
                    what = f"{workload.label}, {unit}"
                    found[what, RECOVERY] = (ours[what], limit)
        measured.append(found)
        print(json.dumps([[*row, *both] for row, both in found.items()]), flush=True)
    return measured


def table(measured: list[dict[Row, tuple[float, float]]]) -> str:
    """Return the Markdown table of medians, ratios and spreads."""
    lines = [
        "| what | Sogdia | rival | its figure | ratio | spread | at least |",
        "| --- | ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    for row in sorted(set.intersection(*(set(each) for each in measured)), key=_place):
        what, rival = row
        ours, theirs = (statistics.median(each[row][i] for each in measured) for i in (0, 1))
        ratios = [each[row][0] / each[row][1] for each in measured]
        ratio, spread = statistics.median(ratios), f"{min(ratios):.2f}–{max(ratios):.2f}"
        cells = (what, _shown(ours), rival, _shown(theirs), f"{ratio:.2f}", spread, _floor(row))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _place(row: Row) -> tuple[int, str, str]:
    labels = [workload.label for workload in WORKLOADS]
    first = next((n for n, label in enumerate(labels) if row[0].startswith(label)), len(labels))
    return first, row[1], row[0]


def _floor(row: Row) -> str:
    what, rival = row
    if "CPU" in what:
        return ""
    found = (f for (w, r), f in FLOORS.items() if what.startswith(w) and r == rival)
    return next(found, "")


def _shown(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--n", type=int, default=10_000)
    asked = parser.parse_args()
    print(table(measure(asked.rounds, asked.n)))


if __name__ == "__main__":
    main()
