"""What returning to a snapshot costs on development chains of different lengths.

    uv run python -m benchmarks.revert

On each chain in turn: a snapshot, so many blocks, and the time of `evm_revert` over HTTP, and the
node's processor time. Cost shall follow what changed and not the length of the chain.
"""

import json
import os
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from sogdia.testing.node import DevelopmentNode, run_node

LENGTHS = (100, 1_000, 5_000)
CHANGED = (1, 50)  # blocks that are taken back
ROUNDS = 5
REVERTS = 10  # of a round: their processor time is counted in hundredths of a second
MINED_AT_ONCE = 1_000


def processor_s(node: DevelopmentNode) -> float:
    """Return the processor time that a node has used."""
    fields = Path(f"/proc/{node.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def grow(node: DevelopmentNode, length: int) -> None:
    """Make blocks until the chain is so long."""
    while (missing := length - int(node.call("eth_blockNumber"), 16)) > 0:
        node.call("hardhat_mine", min(missing, MINED_AT_ONCE))


def measure(node: DevelopmentNode, changed: int) -> tuple[float, float]:
    """Return wall and processor time of a revert that takes back so many blocks, milliseconds."""
    wall_s, used_s = [], 0.0
    for _ in range(REVERTS):
        snapshot = node.call("evm_snapshot")
        node.call("hardhat_mine", changed)
        used, began = processor_s(node), time.perf_counter()
        if node.call("evm_revert", snapshot) is not True:
            raise RuntimeError("the node did not return to its snapshot")
        wall_s.append(time.perf_counter() - began)
        used_s += processor_s(node) - used
    return 1e3 * statistics.median(wall_s), 1e3 * used_s / REVERTS


def main() -> None:
    """Print medians and spreads as JSON."""
    figures: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        nodes = {}
        for length in LENGTHS:
            nodes[length] = stack.enter_context(run_node(Path(name) / str(length)))
            grow(nodes[length], length)
        for _ in range(ROUNDS):
            for changed in CHANGED:
                found = {length: measure(node, changed) for length, node in nodes.items()}
                for length, (wall_ms, used_ms) in found.items():
                    place = f"{changed}_blocks_back.after_{length}"
                    figures.setdefault(f"{place}.ms", []).append(wall_ms)
                    figures.setdefault(f"{place}.processor_ms", []).append(used_ms)
                    ratio = wall_ms / found[LENGTHS[0]][0]
                    figures.setdefault(f"{place}.of_shortest", []).append(ratio)
    report = {
        each: {
            "median": round(statistics.median(values), 2),
            "spread": [round(min(values), 2), round(max(values), 2)],
        }
        for each, values in figures.items()
        if not each.endswith(f"after_{LENGTHS[0]}.of_shortest")
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
