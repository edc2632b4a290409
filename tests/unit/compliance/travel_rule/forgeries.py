"""What attackers make, and the proof that it was refused, recorded and changed nothing."""

from typing import Any

import msgspec
import pytest
from joserfc import jws
from tests.unit.compliance.travel_rule.houses import (
    Pair,
    draft,
)

from sogdia.compliance.travel_rule.envelope import (
    EnvelopeRefused,
    read_claims,
)
from sogdia.compliance.travel_rule.exchange.house import House
from sogdia.compliance.travel_rule.exchange.inbox import receive
from sogdia.compliance.travel_rule.exchange.originating import inquire
from sogdia.compliance.travel_rule.institutions.keys import (
    InstitutionKeys,
    key_id,
)
from sogdia.compliance.travel_rule.institutions.licence import Unauthenticated
from sogdia.compliance.travel_rule.transfers import ExchangeRefused


def inquiry(pair: Pair) -> str:
    """Return the envelope of an inquiry from Almaty."""
    inquire(pair.almaty, draft(), "trader")
    return pair.almaty.journal.outgoing()[-1].envelope


def refused(house: House, envelope: str, reason: str, credential: str | None = None) -> None:
    """Assert that `envelope` is refused for `reason`, recorded, and changes no transfer."""
    transfers, recorded = house.journal.transfers(), len(house.journal.incidents())
    with pytest.raises((EnvelopeRefused, Unauthenticated, ExchangeRefused)) as caught:
        receive(house, envelope, credential)
    assert str(caught.value.reason) == reason  # type: ignore[union-attr]
    incidents = house.journal.incidents()
    assert [i.reason for i in incidents[recorded:]] == [reason]
    assert house.journal.transfers() == transfers


def resigned(envelope: str, keys: InstitutionKeys, **changes: Any) -> str:
    """Return `envelope` with changed claims, signed again with `keys`."""
    claims = msgspec.structs.replace(read_claims(envelope), **changes)
    header = {"alg": "Ed25519", "kid": key_id(keys.signing), "typ": "travel-rule+jws"}
    signed = msgspec.json.encode(claims)
    return jws.serialize_compact(header, signed, keys.signing, algorithms=["Ed25519"])


def decode_part(part: str) -> bytes:
    """Return one base64url part of a token."""
    from joserfc.util import urlsafe_b64decode

    return urlsafe_b64decode(part.encode())
