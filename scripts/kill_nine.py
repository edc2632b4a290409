"""Kill a loaded node with SIGKILL at random instants, and look for what it had acknowledged.

    uv run python scripts/kill_nine.py [--rounds 100] [--seed N] [--data-dir DIR]

Each round starts `sogdia up` on the same data directory, sends transfers of nine accounts in
batches and one by one, and kills the process at a random instant: while it mines, commits,
syncs, compacts or starts. After the next start, without any repair:

    K1  Every acknowledged transaction is on the ledger or in the pool.
    K2  No account has used a nonce for another transaction than the acknowledged one.

After the last round the whole ledger is executed anew from its blocks, in memory:

    K3  Every epoch has the roots that the killed node had committed.

The acknowledgements are kept by this process, which is not killed. Prints one line a round and
one JSON object at the end; exits with 1 when anything was lost.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sogdia.ledger.node.config import DEVELOPMENT_PROFILE, load_config
from sogdia.ledger.node.parts import build_parts, network_params
from sogdia.ledger.node.replay import replay
from sogdia.ledger.node.self_test import sign_transfer
from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS

SENDERS = DEVELOPMENT_ACCOUNTS[:9]  # the tenth is the one that the self-test uses
BATCH_MAX = 50
OLD_LOOKED_FOR = 50  # of each account in a round, beside all that the round before it sent
WHOLE_EVERY = 50  # rounds after which all that was ever acknowledged is looked for
PAGE = 500  # transactions looked for in one batch
KILL_AFTER_S = (0.0, 0.8)  # from the ready line; some kills fall into the start instead
KILL_AT_START = 0.2  # share of rounds that are killed before the node says that it is ready
GIVE_UP_S = 300.0
GAS_PRICE_DRIP = 10**11


@dataclass
class Sender:
    """One account's acknowledged transactions: nonce -> hash, in the order of their sending."""

    index: int
    next_nonce: int = 0
    acknowledged: dict[int, str] = field(default_factory=dict)
    found: int = 0  # how many of them, from the first, a restarted node had already


class Losses(AssertionError):
    """What was acknowledged and is not there."""


class Chain:
    """A data directory, the node that runs on it, and what the node has acknowledged."""

    def __init__(self, directory: Path, seed: int) -> None:
        self.directory = directory
        self.random = random.Random(seed)
        self.senders = [Sender(index) for index in range(len(SENDERS))]
        self.node: subprocess.Popen[bytes] | None = None
        self.ready: dict[str, Any] = {}

    def start(self) -> None:
        """Start the node and read its ready line."""
        self.spawn()
        assert self.node is not None
        assert self.node.stdout is not None
        line = self.node.stdout.readline()
        if not line:
            raise Losses(f"the node did not start again: code {self.node.wait()}")
        self.ready = json.loads(line)

    def spawn(self) -> None:
        """Start the node without waiting."""
        command = [sys.executable, "-m", "sogdia", "up", "--port", "0", "--json", "--data-dir"]
        self.node = subprocess.Popen(
            [*command, str(self.directory / "data")],
            stdout=subprocess.PIPE,
            env=os.environ | {"XDG_RUNTIME_DIR": str(self.directory)},
        )

    def kill(self) -> None:
        """Kill the node as the operating system would."""
        assert self.node is not None
        self.node.kill()
        self.node.wait()
        assert self.node.stdout is not None
        self.node.stdout.close()

    def call(self, calls: list[tuple[str, list[Any]]]) -> list[Any]:
        """Return the answers to `calls`, sent as one batch."""
        body = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            for number, (method, params) in enumerate(calls)
        ]
        request = urllib.request.Request(
            self.ready["rpc"], json.dumps(body).encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=GIVE_UP_S) as answer:
            return list(json.load(answer))

    def send_until_killed(self) -> None:
        """Send batches of transfers until the node is gone."""
        chain_id = self.ready["chain_id"]
        while True:
            sender = self.random.choice(self.senders)
            account = SENDERS[sender.index]
            count = self.random.choice((1, 1, self.random.randint(2, BATCH_MAX)))
            nonces = range(sender.next_nonce, sender.next_nonce + count)
            raws = [
                sign_transfer(
                    account,
                    self.random.randbytes(20),
                    1,
                    nonce=nonce,
                    gas_price=GAS_PRICE_DRIP,
                    chain_id=chain_id,
                )
                for nonce in nonces
            ]
            try:
                answers = self.call([("eth_sendRawTransaction", [f"0x{r.hex()}"]) for r in raws])
            except (OSError, ValueError):
                return  # killed: what was in flight was not acknowledged, and may be there or not
            for nonce, answer in zip(nonces, answers, strict=True):
                if "result" not in answer:
                    raise Losses(f"refused nonce {nonce} of {account.role}: {answer}")
                sender.acknowledged[nonce] = answer["result"]
            sender.next_nonce += count

    def verify(self, *, whole: bool = True) -> int:
        """Check K1 and K2 on the restarted node; return how many transactions were looked for.

        Unless `whole`, all that was sent since the last look, and some of what was found before:
        what was lost stays lost, and every fiftieth round and the last look for all.
        """
        looked_for = 0
        for sender in self.senders:
            hashes = list(sender.acknowledged.values())
            if not whole:
                old, new = hashes[: sender.found], hashes[sender.found :]
                hashes = self.random.sample(old, min(len(old), OLD_LOOKED_FOR)) + new
            for start in range(0, len(hashes), PAGE):
                page = hashes[start : start + PAGE]
                answers = self.call([("eth_getTransactionByHash", [each]) for each in page])
                lost = [h for h, answer in zip(page, answers, strict=True) if not answer["result"]]
                if lost:
                    raise Losses(f"{len(lost)} acknowledged transactions are gone: {lost[:3]}")
                looked_for += len(page)
            self._follow_account(sender)
            sender.found = len(sender.acknowledged)
        return looked_for

    def _follow_account(self, sender: Sender) -> None:
        """What was in flight at the kill may have arrived: go on after it."""
        address = SENDERS[sender.index].shown
        (answer,) = self.call([("eth_getTransactionCount", [address, "pending"])])
        pending = int(answer["result"], 16)
        if pending < sender.next_nonce:
            raise Losses(f"{address} is at nonce {pending}, and {sender.next_nonce} was next")
        sender.next_nonce = pending


