"""What a node remembers of others over a restart: addresses, anchors, bans. One JSON file.

Written whole beside the old one and renamed over it, so that a killed process leaves either. A
damaged file is set aside under another name and said so: a node without memory still finds its way.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from sogdia.ledger.network.address_book import KnownAddress
from sogdia.ledger.network.bans import Ban
from sogdia.ledger.network.transport import Address

FORMAT_VERSION = 1


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    host: str
    port: int
    node_id: str
    source: str
    heard_at_s: int
    answered_at_s: int
    tried_at_s: int
    failures: int


class _Ban(msgspec.Struct, forbid_unknown_fields=True):
    who: str
    until_s: int
    reason: str


class _File(msgspec.Struct, forbid_unknown_fields=True):
    format_version: int
    key: str
    addresses: list[_Entry]
    anchors: list[tuple[str, int]]
    bans: list[_Ban]
    records: list[str] = []


@dataclass(slots=True)
class Remembered:
    """The contents of the file. `key` is the address book's secret."""

    key: bytes
    addresses: list[KnownAddress] = field(default_factory=list)
    anchors: list[Address] = field(default_factory=list)
    bans: list[Ban] = field(default_factory=list)
    records: list[bytes] = field(default_factory=list)
    """Signed records of some of the addresses, as they were told."""


class DamagedPeerFile(Exception):
    """The file is no peer file of this version; it was set aside."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"the peer file was damaged ({self.reason}) and is now {self.path}; "
            "the node starts with the configured peers"
        )


def save_peers(path: Path, remembered: Remembered) -> None:
    """Write the file: it takes a second when the book is full.

    Raises:
        OSError: it cannot be written; the one before is as it was.
    """
    contents = _File(
        FORMAT_VERSION,
        remembered.key.hex(),
        [_entry(known) for known in remembered.addresses],
        [(anchor.host, anchor.port) for anchor in remembered.anchors],
        [_Ban(ban.who, ban.until_s, ban.reason) for ban in remembered.bans],
        [record.hex() for record in remembered.records],
    )
    scratch = path.with_suffix(".new")
    with scratch.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(contents), indent=1))
        file.flush()
        os.fsync(file.fileno())
    scratch.rename(path)


def _entry(known: KnownAddress) -> _Entry:
    return _Entry(
        known.address.host,
        known.address.port,
        known.node_id.hex(),
        known.source,
        known.heard_at_s,
        known.answered_at_s,
        known.tried_at_s,
        known.failures,
    )


def load_peers(path: Path) -> Remembered | None:
    """Return what was remembered, or `None` when there is no file.

    Raises:
        DamagedPeerFile: it could not be read; it has been renamed.
    """
    if not path.exists():
        return None
    try:
        contents = msgspec.json.decode(path.read_bytes(), type=_File)
        if contents.format_version != FORMAT_VERSION:
            raise ValueError(f"format {contents.format_version}, this is {FORMAT_VERSION}")
        return Remembered(
            bytes.fromhex(contents.key),
            [_known(entry) for entry in contents.addresses],
            [Address(host, port) for host, port in contents.anchors],
            [Ban(ban.who, ban.until_s, ban.reason) for ban in contents.bans],
            [bytes.fromhex(record) for record in contents.records],
        )
    except (msgspec.DecodeError, ValueError) as error:
        aside = path.with_suffix(".damaged")
        path.rename(aside)
        raise DamagedPeerFile(aside, str(error)) from None


def _known(entry: _Entry) -> KnownAddress:
    return KnownAddress(
        Address(entry.host, entry.port),
        bytes.fromhex(entry.node_id),
        entry.source,
        entry.heard_at_s,
        entry.answered_at_s,
        entry.tried_at_s,
        entry.failures,
    )
