"""The address book: where counterparties are reached, and proof of who they are.

An entry of the book is only a way to reach somebody. Before anything personal is sent, or a message
is believed, `authenticate` turns it into a `Counterparty`, whose keys a third party vouched for.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from joserfc.jwk import OKPKey
from msgspec import Struct

from sogdia.compliance.travel_rule.institutions.certificates import (
    CertificateRoots,
    verify_certified_entry,
)
from sogdia.compliance.travel_rule.institutions.keys import (
    InvalidKey,
    SigningKey,
    import_sealing_key,
    import_signing_key,
    key_id,
)
from sogdia.compliance.travel_rule.institutions.licence import (
    Authority,
    AuthorityKey,
    LicenceEntry,
    Unauthenticated,
    read_header,
    refuse_stale,
    verify_entry,
)
from sogdia.compliance.travel_rule.institutions.travel_address import (
    decode_travel_address,
    origin_of,
)


class BookEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an institution is reached: its travel address, and the state it must be licensed in."""

    institution: str
    travel_address: str
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Counterparty:
    """An institution that is authenticated until `entry.expires_at`."""

    entry: LicenceEntry
    signing_key: SigningKey
    sealing_key: OKPKey

    @property
    def institution(self) -> str:
        """Return the institution's identifier."""
        return self.entry.institution


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose word the house takes: authorities, and roots of certificates."""

    authorities: tuple[Authority, ...] = ()
    roots: CertificateRoots = field(default_factory=lambda: CertificateRoots(()))

    def verify(self, token: str, now: datetime.datetime) -> LicenceEntry:
        """Return the entry in `token` when somebody whom the house trusts signed it.

        Raises:
            Unauthenticated: with the reason.
        """
        if "x5c" in read_header(token):
            return verify_certified_entry(token, self.roots, now)
        return verify_entry(token, self.authorities)

    def authenticate(self, token: str, now: datetime.datetime) -> Counterparty:
        """Return the institution that the signed entry `token` says is licensed at `now`.

        Raises:
            Unauthenticated: with the reason.
        """
        entry = self.verify(token, now)
        refuse_stale(entry, now)
        return counterparty_of(entry)


def counterparty_of(entry: LicenceEntry) -> Counterparty:
    """Return the counterparty of an entry that was verified and holds now."""
    return Counterparty(
        entry, import_signing_key(entry.signing_key), import_sealing_key(entry.sealing_key)
    )


def inbox_url(book_entry: BookEntry, counterparty: Counterparty) -> str:
    """Return the URL of the counterparty's inbox.

    Raises:
        Unauthenticated: `other-institution` or `other-origin`: book and proof disagree.
    """
    url = decode_travel_address(book_entry.travel_address)
    who = counterparty.institution
    if who != book_entry.institution:
        detail = f"the address book says {book_entry.institution}"
        raise Unauthenticated(who, "other-institution", detail)
    if origin_of(url) != origin_of(counterparty.entry.origin):
        detail = f"licensed under {counterparty.entry.origin}, the address is {origin_of(url)}"
        raise Unauthenticated(who, "other-origin", detail)
    return url


class InvalidTrustFile(Exception):
    """A file of authorities or of the address book cannot be used; the message says why."""


class _AuthorityFile(Struct, forbid_unknown_fields=True):
    id: str
    state: str
    keys: list[dict[str, str]]


def load_authorities(path: Path) -> tuple[Authority, ...]:
    """Return the authorities in a JSON file: `[{"id", "state", "keys": [public JWK]}]`.

    A key that signs no longer has a `retired_at` with zone beside its members.

    Raises:
        InvalidTrustFile: with the file and what is wrong.
        OSError: the file cannot be read.
    """
    try:
        raw = msgspec.json.decode(path.read_bytes(), type=list[_AuthorityFile])
        return tuple(
            Authority(found.id, found.state, tuple(_authority_key(jwk) for jwk in found.keys))
            for found in raw
        )
    except (msgspec.MsgspecError, InvalidKey, ValueError) as error:
        raise InvalidTrustFile(f"{path}: {error}") from None


def _authority_key(jwk: Mapping[str, str]) -> AuthorityKey:
    retired = jwk.get("retired_at")
    key = import_signing_key({name: v for name, v in jwk.items() if name != "retired_at"})
    moment = datetime.datetime.fromisoformat(retired) if retired else None
    if moment is not None and moment.tzinfo is None:
        raise ValueError(f"the key {key_id(key)} was retired at {retired}, which has no zone")
    return AuthorityKey(key, moment)


def load_address_book(path: Path) -> dict[str, BookEntry]:
    """Return the address book in a JSON file: `[{"institution", "travel_address"}]`.

    Raises:
        InvalidTrustFile: with the file and what is wrong; an institution that is there twice.
        OSError: the file cannot be read.
    """
    try:
        entries = msgspec.json.decode(path.read_bytes(), type=list[BookEntry])
        for entry in entries:
            decode_travel_address(entry.travel_address)
    except ValueError as error:
        raise InvalidTrustFile(f"{path}: {error}") from None
    book = {entry.institution: entry for entry in entries}
    if len(book) != len(entries):
        raise InvalidTrustFile(f"{path}: an institution is there twice")
    return book
