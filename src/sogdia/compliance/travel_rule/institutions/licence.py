"""Entries of a licence register: what an authority says of an institution, signed.

An entry is a JSON Web Signature over a small JSON object. It names the institution, the state, the
one HTTPS origin under which it is reached and its two public keys. An entry signed with the key of
a certificate (see `certificates`) has the same content.
"""

import datetime
import json
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from msgspec import Struct

from sogdia.compliance.travel_rule.institutions.keys import (
    SIGNATURE_ALGORITHMS,
    InvalidKey,
    PublicJwk,
    SigningKey,
    import_sealing_key,
    import_signing_key,
    key_id,
    signature_algorithm,
)
from sogdia.compliance.travel_rule.ivms101.countries import ISO_3166_ALPHA_2

ENTRY_TYPE = "licence+jws"
ENTRY_BYTES_MAX = 16 << 10  # an entry has under 2 kB, with a certificate chain under 8 kB
# A year bounds how long a stolen key of a sleeping institution is vouched for.
ENTRY_LIFE_MAX = datetime.timedelta(days=366)


class _EntryRegistry(jws.JWSRegistry):
    """Room for a certificate chain in the header; the library's own limit is 512 bytes."""

    max_header_length = 12 << 10
    max_payload_length = 4 << 10


_REGISTRY = _EntryRegistry(algorithms=list(SIGNATURE_ALGORITHMS))


class Unauthenticated(Exception):
    """The counterparty did not prove who it is; nothing personal may reach it.

    `institution` is what was claimed, `reason` a stable word for the record, `detail` for people.
    """

    def __init__(self, institution: str, reason: str, detail: str) -> None:
        super().__init__(institution, reason, detail)
        self.institution, self.reason, self.detail = institution, reason, detail

    def __str__(self) -> str:
        return f"{self.institution} is not authenticated ({self.reason}): {self.detail}"


class LicenceEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is vouched for.

    `institution` is its LEI, or its number in the register as `STATE:number`. `serial` grows with
    every new entry of the same institution. Moments are UTC.
    """

    institution: str
    name: str
    state: str
    licence: str
    status: Literal["licensed", "suspended", "withdrawn"]
    origin: str
    signing_key: PublicJwk
    sealing_key: PublicJwk
    serial: int
    issued_at: datetime.datetime
    expires_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class AuthorityKey:
    """One key of an authority, and until when it signs."""

    key: SigningKey
    retired_at: datetime.datetime | None = None


@dataclass(frozen=True, slots=True)
class Authority:
    """A licensing authority that the house trusts for one state."""

    id: str
    state: str
    keys: tuple[AuthorityKey, ...]


def sign_entry(entry: LicenceEntry, key: SigningKey, *, x5c: tuple[str, ...] = ()) -> str:
    """Return `entry` as a compact JWS signed with `key`; `x5c` is a certificate chain, if any."""
    header: dict[str, Any] = {
        "alg": signature_algorithm(key),
        "kid": key_id(key),
        "typ": ENTRY_TYPE,
    }
    if x5c:
        header["x5c"] = list(x5c)
    return jws.serialize_compact(header, msgspec.json.encode(entry), key, registry=_REGISTRY)


def read_header(token: str) -> dict[str, Any]:
    """Return the header of an entry, unverified.

    Raises:
        Unauthenticated: `malformed`.
    """
    if len(token) > ENTRY_BYTES_MAX:
        raise Unauthenticated("unknown", "malformed", f"the entry has {len(token)} bytes")
    try:
        header = jws.extract_compact(token.encode(), registry=_REGISTRY).protected
    except (JoseError, ValueError) as error:
        raise Unauthenticated("unknown", "malformed", f"the entry is no JWS: {error}") from None
    if header.get("typ") != ENTRY_TYPE or header.get("alg") not in SIGNATURE_ALGORITHMS:
        raise Unauthenticated("unknown", "malformed", "the entry has a wrong type or algorithm")
    return dict(header)


def verify_signature(token: str, key: SigningKey) -> LicenceEntry:
    """Return the entry in `token` when `key` signed it.

    Raises:
        Unauthenticated: `bad-signature`, or `malformed` when what was signed is no entry.
    """
    registry = _EntryRegistry(algorithms=[signature_algorithm(key)])
    try:
        signed = jws.deserialize_compact(token, key, registry=registry)
    except (JoseError, ValueError) as error:
        raise Unauthenticated(_claimed(token), "bad-signature", str(error)) from None
    try:
        entry = msgspec.json.decode(signed.payload, type=LicenceEntry)
        import_signing_key(entry.signing_key)
        import_sealing_key(entry.sealing_key)
    except (msgspec.MsgspecError, InvalidKey) as error:
        raise Unauthenticated(_claimed(token), "malformed", str(error)) from None
    return entry


def verify_entry(token: str, authorities: tuple[Authority, ...]) -> LicenceEntry:
    """Return the entry in `token` when a trusted authority of its state signed it.

    Whether it speaks of now, and whether the institution is licensed, is `refuse_stale`'s matter:
    an entry that withdraws a licence is as authentic as the one that grants it.

    Raises:
        Unauthenticated: `untrusted-authority`, `retired-key`, `foreign-authority`, or a reason of
            `verify_signature` or `refuse_malformed`.
    """
    kid = read_header(token).get("kid")
    for authority in authorities:
        for held in authority.keys:
            if key_id(held.key) != kid:
                continue
            entry = verify_signature(token, held.key)
            if held.retired_at is not None and entry.issued_at >= held.retired_at:
                detail = f"{authority.id} retired the key on {held.retired_at.isoformat()}"
                raise Unauthenticated(entry.institution, "retired-key", detail)
            if entry.state != authority.state:
                detail = f"{authority.id} licenses in {authority.state}, not in {entry.state}"
                raise Unauthenticated(entry.institution, "foreign-authority", detail)
            refuse_malformed(entry)
            return entry
    detail = "no trusted authority has the key that signed the entry"
    raise Unauthenticated(_claimed(token), "untrusted-authority", detail)


def refuse_malformed(entry: LicenceEntry) -> None:
    """Refuse an entry that no authority should have signed.

    Raises:
        Unauthenticated: `malformed`.
    """
    who = entry.institution
    if entry.issued_at.tzinfo is None or entry.expires_at.tzinfo is None:
        raise Unauthenticated(who, "malformed", "the entry's moments have no zone")
    if entry.state not in ISO_3166_ALPHA_2:
        raise Unauthenticated(who, "malformed", f"{entry.state!r} is no state's code")
    if not entry.origin.startswith("https://"):
        raise Unauthenticated(who, "malformed", f"{entry.origin!r} is not an HTTPS origin")
    if entry.expires_at - entry.issued_at > ENTRY_LIFE_MAX:
        raise Unauthenticated(who, "malformed", "the entry is valid for longer than a year")


def refuse_stale(entry: LicenceEntry, now: datetime.datetime) -> None:
    """Refuse an entry that does not say that the institution is licensed at `now`.

    Raises:
        Unauthenticated: `not-yet-valid`, `expired` or `not-licensed`.
    """
    who = entry.institution
    if now < entry.issued_at:
        raise Unauthenticated(who, "not-yet-valid", f"issued at {entry.issued_at.isoformat()}")
    if now >= entry.expires_at:
        raise Unauthenticated(who, "expired", f"expired at {entry.expires_at.isoformat()}")
    if entry.status != "licensed":
        raise Unauthenticated(who, "not-licensed", f"the licence is {entry.status}")


def _claimed(token: str) -> str:
    """Return which institution an unverified entry claims to be, for the record."""
    try:
        claimed = json.loads(jws.extract_compact(token.encode(), registry=_REGISTRY).payload)[
            "institution"
        ]
        return str(claimed)[:100]
    except (JoseError, ValueError, KeyError, TypeError):
        return "unknown"
