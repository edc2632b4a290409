"""Envelopes: what travels between two institutions, sealed for one and signed by the other.

The body is encrypted to the recipient's key (JWE), and the sender signs the result together with
who it is from, who it is for, when, and in which versions (JWS). The inner header repeats the outer
claims, so that a ciphertext cut out of one envelope fits no other.

    N1  Nothing is decrypted before sender, signature, version, recipient, time and replay.
    N2  The algorithms are fixed; an envelope cannot choose weaker ones.
    N3  An envelope is accepted once: `is_seen` refuses early, and who acts on an envelope records
        its id in the same transaction, so that neither a crash nor a race acts twice.

Source: RFC 7515 (JWS), RFC 7516 (JWE), RFC 7518 section 4.6 (ECDH-ES).
"""

import datetime
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec
from joserfc import jwe, jws
from joserfc.errors import JoseError
from msgspec import Struct

from sogdia.compliance.travel_rule.institutions.address_book import Counterparty
from sogdia.compliance.travel_rule.institutions.keys import (
    SEAL_ALGORITHM,
    SEAL_ENCRYPTION,
    SIGNATURE_ALGORITHMS,
    InstitutionKeys,
    key_id,
    signature_algorithm,
)

PROTOCOL_VERSION = "3.2.1"  # of the Travel Rule Protocol, whose shape and headers we keep
PROTOCOL_VERSION_MIN = (3, 2, 0)
IVMS_VERSION = "101.2023"
ENVELOPE_TYPE = "travel-rule+jws"
SEAL_TYPE = "travel-rule+jwe"
BODY_BYTES_MAX = 48_000  # an honest payload has under 10 kB; the JOSE library takes 64 kB sealed
ENVELOPE_BYTES_MAX = 128_000  # twice encoded in base64, with room for the claims
CLOCK_SKEW_MAX = datetime.timedelta(minutes=5)
# As long as the longest deadline: an outbox may resend the same bytes until then. It bounds for how
# long the ids of messages must be remembered.
ENVELOPE_LIFE_MAX = datetime.timedelta(days=7)


class Refusal(StrEnum):
    """Why an envelope was refused; the word is stable and goes into the record."""

    MALFORMED = "malformed"
    UNKNOWN_SENDER = "unknown-sender"
    BAD_SIGNATURE = "bad-signature"
    DOWNGRADED_VERSION = "downgraded-version"
    WRONG_RECIPIENT = "wrong-recipient"
    WRONG_RECIPIENT_KEY = "wrong-recipient-key"
    OUT_OF_TIME = "out-of-time"
    REPLAYED = "replayed"
    BROKEN_SEAL = "broken-seal"
    MISMATCH = "mismatch"


class EnvelopeRefused(Exception):
    """An envelope that is not believed. `sender` is what it claimed; nothing in it was used."""

    def __init__(self, reason: Refusal, sender: str, detail: str) -> None:
        super().__init__(reason, sender, detail)
        self.reason, self.sender, self.detail = reason, sender, detail

    def __str__(self) -> str:
        return f"an envelope from {self.sender} was refused ({self.reason}): {self.detail}"


