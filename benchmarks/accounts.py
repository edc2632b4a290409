"""Whether many accounts slow the ledger down: 100,000 senders against 1,000.

    uv run python -m benchmarks.accounts

Each round sends 100,000 transfers in batches of 100, one from each of 100,000 senders, or 100 from
each of 1,000, to as many fresh recipients, to a fresh node on a core of its own. Everything is
signed before; the clock stops when nothing waits in the pool, and the receipts of some are read
after that. Rates are for each second of the node's processor. (`rpcbench` asks for each sender's
nonce and receipt inside its clock: 100,000 reads beside 100,000 transfers.) The numbers between are
measured once, for the plot: ![Transfers a CPU second against accounts](throughput-accounts.svg)
"""

import http.client
import itertools
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.node_process import CLIENT_CORE, NodeProcess, running, sogdia_command
from benchmarks.plot import save_line
from benchmarks.restart import signed_transfer
from coincurve import PrivateKey

from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS
from sogdia.ledger.primitives.hashing import keccak256

ROUNDS = 3
TRANSFERS = int(os.environ.get("BENCH_TRANSFERS", "100000"))
FEW, MANY = TRANSFERS // 100, TRANSFERS
BETWEEN = (TRANSFERS // 10, TRANSFERS // 3)
PORT = 18_552
BATCH = 100
# What waits at most for one funder while accounts are funded.
FUNDED_AT_ONCE = 500
FEE_MAX = 21_000 * 10**12
READ_BACK = 500
DRAIN_S_MAX = 600.0


class Client:
    """One kept connection."""

    def __init__(self, node: NodeProcess) -> None:
        self.node = node
        self.chain_id = int(node.call("eth_chainId"), 16)
        self._connection = http.client.HTTPConnection("127.0.0.1", PORT)

    def send(self, raws: Iterable[bytes]) -> None:
        """Send raw transactions, a batch after the other; each must be taken."""
        calls = (("eth_sendRawTransaction", f"0x{raw.hex()}") for raw in raws)
        for batch in _batches(calls, BATCH):
            assert all("result" in answer for answer in self.ask(batch)), "a transfer was refused"

    def ask(self, calls: list[tuple[str, str]]) -> list[dict[str, Any]]:
        """Return the answers to a batch of calls of one argument."""
        body = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": [argument]}
            for number, (method, argument) in enumerate(calls)
        ]
        headers = {"content-type": "application/json"}
        self._connection.request("POST", "/", json.dumps(body), headers)
        answers: list[dict[str, Any]] = json.loads(self._connection.getresponse().read())
        return answers

    def drain(self) -> None:
        """Wait until nothing waits in the pool."""
        end = time.monotonic() + DRAIN_S_MAX
        while any(int(count, 16) for count in self.node.call("txpool_status").values()):
            assert time.monotonic() < end, f"transfers wait after {DRAIN_S_MAX} s"
            time.sleep(0.02)


def fund(client: Client, keys: list[PrivateKey], each: int) -> None:
    """Give every account what its transfers may cost."""
    funder, nonces = PrivateKey(DEVELOPMENT_ACCOUNTS[0].key), itertools.count()
    for part in _batches(keys, FUNDED_AT_ONCE):
        client.send(
            signed_transfer(funder, client.chain_id, next(nonces), _address(key), each)
            for key in part
        )
        client.drain()


def rate(senders: int) -> float:
    """Return transfers per CPU second of a fresh node."""
    count = TRANSFERS // senders
    keys = [PrivateKey(keccak256(b"sender" + number.to_bytes(8))) for number in range(senders)]
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        command = sogdia_command(Path(folder) / "data", PORT)
        with running(command, f"http://127.0.0.1:{PORT}", XDG_RUNTIME_DIR=folder) as node:
            client = Client(node)
            fund(client, keys, count * (FEE_MAX + 1))
            raws = [
                signed_transfer(
                    key, client.chain_id, nonce, keccak256(b"%d %d" % (nonce, place))[:20]
                )
                for nonce in range(count)
                for place, key in enumerate(keys)
            ]
            used = node.cpu_seconds()
            client.send(raws)
            client.drain()
            used = node.cpu_seconds() - used
            some = random.Random(senders).sample(raws, min(READ_BACK, len(raws)))
            found = client.ask(
                [("eth_getTransactionReceipt", f"0x{keccak256(raw).hex()}") for raw in some]
            )
            assert all(answer["result"]["status"] == "0x1" for answer in found)
    return len(raws) / used


def _address(key: PrivateKey) -> bytes:
    return keccak256(key.public_key.format(compressed=False)[1:])[12:]


def _batches(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, size)):
        yield batch


def main() -> None:
    """Print medians and spreads as JSON; draw the plot."""
    os.sched_setaffinity(0, {CLIENT_CORE})
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
