"""Four nodes on one machine, transactions entering at all four.

    uv run python -m benchmarks.four_nodes [--seconds 40] [--offered 1200]

Four real processes with a quarter of the work each (`sogdia network`), 400 senders, each sending to
one node only, signed before the clock starts. The run ends when every transaction is confirmed at
all four nodes, which then state a risk of at most 1e-8 for its epoch; that they hold the same
epochs with the same state roots is checked, or the benchmark fails. `confirmed_per_s` is over the
timestamps of those epochs, cut into three windows: median, least and most. It is bounded by what is
offered. The load generator runs on the same two cores.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from coincurve import PrivateKey

from sogdia.ledger.node.self_test import sign_transfer
from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS, DevelopmentAccount
from sogdia.ledger.params.networks import LOCAL_NET
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.local_network.folder import NetworkFolder
from sogdia.local_network.network import LocalNetwork, make_network
from sogdia.local_network.node_rpc import NodeRpc
from sogdia.local_network.observe import observe
from sogdia.local_network.plan import HASH_RATE, equal_work
from sogdia.local_network.transfers import GAS_PRICE, Sender
from sogdia.local_network.work_ban.witness import blocks_of

FLOOR_PER_S = 800
NODES, SENDERS, BATCH = 4, 400, 50
SETTLED_BLOCKS_PER_S = 3.0
WAIT_S_MAX = 120.0
WINDOWS = 3
RECEIVER = b"\x5b" * 20


def build_account(number: int) -> DevelopmentAccount:
    """Return an account that only this benchmark uses."""
    key = PrivateKey.from_int(1_000_000 + number)
    address = keccak256(key.public_key.format(compressed=False)[1:])[12:]
    return DevelopmentAccount(f"sender {number}", address, f"0x{address.hex()}", key.secret)


def send(rpc: NodeRpc, raws: Sequence[bytes]) -> None:
    """Send signed transactions in one request; each must be taken in."""
    rpc.batch([("eth_sendRawTransaction", (f"0x{raw.hex()}",)) for raw in raws])


def await_true(is_reached: Any, what: str) -> None:
    """Look four times a second until something holds."""
    end = time.monotonic() + WAIT_S_MAX
    while not is_reached():
        if time.monotonic() > end:
            raise SystemExit(f"{what}: not within {WAIT_S_MAX:g} s")
        time.sleep(0.25)


def fund(network: LocalNetwork, accounts: Sequence[DevelopmentAccount]) -> None:
    """Give every account a unit, from all public accounts at once, and wait for it everywhere."""
    givers = [Sender(account, LOCAL_NET.chain_id) for account in DEVELOPMENT_ACCOUNTS]
    share = len(accounts) // len(givers)
    for place, giver in enumerate(givers):
        rpc = network.rpc(network.plan.nodes[place % NODES].name)
        taken = accounts[place * share : (place + 1) * share]
        send(rpc, [giver.sign(account.address, 10**18) for account in taken])

    def is_funded() -> bool:
        calls = [("eth_getBalance", (account.shown, "latest")) for account in accounts]
        rpcs = [network.rpc(node.name) for node in network.plan.nodes]
        return all(int(each, 16) > 0 for rpc in rpcs for each in rpc.batch(calls))

    await_true(is_funded, "funding")


def sign_all(accounts: Sequence[DevelopmentAccount], each: int) -> list[bytes]:
    """Return `each` transfers of every account: all first nonces, then all second ones."""
    return [
        sign_transfer(
            account, RECEIVER, 1, nonce=nonce, gas_price=GAS_PRICE, chain_id=LOCAL_NET.chain_id
        )
        for nonce in range(each)
        for account in accounts
    ]


class Watcher:
    """Notes what one node confirmed."""

    def __init__(self, port: int) -> None:
        self.rpc = NodeRpc(port)
        self.epochs: dict[int, dict[str, Any]] = {}
        self.next_epoch = 1

    def look(self) -> None:
        """Ask for what is confirmed since the last look."""
        status = self.rpc.call("sogdia_getStatus")
        top = int(status["confirmedEpoch"], 16)
        for epoch in blocks_of(self.rpc, self.next_epoch, top):
            self.epochs[int(epoch["number"], 16)] = epoch
        self.next_epoch = max(self.next_epoch, top + 1)


def offer(rpc: NodeRpc, raws: Sequence[bytes], per_s: float) -> None:
    """Send at a steady rate; a request that comes late is not made up for by a burst."""
    due = time.monotonic()
    for start in range(0, len(raws), BATCH):
        time.sleep(max(0.0, due - time.monotonic()))
        send(rpc, raws[start : start + BATCH])
        due = max(due + BATCH / per_s, time.monotonic() - 1.0)


def cpu_seconds(network: LocalNetwork) -> float:
    """Return the processor time that the nodes have used."""
    ticks = 0
    for node in network.plan.nodes:
        process = network.folder.process(node.name)
        assert process is not None
        fields = Path(f"/proc/{process.number}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(network: LocalNetwork, seconds: int, offered: int) -> dict[str, Any]:
    """Offer transactions at all nodes, wait for their confirmation, and return the figures."""
    accounts = [build_account(number) for number in range(SENDERS)]
    await_true(
        lambda: all(
            0 < (n.blocks_per_s or 0) < SETTLED_BLOCKS_PER_S for n in observe(network).nodes
        ),
        "settling",
    )
    fund(network, accounts)
    mine = SENDERS // NODES
    signed = [
        sign_all(accounts[place * mine : (place + 1) * mine], seconds * offered // SENDERS)
        for place in range(NODES)
    ]
    watchers = [Watcher(node.rpc_port) for node in network.plan.nodes]
    for watcher in watchers:
        watcher.look()
    total, begun_s, cpu_s = sum(map(len, signed)), time.monotonic(), cpu_seconds(network)
    # What is executed already holds the funding.
    first = 1 + int(watchers[0].rpc.call("sogdia_getStatus")["executedEpoch"], 16)
    threads = [
        threading.Thread(target=offer, args=(NodeRpc(node.rpc_port), raws, offered / NODES))
        for node, raws in zip(network.plan.nodes, signed, strict=True)
    ]
    for thread in threads:
        thread.start()

    def is_confirmed() -> bool:
        for watcher in watchers:
            watcher.look()
        held = [
            sum(len(w.epochs[n]["transactions"]) for n in w.epochs if n >= first) for w in watchers
        ]
        return min(held) >= total

    for thread in threads:
        thread.join()
    sent_s = time.monotonic() - begun_s
    await_true(is_confirmed, f"confirming {total} transactions")
    used_s = cpu_seconds(network) - cpu_s
    taken_s = time.monotonic() - begun_s
    return {
        "transactions": total,
        "offered_per_s": round(total / sent_s),
        "confirmed_per_s": rates(watchers, first),
        "seconds_to_last_confirmation": round(taken_s, 1),
        "node_cpu_s_per_1000_transactions": round(1_000 * used_s / total, 2),
        "state_roots": "equal on all four",
    }


def rates(watchers: Sequence[Watcher], first: int) -> dict[str, int]:
    """Return transactions a second from epoch `first` on, where all nodes must hold the same."""
    epochs = watchers[0].epochs
    numbers = [n for n in epochs if n >= first and epochs[n]["transactions"]]
    for number in numbers:
        held = {(w.epochs[number]["hash"], w.epochs[number]["stateRoot"]) for w in watchers}
        assert len(held) == 1, f"epoch {number} differs"
    counts = {n: len(epochs[n]["transactions"]) for n in numbers}
    found = [count / seconds for count, seconds in windows(watchers[0], numbers, counts)]
    return {
        "median": round(statistics.median(found)),
        "least": round(min(found)),
        "most": round(max(found)),
    }


def windows(
    watcher: Watcher, numbers: Sequence[int], counts: dict[int, int]
) -> list[tuple[int, float]]:
    """Return (transactions, seconds) of equal parts of the epochs, by their pivot's timestamp."""
    stamps = {n: int(watcher.epochs[n]["timestamp"], 16) for n in numbers}
    begin, end = stamps[numbers[0]], stamps[numbers[-1]]
    length = (end - begin) / WINDOWS
    found = []
    for place in range(WINDOWS):
        low, high = begin + place * length, begin + (place + 1) * length
        is_last = place == WINDOWS - 1
        inside = [n for n in numbers if low <= stamps[n] and (stamps[n] < high or is_last)]
        found.append((sum(counts[n] for n in inside), length))
    return found


def main() -> int:
    """Run; print one JSON object; 1 when the floor was missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=40)
    parser.add_argument("--offered", type=int, default=1_200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        folder = NetworkFolder(Path(directory) / "four")
        network = make_network(folder, equal_work(NODES), nodes=NODES, hash_rate=HASH_RATE, port=0)
        try:
            network.start(node.name for node in network.plan.nodes)
            figures = measure(network, options.seconds, options.offered)
        finally:
            network.down()
    print(json.dumps(figures))
    return int(figures["confirmed_per_s"]["median"] < FLOOR_PER_S)


if __name__ == "__main__":
    sys.exit(main())
