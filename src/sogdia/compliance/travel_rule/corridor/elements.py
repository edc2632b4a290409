"""Demanded data in words of the law, and where IVMS101 keeps it.

Asking for an element and checking that it is there use this one table, so that a counterparty can
be asked for exactly what is missing and for nothing else.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sogdia.compliance.travel_rule.ivms101 import v2023
from sogdia.compliance.travel_rule.ivms101.parts import LegalPerson
from sogdia.compliance.travel_rule.ivms101.v2023 import IdentityPayload, Person

Finder = Callable[[Person], bool]


def _side(person: Person) -> Any:
    return person.natural_person or person.legal_person


def _has_name(person: Person) -> bool:
    side = _side(person)
    return side is not None and bool(side.name.name_identifier)


def _has_account(person: Person) -> bool:
    return bool(person.account_number)


def _has_address(person: Person) -> bool:
    side = _side(person)
    return side is not None and bool(side.geographic_address)


def _has_birth(person: Person) -> bool:
    """A legal person has no birth: what identifies it in its place is an official identifier."""
    if person.natural_person is not None:
        return person.natural_person.date_and_place_of_birth is not None
    return _has_identifier(person)


def _has_identifier(person: Person) -> bool:
    side = _side(person)
    return side is not None and side.national_identification is not None


# element -> (side of the payload, is it there, how to say it to a person)
ELEMENTS: Mapping[str, tuple[str, Finder, str]] = {
    "originator.name": ("originator", _has_name, "the originator's name"),
    "originator.account": ("originator", _has_account, "the originator's account or wallet"),
    "originator.address": ("originator", _has_address, "the originator's address"),
    "originator.birth": (
        "originator",
        _has_birth,
        "the originator's date and place of birth, or a company's official identifier",
    ),
    "originator.identifier": ("originator", _has_identifier, "the originator's identifier"),
    "beneficiary.name": ("beneficiary", _has_name, "the beneficiary's name"),
    "beneficiary.account": ("beneficiary", _has_account, "the beneficiary's account or wallet"),
    "beneficiary.address": ("beneficiary", _has_address, "the beneficiary's address"),
}


def missing_elements(payload: IdentityPayload, demanded: Iterable[str]) -> tuple[str, ...]:
    """Return which `demanded` elements `payload` lacks, sorted.

    An account is there when any of the persons on its side holds one; every other element must be
    there for each person.
    """
    return tuple(sorted(element for element in demanded if not _is_there(payload, element)))


def only_elements(payload: IdentityPayload, allowed: Iterable[str]) -> IdentityPayload:
    """Return `payload` without the personal data that `allowed` does not name.

    Names, accounts and institutions stay: without them there is no transfer to speak of. What goes
    is addresses, births and identifiers, so that no more is sent than a rule demands.
    """
    kept = frozenset(allowed)
    originators = tuple(
        _strip(person, kept, "originator") for person in payload.originator.originator_person
    )
    beneficiaries = tuple(
        _strip(person, kept, "beneficiary") for person in payload.beneficiary.beneficiary_person
    )
    return v2023.IdentityPayload(
        originator=v2023.Originator(originator_person=originators),
        beneficiary=v2023.Beneficiary(beneficiary_person=beneficiaries),
        originating_vasp=payload.originating_vasp,
        beneficiary_vasp=payload.beneficiary_vasp,
        transfer_path=payload.transfer_path,
        payload_metadata=payload.payload_metadata,
    )


def _is_there(payload: IdentityPayload, element: str) -> bool:
    side, is_there, _ = ELEMENTS[element]
    persons = (
        payload.originator.originator_person
        if side == "originator"
        else payload.beneficiary.beneficiary_person
    )
    if element.endswith(".account"):
        return any(is_there(person) for person in persons)
    return bool(persons) and all(is_there(person) for person in persons)


def _strip(person: Person, allowed: frozenset[str], side: str) -> Person:
    kept = {name for name in ("address", "birth", "identifier") if f"{side}.{name}" in allowed}
    if side == "originator":
        kept |= _identification_needed(person, kept)
    natural, legal = person.natural_person, person.legal_person
    if natural is not None:
        natural = v2023.NaturalPerson(
            name=natural.name,
            geographic_address=natural.geographic_address if "address" in kept else (),
            national_identification=natural.national_identification
            if "identifier" in kept
            else None,
            customer_identification=natural.customer_identification,
            date_and_place_of_birth=natural.date_and_place_of_birth if "birth" in kept else None,
            country_of_residence=natural.country_of_residence if "address" in kept else None,
        )
    if legal is not None:
        legal = LegalPerson(
            name=legal.name,
            geographic_address=legal.geographic_address if "address" in kept else (),
            customer_identification=legal.customer_identification,
            national_identification=None
            if kept.isdisjoint({"birth", "identifier"})
            else legal.national_identification,
            country_of_registration=legal.country_of_registration,
        )
    return Person(natural_person=natural, legal_person=legal, account_number=person.account_number)


def _identification_needed(person: Person, kept: set[str]) -> set[str]:
    """Return what must stay so that the standard's C1 and C4 hold: the least telling first."""
    side = _side(person)
    if side is None or side.customer_identification is not None:
        return set()
    candidates: tuple[tuple[str, Finder], ...] = (
        ("address", _has_address),
        ("identifier", _has_identifier),
        ("birth", _has_birth),
    )
    if person.legal_person is not None:  # C4 takes only GEOG addresses, but any identifier
        candidates = (candidates[1], candidates[0])
    there = [name for name, is_there in candidates if is_there(person)]
    return set() if kept & set(there) else set(there[:1])
