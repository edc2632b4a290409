"""A simulated block in Ethereum's members (docs/adr/0053).

SH1  `hash` is the keccak of the RLP of Ethereum's header fields, as they are shown.
SH2  `stateRoot` is zero: nobody commits to what is thrown away. `transactionsRoot` and
     `receiptsRoot` are this ledger's, over the hashes of the unsigned transactions and over
     receipts of one block.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from msgspec.structs import replace

from sogdia.ledger.execution.api import BlockOverride, CallRequest, CallStatus
from sogdia.ledger.execution.simulation import BlockCall
from sogdia.ledger.primitives.bloom import bloom_of
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.log import Log
from sogdia.ledger.primitives.receipt import Receipt
from sogdia.ledger.primitives.rlp import encode, encode_integer
from sogdia.ledger.primitives.roots import merkle_root, receipts_root
from sogdia.ledger.primitives.unsigned import UnsignedTransaction
from sogdia.ledger.rpc.errors import ExecutionReverted
from sogdia.ledger.rpc.eth.reverts import halt_reason, revert_reason
from sogdia.ledger.rpc.eth.unsigned import unsigned_of, unsigned_transaction
from sogdia.ledger.rpc.params import hex_data, hex_quantity

# keccak of the RLP of an empty list.
NO_UNCLES = bytes.fromhex("1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347")
# EIP-1559: a full block raises the price by an eighth, and an empty one lowers it.
CHANGE_DIVISOR = 8
MACHINE_FAILED = -32015


@dataclass(frozen=True)
class SimulatedBlock:
    """A block: its whole environment, its calls as asked for, and what they came to.

    The epoch that a simulation begins on stands here too, with a hash and a gas use that are known.
    """

    parent: bytes
    environment: BlockOverride
    requests: Sequence[CallRequest]
    calls: Sequence[BlockCall]
    known_hash: bytes | None = None
    known_gas_used: int = 0

    @property
    def number(self) -> int:
        """Its number; an environment always has one."""
        return self.environment.number or 0

    @property
    def base_price(self) -> int:
        """Its base price, drip per gas."""
        return self.environment.base_price or 0

    @property
    def gas_used(self) -> int:
        """Gas that all its calls burnt."""
        return self.known_gas_used + sum(call.result.gas_used for call in self.calls)

    def following_price(self) -> int:
        """Return the base price after it, as EIP-1559 moves it with the gas that was used."""
        target = (self.environment.gas_limit or 0) // 2
        distance = self.gas_used - target
        if target == 0 or distance == 0:
            return self.base_price
        change = self.base_price * abs(distance) // target // CHANGE_DIVISOR
        if distance > 0:
            return self.base_price + max(change, 1)
        return max(self.base_price - change, 0)

    def hash(self, chain_id: int) -> bytes:
        """Return its hash (SH1)."""
        if self.known_hash is not None:
            return self.known_hash
        return keccak256(self._header(chain_id))

    def shown(self, chain_id: int, *, full: bool) -> dict[str, Any]:
        """Return the block with its calls, and its transactions whole or as hashes."""
        own_hash = self.hash(chain_id)
        hashes = self._hashes(chain_id)
        place = {
            "blockHash": hex_data(own_hash),
            "blockNumber": hex_quantity(self.number),
            "blockTimestamp": hex_quantity(self.environment.timestamp or 0),
        }
        block = {name: hex_data(value) for name, value in self._data(chain_id).items()}
        block |= {name: hex_quantity(value) for name, value in self._numbers().items()}
        return block | {
            "hash": hex_data(own_hash),
            "size": hex_quantity(len(self._header(chain_id))),
            "uncles": [],
            "transactions": list(self._whole(chain_id, place))
            if full
            else [hex_data(each) for each in hashes],
            "calls": list(self._outcomes(hashes, place)),
        }

    def _hashes(self, chain_id: int) -> list[bytes]:
        return [keccak256(each.encode(0, 0, 0)) for each in self._transactions(chain_id)]

    def _transactions(self, chain_id: int) -> Iterator[UnsignedTransaction]:
        for request, call in zip(self.requests, self.calls, strict=True):
            # go-ethereum shows a call with a gas price as legacy, whatever it lists.
            listed = request if request.gas_price is None else replace(request, access_list=())
            yield unsigned_of(listed, chain_id, call.nonce, call.gas_limit)

    def _data(self, chain_id: int) -> dict[str, bytes]:
        return {
            "parentHash": self.parent,
            "sha3Uncles": NO_UNCLES,
            "miner": self.environment.author or bytes(20),
            "stateRoot": bytes(32),
            "transactionsRoot": merkle_root(self._hashes(chain_id)),
            "receiptsRoot": receipts_root([self._receipts]),
            "logsBloom": self._bloom,
            "extraData": b"",
            "mixHash": self.environment.prev_randao or bytes(32),
            "nonce": bytes(8),
        }

    def _numbers(self) -> dict[str, int]:
        return {
            "difficulty": 0,
            "number": self.number,
            "gasLimit": self.environment.gas_limit or 0,
            "gasUsed": self.gas_used,
            "timestamp": self.environment.timestamp or 0,
            "baseFeePerGas": self.base_price,
        }

    def _header(self, chain_id: int) -> bytes:
        members: dict[str, bytes] = self._data(chain_id)
        members |= {name: encode_integer(value) for name, value in self._numbers().items()}
        return encode([members[name] for name in HEADER])

    @cached_property
    def _receipts(self) -> list[bytes]:
        receipts, gas = [], 0
        for request, call in zip(self.requests, self.calls, strict=True):
            gas += call.result.gas_used
            cap = request.max_fee_per_gas or 0
            price = request.gas_price
            if price is None:
                price = min(cap, self.base_price + (request.max_priority_fee_per_gas or 0))
            success = call.result.status is CallStatus.SUCCESS
            receipts.append(Receipt(success, gas, price, _real_logs(call)).encode())
        return receipts

    @cached_property
    def _bloom(self) -> bytes:
        return bloom_of(log for call in self.calls for log in _real_logs(call))

    def _whole(self, chain_id: int, place: dict[str, str]) -> Iterator[dict[str, Any]]:
        pairs = zip(self.requests, self._transactions(chain_id), strict=True)
        for index, (request, transaction) in enumerate(pairs):
            yield (
                place
                | {"transactionIndex": hex_quantity(index)}
                | unsigned_transaction(request, transaction, self.base_price)
            )

    def _outcomes(self, hashes: Sequence[bytes], place: dict[str, str]) -> Iterator[dict[str, Any]]:
        log_index = 0
        for index, call in enumerate(self.calls):
            logs: list[dict[str, Any]] = []
            for log in call.logs:
                logs.append(
                    place
                    | {
                        "address": hex_data(log.address),
                        "topics": [hex_data(topic) for topic in log.topics],
                        "data": hex_data(log.data),
                        "transactionHash": hex_data(hashes[index]),
                        "transactionIndex": hex_quantity(index),
                        "logIndex": hex_quantity(log_index),
                        "removed": False,
                    }
                )
                log_index += 1
            yield _outcome(call, logs)


# Ethereum's header fields, in the order of its RLP.
HEADER = (
    "parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot",
    "logsBloom", "difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData",
    "mixHash", "nonce", "baseFeePerGas",
)  # fmt: skip


# Who seems to log a transfer of value; no contract is there.
TRANSFERS = b"\xee" * 20


def _real_logs(call: BlockCall) -> tuple[Log, ...]:
    """Return what contracts logged: transfers of value are shown, and are in no receipt."""
    return tuple(log for log in call.logs if log.address != TRANSFERS)


def _outcome(call: BlockCall, logs: list[dict[str, Any]]) -> dict[str, Any]:
    result = call.result
    succeeded = result.status is CallStatus.SUCCESS
    shown: dict[str, Any] = {
        # go-ethereum tells a revert's data with its error.
        "returnData": hex_data(result.output if succeeded else b""),
        "logs": logs,
        "gasUsed": hex_quantity(result.gas_used),
        "maxUsedGas": hex_quantity(result.gas_spent),
        "status": hex_quantity(int(succeeded)),
    }
    if result.status is CallStatus.REVERTED:
        refused = ExecutionReverted(revert_reason(result.output), result.output)
        shown["error"] = {"code": refused.code, "message": refused.message, "data": refused.data}
    elif result.status is CallStatus.HALTED:
        words = halt_reason(result.halt or "execution halted")
        shown["error"] = {"code": MACHINE_FAILED, "message": f"vm execution error: {words}"}
    return shown
