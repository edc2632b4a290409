"""How many isolated tests a second the pytest fixtures carry, against anvil in the same rounds.

    uv run python -m benchmarks.fixtures

A test is what the fixture does and the least that a test does: snapshot, a transfer with its
receipt, revert. `fresh_node` starts a node for each test instead. Ratios are of the same round;
medians and spreads of three.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.node_process import running
from benchmarks.rival_nodes import anvil

from sogdia.testing.in_process import run_in_process
from sogdia.testing.node import DevelopmentNode, NodeFailed, run_node

ROUNDS = 3
TESTS = 50
ANVIL_PORT = 18_547
RECEIVER = "0x" + "ee" * 20


@contextmanager
def run_anvil() -> Iterator[DevelopmentNode]:
    """Run anvil until the block ends."""
    url = f"http://127.0.0.1:{ANVIL_PORT}"
    with running([str(anvil()), "-q", "--port", str(ANVIL_PORT)], url, core=None):
        node = DevelopmentNode(url)
        yield node
        node.close()


def one_test(node: DevelopmentNode, sender: str) -> None:
    """Do what an isolated test does at least."""
    snapshot = node.call("evm_snapshot")
    hash = node.call("eth_sendTransaction", {"from": sender, "to": RECEIVER, "value": "0x5"})
    while (receipt := node.call("eth_getTransactionReceipt", hash)) is None:
        time.sleep(0.000_5)
    if receipt["status"] != "0x1" or not node.call("evm_revert", snapshot):
        raise NodeFailed(f"the test failed: {receipt}")


def tests_per_second(node: DevelopmentNode) -> float:
    """Return how many tests a second the node carries."""
    sender = node.call("eth_accounts")[0]
    started = time.perf_counter()
    for _ in range(TESTS):
        one_test(node, sender)
    return TESTS / (time.perf_counter() - started)


def fresh_node(folder: Path) -> float:
    """Return how many tests a second can have a node of their own."""
    started = time.perf_counter()
    with run_node(folder) as node:
        one_test(node, node.call("eth_accounts")[0])
    return 1 / (time.perf_counter() - started)


def main() -> None:
    """Print medians and spreads as JSON."""
    figures: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        nodes = {
            "sogdia_node": stack.enter_context(run_node(folder / "process")),
            "sogdia_in_process": stack.enter_context(run_in_process(folder / "thread")),
            "anvil": stack.enter_context(run_anvil()),
        }
        for node in nodes.values():
            tests_per_second(node)
        for number in range(ROUNDS):
            rates = {each: tests_per_second(node) for each, node in nodes.items()}
            rates["fresh_node"] = fresh_node(folder / str(number))
            for each, rate in rates.items():
                figures.setdefault(f"{each}.tests_per_second", []).append(rate)
                figures.setdefault(f"{each}.of_anvil", []).append(rate / rates["anvil"])
    del figures["anvil.of_anvil"]
    report = {
        each: {
            "median": round(statistics.median(values), 3),
            "spread": [round(min(values), 3), round(max(values), 3)],
        }
        for each, values in figures.items()
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
