"""The kinds of parameter of the harness's methods, and the words for an epoch."""

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


_TAGS = {str(tag): tag for tag in EpochTag}


def parse_epoch(value: Any) -> int | EpochTag:
    """Return an epoch's number or the word for it."""
    if type(value) is not str:
        raise WrongParam(f"want an epoch as string, got {json_kind(value)}")
    tag = _TAGS.get(value)
    if tag is not None:
        return tag
    if not value.startswith("0x"):
        raise WrongParam(f"unknown epoch {value!r}, want one of {', '.join(EpochTag)} or 0x…")
    return parse_uint64(value)


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
Epoch = Annotated[int | EpochTag, Param("epoch", parse_epoch, _text("Epoch"))]
Number = Annotated[int, Param("number", parse_number, {"type": ["integer", "string"]})]
Hash = Annotated[bytes, Param("hash", parse_hash, _text("32 bytes"))]
Hashes = Annotated[list[bytes], Param("hashes", parse_hashes, _LIST)]
Bytes = Annotated[bytes, Param("bytes", parse_bytes, _LIST)]
Data = Annotated[bytes, Param("data", parse_data, _text("Data"))]
Text = Annotated[str, Param("text", parse_text, _text("Text"))]
Flag = Annotated[bool, Param("flag", parse_bool, {"type": "boolean"})]
Fields = Annotated[dict[str, Any], Param("object", parse_object, {"type": "object"})]
