"""Random transactions and programs: our executor against Ethereum's executable specification.

Several transactions run in one epoch, as they do here; the specification runs them in one block.
State root, success, gas and logs must be equal after every one.
"""

import json
from fnmatch import fnmatch
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference.ethereum_specification import Environment, SpecifiedAccount, run
from tests.reference.ethereum_trie import state_root
from tests.unit.ledger.execution.builders import CHAIN_ID, address_of, sign, signer
from tests.vectors.archives import unpack
from tests.vectors.state_tests.runner import cases_of, decoded_case, stored_accounts

from sogdia._core import Store
from sogdia.ledger.execution.api import BlockInput, EpochInput, GenesisAccount
from sogdia.ledger.execution.engine import CoreExecutor
from sogdia.ledger.params.execution import ExecutionParams
from sogdia.ledger.primitives.transaction import Transaction

FORKS = ("prague", "osaka")
SIGNERS = [signer(number) for number in (1, 2, 3)]
CONTRACTS = [bytes([0xC0 + number]) * 20 for number in range(3)]
PRECOMPILES = [
    number.to_bytes(20, "big") for number in (*range(1, 10), 0x0B, 0x0D, 0x10, 0x11, 0x100)
]
ENV = Environment(
    chain_id=CHAIN_ID,
    coinbase=b"\xaa" * 20,
    number=1,
    timestamp=1_000,
    gas_limit=1 << 40,
    base_fee=7,
    prev_randao=b"\x5a" * 32,
    block_hashes=[b"\x11" * 32],
)

# opcode -> number of arguments
PURE = dict.fromkeys((*range(1, 8), 10, 11, *range(16, 21), *range(22, 25)), 2)
PURE |= {0x08: 3, 0x09: 3, 0x15: 1, 0x19: 1, 0x1E: 1, **dict.fromkeys(range(0x1A, 0x1E), 2)}
READS = {0x20: 2, 0x30: 0, 0x31: 1, 0x32: 0, 0x33: 0, 0x34: 0, 0x35: 1, 0x36: 0, 0x38: 0}
READS |= {0x3A: 0, 0x3B: 1, 0x3D: 0, 0x3F: 1, 0x40: 1, 0x41: 0, 0x42: 0, 0x43: 0, 0x44: 0}
READS |= {0x45: 0, 0x46: 0, 0x47: 0, 0x48: 0, 0x49: 1, 0x4A: 0, 0x54: 1, 0x59: 0, 0x5A: 0, 0x5C: 1}
WRITES = {0x37: 3, 0x39: 3, 0x3C: 4, 0x52: 2, 0x53: 2, 0x55: 2, 0x5D: 2, 0x5E: 3}
WRITES |= {0xA0: 2, 0xA1: 3, 0xA2: 4, 0xA3: 5, 0xA4: 6}
CALLS = {0xF0: 3, 0xF1: 7, 0xF2: 7, 0xF4: 6, 0xF5: 4, 0xFA: 6}
ENDS = {0x00: 0, 0xF3: 2, 0xFD: 2, 0xFE: 0, 0xFF: 1}

words = st.one_of(
    st.integers(0, 4),
    st.sampled_from([31, 32, 33, 255, 256, 1 << 16, 1 << 128, (1 << 255), (1 << 256) - 1]),
    st.sampled_from([int.from_bytes(each, "big") for each in (*CONTRACTS, *PRECOMPILES)]),
)


def push(value: int) -> bytes:
    """Return the shortest PUSH of `value`."""
    size = (value.bit_length() + 7) // 8
    return bytes([0x5F + size]) + value.to_bytes(size, "big")


def operation(opcode: int, arguments: list[int]) -> bytes:
    """Return pushes of the arguments, the last one deepest, and the opcode."""
    return b"".join(push(each) for each in reversed(arguments)) + bytes([opcode])


