"""Proofs of the state: Ethereum's method and members, this ledger's commitment."""

from typing import Annotated, Any

from sogdia.ledger.execution.errors import MissingHistory
from sogdia.ledger.execution.proof_encoding import encode_proof
from sogdia.ledger.execution.proofs import decode_account
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.errors import RpcError
from sogdia.ledger.rpc.eth.epochs import get_epoch
from sogdia.ledger.rpc.method import Method, OffLoop
from sogdia.ledger.rpc.params import (
    Address,
    Epoch,
    Param,
    Tag,
    hex_data,
    hex_quantity,
    parse_list,
    parse_slot,
)

# go-ethereum's limit. A slot's proof is about 2 KB, so an answer stays below 5 MB.
PROVED_SLOTS_MAX = 1_024


class NotProvable(RpcError):
    """The commitment is not taken back as far as the epoch that was asked for."""

    def __init__(self, asked: int, oldest: int, head: int) -> None:
        super().__init__(
            f"epoch {asked} cannot be proved any more: from the latest epoch, {head}, proofs reach "
            f"back to {oldest}; ask for one of those, and keep a proof that you need for longer"
        )


def _parse_slots(value: Any) -> list[tuple[str, int]]:
    return parse_list(value, _parse_key, PROVED_SLOTS_MAX)


def _parse_key(value: Any) -> tuple[str, int]:
    # As go-ethereum answers it: a whole word as it was asked for, anything shorter as a quantity.
    number = parse_slot(value)
    return (value.lower() if len(value) == 66 else hex_quantity(number)), number


Slots = Annotated[
    list[tuple[str, int]],
    Param("storageKeys", _parse_slots, {"type": "array", "items": {"type": "string"}}),
]


def get_proof(node: Backend, address: Address, slots: Slots, block: Epoch = Tag.LATEST) -> OffLoop:
    """Prove an account and some of its slots against the state root of a recent epoch."""
    asked = get_epoch(node, block)
    return OffLoop(lambda: _prove(node, address, slots, asked))


def _prove(
    node: Backend, address: bytes, slots: list[tuple[str, int]], asked: int | None
) -> dict[str, Any]:
    try:
        proof = node.executor.prove(address, [number for _, number in slots], asked)
    except MissingHistory as missing:
        raise NotProvable(missing.epoch, missing.oldest, missing.newest) from None
    account, values = encode_proof(proof)
    stored = decode_account(proof.account.value)
    return {
        "address": hex_data(address),
        "accountProof": [hex_data(part) for part in account],
        "balance": hex_quantity(stored.balance),
        "codeHash": hex_data(stored.code_hash),
        "nonce": hex_quantity(stored.nonce),
        "storageHash": hex_data(proof.state_root),
        "storageProof": [
            {
                "key": spelled,
                "value": hex_quantity(int.from_bytes(slot.value or b"")),
                "proof": [hex_data(part) for part in parts],
            }
            for (spelled, _), slot, parts in zip(slots, proof.slots, values, strict=True)
        ],
    }


METHODS = (Method.of("eth_getProof", get_proof),)
