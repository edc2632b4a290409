"""A call object, its overrides, and the words for what is wrong with them."""

from collections.abc import Callable
from typing import Annotated, Any

from sogdia.ledger.execution.api import AccountOverride, BlockOverride, CallRequest
from sogdia.ledger.rpc.params import (
    Param,
    WrongParam,
    parse_address,
    parse_data,
    parse_hash,
    parse_list,
    parse_object,
    parse_quantity,
    parse_slot,
    parse_uint64,
)

# A call with more is no call but a denial of service; Ethereum's own block fits 12,500.
ACCESS_LIST_MAX = 10_000
AUTHORIZATIONS_MAX = 1_000
OVERRIDDEN_ACCOUNTS_MAX = 1_000


def parse_call(value: Any) -> CallRequest:
    """Return the call that an object describes; members that mean nothing to a call are ignored."""
    members = parse_object(value)
    given: dict[str, Any] = {}
    for name, (member, parse) in _CALL_MEMBERS.items():
        stated = members.get(name)
        if stated is not None:
            given[member] = _parsed(name, stated, parse)
    max_fee, tip = given.get("max_fee_per_gas"), given.get("max_priority_fee_per_gas")
    if "gas_price" in given and (max_fee is not None or tip is not None):
        raise WrongParam("both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified")
    if max_fee is not None and tip is not None and tip > max_fee:
        raise WrongParam(f"maxFeePerGas ({max_fee}) < maxPriorityFeePerGas ({tip})")
    if members.get("input") is not None and members.get("data") is not None:
        _check_same(members, given["data"])
    return CallRequest(**given)


def parse_access_list(value: Any) -> list[tuple[bytes, list[bytes]]]:
    """Return EIP-2930 entries."""
    return parse_list(value, _access_entry, ACCESS_LIST_MAX)


def parse_account_overrides(value: Any) -> dict[bytes, AccountOverride]:
    """Return what a call pretends of accounts."""
    members = parse_object(value)
    if len(members) > OVERRIDDEN_ACCOUNTS_MAX:
        raise WrongParam(f"overrides {len(members)} accounts, limit {OVERRIDDEN_ACCOUNTS_MAX}")
    return {parse_address(name): _account_override(name, item) for name, item in members.items()}


def parse_block_override(value: Any) -> BlockOverride:
    """Return what a call pretends of the epoch it runs in."""
    members = parse_object(value)
    return BlockOverride(
        number=_optional(members, "number", parse_uint64),
        timestamp=_optional(members, "time", parse_uint64),
        author=_optional(members, "feeRecipient", parse_address),
        gas_limit=_optional(members, "gasLimit", parse_uint64),
        base_price=_optional(members, "baseFeePerGas", parse_uint64),
        prev_randao=_optional(members, "prevRandao", _parse_word),
    )


Call = Annotated[CallRequest, Param("transaction", parse_call, {"type": "object"})]
AccountOverrides = Annotated[
    dict[bytes, AccountOverride],
    Param("stateOverrides", parse_account_overrides, {"type": "object"}),
]
BlockOverrides = Annotated[
    BlockOverride, Param("blockOverrides", parse_block_override, {"type": "object"})
]


def _optional(members: dict[str, Any], name: str, parse: Callable[[Any], Any]) -> Any:
    value = members.get(name)
    return None if value is None else _parsed(name, value, parse)


def _parsed(name: str, value: Any, parse: Callable[[Any], Any]) -> Any:
    try:
        return parse(value)
    except WrongParam as wrong:
        raise WrongParam(f"{name}: {wrong}") from None


def _check_same(members: dict[str, Any], call_input: bytes) -> None:
    if parse_data(members["data"]) != call_input:
        raise WrongParam(
            'both "data" and "input" are set and not equal. '
            'Please use "input" to pass transaction call data'
        )


def _access_entry(value: Any) -> tuple[bytes, list[bytes]]:
    members = parse_object(value)
    keys = members.get("storageKeys") or []
    return (
        parse_address(members.get("address")),
        parse_list(keys, parse_hash, ACCESS_LIST_MAX),
    )


def _parse_authorizations(value: Any) -> list[tuple[int, bytes, int, int, int, int]]:
    return parse_list(value, _authorization, AUTHORIZATIONS_MAX)


def _authorization(value: Any) -> tuple[int, bytes, int, int, int, int]:
    members = parse_object(value)
    parity = members.get("yParity", members.get("v"))
    return (
        parse_quantity(members.get("chainId")),
        parse_address(members.get("address")),
        parse_uint64(members.get("nonce")),
        parse_uint64(parity),
        parse_quantity(members.get("r")),
        parse_quantity(members.get("s")),
    )


def _account_override(name: str, value: Any) -> AccountOverride:
    members = parse_object(value)
    state, diff = members.get("state"), members.get("stateDiff")
    if state is not None and diff is not None:
        raise WrongParam(f"account {name} has both 'state' and 'stateDiff'")
    if members.get("movePrecompileToAddress") is not None:
        raise WrongParam(f"account {name}: this node does not move precompiles")
    return AccountOverride(
        balance=_optional(members, "balance", parse_quantity),
        nonce=_optional(members, "nonce", parse_uint64),
        code=_optional(members, "code", parse_data),
        storage=None if state is None else _slots(state),
        storage_diff={} if diff is None else _slots(diff),
    )


def _parse_word(value: Any) -> bytes:
    return parse_slot(value).to_bytes(32)


def _slots(value: Any) -> dict[int, int]:
    return {
        parse_slot(slot): int.from_bytes(parse_hash(word))
        for slot, word in parse_object(value).items()
    }


# What each member of a call object is read as. `input` is the newer name of `data`, and wins.
_CALL_MEMBERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "gasPrice": ("gas_price", parse_quantity),
    "maxFeePerGas": ("max_fee_per_gas", parse_quantity),
    "maxPriorityFeePerGas": ("max_priority_fee_per_gas", parse_quantity),
    "from": ("sender", parse_address),
    "to": ("to", parse_address),
    "gas": ("gas", parse_uint64),
    "value": ("value", parse_quantity),
    "data": ("data", parse_data),
    "input": ("data", parse_data),
    "nonce": ("nonce", parse_uint64),
    "accessList": ("access_list", parse_access_list),
    "authorizationList": ("authorizations", _parse_authorizations),
}
