"""From one edition to the other and back, losing nothing.

    V1  Every value of the source is a value of the result, the wallet addresses included.
    V2  convert(convert(d, other), d.edition) is d, when d has its accounts where its edition has
        them and, in 2020, no redundant version element.

Where the accounts go: 2020 has one list for the originator (or beneficiary) as a whole, 2023 one
for each person. To 2023 the whole list goes to the first person, which is how the standard's worked
example reads. To 2020 the list is the union, and when any person but the first holds an account,
each person keeps its own beside it (see `v2020`).

A value too long for the other edition (an account may have 512 characters in 2023, 100 in 2020) is
carried over unchanged: validation of the result then names it. Nothing is ever cut.
"""

from typing import Any

import msgspec
from msgspec import Struct

from sogdia.compliance.travel_rule.ivms101 import v2020, v2023
from sogdia.compliance.travel_rule.ivms101.reading import Document, Edition
from sogdia.compliance.travel_rule.ivms101.spelling import STANDARD_2020, Spelling

# Spellings that mean the same in both editions and therefore survive a conversion.
_SHARED_COMPONENTS = frozenset({"Address", "OriginatingVASP", "BeneficiaryVASP", "TransferPath"})


def convert(document: Document, edition: Edition) -> Document:
    """Return `document` in `edition`; the same object when it already is."""
    payload = document.payload
    if isinstance(payload, v2020.IdentityPayload):
        if edition == "2020":
            return document
        return Document(to_2023(payload), _carry(document.spelling))
    if edition == "2023":
        return document
    return Document(to_2020(payload), _carry(document.spelling) | STANDARD_2020)


def to_2023(payload: v2020.IdentityPayload) -> v2023.IdentityPayload:
    """Return a payload of 2020 as one of 2023."""
    originator = _spread(payload.originator.originator_persons, payload.originator.account_number)
    beneficiary = _spread(
        payload.beneficiary.beneficiary_persons, payload.beneficiary.account_number
    )
    methods = payload.payload_metadata.transliteration_method if payload.payload_metadata else ()
    return v2023.IdentityPayload(
        originator=v2023.Originator(originator_person=originator),
        beneficiary=v2023.Beneficiary(beneficiary_person=beneficiary),
        payload_metadata=v2023.PayloadMetadata(
            transliteration_method=methods, payload_version="101.2023"
        ),
        **_institutions(payload, v2023, _person_to_2023),
    )


def to_2020(payload: v2023.IdentityPayload) -> v2020.IdentityPayload:
    """Return a payload of 2023 as one of 2020."""
    originator, originator_accounts = _gather(payload.originator.originator_person)
    beneficiary, beneficiary_accounts = _gather(payload.beneficiary.beneficiary_person)
    methods = payload.payload_metadata.transliteration_method
    return v2020.IdentityPayload(
        originator=v2020.Originator(
            originator_persons=originator, account_number=originator_accounts
        ),
        beneficiary=v2020.Beneficiary(
            beneficiary_persons=beneficiary, account_number=beneficiary_accounts
        ),
        payload_metadata=v2020.PayloadMetadata(transliteration_method=methods) if methods else None,
        **_institutions(payload, v2020, _person_to_2020),
    )


def _carry(spelling: Spelling) -> Spelling:
    return frozenset(entry for entry in spelling if entry[0] in _SHARED_COMPONENTS)


def _institutions(payload: Any, edition: Any, convert_person: Any) -> dict[str, Any]:
    """Return the institutions at both ends and between them, in the models of `edition`."""
    origin, target, between = (
        payload.originating_vasp,
        payload.beneficiary_vasp,
        payload.transfer_path,
    )
    return {
        "originating_vasp": origin
        and edition.OriginatingVASP(originating_vasp=convert_person(origin.originating_vasp)),
        "beneficiary_vasp": target
        and edition.BeneficiaryVASP(beneficiary_vasp=convert_person(target.beneficiary_vasp)),
        "transfer_path": between
        and edition.TransferPath(
            transfer_path=tuple(
                edition.IntermediaryVASP(
                    intermediary_vasp=convert_person(step.intermediary_vasp), sequence=step.sequence
                )
                for step in between.transfer_path
            )
        ),
    }


def _spread(
    persons: tuple[v2020.Person, ...], accounts: tuple[str, ...]
) -> tuple[v2023.Person, ...]:
    """Return `persons` in 2023, the accounts of the whole among them."""
    converted = [_person_to_2023(person) for person in persons]
    held = {account for person in persons for account in person.account_number}
    unheld = tuple(account for account in accounts if account not in held)
    if converted and converted[0] is not None:
        first = converted[0]
        converted[0] = msgspec.structs.replace(first, account_number=unheld + first.account_number)
    return tuple(person for person in converted if person is not None)


def _gather(
    persons: tuple[v2023.Person, ...],
) -> tuple[tuple[v2020.Person, ...], tuple[str, ...]]:
    """Return `persons` in 2020, and the accounts of the whole."""
    accounts = tuple(account for person in persons for account in person.account_number)
    first_holds_all = not any(person.account_number for person in persons[1:])
    if not first_holds_all:
        accounts = tuple(dict.fromkeys(accounts))
    converted = tuple(
        v2020.Person(
            natural_person=_natural(person.natural_person, v2020, "name_identifier_type"),
            legal_person=person.legal_person,
            account_number=() if first_holds_all else person.account_number,
        )
        for person in persons
    )
    return converted, accounts


def _person_to_2023(person: v2020.Person | None) -> v2023.Person | None:
    if person is None:
        return None
    return v2023.Person(
        natural_person=_natural(
            person.natural_person, v2023, "natural_person_name_identifier_type"
        ),
        legal_person=person.legal_person,
        account_number=person.account_number,
    )


def _person_to_2020(person: v2023.Person | None) -> v2020.Person | None:
    if person is None:
        return None
    return v2020.Person(
        natural_person=_natural(person.natural_person, v2020, "name_identifier_type"),
        legal_person=person.legal_person,
        account_number=person.account_number,
    )


def _natural(person: Any, edition: Any, type_field: str) -> Any:
    """Return a natural person in the models of `edition`, whose name type is `type_field`."""
    if person is None:
        return None
    other = {
        "name_identifier_type": "natural_person_name_identifier_type",
        "natural_person_name_identifier_type": "name_identifier_type",
    }[type_field]
    identifiers = tuple(
        edition.NaturalPersonNameID(
            primary_identifier=name.primary_identifier,
            secondary_identifier=name.secondary_identifier,
            **{type_field: getattr(name, other)},
        )
        for name in person.name.name_identifier
    )
    name = edition.NaturalPersonName(
        name_identifier=identifiers,
        local_name_identifier=person.name.local_name_identifier,
        phonetic_name_identifier=person.name.phonetic_name_identifier,
    )
    fields = {field: getattr(person, field) for field in _struct_fields(person) if field != "name"}
    return edition.NaturalPerson(name=name, **fields)


def _struct_fields(component: Struct) -> tuple[str, ...]:
    return component.__struct_fields__
