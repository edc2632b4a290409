"""The constraints C1 to C12, each a small function over one component.

A rule yields (element, problem, value): the element below the component's own path, what is wrong,
and the offending value. `CONSTRAINTS` lists which component each rule looks at.

C1 and C4 speak of the originator alone ("if the originator is ..."), so they are not applied to
beneficiaries or institutions, although the tables list them beside every person.

Source: IVMS101.2023, section 5, "Person constraints"; section 6, "TransferPath constraints".
"""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sogdia.compliance.travel_rule.ivms101.countries import IVMS101_COUNTRIES
from sogdia.compliance.travel_rule.ivms101.datatypes import (
    LEI_PATTERN,
    PATTERNS,
    is_lei_checksum_valid,
    parse_date,
)

Fault = tuple[str, str, str | None]

LEGAL_PERSON_IDENTIFIERS = ("RAID", "MISC", "LEIX", "TXID")
IDENTIFYING_ADDRESSES_NATURAL = ("GEOG", "HOME", "BIZZ")
IDENTIFYING_ADDRESSES_LEGAL = ("GEOG",)


@dataclass(frozen=True, slots=True)
class Reference:
    """What the constraints are judged against: the day, and the registers that change over time.

    `registration_authorities` holds the codes of GLEIF's Registration Authorities List; without it
    C10 is judged by form alone and the report says so.
    """

    today: datetime.date
    registration_authorities: frozenset[str] | None = None


Rule = Callable[[Any, Reference], Iterator[Fault]]


def originator_is_identified(person: Any, _: Reference) -> Iterator[Fault]:
    """C1: a natural originator has an address, an identifier, or a date and place of birth."""
    natural = person.natural_person
    if natural is None:
        return
    identified = (
        any(a.address_type in IDENTIFYING_ADDRESSES_NATURAL for a in natural.geographic_address)
        or natural.customer_identification is not None
        or natural.national_identification is not None
        or natural.date_and_place_of_birth is not None
    )
    if not identified:
        yield (
            "naturalPerson",
            "an originator needs a geographicAddress (GEOG, HOME or BIZZ), a "
            "customerIdentification, a nationalIdentification or a dateAndPlaceOfBirth",
            None,
        )


def birth_is_in_the_past(birth: Any, reference: Reference) -> Iterator[Fault]:
    """C2: the date of birth lies before today."""
    day = parse_date(birth.date_of_birth)
    if day is not None and day >= reference.today:
        yield "dateOfBirth", f"must lie before {reference.today.isoformat()}", birth.date_of_birth


def _country(element: str, value: str | None) -> Iterator[Fault]:
    if value is None or PATTERNS["CountryCode"].fullmatch(value) is None:
        return  # absent, or already refused for its form
    if value not in IVMS101_COUNTRIES:
        yield element, "is neither an ISO 3166-1 alpha-2 code nor XX", value


def address_country_exists(address: Any, _: Reference) -> Iterator[Fault]:
    """C3: the country of an address exists."""
    yield from _country("country", address.country)


def issuing_country_exists(identification: Any, _: Reference) -> Iterator[Fault]:
    """C3: the country that issued an identifier exists."""
    yield from _country("countryOfIssue", identification.country_of_issue)


def residence_exists(person: Any, _: Reference) -> Iterator[Fault]:
    """C3: the country of residence exists."""
    yield from _country("countryOfResidence", person.country_of_residence)


def registration_country_exists(person: Any, _: Reference) -> Iterator[Fault]:
    """C3: the country of registration exists."""
    yield from _country("countryOfRegistration", person.country_of_registration)


def originating_company_is_identified(person: Any, _: Reference) -> Iterator[Fault]:
    """C4: a legal originator has a geographic address or an identifier."""
    legal = person.legal_person
    if legal is None:
        return
    identified = (
        any(a.address_type in IDENTIFYING_ADDRESSES_LEGAL for a in legal.geographic_address)
        or legal.customer_identification is not None
        or legal.national_identification is not None
    )
    if not identified:
        yield (
            "legalPerson",
            "an originator needs a geographicAddress (GEOG), a customerIdentification or a "
            "nationalIdentification",
            None,
        )


def company_has_legal_name(name: Any, _: Reference) -> Iterator[Fault]:
    """C5: one name of a legal person is the legal name."""
    if all(n.legal_person_name_identifier_type != "LEGL" for n in name.name_identifier):
        yield "nameIdentifier", "one name must have the type LEGL", None


