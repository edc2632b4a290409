"""The kinds of parameter: how each is read, what is said when it is wrong, its JSON Schema.

A handler declares `address: Address`; the dispatcher reads the annotation, so a handler only ever
sees values that are right. The words of a refusal are go-ethereum's where it has them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

UINT256_MAX = 2**256 - 1
UINT64_MAX = 2**64 - 1


class WrongParam(ValueError):
    """What is wrong with one value; the dispatcher adds which argument it was."""


@dataclass(frozen=True, slots=True, eq=False)  # hashed by `Annotated[...] | None`
class Param:
    """One kind of parameter: its name, its reader, and its JSON Schema for the OpenRPC document."""

    name: str
    parse: Callable[[Any], Any]
    schema: dict[str, Any]


def parse_bool(value: Any) -> bool:
    """Return a JSON boolean; nothing else counts as one."""
    if value is True or value is False:
        return bool(value)
    raise WrongParam(f"want a boolean, got {json_kind(value)}")


def parse_quantity(value: Any, *, maximum: int = UINT256_MAX) -> int:
    """Return a quantity: `0x` and hex digits without leading zeros, at most `maximum`."""
    if type(value) is not str:
        raise WrongParam(f"want a quantity as 0x… string, got {json_kind(value)}")
    digits = _strip_prefix(value)
    if not digits:
        raise WrongParam('hex string "0x"')
    if digits[0] == "0" and digits != "0":
        raise WrongParam("hex number with leading zero digits")
    if len(digits) > 64:
        raise WrongParam("hex number > 256 bits")
    number = _to_int(digits)
    if number > maximum:
        raise WrongParam(f"hex number > {maximum.bit_length()} bits")
    return number


def parse_uint64(value: Any) -> int:
    """Return a quantity of at most 64 bits."""
    return parse_quantity(value, maximum=UINT64_MAX)


def parse_data(value: Any) -> bytes:
    """Return bytes of any length: `0x` and an even number of hex digits."""
    if type(value) is not str:
        raise WrongParam(f"want data as 0x… string, got {json_kind(value)}")
    digits = _strip_prefix(value)
    if len(digits) % 2:
        raise WrongParam("hex string of odd length")
    return _to_bytes(digits)


def parse_hash(value: Any) -> bytes:
    """Return exactly 32 bytes."""
    return _fixed(parse_data(value), 32, "common.Hash")


def parse_address(value: Any) -> bytes:
    """Return exactly 20 bytes. The case of the letters is not checked: libraries do that."""
    if type(value) is str and len(value) == 42 and value.startswith("0x"):
        try:
            address = bytes.fromhex(value[2:])
        except ValueError:
            raise WrongParam("invalid hex string") from None
        if len(address) == 20:  # `fromhex` skips blanks
            return address
    return _fixed(parse_data(value), 20, "common.Address")


def parse_slot(value: Any) -> int:
    """Return a storage slot: up to 32 bytes of hex, leading zeros welcome."""
    if type(value) is not str:
        raise WrongParam(f"want a storage slot as 0x… string, got {json_kind(value)}")
    digits = _strip_prefix(value)
    if len(digits) > 64:
        raise WrongParam(f"storage key too long (want at most 32 bytes): {len(digits)} digits")
    return _to_int(digits) if digits else 0


def parse_object(value: Any) -> dict[str, Any]:
    """Return a JSON object as it is."""
    if type(value) is dict:
        return value
    raise WrongParam(f"want an object, got {json_kind(value)}")


def parse_list(value: Any, parse: Callable[[Any], Any], limit: int) -> list[Any]:
    """Return a JSON array with every item parsed; longer than `limit` is refused."""
    if type(value) is not list:
        raise WrongParam(f"want an array, got {json_kind(value)}")
    if len(value) > limit:
        raise WrongParam(f"array of {len(value)} items, limit {limit}")
    return [parse(item) for item in value]


class Tag(StrEnum):
    """The words that stand for an epoch."""

    EARLIEST = "earliest"
    FINALIZED = "finalized"
    SAFE = "safe"
    LATEST = "latest"
    PENDING = "pending"


_TAGS = {str(tag): tag for tag in Tag}


@dataclass(frozen=True, slots=True)
class PivotHash:
    """An epoch named by the hash of its pivot block (EIP-1898)."""

    hash: bytes
    require_canonical: bool = False


# An epoch as a caller names it: by number, by word, or by the hash of its pivot block.
EpochName = int | Tag | PivotHash


def parse_epoch_number_or_tag(value: Any) -> int | Tag:
    """Return a number or a tag; `null` means latest, as go-ethereum reads it."""
    if value is None or value == "":
        return Tag.LATEST
    if type(value) is not str:
        raise WrongParam(f"want a block number or tag as string, got {json_kind(value)}")
    tag = _TAGS.get(value)
    if tag is not None:
        return tag
    if value.isdecimal():
        raise WrongParam("hex string without 0x prefix")
    if not value.startswith(("0x", "0X")):
        raise WrongParam(f"unknown block tag {value!r}, want one of {', '.join(Tag)} or a quantity")
    return parse_uint64(value)


def parse_epoch(value: Any) -> EpochName:
    """Return a number, a tag, a 32-byte hash, or an EIP-1898 object."""
    if type(value) is str and (tag := _TAGS.get(value)) is not None:
        return tag
    if type(value) is dict:
        return _parse_epoch_object(value)
    if type(value) is str and len(value) == 66:
        return PivotHash(parse_hash(value))
    return parse_epoch_number_or_tag(value)


def _parse_epoch_object(value: dict[str, Any]) -> EpochName:
    known = {"blockNumber", "blockHash", "requireCanonical"}
    if unknown := value.keys() - known:
        raise WrongParam(f"unknown field {min(unknown)!r} in block object")
    number, block_hash = value.get("blockNumber"), value.get("blockHash")
    if number is not None and block_hash is not None:
        raise WrongParam("cannot specify both BlockHash and BlockNumber, choose one or the other")
    if block_hash is not None:
        canonical = parse_bool(value.get("requireCanonical", False))
        return PivotHash(parse_hash(block_hash), canonical)
    if number is None:
        raise WrongParam("block object needs blockNumber or blockHash")
    return parse_epoch_number_or_tag(number)


def json_kind(value: Any) -> str:
    """Say what JSON calls the type of a value."""
    kinds = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}
    return kinds.get(type(value), "number")


def _strip_prefix(value: str) -> str:
    if not value:
        raise WrongParam("empty hex string")
    if value[:2] not in ("0x", "0X"):
        raise WrongParam("hex string without 0x prefix")
    return value[2:]


def _to_int(digits: str) -> int:
    # int() would also read underscores, signs and blanks.
    if not digits.isalnum() or not digits.isascii():
        raise WrongParam("invalid hex string")
    try:
        return int(digits, 16)
    except ValueError:
        raise WrongParam("invalid hex string") from None


def _to_bytes(digits: str) -> bytes:
    try:
        data = bytes.fromhex(digits)
    except ValueError:
        raise WrongParam("invalid hex string") from None
    if len(data) * 2 != len(digits):  # fromhex skips blanks
        raise WrongParam("invalid hex string")
    return data


def _fixed(data: bytes, size: int, name: str) -> bytes:
    if len(data) != size:
        raise WrongParam(f"hex string has length {2 * len(data)}, want {2 * size} for {name}")
    return data


def _schema(pattern: str, title: str) -> dict[str, Any]:
    return {"title": title, "type": "string", "pattern": pattern}


_QUANTITY = r"^0x(0|[1-9a-fA-F][0-9a-fA-F]{0,63})$"
_EPOCH_TAG = {"title": "Block tag", "type": "string", "enum": [str(tag) for tag in Tag]}
_EPOCH_NUMBER = {"oneOf": [_schema(_QUANTITY, "Block number"), _EPOCH_TAG]}
_EPOCH = {
    "anyOf": [*_EPOCH_NUMBER["oneOf"], _schema("^0x[0-9a-fA-F]{64}$", "Block hash"),
              {"title": "EIP-1898 object", "type": "object"}]
}  # fmt: skip

Bool = Annotated[bool, Param("boolean", parse_bool, {"type": "boolean"})]
Quantity = Annotated[int, Param("quantity", parse_quantity, _schema(_QUANTITY, "Quantity"))]
Uint64 = Annotated[int, Param("uint64", parse_uint64, _schema(_QUANTITY, "Quantity of 64 bits"))]
Data = Annotated[bytes, Param("data", parse_data, _schema("^0x([0-9a-fA-F]{2})*$", "Data"))]
Hash = Annotated[bytes, Param("hash", parse_hash, _schema("^0x[0-9a-fA-F]{64}$", "32 bytes"))]
Address = Annotated[
    bytes, Param("address", parse_address, _schema("^0x[0-9a-fA-F]{40}$", "Address"))
]
Slot = Annotated[int, Param("slot", parse_slot, _schema("^0x[0-9a-fA-F]{0,64}$", "Storage slot"))]
Epoch = Annotated[EpochName, Param("block", parse_epoch, _EPOCH)]
EpochNumber = Annotated[int | Tag, Param("block", parse_epoch_number_or_tag, _EPOCH_NUMBER)]
Object = Annotated[dict[str, Any], Param("object", parse_object, {"type": "object"})]


def hex_quantity(number: int) -> str:
    """Write a quantity: no leading zeros, `0x0` for zero."""
    return hex(number)


def hex_data(data: bytes) -> str:
    """Write bytes with every digit."""
    return "0x" + data.hex()
