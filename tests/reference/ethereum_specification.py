"""Ethereum's executable specification for Prague (PyPI `ethereum-execution`, CC0): an oracle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ethereum.exceptions import EthereumException
from ethereum.forks.prague import state as spec
from ethereum.forks.prague import vm
from ethereum.forks.prague.fork import process_transaction
from ethereum.forks.prague.fork_types import Account, Address
from ethereum.forks.prague.transactions import decode_transaction
from ethereum.forks.prague.trie import trie_get
from ethereum_rlp import rlp
from ethereum_types.bytes import Bytes, Bytes32
from ethereum_types.numeric import U64, U256, Uint


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
    accounts: Mapping[bytes, SpecifiedAccount], env: Environment, raws: Sequence[bytes]
) -> Specified:
    """Execute signed transactions one after the other in one block."""
    state = _state(accounts)
    block = vm.BlockEnvironment(
        chain_id=U64(env.chain_id),
        state=state,
        block_gas_limit=Uint(env.gas_limit),
        block_hashes=[Bytes32(each) for each in env.block_hashes],
        coinbase=Address(env.coinbase),
        number=Uint(env.number),
        base_fee_per_gas=Uint(env.base_fee),
        time=U256(env.timestamp),
        prev_randao=Bytes32(env.prev_randao),
        excess_blob_gas=U64(0),
        parent_beacon_block_root=Bytes32(bytes(32)),
    )
    output = vm.BlockOutput()
    receipts: list[tuple[bool, int, list[Any]] | None] = []
    for raw in raws:
        logs = len(output.block_logs)
        index = Uint(len(output.receipt_keys))
        try:
            process_transaction(block, output, _decode(raw), index)
        except EthereumException:
            receipts.append(None)
            continue
        receipt = trie_get(output.receipts_trie, rlp.encode(index))
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
    return Specified(bytes(spec.state_root(state)), tuple(receipts))


def _status(receipt: bytes) -> bool:
    """Read the status of a typed receipt, which is kept encoded behind its type byte."""
    fields = rlp.decode(receipt[1:])
    return bool(fields[0] == b"\x01")


def _state(accounts: Mapping[bytes, SpecifiedAccount]) -> spec.State:
    state = spec.State()
    for address, account in accounts.items():
        where = Address(address)
        spec.set_account(
            state,
            where,
            Account(
                nonce=Uint(account.nonce), balance=U256(account.balance), code=Bytes(account.code)
            ),
        )
        for slot, value in account.storage.items():
            spec.set_storage(state, where, Bytes32(slot.to_bytes(32, "big")), U256(value))
    return state


def _decode(raw: bytes) -> Any:
    if raw[0] >= 0xC0:
        from ethereum.forks.prague.transactions import LegacyTransaction

        return rlp.decode_to(LegacyTransaction, raw)
    return decode_transaction(Bytes(raw))