def individual_has_legal_name(name: Any, _: Reference) -> Iterator[Fault]:
    """C6: one name of a natural person is the legal name."""
    types = [
        getattr(n, "natural_person_name_identifier_type", None)
        or getattr(n, "name_identifier_type", None)
        for n in name.name_identifier
    ]
    if "LEGL" not in types:
        yield "nameIdentifier", "one name must have the type LEGL", None


def company_identifier_fits(person: Any, _: Reference) -> Iterator[Fault]:
    """C7: a legal person's identifier is one that legal persons have."""
    identification = person.national_identification
    if identification is None:
        return
    kind = identification.national_identifier_type
    if kind not in LEGAL_PERSON_IDENTIFIERS:
        known = ", ".join(LEGAL_PERSON_IDENTIFIERS)
        element = "nationalIdentification.nationalIdentifierType"
        yield element, f"a legal person has one of {known}", kind


def address_is_locatable(address: Any, _: Reference) -> Iterator[Fault]:
    """C8: an address has free lines, or a street with the building's name or number."""
    if address.address_line:
        return
    if address.street_name and (address.building_name or address.building_number):
        return
    yield "", "needs addressLine, or streetName with buildingName or buildingNumber", None


def company_identifier_is_complete(person: Any, _: Reference) -> Iterator[Fault]:
    """C9: a legal person's identifier names its register and not a country, or is an LEI."""
    identification = person.national_identification
    if identification is None:
        return
    path = "nationalIdentification"
    if identification.country_of_issue is not None:
        problem = "a legal person's identifier must not have one"
        yield f"{path}.countryOfIssue", problem, identification.country_of_issue
    authority = identification.registration_authority
    if identification.national_identifier_type == "LEIX":
        if authority is not None:
            yield f"{path}.registrationAuthority", "must be absent beside an LEI", authority
    elif authority is None:
        kind = identification.national_identifier_type
        yield f"{path}.registrationAuthority", f"is required beside the type {kind}", None


def registration_authority_is_listed(identification: Any, reference: Reference) -> Iterator[Fault]:
    """C10: the register is on GLEIF's list."""
    code = identification.registration_authority
    listed = reference.registration_authorities
    if code is not None and listed is not None and code not in listed:
        yield "registrationAuthority", "is not on GLEIF's Registration Authorities List", code


def lei_has_its_form(person: Any, _: Reference) -> Iterator[Fault]:
    """C11: an LEI has eighteen letters or digits and two check digits."""
    identification = person.national_identification
    if identification is None or identification.national_identifier_type != "LEIX":
        return
    lei = identification.national_identifier
    if LEI_PATTERN.fullmatch(lei.upper()) is None:
        path = "nationalIdentification.nationalIdentifier"
        yield path, "an LEI has 18 letters or digits and then 2 digits", lei


def path_is_uninterrupted(path: Any, _: Reference) -> Iterator[Fault]:
    """C12: the sequence starts at 0 and has no gap and no repetition."""
    found = sorted(step.sequence for step in path.transfer_path)
    if found != list(range(len(found))):
        problem = f"the sequence must be 0 to {len(found) - 1} without gaps or repetitions"
        yield "transferPath", problem, ", ".join(map(str, found))


# (constraint, component, only for originators, rule)
CONSTRAINTS: tuple[tuple[str, str, bool, Rule], ...] = (
    ("C1", "Person", True, originator_is_identified),
    ("C2", "DateAndPlaceOfBirth", False, birth_is_in_the_past),
    ("C3", "Address", False, address_country_exists),
    ("C3", "NationalIdentification", False, issuing_country_exists),
    ("C3", "NaturalPerson", False, residence_exists),
    ("C3", "LegalPerson", False, registration_country_exists),
    ("C4", "Person", True, originating_company_is_identified),
    ("C5", "LegalPersonName", False, company_has_legal_name),
    ("C6", "NaturalPersonName", False, individual_has_legal_name),
    ("C7", "LegalPerson", False, company_identifier_fits),
    ("C8", "Address", False, address_is_locatable),
    ("C9", "LegalPerson", False, company_identifier_is_complete),
    ("C10", "NationalIdentification", False, registration_authority_is_listed),
    ("C11", "LegalPerson", False, lei_has_its_form),
    ("C12", "TransferPath", False, path_is_uninterrupted),
)


def lei_checksum_fault(person: Any) -> str | None:
    """Return a legal person's LEI when its check digits are wrong: doubtful, but no constraint.

    The standard's own worked example fails the check, so it cannot be a reason to refuse.
    """
    identification = person.national_identification
    if identification is None or identification.national_identifier_type != "LEIX":
        return None
    lei = str(identification.national_identifier).upper()
    if LEI_PATTERN.fullmatch(lei) is None or is_lei_checksum_valid(lei):
        return None
    return lei