class Claims(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the sender signs: `sealed` is the JWE with the body. Times are seconds since 1970."""

    version: str
    ivms: str
    id: str
    transfer: str
    kind: str
    sender: str
    recipient: str
    issued_at: int
    expires_at: int
    sealed: str


@dataclass(frozen=True, slots=True)
class Addressing:
    """What one message says on its outside."""

    id: uuid.UUID
    transfer: uuid.UUID
    kind: str
    sender: str
    at: datetime.datetime
    life: datetime.timedelta = ENVELOPE_LIFE_MAX


@dataclass(frozen=True, slots=True)
class Opened:
    """A believed envelope: its claims and its body."""

    claims: Claims
    body: dict[str, Any]
    sender: Counterparty


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who opens: the institution, its keys, and how it knows senders and remembers messages.

    `find_sender` returns the authenticated counterparty of an identifier or raises
    `Unauthenticated`. `is_seen` returns whether (sender, message id) was acted on before.
    """

    institution: str
    keys: InstitutionKeys
    find_sender: Callable[[str], Counterparty]
    is_seen: Callable[[str, str], bool]


class _SealRegistry(jwe.JWERegistry):
    """Lets the header repeat the claims; the algorithms stay the fixed pair."""


_SEALS = _SealRegistry(algorithms=[SEAL_ALGORITHM, SEAL_ENCRYPTION], strict_check_header=False)
_SIGNATURES = jws.JWSRegistry(algorithms=list(SIGNATURE_ALGORITHMS))


def seal(
    body: dict[str, Any], to: Counterparty, addressing: Addressing, keys: InstitutionKeys
) -> str:
    """Return `body` sealed for `to` and signed with `keys`.

    A `Counterparty` exists only after authentication, which is what makes T1 a matter of types.

    Raises:
        ValueError: the body is over 48,000 bytes.
    """
    plain = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    if len(plain) > BODY_BYTES_MAX:
        raise ValueError(f"the body has {len(plain)} bytes, at most {BODY_BYTES_MAX} are sealed")
    message, transfer = str(addressing.id), str(addressing.transfer)
    header = {
        "alg": SEAL_ALGORITHM,
        "enc": SEAL_ENCRYPTION,
        "typ": SEAL_TYPE,
        "kid": key_id(to.sealing_key),
        "iss": addressing.sender,
        "aud": to.institution,
        "jti": message,
        "txn": transfer,
        "knd": addressing.kind,
    }
    claims = Claims(
        version=PROTOCOL_VERSION,
        ivms=IVMS_VERSION,
        id=message,
        transfer=transfer,
        kind=addressing.kind,
        sender=addressing.sender,
        recipient=to.institution,
        issued_at=int(addressing.at.timestamp()),
        expires_at=int((addressing.at + addressing.life).timestamp()),
        sealed=jwe.encrypt_compact(header, plain, to.sealing_key, registry=_SEALS),
    )
    signature_header = {
        "alg": signature_algorithm(keys.signing),
        "kid": key_id(keys.signing),
        "typ": ENVELOPE_TYPE,
    }
    signed = msgspec.json.encode(claims)
    return jws.serialize_compact(signature_header, signed, keys.signing, registry=_SIGNATURES)


def open_envelope(token: str, recipient: Recipient, now: datetime.datetime) -> Opened:
    """Return what `token` says, after every check of N1 in the order of their cost.

    Raises:
        EnvelopeRefused: with the reason.
        Unauthenticated: from `find_sender`.
    """
    claims = read_claims(token)
    sender = recipient.find_sender(claims.sender)
    _verify_signature(token, claims, sender)
    _refuse_version(claims)
    if claims.recipient != recipient.institution:
        raise EnvelopeRefused(
            Refusal.WRONG_RECIPIENT, claims.sender, f"it is for {claims.recipient}"
        )
    _refuse_time(claims, now)
    _refuse_seal_header(claims, recipient)
    if recipient.is_seen(claims.sender, claims.id):
        raise replayed(claims)
    return Opened(claims, _decrypt(claims, recipient), sender)


def replayed(claims: Claims) -> EnvelopeRefused:
    """Return the refusal of a message that was acted on before."""
    detail = f"the message {claims.id} was received before"
    return EnvelopeRefused(Refusal.REPLAYED, claims.sender, detail)


def read_claims(token: str) -> Claims:
    """Return the claims of `token`, unverified: for choosing the key, never for believing.

    Raises:
        EnvelopeRefused: `MALFORMED`.
    """
    if len(token) > ENVELOPE_BYTES_MAX:
        detail = f"it has {len(token)} bytes, at most {ENVELOPE_BYTES_MAX} are read"
        raise EnvelopeRefused(Refusal.MALFORMED, "unknown", detail)
    try:
        extracted = jws.extract_compact(token.encode(), registry=_SIGNATURES)
        claims = msgspec.json.decode(extracted.payload, type=Claims)
        uuid.UUID(claims.id)
        uuid.UUID(claims.transfer)
    except (JoseError, ValueError) as error:
        raise EnvelopeRefused(Refusal.MALFORMED, "unknown", str(error)) from None
    if extracted.protected.get("typ") != ENVELOPE_TYPE:
        raise EnvelopeRefused(Refusal.MALFORMED, claims.sender[:100], "it has a wrong type")
    return claims


def _verify_signature(token: str, claims: Claims, sender: Counterparty) -> None:
    registry = jws.JWSRegistry(algorithms=[signature_algorithm(sender.signing_key)])
    try:
        jws.deserialize_compact(token, sender.signing_key, registry=registry)
    except (JoseError, ValueError) as error:
        raise EnvelopeRefused(Refusal.BAD_SIGNATURE, claims.sender, str(error)) from None


def _refuse_version(claims: Claims) -> None:
    """Refuse older versions even when signed: their sender was talked down to them."""
    parts = claims.version.split(".")
    numbers = tuple(int(part) for part in parts if part.isascii() and part.isdigit())
    if len(numbers) != 3 or len(parts) != 3 or numbers < PROTOCOL_VERSION_MIN:
        detail = f"version {claims.version[:20]!r}, at least 3.2.0 is spoken here"
        raise EnvelopeRefused(Refusal.DOWNGRADED_VERSION, claims.sender, detail)
    if claims.ivms != IVMS_VERSION:
        detail = f"IVMS {claims.ivms[:20]!r}, {IVMS_VERSION} is spoken here"
        raise EnvelopeRefused(Refusal.DOWNGRADED_VERSION, claims.sender, detail)


def _refuse_time(claims: Claims, now: datetime.datetime) -> None:
    seconds, skew = now.timestamp(), CLOCK_SKEW_MAX.total_seconds()
    life = claims.expires_at - claims.issued_at
    if not 0 < life <= ENVELOPE_LIFE_MAX.total_seconds():
        detail = f"it is valid for {life} s"
    elif claims.issued_at > seconds + skew:
        detail = f"it was issued {claims.issued_at - seconds:.0f} s in the future"
    elif claims.expires_at < seconds - skew:
        detail = f"it expired {seconds - claims.expires_at:.0f} s ago"
    else:
        return
    raise EnvelopeRefused(Refusal.OUT_OF_TIME, claims.sender, detail)


def _refuse_seal_header(claims: Claims, recipient: Recipient) -> None:
    try:
        sealed = jwe.extract_compact(  # type: ignore[attr-defined]  # public, missing in __all__
            claims.sealed.encode(), registry=_SEALS
        )
        header = sealed.protected
    except (JoseError, ValueError) as error:
        raise EnvelopeRefused(Refusal.MALFORMED, claims.sender, str(error)) from None
    kid = key_id(recipient.keys.sealing)
    if header.get("kid") != kid:
        detail = f"sealed for the key {str(header.get('kid'))[:60]}, ours is {kid}"
        raise EnvelopeRefused(Refusal.WRONG_RECIPIENT_KEY, claims.sender, detail)
    outside = {
        "iss": claims.sender,
        "aud": claims.recipient,
        "jti": claims.id,
        "txn": claims.transfer,
        "knd": claims.kind,
        "alg": SEAL_ALGORITHM,
        "enc": SEAL_ENCRYPTION,
        "typ": SEAL_TYPE,
    }
    for name, value in outside.items():
        if header.get(name) != value:
            detail = f"{name} differs between the seal and the signature"
            raise EnvelopeRefused(Refusal.MISMATCH, claims.sender, detail)


def _decrypt(claims: Claims, recipient: Recipient) -> dict[str, Any]:
    try:
        opened = jwe.decrypt_compact(claims.sealed, recipient.keys.sealing, registry=_SEALS)
        body = json.loads(opened.plaintext or b"")
    except (JoseError, ValueError) as error:
        raise EnvelopeRefused(Refusal.BROKEN_SEAL, claims.sender, str(error)) from None
    if not isinstance(body, dict):
        raise EnvelopeRefused(Refusal.MALFORMED, claims.sender, "the body is no object")
    return body