def run_round(chain: Chain, *, whole: bool) -> int:
    """Start, verify, load, kill; return how many transactions were looked for."""
    if chain.random.random() < KILL_AT_START:
        chain.spawn()
        time.sleep(chain.random.uniform(0.05, 1.0))
        chain.kill()
    chain.start()
    looked_for = chain.verify(whole=whole)
    loads = [threading.Thread(target=chain.send_until_killed)]
    for load in loads:
        load.start()
    time.sleep(chain.random.uniform(*KILL_AFTER_S))
    chain.kill()
    for load in loads:
        load.join()
    return looked_for


def kill_nine(directory: Path, *, rounds: int, seed: int) -> dict[str, Any]:
    """Run all rounds and the replay; return the report.

    Raises:
        Losses: something that was acknowledged is not there.
    """
    chain = Chain(directory, seed)
    for number in range(rounds):
        looked_for = run_round(chain, whole=number % WHOLE_EVERY == WHOLE_EVERY - 1)
        print(f"round {number + 1}: {looked_for} acknowledged, all there", file=sys.stderr)
    chain.start()
    looked_for = chain.verify()
    assert chain.node is not None
    chain.node.terminate()
    if chain.node.wait(timeout=GIVE_UP_S) != 0:
        raise Losses(f"the node did not stop cleanly: code {chain.node.returncode}")
    assert chain.node.stdout is not None
    chain.node.stdout.close()
    epochs = replay_kept(directory / "data")
    return {"rounds": rounds, "seed": seed, "acknowledged": looked_for, "lost": 0, "epochs": epochs}


def replay_kept(data: Path) -> int:
    """Check K3; return how many epochs were executed anew."""
    config = load_config({}, {}, directory=data, profile=DEVELOPMENT_PROFILE)
    parts = build_parts(config, network_params(config), data, lambda: int(time.time()))
    with parts.database:
        return replay(parts)


def main() -> None:
    """Run as a command."""
    parser = argparse.ArgumentParser(description="Kill a loaded node and look for losses.")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--data-dir", type=Path, default=None)
    options = parser.parse_args()
    seed = random.randrange(2**32) if options.seed is None else options.seed
    print(f"seed {seed}", file=sys.stderr)
    try:
        if options.data_dir is not None:
            options.data_dir.mkdir(parents=True, exist_ok=True)
            report = kill_nine(options.data_dir, rounds=options.rounds, seed=seed)
        else:
            with tempfile.TemporaryDirectory() as directory:
                report = kill_nine(Path(directory), rounds=options.rounds, seed=seed)
    except Losses as losses:
        print(f"seed {seed}: {losses}", file=sys.stderr)
        sys.exit(1)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
