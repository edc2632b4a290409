"""C1 to C12, each broken alone in an otherwise sound payload, with the path it is reported at."""

import datetime
import json
from collections.abc import Callable
from typing import Any

import pycountry
import pytest
from hypothesis import HealthCheck, given, settings
from tests.unit.compliance.travel_rule.ivms101.payloads import PAYLOADS_2023, plain_2023

from sogdia.compliance.travel_rule.ivms101.constraints import Reference
from sogdia.compliance.travel_rule.ivms101.conversion import convert
from sogdia.compliance.travel_rule.ivms101.countries import ISO_3166_ALPHA_2
from sogdia.compliance.travel_rule.ivms101.reading import Document, read_document
from sogdia.compliance.travel_rule.ivms101.validation import Report, validate

TODAY = datetime.date(2026, 11, 21)
REFERENCE = Reference(TODAY, registration_authorities=frozenset({"RA000553"}))
WU = "originator.originatorPerson[0].naturalPerson"
COMPANY = "beneficiary.beneficiaryPerson[0].legalPerson"
VENUE = "originatingVASP.originatingVASP.legalPerson"


def judge(raw: dict[str, Any], reference: Reference = REFERENCE) -> Report:
    """Return the report on `raw`."""
    return validate(read_document(json.dumps(raw).encode()), reference)


def wu(raw: dict[str, Any]) -> dict[str, Any]:
    """Return the originating person."""
    person: dict[str, Any] = raw["originator"]["originatorPerson"][0]["naturalPerson"]
    return person


def company(raw: dict[str, Any]) -> dict[str, Any]:
    """Return the company that receives."""
    person: dict[str, Any] = raw["beneficiary"]["beneficiaryPerson"][0]["legalPerson"]
    return person


def venue(raw: dict[str, Any]) -> dict[str, Any]:
    """Return the originating institution."""
    person: dict[str, Any] = raw["originatingVASP"]["originatingVASP"]["legalPerson"]
    return person


def unidentified_originator(raw: dict[str, Any]) -> None:
    del wu(raw)["geographicAddress"], wu(raw)["dateAndPlaceOfBirth"]


def born_today(raw: dict[str, Any]) -> None:
    wu(raw)["dateAndPlaceOfBirth"]["dateOfBirth"] = TODAY.isoformat()


def residence_nowhere(raw: dict[str, Any]) -> None:
    wu(raw)["countryOfResidence"] = "ZZ"


def address_nowhere(raw: dict[str, Any]) -> None:
    wu(raw)["geographicAddress"][0]["country"] = "UK"


def originating_company_with_home(raw: dict[str, Any]) -> None:
    raw["originator"]["originatorPerson"] = [{"legalPerson": company(raw)}]


def trade_name_only(raw: dict[str, Any]) -> None:
    company(raw)["name"]["nameIdentifier"][0]["legalPersonNameIdentifierType"] = "TRAD"


def maiden_name_only(raw: dict[str, Any]) -> None:
    wu(raw)["name"]["nameIdentifier"][0]["naturalPersonNameIdentifierType"] = "MAID"


def company_with_passport(raw: dict[str, Any]) -> None:
    company(raw)["nationalIdentification"] = {
        "nationalIdentifier": "N1",
        "nationalIdentifierType": "CCPT",
        "registrationAuthority": "RA000553",
    }


def street_without_building(raw: dict[str, Any]) -> None:
    del wu(raw)["geographicAddress"][0]["buildingNumber"]


def lei_with_register(raw: dict[str, Any]) -> None:
    venue(raw)["nationalIdentification"]["registrationAuthority"] = "RA000553"


def tax_number_without_register(raw: dict[str, Any]) -> None:
    company(raw)["nationalIdentification"] = {
        "nationalIdentifier": "123456789012",
        "nationalIdentifierType": "TXID",
    }


