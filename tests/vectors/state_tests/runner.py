"""Run one case of Ethereum's state tests through a whole epoch, and compare the state root.

A case is a state, an environment and a signed transaction. The state becomes the genesis, the
transaction the only one of epoch 1, and Ethereum's root is computed over what the store then holds.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.reference.ethereum_trie import AccountState, state_root

from sogdia._core import Store
from sogdia.ledger.execution.api import BlockInput, EpochInput, GenesisAccount
from sogdia.ledger.execution.engine import CoreExecutor
from sogdia.ledger.params.execution import ExecutionParams
from sogdia.ledger.primitives.hashing import EMPTY_KECCAK, keccak256
from sogdia.ledger.primitives.rlp import encode
from sogdia.ledger.primitives.transaction import Transaction, decode_transactions

FORKS = ("Cancun", "Prague")
PIVOT = b"\x11" * 32


@dataclass(frozen=True, slots=True)
class Case:
    """One post state of one test."""

    name: str
    fork: str
    pre: dict[str, Any]
    env: dict[str, str]
    post: dict[str, Any]


def cases_of(path: Path) -> Iterator[Case]:
    """Yield the cases of a file under the forks that are run."""
    for name, test in json.loads(path.read_text()).items():
        for fork in FORKS:
            for place, post in enumerate(test["post"].get(fork, ())):
                yield Case(
                    f"{path.stem}:{name}:{fork}:{place}", fork, test["pre"], test["env"], post
                )


def run_case(case: Case) -> None:
    """Execute a case.

    Raises:
        AssertionError: the root or the logs are not Ethereum's.
    """
    store = Store.memory([])
    params = ExecutionParams(spec=case.fork.lower(), kept_share=None, cache_entries=1_000)
    engine = CoreExecutor(store, params, chain_id=1, pay_author_at_once=True)
    engine.genesis([_account(key, value) for key, value in case.pre.items()], PIVOT)
    (transaction,) = decode_transactions([_bytes(case.post["txbytes"])], 1)
    if isinstance(transaction, Transaction):
        outcome = engine.execute_epoch(_epoch(case.env, transaction))
        executed = outcome.executed == 1
    else:
        executed = False
    is_refused = "expectException" in case.post
    assert executed != is_refused, f"executed: {executed}, expected: {case.post}"
    logs = _logs(engine, transaction) if isinstance(transaction, Transaction) else []
    assert keccak256(encode(logs)) == _bytes(case.post["logs"]), "logs differ"
    found = state_root(stored_accounts(store))
    assert found == _bytes(case.post["hash"]), f"root 0x{found.hex()}, not {case.post['hash']}"


def decoded_case(case: Case) -> tuple[list[GenesisAccount], EpochInput, Transaction]:
    """Return genesis, epoch and transaction of a case whose transaction is well formed."""
    (transaction,) = decode_transactions([_bytes(case.post["txbytes"])], 1)
    assert isinstance(transaction, Transaction), transaction
    accounts = [_account(key, value) for key, value in case.pre.items()]
    return accounts, _epoch(case.env, transaction), transaction


def stored_accounts(store: Store) -> dict[bytes, AccountState]:
    """Return every account that the state table holds, with its storage."""
    accounts: dict[bytes, AccountState] = {}
    storage: dict[bytes, dict[int, int]] = {}
    for key, value in store.range("state"):
        address = key[1:21]
        if len(key) == 21:
            accounts[address] = _decode_account(value, storage.setdefault(address, {}))
        else:
            slots = storage.setdefault(address, {})
            slots[int.from_bytes(key[21:], "big")] = int.from_bytes(value, "big")
    return accounts


def _decode_account(row: bytes, storage: dict[int, int]) -> AccountState:
    nonce, shift, place = 0, 0, 0
    while True:
        nonce |= (row[place] & 0x7F) << shift
        shift, place = shift + 7, place + 1
        if row[place - 1] < 0x80:
            break
    end = place + 1 + row[place]
    balance = int.from_bytes(row[place + 1 : end], "big")
    return AccountState(nonce, balance, row[end:] or EMPTY_KECCAK, storage)


def _account(address: str, fields: dict[str, Any]) -> GenesisAccount:
    return GenesisAccount(
        _bytes(address),
        balance=int(fields["balance"], 16),
        nonce=int(fields["nonce"], 16),
        code=_bytes(fields["code"]),
        storage={int(slot, 16): int(value, 16) for slot, value in fields["storage"].items()},
    )


def _epoch(env: dict[str, str], transaction: Transaction) -> EpochInput:
    block = BlockInput(
        hash=PIVOT,
        author=_bytes(env["currentCoinbase"]),
        timestamp=int(env["currentTimestamp"], 16),
        difficulty=int(env["currentDifficulty"], 16),
        gas_limit=int(env["currentGasLimit"], 16),
        transactions=[transaction],
    )
    return EpochInput(
        number=1,
        pivot=PIVOT,
        blocks=[block],
        base_price=int(env["currentBaseFee"], 16),
        prev_randao=_bytes(env["currentRandom"]),
    )


def _logs(engine: CoreExecutor, transaction: Transaction) -> list[Any]:
    receipt = engine.receipt_json(transaction.hash)
    if receipt is None:
        return []
    return [
        [_bytes(log["address"]), [_bytes(topic) for topic in log["topics"]], _bytes(log["data"])]
        for log in json.loads(receipt)["logs"]
    ]


def _bytes(text: str) -> bytes:
    digits = text.removeprefix("0x")
    return bytes.fromhex(digits if len(digits) % 2 == 0 else "0" + digits)
