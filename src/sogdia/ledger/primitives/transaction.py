"""Signed transactions of eSpace: decoded, checked, hashed and recovered once, by the core.

T1  A `Transaction` passed every check that needs neither state nor network parameters.
T2  It keeps the bytes it came from, and they are the only bytes that decode to it.
T3  Its sender is recovered when it is decoded, and never again.
"""

from collections.abc import Sequence

from sogdia._core import (
    Transaction,
    decode_impersonated,
    decode_submissions,
    decode_transactions,
    measure_body,
)
from sogdia.ledger.primitives.errors import (
    FloorGasTooLow,
    GasLimitTooHigh,
    InitcodeTooLarge,
    IntrinsicGasTooLow,
    InvalidEncoding,
    InvalidTransaction,
    UnknownTransactionType,
)
from sogdia.ledger.primitives.rlp import decode, read_bytes, read_list

__all__ = [
    "CORE_TRANSFER_KIND",
    "INITCODE_SIZE_BYTES_MAX",
    "Transaction",
    "claimed_sender",
    "decode_impersonated",
    "decode_own",
    "decode_submissions",
    "decode_transaction",
    "decode_transactions",
    "measure_body",
    "validate_limits",
]

CORE_TRANSFER_KIND = 0xC0  # what `Transaction.kind` is of a transfer of Core Space (CIP-155)
ONE = b"\x01"
LIST_FROM = 0xC0  # the first byte of a list; an envelope begins with a type below it
INITCODE_SIZE_BYTES_MAX = 49_152  # 2 x 24,576, twice the largest code (EIP-3860)


def decode_transaction(raw: bytes, chain_id: int) -> Transaction:
    """Decode, check, hash and recover one transaction.

    Raises:
        InvalidTransaction: the subclass is the rule that is broken.
    """
    (result,) = decode_transactions([raw], chain_id)
    if isinstance(result, InvalidTransaction):
        raise result
    return result


def decode_own(
    raws: Sequence[bytes], chain_id: int, threads: int = 1
) -> list[Transaction | InvalidTransaction]:
    """Decode what a development chain has kept: what nobody signed is of whom it claims."""
    decoded = list(decode_transactions(raws, chain_id, threads))
    for place, raw in enumerate(raws):
        sender = claimed_sender(raw)
        if sender is not None:
            decoded[place] = decode_impersonated(raw, chain_id, sender)
    return decoded


def claimed_sender(raw: bytes) -> bytes | None:
    """Return who stands in place of `r` in a transaction that nobody signed; None: it is signed.

    Such a one has an address for `r` and 1 for `s`. Anybody can write that, so only what a
    development chain took in itself is read like this.
    """
    if raw[-1:] != ONE:
        return None  # most are told by their last byte
    try:
        fields = read_list(decode(raw if raw[0] >= LIST_FROM else raw[1:], "transaction"), "fields")
        r, s = (read_bytes(field, "signature") for field in fields[-2:])
    except (InvalidEncoding, ValueError):
        return None
    return r.rjust(20, b"\0") if s == ONE and len(r) <= 20 else None


def validate_limits(
    transaction: Transaction, *, gas_limit_max: int | None = None, takes_core_space: bool = False
) -> None:
    """Check the bounds on size and gas that need no state.

    `gas_limit_max` is the most one transaction may ask for (EIP-7825), if the network has a bound;
    `takes_core_space` is whether it takes transfers of Core Space.

    Raises:
        UnknownTransactionType: of Core Space, which this network does not take.
        InitcodeTooLarge, IntrinsicGasTooLow, FloorGasTooLow, GasLimitTooHigh.
    """
    if transaction.keeps_limits(gas_limit_max, takes_core_space):
        return
    gas_limit = transaction.gas_limit
    if transaction.kind == CORE_TRANSFER_KIND and not takes_core_space:
        raise UnknownTransactionType(kind=CORE_TRANSFER_KIND)
    if transaction.to is None and len(transaction.data) > INITCODE_SIZE_BYTES_MAX:
        raise InitcodeTooLarge(size=len(transaction.data), size_max=INITCODE_SIZE_BYTES_MAX)
    if gas_limit < transaction.intrinsic_gas:
        raise IntrinsicGasTooLow(gas_limit=gas_limit, needed=transaction.intrinsic_gas)
    if gas_limit < transaction.floor_gas:
        raise FloorGasTooLow(gas_limit=gas_limit, needed=transaction.floor_gas)
    if gas_limit_max is not None and gas_limit > gas_limit_max:
        raise GasLimitTooHigh(gas_limit=gas_limit, gas_limit_max=gas_limit_max)
    raise AssertionError("the core found a bound broken that is kept")