def company_with_country_of_issue(raw: dict[str, Any]) -> None:
    tax_number_without_register(raw)
    company(raw)["nationalIdentification"] |= {
        "registrationAuthority": "RA000553",
        "countryOfIssue": "KZ",
    }


def register_not_listed(raw: dict[str, Any]) -> None:
    tax_number_without_register(raw)
    company(raw)["nationalIdentification"]["registrationAuthority"] = "RA999998"


def short_lei(raw: dict[str, Any]) -> None:
    venue(raw)["nationalIdentification"]["nationalIdentifier"] = "506700T7Z685VUOZL87"


def path_with_gap(raw: dict[str, Any]) -> None:
    raw["transferPath"] = {
        "transferPath": [
            {"intermediaryVASP": {"legalPerson": company(raw)}, "sequence": 0},
            {"intermediaryVASP": {"legalPerson": company(raw)}, "sequence": 2},
        ]
    }


BROKEN: list[tuple[str, str, Callable[[dict[str, Any]], None]]] = [
    ("C1", WU, unidentified_originator),
    ("C2", f"{WU}.dateAndPlaceOfBirth.dateOfBirth", born_today),
    ("C3", f"{WU}.countryOfResidence", residence_nowhere),
    ("C3", f"{WU}.geographicAddress[0].country", address_nowhere),
    ("C4", "originator.originatorPerson[0].legalPerson", originating_company_with_home),
    ("C5", f"{COMPANY}.name.nameIdentifier", trade_name_only),
    ("C6", f"{WU}.name.nameIdentifier", maiden_name_only),
    ("C7", f"{COMPANY}.nationalIdentification.nationalIdentifierType", company_with_passport),
    ("C8", f"{WU}.geographicAddress[0]", street_without_building),
    ("C9", f"{VENUE}.nationalIdentification.registrationAuthority", lei_with_register),
    ("C9", f"{COMPANY}.nationalIdentification.registrationAuthority", tax_number_without_register),
    ("C9", f"{COMPANY}.nationalIdentification.countryOfIssue", company_with_country_of_issue),
    ("C10", f"{COMPANY}.nationalIdentification.registrationAuthority", register_not_listed),
    ("C11", f"{VENUE}.nationalIdentification.nationalIdentifier", short_lei),
    ("C12", "transferPath.transferPath", path_with_gap),
]


@pytest.mark.parametrize(
    ("constraint", "path", "spoil"), BROKEN, ids=[f"{c}-{s.__name__}" for c, _, s in BROKEN]
)
def test_a_broken_constraint_is_named_with_its_path(
    constraint: str, path: str, spoil: Callable[[dict[str, Any]], None]
) -> None:
    """One fault, one violation, nothing else."""
    raw = plain_2023()
    spoil(raw)
    assert [(v.path, v.constraint) for v in judge(raw).violations] == [(path, constraint)]


def test_every_constraint_has_a_test() -> None:
    """C1 to C12, none forgotten."""
    assert {constraint for constraint, _, _ in BROKEN} == {f"C{n}" for n in range(1, 13)}


def test_the_plain_payload_conforms() -> None:
    """What the tests above spoil is sound before."""
    assert judge(plain_2023()).violations == ()


def test_a_beneficiary_needs_no_address() -> None:
    """C1 and C4 speak of the originator; a beneficiary with a bare name conforms."""
    raw = plain_2023()
    raw["beneficiary"]["beneficiaryPerson"] = [
        {
            "naturalPerson": {
                "name": {
                    "nameIdentifier": [
                        {"primaryIdentifier": "Ли", "naturalPersonNameIdentifierType": "LEGL"}
                    ]
                }
            }
        }
    ]
    found = judge(raw).violations
    where = (
        "beneficiary.beneficiaryPerson[0].naturalPerson.name.nameIdentifier[0].primaryIdentifier"
    )
    assert [(v.path, v.constraint) for v in found] == [(where, "Max100Text")]


def test_xx_is_a_country() -> None:
    """C3 allows the code for unknown states."""
    raw = plain_2023()
    wu(raw)["countryOfResidence"] = "XX"
    assert judge(raw).is_valid


