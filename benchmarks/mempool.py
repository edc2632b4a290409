"""What the pool adds to taking a transaction in, and what choosing for a block costs.

    uv run python -m benchmarks.mempool

50,000 transfers of as many senders at random prices. The yardstick is recovering their senders,
which no node can do without: each figure is also given as a share of it, in the same round. The
journal is a store in memory. The time is that of the thread.
"""

import json
import random
import statistics
import time
from collections.abc import Callable

import coincurve

from sogdia.ledger.execution.api import Account, SenderState
from sogdia.ledger.mempool.pool import Pool
from sogdia.ledger.params.mempool import MempoolParams
from sogdia.ledger.primitives.hashing import EMPTY_KECCAK, keccak256
from sogdia.ledger.primitives.rlp import encode, encode_integer
from sogdia.ledger.primitives.transaction import Transaction, decode_transactions
from sogdia.ledger.storage.database import Database
from sogdia.ledger.storage.tables.pool_journal import PoolJournal

ROUNDS = 3
SENDERS = 50_000
BATCH = 100
BLOCK_GAS = 30_000_000
CHAIN_ID = 7
GDRIP = 10**9
BALANCE = 10**24


class RichState:
    """Everybody is new and rich."""

    def account(self, address: bytes) -> Account:
        """Return the same account for any address."""
        del address
        return Account(0, BALANCE, EMPTY_KECCAK)

    def code(self, address: bytes) -> bytes:
        """Nobody has code."""
        del address
        return b""


def raw_transfer(sender: int, tip: int) -> bytes:
    """Return a signed transfer of the sender numbered `sender`."""
    numbers = (CHAIN_ID, 0, tip, tip + 100 * GDRIP, 21_000)
    fields = [*map(encode_integer, numbers), b"\x22" * 20, encode_integer(1), b"", []]
    digest = keccak256(b"\x02" + encode(fields))
    signature = coincurve.PrivateKey.from_int(sender + 1).sign_recoverable(digest, hasher=None)
    r, s = (int.from_bytes(part, "big") for part in (signature[:32], signature[32:64]))
    return b"\x02" + encode([*fields, *map(encode_integer, (signature[64], r, s))])


def timed(work: Callable[[], object], count: int) -> float:
    """Return microseconds of this thread per one of `count`."""
    started = time.thread_time()
    work()
    return (time.thread_time() - started) / count * 1e6


def measure(raws: list[bytes]) -> dict[str, float]:
    """Return microseconds per transaction of each step, in one round."""
    decoded: list[Transaction] = []
    recovery = timed(lambda: decoded.extend(decode_transactions(raws, CHAIN_ID)), len(raws))  # type: ignore[arg-type]
    journal = PoolJournal(Database.in_memory().store)
    limits = MempoolParams(transactions_max=2 * SENDERS)
    pool = Pool(limits, RichState(), journal, base_price=GDRIP, block_gas_max=BLOCK_GAS)
    batches = [decoded[start : start + BATCH] for start in range(0, SENDERS, BATCH)]
    add = timed(lambda: [pool.add(batch) for batch in batches], SENDERS)
    assert pool.status().ready == SENDERS

    packs: list[float] = []
    epochs: list[float] = []
    for number in range(1, 6):
        base_price = GDRIP * (8 + number % 3) // 8  # it moves from block to block
        chosen: list[Transaction] = []
        room = {"gas": BLOCK_GAS, "size": 1 << 20, "count": SENDERS, "base_price": base_price}
        seconds = time.thread_time()
        chosen = pool.pack(**room)
        packs.append((time.thread_time() - seconds) / len(chosen) * 1e6)
        states = [SenderState(each.sender, 1, BALANCE) for each in chosen]
        seconds = time.thread_time()
        pool.mark_packed(chosen)
        pool.on_epoch(number, states)
        epochs.append((time.thread_time() - seconds) / len(chosen) * 1e6)
    return {
        "recover": recovery,
        "add": add,
        "pack": statistics.median(packs),
        "packed_and_executed": statistics.median(epochs),
    }


def main() -> None:
    """Print medians in microseconds per transaction, and shares of recovery, as JSON."""
    seeded = random.Random(1)
    raws = [raw_transfer(sender, seeded.randrange(1, 10 * GDRIP)) for sender in range(SENDERS)]
    rounds = [measure(raws) for _ in range(ROUNDS)]
    report = {}
    for step in rounds[0]:
        values = sorted(each[step] for each in rounds)
        shares = sorted(each[step] / each["recover"] for each in rounds)
        report[step] = {
            "us": round(statistics.median(values), 2),
            "share_of_recovery": round(statistics.median(shares), 3),
            "spread_us": [round(values[0], 2), round(values[-1], 2)],
        }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