@st.composite
def operations(draw: st.DrawFn) -> bytes:
    """One operation with its arguments; calls go to known addresses with modest gas."""
    opcode, count = draw(
        st.sampled_from(
            [*PURE.items(), *READS.items(), *WRITES.items()] * 2 + list(CALLS.items()) * 8
        )
    )
    arguments = draw(st.lists(words, min_size=count, max_size=count))
    if opcode in (0xF1, 0xF2, 0xF4, 0xFA):
        target = draw(st.sampled_from([*CONTRACTS, *PRECOMPILES, b"\xee" * 20]))
        arguments[:2] = [draw(st.integers(0, 60_000)), int.from_bytes(target, "big")]
        arguments[-4:] = [draw(st.integers(0, 64)) for _ in range(4)]
        if count == 7:
            arguments[2] = draw(st.integers(0, 1))
    elif opcode in (0xF0, 0xF5):
        arguments[:3] = [
            draw(st.integers(0, 1)),
            draw(st.integers(0, 32)),
            draw(st.integers(0, 40)),
        ]
    elif opcode in WRITES and opcode not in (0x55, 0x5D):
        arguments[0] = draw(st.integers(0, 96))
    return operation(opcode, arguments)


@st.composite
def programs(draw: st.DrawFn) -> bytes:
    """Straight-line code: operations and an end."""
    body = b"".join(draw(st.lists(operations(), max_size=10)))
    opcode, count = draw(st.sampled_from(list(ENDS.items())))
    arguments = draw(st.lists(st.integers(0, 64), min_size=count, max_size=count))
    if opcode == 0xFF:
        arguments = [int.from_bytes(draw(st.sampled_from(CONTRACTS)), "big")]
    return body + operation(opcode, arguments)


@st.composite
def transactions(draw: st.DrawFn, nonces: dict[int, int]) -> Transaction:
    """A transaction of any type; now and then one that no block may contain."""
    who = draw(st.integers(0, 2))
    nonce = nonces.get(who, 0) + draw(st.sampled_from([0] * 9 + [1]))
    to = draw(st.sampled_from([*CONTRACTS, *CONTRACTS, address_of(SIGNERS[0]), None]))
    data = draw(programs()) if to is None else draw(st.binary(max_size=40))
    fields: dict[str, Any] = {
        "to": to,
        "data": data,
        "value": draw(st.integers(0, 3)),
        "gas": draw(st.sampled_from([20_000, 60_000, 300_000, 1_000_000])),
    }
    kind = draw(st.sampled_from(["legacy", "access list", "dynamic", "set code"]))
    if kind in ("legacy", "access list"):
        fields |= {"maxFeePerGas": None, "maxPriorityFeePerGas": None, "gasPrice": 9}
    if kind == "access list":
        keys = draw(st.lists(st.integers(0, 3), max_size=2))
        entry = {
            "address": "0x" + CONTRACTS[0].hex(),
            "storageKeys": [f"0x{key:064x}" for key in keys],
        }
        fields["accessList"] = [entry]
    if kind == "set code" and to is not None:
        authority = draw(st.integers(0, 2))
        signed = SIGNERS[authority].sign_authorization(
            {
                "chainId": draw(st.sampled_from([0, CHAIN_ID, 99])),
                "address": draw(st.sampled_from([*CONTRACTS, bytes(20)])),
                "nonce": nonces.get(authority, 0) + draw(st.integers(0, 1)),
            }
        )
        fields["authorizationList"] = [signed]
    nonces[who] = max(nonces.get(who, 0), nonce + (nonce == nonces.get(who, 0)))
    return sign(SIGNERS[who], nonce, **fields)


@st.composite
def scenarios(draw: st.DrawFn) -> tuple[list[bytes], list[Transaction]]:
    """Code of the contracts, and transactions of one epoch."""
    codes = [draw(programs()) for _ in CONTRACTS]
    nonces: dict[int, int] = {}
    count = draw(st.integers(1, 4))
    return codes, [draw(transactions(nonces)) for _ in range(count)]


