"""Run one of Ethereum's legacy VM tests: a single frame of code, without a transaction around it.

The frame becomes a call: the sender is given what value and gas cost, and the contract that much
less, so that both begin as the test says; the gas of the transaction itself is added. What the call
returns, logs, leaves of gas and changes is compared with the test.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sogdia._core import Store
from sogdia.ledger.execution.api import (
    AccountOverride,
    BlockOverride,
    CallRequest,
    CallStatus,
    GenesisAccount,
    Simulation,
)
from sogdia.ledger.execution.engine import CoreExecutor
from sogdia.ledger.params.execution import ExecutionParams
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.rlp import encode

SPEC = "frontier"  # the rules that the frames were recorded under: block 1 of the main network
TRANSACTION_GAS = 21_000
ZERO_BYTE_GAS, NONZERO_BYTE_GAS = 4, 68


@dataclass(frozen=True, slots=True)
class Case:
    """One test."""

    name: str
    test: dict[str, Any]


def cases_of(path: Path) -> Iterator[Case]:
    """Yield the cases of a file."""
    for name, test in json.loads(path.read_text()).items():
        yield Case(name, test)


def run_case(case: Case) -> None:
    """Execute a case.

    Raises:
        AssertionError: output, gas, logs or state differ.
    """
    test, call = case.test, case.test["exec"]
    simulation = _simulate(test)
    (outcome,) = simulation.calls
    if "post" not in test:
        assert outcome.result.status is CallStatus.HALTED, outcome.result
        return
    assert outcome.result.status is CallStatus.SUCCESS, outcome.result
    assert outcome.result.output == _bytes(test["out"]), "output differs"
    gas_left = _gas_limit(call) - outcome.result.gas_spent
    assert gas_left == int(test["gas"], 16), f"gas left {gas_left}, not {int(test['gas'], 16)}"
    logs = [[log.address, list(log.topics), log.data] for log in outcome.logs]
    assert keccak256(encode(logs)) == _bytes(test["logs"]), "logs differ"
    _compare_state(test, simulation)


def _simulate(test: dict[str, Any]) -> Simulation:
    call, env = test["exec"], test["env"]
    caller, target = _bytes(call["caller"]), _bytes(call["address"])
    value, price = int(call["value"], 16), int(call["gasPrice"], 16)
    params = ExecutionParams(spec=SPEC, kept_share=None, cache_entries=1_000)
    engine = CoreExecutor(Store.memory([]), params, chain_id=1, call_gas_max=1 << 62)
    engine.genesis([_account(*entry) for entry in test["pre"].items()], bytes(32))
    own = int(test["pre"].get(call["caller"], {"balance": "0x0"})["balance"], 16)
    target_balance = int(test["pre"][call["address"]]["balance"], 16)
    pretended = {
        caller: AccountOverride(balance=own + value + _gas_limit(call) * price),
        target: AccountOverride(balance=target_balance - value),
    }
    return engine.simulate(
        [
            CallRequest(
                sender=caller,
                to=target,
                gas=_gas_limit(call),
                gas_price=price,
                value=value,
                data=_bytes(call["data"]),
            )
        ],
        accounts=pretended,
        block=BlockOverride(
            number=int(env["currentNumber"], 16),
            timestamp=int(env["currentTimestamp"], 16),
            author=_bytes(env["currentCoinbase"]),
            gas_limit=int(env["currentGasLimit"], 16),
            difficulty=int(env["currentDifficulty"], 16),
        ),
    )


def _compare_state(test: dict[str, Any], simulation: Simulation) -> None:
    for address, expected in test["post"].items():
        before = test["pre"].get(address, {"storage": {}})["storage"]
        storage = {int(slot, 16): int(value, 16) for slot, value in before.items()}
        storage |= dict(simulation.storage.get(_bytes(address), {}))
        found = {slot: value for slot, value in storage.items() if value}
        wanted = {int(slot, 16): int(value, 16) for slot, value in expected["storage"].items()}
        assert found == wanted, f"storage of {address} differs"
        account = simulation.accounts.get(_bytes(address))
        if account is not None:
            unspent = _unspent(test, simulation) if address == test["exec"]["caller"] else 0
            balance = account.balance - unspent
            assert balance == int(expected["balance"], 16), f"balance of {address} differs"
    allowed = {_bytes(address) for address in test["post"]} | {_bytes(test["exec"]["caller"])}
    assert set(simulation.storage) <= allowed, "storage of another account changed"


def _unspent(test: dict[str, Any], simulation: Simulation) -> int:
    """Return what the caller was given for gas and did not use."""
    call, (outcome,) = test["exec"], simulation.calls
    return (_gas_limit(call) - outcome.result.gas_used) * int(call["gasPrice"], 16)


def _gas_limit(call: dict[str, str]) -> int:
    data = _bytes(call["data"])
    zeros = data.count(0)
    intrinsic = TRANSACTION_GAS + ZERO_BYTE_GAS * zeros + NONZERO_BYTE_GAS * (len(data) - zeros)
    return int(call["gas"], 16) + intrinsic


def _account(address: str, fields: dict[str, Any]) -> GenesisAccount:
    return GenesisAccount(
        _bytes(address),
        balance=int(fields["balance"], 16),
        nonce=int(fields["nonce"], 16),
        code=_bytes(fields["code"]),
        storage={int(slot, 16): int(value, 16) for slot, value in fields["storage"].items()},
    )


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
