"""Reading: R1 nothing unknown passes, R2 what was read is written back as it came."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.compliance.travel_rule.ivms101.payloads import PAYLOADS_2020, plain_2023

from sogdia.compliance.travel_rule.ivms101.reading import (
    DOCUMENT_BYTES_MAX,
    Document,
    default_spelling,
    read_document,
)
from sogdia.compliance.travel_rule.ivms101.violations import InvalidDocument
from sogdia.compliance.travel_rule.ivms101.writing import write_document

CAREFUL = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def refusals(data: bytes | dict[str, Any]) -> list[tuple[str, str]]:
    """Return (path, constraint) of every reason for which `data` is refused."""
    with pytest.raises(InvalidDocument) as caught:
        read_document(data if isinstance(data, bytes) else json.dumps(data).encode())
    return [(found.path, found.constraint) for found in caught.value.violations]


def test_r2_a_plain_document_is_written_back_as_it_came() -> None:
    """R2 by comparison of the JSON."""
    raw = plain_2023()
    assert json.loads(write_document(read_document(json.dumps(raw).encode()))) == raw


@CAREFUL
@given(PAYLOADS_2020)
def test_r2_every_payload_of_2020_survives_writing_and_reading(payload: Any) -> None:
    """R2 over generated payloads."""
    document = Document(payload, default_spelling("2020"))
    assert read_document(write_document(document), edition="2020").payload == payload


def test_r2_other_spellings_are_read_and_written_back() -> None:
    """`postCode`, the short name type, an institution without its wrapper, the version's alias."""
    raw = plain_2023()
    person = raw["originator"]["originatorPerson"][0]["naturalPerson"]
    name = person["name"]["nameIdentifier"][0]
    name["nameIdentifierType"] = name.pop("naturalPersonNameIdentifierType")
    address = person["geographicAddress"][0]
    address["postCode"] = address.pop("postcode")
    raw["originatingVASP"] = raw["originatingVASP"]["originatingVASP"]
    document = read_document(json.dumps(raw).encode())
    assert document.edition == "2023"
    assert document.payload == read_document(json.dumps(plain_2023()).encode()).payload
    assert json.loads(write_document(document)) == raw


def test_the_edition_is_what_the_metadata_says_or_the_elements_are() -> None:
    """Documents of 2020 say nothing; a 2023 document without its version is 2023 and faulty."""
    assert read_document(json.dumps(plain_2023()).encode()).edition == "2023"
    old = {
        "originator": {"originatorPersons": [{"legalPerson": _company()}], "accountNumber": ["x"]},
        "beneficiary": {"beneficiaryPersons": [{"legalPerson": _company()}]},
    }
    assert read_document(json.dumps(old).encode()).edition == "2020"
    headless = plain_2023()
    del headless["payloadMetadata"]
    assert refusals(headless) == [("payloadMetadata", "MULTIPLICITY")]


def _company() -> dict[str, Any]:
    return {
        "name": {
            "nameIdentifier": [{"legalPersonName": "A", "legalPersonNameIdentifierType": "legl"}]
        }
    }


def test_codes_are_read_in_any_case() -> None:
    """The standard: unless otherwise specified, all values are case insensitive."""
    raw = plain_2023()
    raw["originator"]["originatorPerson"][0]["naturalPerson"]["countryOfResidence"] = "cn"
    raw["payloadMetadata"]["transliterationMethod"] = ["HANI"]
    payload: Any = read_document(json.dumps(raw).encode()).payload
    assert payload.originator.originator_person[0].natural_person.country_of_residence == "CN"
    assert payload.payload_metadata.transliteration_method == ("hani",)


def test_every_fault_is_listed_with_its_path() -> None:
    """Four faults in one document are four violations, not the first one."""
    raw = plain_2023()
    person = raw["originator"]["originatorPerson"][0]["naturalPerson"]
    del person["geographicAddress"][0]["townName"]
    person["nickname"] = "Xin"
    person["name"]["nameIdentifier"][0]["naturalPersonNameIdentifierType"] = "NICK"
    raw["beneficiary"]["beneficiaryPerson"][0]["accountNumber"] = "not-a-list"
    here = "originator.originatorPerson[0].naturalPerson"
    assert refusals(raw) == [
        (
            f"{here}.name.nameIdentifier[0].naturalPersonNameIdentifierType",
            "NaturalPersonNameTypeCode",
        ),
        (f"{here}.geographicAddress[0].townName", "MULTIPLICITY"),
        (f"{here}.nickname", "ELEMENT"),
        ("beneficiary.beneficiaryPerson[0].accountNumber", "TYPE"),
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "Expecting value"),
        (b"\xff\xfe", "utf-8"),
        (b"[]", "must be an object"),
        (b'{"originator": 1, "originator": 2}', "repeated"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "deep"),
        (b"[" * 200_000, "deep"),
        (b'{"a": ' + b"9" * 5000 + b"}", "digits"),
        (b" " * (DOCUMENT_BYTES_MAX + 1), "bytes"),
    ],
)
def test_bytes_that_are_no_document_are_refused_with_the_reason(data: bytes, words: str) -> None:
    """Broken, hostile and oversized input: one typed error, with what was wrong."""
    with pytest.raises(InvalidDocument, match=words):
        read_document(data)


def test_a_flood_of_faults_is_capped() -> None:
    """A hostile document cannot make the report larger than itself."""
    raw = plain_2023() | {f"x{index}": 1 for index in range(5000)}
    assert len(refusals(raw)) == 200


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "originator",
                        "beneficiary",
                        "originatorPerson",
                        "naturalPerson",
                        "name",
                        "nameIdentifier",
                        "payloadMetadata",
                        "payloadVersion",
                        "transferPath",
                        "x",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_any_json_is_read_or_refused_never_worse(raw: Any) -> None:
    """Fuzzing by shape: the only exception is the typed one."""
    try:
        read_document(json.dumps(raw).encode())
    except InvalidDocument as refusal:
        assert refusal.violations