def ours(
    accounts: dict[bytes, SpecifiedAccount],
    env: Environment,
    batch: list[Transaction],
    fork: str = "prague",
) -> tuple[bytes, list[Any]]:
    """Return state root and receipts, in the shape of the specification's."""
    store = Store.memory([])
    params = ExecutionParams(spec=fork, kept_share=None)
    engine = CoreExecutor(store, params, chain_id=env.chain_id, pay_author_at_once=True)
    engine.genesis(
        [
            GenesisAccount(address, each.balance, each.nonce, each.code, dict(each.storage))
            for address, each in accounts.items()
        ],
        b"\x11" * 32,
    )
    pivot = b"\x12" * 32
    block = BlockInput(pivot, env.coinbase, env.timestamp, 0, env.gas_limit, batch)
    engine.execute_epoch(EpochInput(1, pivot, [block], env.base_fee, prev_randao=env.prev_randao))
    return state_root(stored_accounts(store)), [_receipt(engine, each.hash) for each in batch]


def _receipt(engine: CoreExecutor, hash_: bytes) -> tuple[bool, int, list[Any]] | None:
    text = engine.receipt_json(hash_)
    if text is None:
        return None
    receipt = json.loads(text)
    logs = [
        [
            bytes.fromhex(log["address"][2:]),
            [bytes.fromhex(topic[2:]) for topic in log["topics"]],
            bytes.fromhex(log["data"][2:]),
        ]
        for log in receipt["logs"]
    ]
    return receipt["status"] == "0x1", int(receipt["cumulativeGasUsed"], 16), logs


@settings(max_examples=400, deadline=None)
@given(scenarios(), st.sampled_from(FORKS))
def test_programs_and_transactions(
    scenario: tuple[list[bytes], list[Transaction]], fork: str
) -> None:
    """State root and receipts, by the rules of either fork."""
    codes, batch = scenario
    accounts = {address_of(each): SpecifiedAccount(balance=10**18) for each in SIGNERS}
    for place, (address, code) in enumerate(zip(CONTRACTS, codes, strict=True)):
        accounts[address] = SpecifiedAccount(
            balance=place, nonce=1, code=code, storage={0: 1, 2: 3}
        )
    agree(accounts, batch, fork)


def agree(accounts: dict[bytes, SpecifiedAccount], batch: list[Transaction], fork: str) -> None:
    """Execute transactions on both sides and compare."""
    specified = run(accounts, ENV, [each.raw for each in batch], fork)
    root, receipts = ours(accounts, ENV, batch, fork)
    assert receipts == list(specified.receipts)
    assert root == specified.state_root


# One file of each kind that exclusions.toml leaves to this oracle; pairings take it seconds each.
BLS = (
    "fp_to_g1_1",
    "fp2_to_g2_1",
    "g1_add_1",
    "g1_multiexp_1",
    "g2_add_1",
    "g2_multiexp_1",
    "invalid_fp_encoding_1",
    "invalid_fp2_encoding_1",
    "g2_mul_1",
    "pairing_1",
)


@pytest.mark.parametrize("kind", BLS)
def test_precompiles_of_the_curve_bls12_381(kind: str) -> None:
    """The suite's own expectations are those of a draft; its inputs serve all the same."""
    folder = unpack("ethereum-state-tests") / "EIPTests" / "StateTests" / "stEIP2537"
    (path,) = (path for path in folder.glob("*.json") if fnmatch(path.stem, kind))
    for case in cases_of(path):
        pre, env, transaction = decoded_case(case)
        accounts = {
            each.address: SpecifiedAccount(each.balance, each.nonce, each.code, each.storage)
            for each in pre
        }
        environment = Environment(
            chain_id=1,
            coinbase=env.blocks[0].author,
            number=1,
            timestamp=env.blocks[0].timestamp,
            gas_limit=env.blocks[0].gas_limit,
            base_fee=env.base_price,
            prev_randao=env.prev_randao or b"",
            block_hashes=[b"\x11" * 32],
        )
        specified = run(accounts, environment, [transaction.raw])
        root, receipts = ours(accounts, environment, [transaction])
        assert receipts == list(specified.receipts)
        assert root == specified.state_root
