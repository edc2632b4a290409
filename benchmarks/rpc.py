"""What a client gets over JSON-RPC, against anvil in the same rounds.

    uv run python -m benchmarks.rpc [--rounds 3] [--n 10000] [--write]

The load is made by the neutral generator `rpcbench` (`../shared/tools/rpcbench`, or where
`SOGDIA_RPCBENCH` says), which signs everything before the clock starts, reads every receipt back
and pins itself to core 0 and the node to core 1. Each round starts a fresh node of each kind for
every workload. A ratio is Sogdia's figure over anvil's of the same round; the table shows the
median of the ratios and their spread. `per CPU second` divides by what the node's own processor
used, and is the steadier figure on a machine that others use too.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
RPCBENCH = Path(
    os.environ.get("SOGDIA_RPCBENCH", REPOSITORY.parent / "shared" / "tools" / "rpcbench")
)
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "sogdia" / "bench"
KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
CHAINS = {"sogdia": 0x534F4744, "anvil": 31337}
PORTS = {"sogdia": 18545, "anvil": 18546}
PAGE = REPOSITORY / "docs" / "performance.md"
HEADING = "## JSON-RPC"

# (workload, arguments of the generator, what the table calls it)
WORKLOADS = (
    ("transfer", ("--batch", "100"), "transfers, batches of 100"),
    ("erc20", ("--batch", "100"), "ERC-20 transfers, batches of 100"),
    ("transfer", ("--batch", "0"), "transfers, one per request"),
    ("reads", (), "reads"),
    ("startup", (), "start-up"),
)

Figures = dict[str, float]


def tool_python() -> Path:
    """Return the interpreter of the generator's own environment, made on first use."""
    python = CACHE / "rpcbench" / "bin" / "python"
    if not python.exists():
        subprocess.run(["uv", "venv", "-q", str(CACHE / "rpcbench")], check=True)
        requirements = str(RPCBENCH / "requirements.txt")
        install = ["uv", "pip", "install", "-q", "--python", str(python), "-r", requirements]
        subprocess.run(install, check=True)
    return python


def anvil() -> Path:
    """Return anvil's executable, installed from npm on first use."""
    found = (
        CACHE / "rivals" / "node_modules" / "@foundry-rs" / "anvil-linux-amd64" / "bin" / "anvil"
    )
    if not found.exists():
        folder = CACHE / "rivals"
        folder.mkdir(parents=True, exist_ok=True)
        stated = (REPOSITORY / "benchmarks" / "rivals" / "package.json").read_text()
        (folder / "package.json").write_text(stated)
        subprocess.run(["npm", "install", "--no-audit", "--no-fund"], cwd=folder, check=True)
    return found


def node_command(name: str, data: Path) -> str:
    """Return the command line that starts a fresh node."""
    port = PORTS[name]
    if name == "anvil":  # as the generator's README says, its limits out of the way
        limits = "--gas-limit 10000000000 --max-transactions 1000000"
        return f"{anvil()} -q --port {port} {limits}"
    sogdia = Path(sys.executable).with_name("sogdia")
    return f"{sogdia} up --fresh --data-dir {data} --port {port}"


def run_workload(name: str, workload: str, options: tuple[str, ...], n: int) -> list[Any]:
    """Return the generator's results for one workload on one fresh node."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "results.jsonl"
        command = [str(tool_python()), "rpcbench.py", workload, *options, "--n", str(n)]
        command += ["--url", f"http://127.0.0.1:{PORTS[name]}", "--chain-id", str(CHAINS[name])]
        command += ["--key", KEY, "--pin", "0,1", "--startup-runs", "1", "--out", str(out)]
        command += ["--node-cmd", node_command(name, Path(folder) / "data")]
        subprocess.run(command, cwd=RPCBENCH, check=False, stdout=subprocess.DEVNULL)
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


def measure(rounds: int, n: int) -> list[dict[str, Figures]]:
    """Return for each round the figures of both nodes."""
    measured = []
    for number in range(rounds):
        both: dict[str, Figures] = {"sogdia": {}, "anvil": {}}
        for workload, options, label in WORKLOADS:
            for name, found in both.items():
                found.update(figures(label, run_workload(name, workload, options, n)))
        print(json.dumps({"round": number + 1, **both}), flush=True)
        measured.append(both)
    return measured


def table(measured: list[dict[str, Figures]]) -> str:
    """Return the Markdown table of medians, ratios and spreads."""
    lines = ["| what | Sogdia | anvil | ratio | spread |", "| --- | ---: | ---: | ---: | ---: |"]
    for what in measured[0]["sogdia"]:
        if not all(what in each["anvil"] for each in measured):
            continue
        ours, theirs = (
            statistics.median(each[name][what] for each in measured) for name in ("sogdia", "anvil")
        )
        ratios = [each["sogdia"][what] / each["anvil"][what] for each in measured]
        spread = f"{min(ratios):.2f}–{max(ratios):.2f}"
        median = statistics.median(ratios)
        lines.append(f"| {what} | {_shown(ours)} | {_shown(theirs)} | {median:.2f} | {spread} |")
    return "\n".join(lines)


def _shown(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"


def section(measured: list[dict[str, Figures]], command: str) -> str:
    """Return the section of the performance page."""
    day = time.strftime("%Y-%m-%d", time.gmtime())
    machine = f"{os.cpu_count()} cores {platform.machine()}, shared with other work"
    words = (
        f"{len(measured)} rounds on {day}, {machine}: `{command}`. The node has one core and the "
        "client the other. Ratio: Sogdia's figure over anvil's in the same round, median; for "
        "seconds and megabytes less is better."
    )
    return f"{HEADING}\n\n{words}\n\n{table(measured)}\n"


def write_section(text: str) -> None:
    """Put the section in its place on the performance page."""
    page = PAGE.read_text()
    start = page.find(HEADING)
    if start < 0:
        PAGE.write_text(page.rstrip() + "\n\n" + text)
        return
    end = page.find("\n## ", start + 1)
    rest = page[end + 1 :] if end >= 0 else ""
    PAGE.write_text(page[:start] + text + ("\n" + rest if rest else ""))


def main() -> None:
    """Measure, print, and write the page when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--write", action="store_true", help="put the table on the page")
    asked = parser.parse_args()
    text = section(measure(asked.rounds, asked.n), f"python -m benchmarks.rpc --n {asked.n}")
    print(text)
    if asked.write:
        write_section(text)


if __name__ == "__main__":
    main()
