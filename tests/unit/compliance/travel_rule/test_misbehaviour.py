"""Senders that are who they say, and still send what must not be believed."""

import datetime
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.compliance.travel_rule.forgeries import decode_part, inquiry, refused, resigned
from tests.unit.compliance.travel_rule.houses import (
    ALMATY,
    HONG_KONG,
    START,
    Pair,
    make_pair,
)

from sogdia.compliance.travel_rule.envelope import (
    PROTOCOL_VERSION,
    Addressing,
    Claims,
    EnvelopeRefused,
    read_claims,
    seal,
)
from sogdia.compliance.travel_rule.exchange.inbox import receive
from sogdia.compliance.travel_rule.exchange.receiving import accept
from sogdia.compliance.travel_rule.institutions.keys import (
    new_institution_keys,
)
from sogdia.compliance.travel_rule.institutions.licence import Unauthenticated


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return make_pair(tmp_path)


def test_a_licensed_stranger_cannot_touch_a_transfer_of_others(pair: Pair) -> None:
    """X1: it is not even told that the transfer exists."""
    receive(pair.hong_kong, inquiry(pair))
    (transfer,) = pair.hong_kong.journal.transfers()
    thief_id, keys = "213800AQUAUP6I215N33", new_institution_keys()
    pair.hong_kong.directory.present(pair.world.licence(pair.world.entry(thief_id, "KZ", keys)))
    hong_kong = pair.almaty.directory.find(HONG_KONG)
    addressing = Addressing(uuid.uuid4(), uuid.UUID(transfer.id), "confirmation", thief_id, START)
    envelope = seal({"cancelled": True, "transaction": None}, hong_kong, addressing, keys)
    refused(pair.hong_kong, envelope, "unknown-transfer")


def test_an_acceptance_of_another_payload_is_refused(pair: Pair) -> None:
    """X2: the commitment that the other end computed must be ours."""
    receive(pair.hong_kong, inquiry(pair))
    (transfer,) = pair.hong_kong.journal.transfers()
    forged = replace(transfer, commitment=bytes(32))
    body = {
        "decision": "accepted",
        "commitment": forged.commitment.hex(),
        "payment_address": "0xpay",
    }
    addressing = Addressing(uuid.uuid4(), uuid.UUID(transfer.id), "resolution", HONG_KONG, START)
    almaty = pair.hong_kong.directory.find(ALMATY)
    envelope = seal(body, almaty, addressing, pair.hong_kong.keys)
    refused(pair.almaty, envelope, "commitment-mismatch")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda body: body.update(ivms101={"originator": 1}), "commitment-mismatch"),
        (lambda body: body.update(amount="NaN"), "bad-amount"),
        (lambda body: body.update(values={"USD": -1}), "bad-amount"),
        (lambda body: body.update(respond_by="2036-01-01T00:00:00+00:00"), "bad-deadline"),
        (lambda body: body.update(respond_by="2026-11-21T12:00:00"), "bad-deadline"),
        (lambda body: body.update(extra=1), "malformed"),
        (lambda body: body.pop("salt"), "malformed"),
    ],
)
def test_a_spoilt_inquiry_of_a_licensed_sender_is_refused(
    pair: Pair, spoil: Callable[[dict[str, Any]], Any], reason: str
) -> None:
    """Being believed does not make one right."""
    from sogdia.compliance.travel_rule.envelope import open_envelope

    opened = open_envelope(inquiry(pair), pair.hong_kong.recipient(), START)
    body = opened.body
    spoil(body)
    addressing = Addressing(
        uuid.uuid4(), uuid.UUID(opened.claims.transfer), "inquiry", ALMATY, START
    )
    to = pair.almaty.directory.find(HONG_KONG)
    envelope = seal(body, to, addressing, pair.almaty.keys)
    refused(pair.hong_kong, envelope, reason)


def test_the_commitment_binds_the_transfer(pair: Pair) -> None:
    """The same sealed content under another transfer id is refused."""
    from sogdia.compliance.travel_rule.envelope import open_envelope

    body = open_envelope(inquiry(pair), pair.hong_kong.recipient(), START).body
    addressing = Addressing(uuid.uuid4(), uuid.uuid4(), "inquiry", ALMATY, START)
    to = pair.almaty.directory.find(HONG_KONG)
    refused(pair.hong_kong, seal(body, to, addressing, pair.almaty.keys), "commitment-mismatch")


def test_the_record_never_holds_personal_data(pair: Pair) -> None:
    """Refusals are read by many; names and wallets are not in them."""
    envelope = inquiry(pair)
    receive(pair.hong_kong, envelope)
    for spoilt in (envelope, resigned(envelope, pair.almaty.keys, version="1.0.0"), "x" * 10):
        with pytest.raises((EnvelopeRefused, Unauthenticated)):
            receive(pair.hong_kong, spoilt)
    text = repr(pair.hong_kong.journal.incidents())
    for secret in ("Wu", "Xinli", "Jiefang", "1984-02-29", "0x52908400098527886E0F"):
        assert secret not in text


def test_what_travels_shows_no_personal_data(pair: Pair) -> None:
    """Claims and headers name institutions only."""
    claims = read_claims(inquiry(pair))
    assert isinstance(claims, Claims)
    assert claims.version == PROTOCOL_VERSION
    header = decode_part(claims.sealed.split(".")[0])
    for secret in (b"Xinli", b"Jiefang", b"1984-02-29"):
        assert secret not in header + repr(claims).encode()


def test_accepting_needs_the_counterparty_to_be_authenticated_still(pair: Pair) -> None:
    """Between inquiry and acceptance the licence may run out."""
    receive(pair.hong_kong, inquiry(pair))
    (transfer,) = pair.hong_kong.journal.transfers()
    entry = pair.world.entry(
        ALMATY,
        "KZ",
        pair.almaty.keys,
        serial=2,
        expires_at=START + datetime.timedelta(hours=1),
    )
    pair.hong_kong.directory.present(pair.world.licence(entry))
    pair.world.clock.advance(hours=2)
    with pytest.raises(Unauthenticated, match="expired"):
        accept(pair.hong_kong, transfer.id, "0xpay", "officer")
