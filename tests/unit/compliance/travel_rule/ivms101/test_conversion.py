"""Conversion between the editions: V1 nothing is lost, V2 there and back is the identity."""

import json
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.compliance.travel_rule.ivms101.payloads import (
    BENEFICIARY_WALLET,
    PAYLOADS_2020,
    PAYLOADS_2023,
    WALLET,
    plain_2023,
)

from sogdia.compliance.travel_rule.ivms101 import v2020, v2023
from sogdia.compliance.travel_rule.ivms101.conversion import convert
from sogdia.compliance.travel_rule.ivms101.reading import (
    Document,
    default_spelling,
    read_document,
)
from sogdia.compliance.travel_rule.ivms101.writing import write_document

CAREFUL = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
SPELLINGS = st.sampled_from(
    [
        frozenset(),
        frozenset({("Address", "postcode", "postCode")}),
        frozenset({("OriginatingVASP", "(unwrapped)", "(unwrapped)")}),
    ]
)


def values(node: Any) -> Counter[str]:
    """Return every leaf of a JSON value, counted."""
    if isinstance(node, dict):
        return sum((values(child) for child in node.values()), Counter())
    if isinstance(node, list):
        return sum((values(child) for child in node), Counter())
    return Counter([json.dumps(node)])


@CAREFUL
@given(PAYLOADS_2023)
def test_v2_2023_to_2020_and_back_is_the_identity(payload: v2023.IdentityPayload) -> None:
    """V2 over the bytes: what leaves in the other edition is read again before it is compared."""
    document = Document(payload, default_spelling("2023"))
    there = read_document(write_document(convert(document, "2020")), edition="2020")
    back = convert(there, "2023")
    assert back.payload == payload


@CAREFUL
@given(PAYLOADS_2020)
def test_v2_2020_to_2023_and_back_is_the_identity(payload: v2020.IdentityPayload) -> None:
    """V2 the other way round, with the accounts where 2020 has them."""
    document = Document(payload, default_spelling("2020"))
    there = read_document(write_document(convert(document, "2023")))
    assert there.edition == "2023"
    back = convert(there, "2020")
    assert back == document


@CAREFUL
@given(PAYLOADS_2023, SPELLINGS)
def test_v1_every_value_survives(payload: v2023.IdentityPayload, spelling: Any) -> None:
    """V1: no leaf of the source is missing from the result; only the version may be."""
    source = write_document(Document(payload, spelling))
    result = write_document(convert(read_document(source), "2020"))
    lost = values(json.loads(source)) - values(json.loads(result))
    assert set(lost) <= {'"101.2023"'}


@CAREFUL
@given(PAYLOADS_2020)
def test_v1_every_value_of_2020_survives(payload: v2020.IdentityPayload) -> None:
    """V1 the other way round."""
    source = write_document(Document(payload, default_spelling("2020")))
    result = write_document(convert(read_document(source, edition="2020"), "2023"))
    assert not values(json.loads(source)) - values(json.loads(result))


def test_the_wallet_address_is_where_each_edition_has_it() -> None:
    """The one public 2023 implementation drops both wallets on the way up; this must not."""
    old = convert(read_document(json.dumps(plain_2023()).encode()), "2020")
    written = json.loads(write_document(old))
    assert written["originator"]["accountNumber"] == [WALLET]
    assert written["beneficiary"]["accountNumber"] == [BENEFICIARY_WALLET]
    assert "accountNumber" not in written["originator"]["originatorPersons"][0]

    new = json.loads(write_document(convert(old, "2023")))
    assert new["originator"]["originatorPerson"][0]["accountNumber"] == [WALLET]
    assert new["beneficiary"]["beneficiaryPerson"][0]["accountNumber"] == [BENEFICIARY_WALLET]
    assert "accountNumber" not in new["originator"]


def test_two_persons_keep_their_own_wallets_through_2020() -> None:
    """2020 has one list for both originators; each person's own list is written beside it."""
    raw = plain_2023()
    second = json.loads(json.dumps(raw["originator"]["originatorPerson"][0]))
    second["accountNumber"] = ["second-wallet"]
    raw["originator"]["originatorPerson"].append(second)
    document = read_document(json.dumps(raw).encode())
    old = convert(document, "2020")
    assert old.payload.originator.account_number == (WALLET, "second-wallet")
    assert convert(old, "2023").payload == document.payload


def test_an_account_too_long_for_2020_is_carried_whole() -> None:
    """Nothing is cut: the result breaks Max100Text, and validation will say so."""
    raw = plain_2023()
    raw["originator"]["originatorPerson"][0]["accountNumber"] = ["a" * 400]
    old = convert(read_document(json.dumps(raw).encode()), "2020")
    assert old.payload.originator.account_number == ("a" * 400,)


def test_converting_to_the_same_edition_changes_nothing() -> None:
    """The document itself comes back."""
    document = read_document(json.dumps(plain_2023()).encode())
    assert convert(document, "2023") is document