def test_no_is_norway() -> None:
    """The country whose code some parsers read as false."""
    raw = plain_2023()
    wu(raw)["countryOfResidence"] = "NO"
    assert judge(raw).is_valid


def test_a_day_that_does_not_exist_is_no_date() -> None:
    """The form alone would let 30 February pass."""
    raw = plain_2023()
    wu(raw)["dateAndPlaceOfBirth"]["dateOfBirth"] = "1983-02-29"
    assert [v.constraint for v in judge(raw).violations] == ["Date"]


def test_a_person_is_one_kind() -> None:
    """Both or neither of naturalPerson and legalPerson breaks the choice."""
    raw = plain_2023()
    raw["beneficiary"]["beneficiaryPerson"][0]["naturalPerson"] = wu(raw)
    raw["originator"]["originatorPerson"].append({"accountNumber": ["x"]})
    found = [(v.path, v.constraint) for v in judge(raw).violations]
    assert found == [
        ("originator.originatorPerson[1]", "CHOICE"),
        ("beneficiary.beneficiaryPerson[0]", "CHOICE"),
    ]


def test_without_gleifs_list_the_report_says_that_c10_was_not_judged() -> None:
    """A missing list must not look like a passed check."""
    raw = plain_2023()
    register_not_listed(raw)
    report = judge(raw, Reference(TODAY))
    assert report.is_valid
    assert [notice.constraint for notice in report.notices] == ["C10"]


def test_wrong_check_digits_of_an_lei_are_noticed() -> None:
    """The standard's own example has wrong ones, so they are a notice and no violation."""
    raw = plain_2023()
    venue(raw)["nationalIdentification"]["nationalIdentifier"] = "3M5E1GQKGL17HI8CPN20"
    report = judge(raw)
    assert report.is_valid
    assert [notice.constraint for notice in report.notices] == ["ISO 17442"]


@pytest.mark.parametrize("char", ["\u202e", "\u200b", "\u2066", "\ufeff", "\ue000"])
def test_invisible_characters_in_a_local_name_are_noticed(char: str) -> None:
    """The standard allows them; whoever compares names should know."""
    raw = plain_2023()
    wu(raw)["name"]["localNameIdentifier"][0]["primaryIdentifier"] = f"吴{char}"
    report = judge(raw)
    assert report.is_valid
    where = f"{WU}.name.localNameIdentifier[0].primaryIdentifier"
    assert [(n.path, n.constraint) for n in report.notices] == [(where, "UNICODE")]


def test_eight_address_lines_are_one_too_many() -> None:
    """Multiplicity [0..7]."""
    raw = plain_2023()
    wu(raw)["geographicAddress"][0]["addressLine"] = ["line"] * 8
    assert [v.constraint for v in judge(raw).violations] == ["MULTIPLICITY"]


def test_a_2023_account_can_be_too_long_for_2020() -> None:
    """Max512Text became Max100Text: the conversion carries it, validation names it."""
    raw = plain_2023()
    raw["originator"]["originatorPerson"][0]["accountNumber"] = ["a" * 101]
    document = read_document(json.dumps(raw).encode())
    assert validate(document, REFERENCE).is_valid
    found = validate(convert(document, "2020"), REFERENCE).violations
    assert [(v.path, v.constraint) for v in found] == [
        ("originator.accountNumber[0]", "Max100Text")
    ]


def test_countries_are_iso_3166() -> None:
    """Against an outside list."""
    assert {country.alpha_2 for country in pycountry.countries} == ISO_3166_ALPHA_2


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(PAYLOADS_2023)
def test_generated_payloads_conform_in_both_editions(payload: Any) -> None:
    """The strategies follow the standard's datatypes, so the validator may refuse none of them."""
    document = Document(payload)
    reference = Reference(TODAY)
    assert validate(document, reference).violations == ()
    assert validate(convert(document, "2020"), reference).violations == ()
