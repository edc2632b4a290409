"""The accounts of a development chain as a file: gzip over one JSON object a line.

{"format": "sogdia-state", "version": 1, "chainId": …, "epoch": …, "timestamp": …}
{"address": "0x…", "nonce": "0x…", "balance": "0x…", "code": "0x…"}
{"address": "0x…", "storage": {"0x<slot>": "0x<value>", …}}
{"rows": <how many lines stood between the first and this one>}

F1  A file that was cut off, altered or written in another version is refused before anything
    of it counts: whoever loads reads it to its end first.
F2  Neither side holds more than one piece of it in memory.
F3  An account's line comes before its storage, and replaces all that the account was.
"""

import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from sogdia.json_depth import is_deeper
from sogdia.ledger.execution.api import AccountOverride
from sogdia.ledger.primitives.errors import SogdiaError
from sogdia.ledger.rpc.params import (
    WrongParam,
    parse_address,
    parse_data,
    parse_object,
    parse_quantity,
    parse_slot,
    parse_uint64,
)

FORMAT = "sogdia-state"
VERSION = 1
_GZIP = 31  # zlib's number for its own gzip headers
# A line holds one account's code or a page of slots.
_LINE_BYTES_MAX = 64 << 20
_PIECE_BYTES = 1 << 20
_DEPTH_MAX = 2  # a row and its storage
_TIMESTAMP_MAX = 1 << 62  # far from where a clock could not go on
_SHOWN_MAX = 40  # characters of a wrong value that are repeated

_encode = msgspec.json.Encoder().encode
_decode_json = msgspec.json.Decoder().decode


class BadStateFile(SogdiaError):
    """A file that is no state, or not a whole one of this version; nothing of it was loaded."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"the state was not loaded: it {self.reason}"


class StateWriter:
    """Writes a state piece by piece: each call returns the bytes that are ready."""

    def __init__(self) -> None:
        self._zip = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
        self._rows = 0

    def begin(self, *, chain_id: int, epoch: int, timestamp: int) -> bytes:
        """Return the beginning; the numbers say where the state was taken."""
        place = {"chainId": chain_id, "epoch": epoch, "timestamp": timestamp}
        return self._line({"format": FORMAT, "version": VERSION, **place})

    def write(self, rows: Iterable[dict[str, Any]]) -> bytes:
        """Return what is ready after these rows."""
        ready = []
        for row in rows:
            self._rows += 1
            ready.append(self._line(row))
        return b"".join(ready)

    def end(self) -> bytes:
        """Return the rest."""
        return self._line({"rows": self._rows}) + self._zip.flush()

    def _line(self, value: dict[str, Any]) -> bytes:
        return self._zip.compress(_encode(value) + b"\n")


def read_state(pieces: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the beginning of a state, then its rows; what was yielded counts only at the end.

    Raises:
        BadStateFile: no state, another version, cut off, or altered.
    """
    lines = _lines(pieces)
    yield _read_begin(next(lines, b""))
    count = 0
    for line in lines:
        row = _read_line(line, count)
        if "rows" in row:
            if row != {"rows": count} or next(lines, None) is not None:
                stated = str(row["rows"])[:_SHOWN_MAX]
                raise BadStateFile(f"states {stated} rows and has others than {count}")
            return
        count += 1
        yield row
    raise BadStateFile(f"ends early, after {count} rows: it was cut off")


def read_whole(blob: bytes) -> dict[str, Any]:
    """Read a state to its end; return its beginning. Raises as `read_state`."""
    rows = read_state([blob])
    begin = next(rows)
    timestamp = begin.get("timestamp")
    if type(timestamp) is not int or not 0 <= timestamp <= _TIMESTAMP_MAX:
        raise BadStateFile(f"does not say when it was taken, but {str(timestamp)[:_SHOWN_MAX]}")
    for _ in rows:
        pass
    return begin


def parse_row(row: dict[str, Any]) -> tuple[bytes, AccountOverride]:
    """Return address and contents of a row: an account without storage, or slots to add.

    Raises:
        WrongParam: a member is missing or of the wrong kind.
    """
    address = parse_address(row.get("address"))
    if "storage" in row:
        slots = parse_object(row["storage"])
        values = {parse_slot(slot): parse_quantity(value) for slot, value in slots.items()}
        return address, AccountOverride(storage_diff=values)
    return address, AccountOverride(
        nonce=parse_uint64(row.get("nonce")),
        balance=parse_quantity(row.get("balance")),
        code=parse_data(row.get("code")),
        storage={},
    )


def merge_rows(rows: Iterable[dict[str, Any]]) -> dict[bytes, AccountOverride]:
    """Return what rows in a row make of each account; raises as `parse_row`."""
    merged: dict[bytes, AccountOverride] = {}
    for row in rows:
        address, change = parse_row(row)
        known = merged.get(address)
        if known is None or change.storage is not None:
            merged[address] = change
        else:
            slots = known.storage_diff if known.storage is None else known.storage
            assert isinstance(slots, dict), "made above"
            slots.update(change.storage_diff)
    return merged


def _decode(line: bytes) -> Any:
    """Decode one line; deep ones are refused before the parser meets them.

    Raises:
        WrongParam: deep, or no JSON.
    """
    if is_deeper(line, _DEPTH_MAX):
        raise WrongParam(f"nested deeper than {_DEPTH_MAX}")
    try:
        return _decode_json(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WrongParam(str(error)) from None


def _read_begin(line: bytes) -> dict[str, Any]:
    try:
        begin = _decode(line)
    except WrongParam:
        begin = None
    if not isinstance(begin, dict) or begin.get("format") != FORMAT:
        raise BadStateFile("is no state that a Sogdia node wrote (other nodes' dumps are not read)")
    if begin.get("version") != VERSION:
        version = str(begin.get("version"))[:_SHOWN_MAX]
        raise BadStateFile(
            f"is of version {version}, and this build reads version {VERSION}: "
            "load it with the build that wrote it"
        )
    return begin


def _read_line(line: bytes, count: int) -> dict[str, Any]:
    try:
        row = _decode(line)
        if not isinstance(row, dict):
            raise WrongParam("want an object")
        if "rows" not in row:
            parse_row(row)
    except WrongParam as error:
        raise BadStateFile(f"has a wrong row after {count} rows: {error}") from None
    return row


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Unzip, and split at line ends; a stream that stops before its end was cut off."""
    unzip = zlib.decompressobj(_GZIP)
    rest = b""
    try:
        for piece in pieces:
            zipped = piece
            while zipped:
                *whole, rest = (rest + unzip.decompress(zipped, _PIECE_BYTES)).split(b"\n")
                yield from whole
                zipped = unzip.unconsumed_tail
                if len(rest) > _LINE_BYTES_MAX:
                    raise BadStateFile(f"has a line of more than {_LINE_BYTES_MAX} bytes")
    except zlib.error as error:
        raise BadStateFile(f"is not whole gzip data: {error}") from None
    if not unzip.eof:
        raise BadStateFile("ends early: it was cut off")
    if rest or unzip.unused_data:
        raise BadStateFile("has more after its end")
