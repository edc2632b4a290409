"""The kinds of parameter of the harness's methods, and the words for an epoch."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from sogdia.ledger.rpc.params import (
    Param,
    WrongParam,
    json_kind,
    parse_bool,
    parse_data,
    parse_hash,
    parse_list,
    parse_object,
    parse_uint64,
)

HASHES_MAX = 1_000  # referees of one block, and more


class EpochTag(StrEnum):
    """The words that stand for an epoch, from the oldest to the newest."""

    EARLIEST = "earliest"
    CHECKPOINT = "latest_checkpoint"
    FINALIZED = "latest_finalized"
    CONFIRMED = "latest_confirmed"
    STATE = "latest_state"
    MINED = "latest_mined"


@dataclass(frozen=True, slots=True)
class EpochOfBlock:
    """The epoch that a block belongs to; if it must be, the block is its pivot."""

    block: bytes
    requires_pivot: bool = True


EpochName = int | EpochTag | EpochOfBlock

_TAGS = {str(tag): tag for tag in EpochTag}
_BLOCK_PREFIX = "hash:"


def parse_epoch(value: Any) -> EpochName:
    """Return an epoch's number, the word for it, or one of its blocks."""
    if type(value) is dict:
        return _parse_epoch_object(value)
    if type(value) is not str:
        raise WrongParam(f"want an epoch as string, got {json_kind(value)}")
    tag = _TAGS.get(value)
    if tag is not None:
        return tag
    if value.startswith(_BLOCK_PREFIX):
        return EpochOfBlock(parse_hash(value.removeprefix(_BLOCK_PREFIX)))
    if not value.startswith("0x"):
        raise WrongParam(f"unknown epoch {value!r}, want one of {', '.join(EpochTag)} or 0x…")
    return parse_uint64(value)


def _parse_epoch_object(value: dict[str, Any]) -> EpochName:
    if "epochNumber" in value:
        return parse_uint64(value["epochNumber"])
    if "blockHash" not in value:
        raise WrongParam("want blockHash or epochNumber in an epoch that is an object")
    requires_pivot = value.get("requirePivot")
    return EpochOfBlock(
        parse_hash(value["blockHash"]), requires_pivot is None or parse_bool(requires_pivot)
    )


def parse_number(value: Any) -> int:
    """Return a whole number: the harness sends JSON's own numbers, and quantities."""
    return value if type(value) is int and value >= 0 else parse_uint64(value)


def parse_hashes(value: Any) -> list[bytes]:
    """Return a list of hashes."""
    return parse_list(value, parse_hash, HASHES_MAX)


def parse_bytes(value: Any) -> bytes:
    """Return bytes given as a list of numbers, as the reference client writes them."""
    try:
        return bytes(parse_list(value, _parse_byte, 1_024))
    except ValueError as error:
        raise WrongParam(str(error)) from None


def _parse_byte(value: Any) -> int:
    if type(value) is int and 0 <= value < 256:
        return value
    raise WrongParam(f"want a number from 0 to 255, got {value!r}")


def parse_text(value: Any) -> str:
    """Return a text."""
    if type(value) is str:
        return value
    raise WrongParam(f"want a text, got {json_kind(value)}")


def _text(title: str) -> dict[str, Any]:
    return {"title": title, "type": "string"}


_LIST = {"type": "array"}
Epoch = Annotated[
    EpochName, Param("epoch", parse_epoch, {"title": "Epoch", "type": ["string", "object"]})
]
Number = Annotated[int, Param("number", parse_number, {"type": ["integer", "string"]})]
Hash = Annotated[bytes, Param("hash", parse_hash, _text("32 bytes"))]
Hashes = Annotated[list[bytes], Param("hashes", parse_hashes, _LIST)]
Bytes = Annotated[bytes, Param("bytes", parse_bytes, _LIST)]
Data = Annotated[bytes, Param("data", parse_data, _text("Data"))]
Text = Annotated[str, Param("text", parse_text, _text("Text"))]
Flag = Annotated[bool, Param("flag", parse_bool, {"type": "boolean"})]
Fields = Annotated[dict[str, Any], Param("object", parse_object, {"type": "object"})]
