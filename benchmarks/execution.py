"""Executing an epoch of 5,000 transfers on one core, committed: floor 50,000 transfers a second.

    uv run python -m benchmarks.execution

Recovery is left out of the rate and measured beside it, on the same transactions and core: it is
the limit of any node. Each sender pays one new recipient an epoch, so that every transfer changes
two accounts that no other does: the dearest shape of a transfer. Times are those of the processor,
all threads of the process included.
"""

import json
import os
import statistics
import tempfile
import time
from pathlib import Path

from coincurve import PrivateKey

from sogdia._core import Store
from sogdia.ledger.execution.api import BlockInput, EpochInput, GenesisAccount
from sogdia.ledger.execution.engine import CoreExecutor
from sogdia.ledger.params.execution import ExecutionParams
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.rlp import encode
from sogdia.ledger.primitives.transaction import Transaction, decode_transactions

CHAIN_ID = 1031
TRANSFERS = 5_000
EPOCHS = 6
PRICE = 2 * 10**9


def integer(value: int) -> bytes:
    """Return the big-endian bytes of an RLP integer."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def transfer(key: PrivateKey, nonce: int, recipient: bytes) -> bytes:
    """Return a signed legacy transfer of one drip."""
    fields = [integer(nonce), integer(PRICE), integer(21_000), recipient, integer(1), b""]
    digest = keccak256(encode([*fields, integer(CHAIN_ID), b"", b""]))
    signature = key.sign_recoverable(digest, hasher=None)
    v = 35 + 2 * CHAIN_ID + signature[64]
    r, s = (int.from_bytes(part, "big") for part in (signature[:32], signature[32:64]))
    return encode([*fields, integer(v), integer(r), integer(s)])


def address_of(key: PrivateKey) -> bytes:
    """Return the address of a key."""
    return keccak256(key.public_key.format(compressed=False)[1:])[12:]


def epochs(keys: list[PrivateKey]) -> tuple[list[list[Transaction]], float]:
    """Return the transactions of each epoch, and how many were recovered a second."""
    batches, spent = [], 0.0
    for number in range(EPOCHS):
        raws = [
            transfer(key, number, keccak256(number.to_bytes(4, "big") + address_of(key))[12:])
            for key in keys
        ]
        started = time.process_time()
        decoded = decode_transactions(raws, CHAIN_ID)
        spent += time.process_time() - started
        batches.append([each for each in decoded if isinstance(each, Transaction)])
        assert len(batches[-1]) == TRANSFERS
    return batches, EPOCHS * TRANSFERS / spent


def run(store: Store, keys: list[PrivateKey], batches: list[list[Transaction]]) -> list[float]:
    """Return transfers of each epoch a second of the whole process's time, threads included."""
    engine = CoreExecutor(store, ExecutionParams(history_epochs=None), chain_id=CHAIN_ID)
    engine.genesis([GenesisAccount(address_of(key), balance=10**24) for key in keys], bytes(32))
    rates = []
    for number, transactions in enumerate(batches, start=1):
        pivot = number.to_bytes(32, "big")
        block = BlockInput(pivot, bytes(20), number, 1, 600_000_000, transactions)
        started = time.process_time()
        outcome = engine.execute_epoch(EpochInput(number, pivot, [block], PRICE // 2))
        rates.append(TRANSFERS / (time.process_time() - started))
        assert outcome.executed == TRANSFERS
    return rates


def rendered(keys: list[PrivateKey]) -> dict[str, int]:
    """Return how often a second of processor time a block of 200 transfers is rendered."""
    engine = CoreExecutor(Store.memory([]), ExecutionParams(), chain_id=CHAIN_ID)
    engine.genesis([GenesisAccount(address_of(key), balance=10**24) for key in keys], bytes(32))
    raws = [transfer(key, 0, bytes(range(20))) for key in keys[:200]]
    transactions = [t for t in decode_transactions(raws, CHAIN_ID) if isinstance(t, Transaction)]
    block = BlockInput(b"\1" * 32, bytes(20), 1, 1, 600_000_000, transactions)
    engine.execute_epoch(EpochInput(1, block.hash, [block], PRICE // 2))
    rates = {}
    for name, render in (
        ("whole_block", lambda: engine.block_json(1, full=True)),
        ("all_receipts", lambda: engine.receipts_json(1)),
        ("one_receipt", lambda: engine.receipt_json(transactions[150].hash)),
    ):
        started, count = time.process_time(), 0
        while time.process_time() - started < 1:
            assert render() is not None
            count += 1
        rates[name] = round(count / (time.process_time() - started))
    return rates


def main() -> None:
    """Print the rates, their spread and the ratio to recovery as JSON."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    keys = [PrivateKey((number + 1).to_bytes(32, "big")) for number in range(TRANSFERS)]
    batches, recovery = epochs(keys)
    report: dict[str, object] = {"recovered_per_second": round(recovery)}
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as directory:
        path = Path(directory) / "store"
        disk = Store.open(path, [], sync_interval_ms=100, cache_bytes=1 << 26)
        for name, store in (("fjall", disk), ("memory", Store.memory([]))):
            rates = run(store, keys, batches)
            median = statistics.median(rates)
            report[name] = {
                "transfers_per_second": round(median),
                "spread": round((max(rates) - min(rates)) / median, 2),
                "to_recovery": round(median / recovery, 2),
            }
        disk.close()
    report["rendered_per_second"] = rendered(keys[:200])
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
