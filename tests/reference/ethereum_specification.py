"""Ethereum's executable specification (PyPI `ethereum-execution`, CC0): an oracle.

The rules are those of a fork by name, `prague` or `osaka`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from ethereum.exceptions import EthereumException
from ethereum_rlp import rlp
from ethereum_types.bytes import Bytes, Bytes32
from ethereum_types.numeric import U64, U256, Uint


@cache
def rules(fork: str) -> SimpleNamespace:
    """Return the specification's modules of a fork."""
    names = ("state", "vm", "fork", "fork_types", "transactions", "trie")
    return SimpleNamespace(
        **{name: import_module(f"ethereum.forks.{fork}.{name}") for name in names}
    )


@dataclass(frozen=True, slots=True)
class SpecifiedAccount:
    """An account before the block."""

    balance: int = 0
    nonce: int = 0
    code: bytes = b""
    storage: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Environment:
    """The block's environment."""

    chain_id: int
    coinbase: bytes
    number: int
    timestamp: int
    gas_limit: int
    base_fee: int
    prev_randao: bytes
    block_hashes: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True)
class Specified:
    """What the specification says of a block.

    `receipts` holds, for each transaction, (succeeded, gas up to here, logs), or `None` for one
    that no block may contain.
    """

    state_root: bytes
    receipts: tuple[tuple[bool, int, list[Any]] | None, ...]


def run(
    accounts: Mapping[bytes, SpecifiedAccount],
    env: Environment,
    raws: Sequence[bytes],
    fork: str = "prague",
) -> Specified:
    """Execute signed transactions one after the other in one block."""
    of = rules(fork)
    state = _state(accounts, of)
    block = of.vm.BlockEnvironment(
        chain_id=U64(env.chain_id),
        state=state,
        block_gas_limit=Uint(env.gas_limit),
        block_hashes=[Bytes32(each) for each in env.block_hashes],
        coinbase=of.fork_types.Address(env.coinbase),
        number=Uint(env.number),
        base_fee_per_gas=Uint(env.base_fee),
        time=U256(env.timestamp),
        prev_randao=Bytes32(env.prev_randao),
        excess_blob_gas=U64(0),
        parent_beacon_block_root=Bytes32(bytes(32)),
    )
    output = of.vm.BlockOutput()
    receipts: list[tuple[bool, int, list[Any]] | None] = []
    for raw in raws:
        logs = len(output.block_logs)
        index = Uint(len(output.receipt_keys))
        try:
            of.fork.process_transaction(block, output, _decode(raw, of), index)
        except EthereumException:
            receipts.append(None)
            continue
        receipt = of.trie.trie_get(output.receipts_trie, rlp.encode(index))
        succeeded = bool(receipt.succeeded) if hasattr(receipt, "succeeded") else _status(receipt)
        receipts.append(
            (
                succeeded,
                int(output.block_gas_used),
                [
                    [bytes(log.address), [bytes(t) for t in log.topics], bytes(log.data)]
                    for log in output.block_logs[logs:]
                ],
            )
        )
    return Specified(bytes(of.state.state_root(state)), tuple(receipts))


def _status(receipt: bytes) -> bool:
    """Read the status of a typed receipt, which is kept encoded behind its type byte."""
    fields = rlp.decode(receipt[1:])
    return bool(fields[0] == b"\x01")


def _state(accounts: Mapping[bytes, SpecifiedAccount], of: SimpleNamespace) -> Any:
    state = of.state.State()
    for address, account in accounts.items():
        where = of.fork_types.Address(address)
        of.state.set_account(
            state,
            where,
            of.fork_types.Account(
                nonce=Uint(account.nonce), balance=U256(account.balance), code=Bytes(account.code)
            ),
        )
        for slot, value in account.storage.items():
            of.state.set_storage(state, where, Bytes32(slot.to_bytes(32, "big")), U256(value))
    return state


def _decode(raw: bytes, of: SimpleNamespace) -> Any:
    if raw[0] >= 0xC0:
        return rlp.decode_to(of.transactions.LegacyTransaction, raw)
    return of.transactions.decode_transaction(Bytes(raw))
