"""IVMS101 of 2020, which most institutions still send.

It differs from 2023 in four places: `nameIdentifierType` of a natural person, the plural
`originatorPersons` and `beneficiaryPersons`, the account numbers, which belong to the originator
and the beneficiary as a whole, and metadata without a version.

The standard has no account number on a single person. `Person.account_number` is the extension that
implementations in use accept; `conversion` writes it only where the standard's own place cannot say
which of several persons holds which account.

Source: IVMS101 (2020), issue 1, sections 5 and 6.
"""

from typing import Literal

from msgspec import field

from sogdia.compliance.travel_rule.ivms101.datatypes import (
    CountryCode,
    Max50Text,
    Max100Text,
    NaturalPersonNameTypeCode,
    Number,
    TransliterationMethodCode,
)
from sogdia.compliance.travel_rule.ivms101.parts import (
    Address,
    Component,
    DateAndPlaceOfBirth,
    LegalPerson,
    LocalNaturalPersonNameID,
    NationalIdentification,
)


class NaturalPersonNameID(Component, frozen=True, kw_only=True):
    """A natural person's name in Latin script, split as a passport splits it."""

    primary_identifier: Max100Text
    secondary_identifier: Max100Text | None = None
    name_identifier_type: NaturalPersonNameTypeCode


class NaturalPersonName(Component, frozen=True, kw_only=True):
    """The names of a natural person; C6 wants one of them to be the legal name."""

    name_identifier: tuple[NaturalPersonNameID, ...]
    local_name_identifier: tuple[LocalNaturalPersonNameID, ...] = ()
    phonetic_name_identifier: tuple[LocalNaturalPersonNameID, ...] = ()


class NaturalPerson(Component, frozen=True, kw_only=True):
    """One individual; C1 to C3, C6 and C8 apply."""

    name: NaturalPersonName
    geographic_address: tuple[Address, ...] = ()
    national_identification: NationalIdentification | None = None
    customer_identification: Max50Text | None = None
    date_and_place_of_birth: DateAndPlaceOfBirth | None = None
    country_of_residence: CountryCode | None = None


class Person(Component, frozen=True, kw_only=True):
    """Either a natural or a legal person."""

    natural_person: NaturalPerson | None = None
    legal_person: LegalPerson | None = None
    account_number: tuple[Max100Text, ...] = ()


class Originator(Component, frozen=True, kw_only=True):
    """Whose order the transfer carries out, and from which accounts."""

    originator_persons: tuple[Person, ...]
    account_number: tuple[Max100Text, ...] = ()


class Beneficiary(Component, frozen=True, kw_only=True):
    """Who is to receive the transfer, and on which accounts."""

    beneficiary_persons: tuple[Person, ...]
    account_number: tuple[Max100Text, ...] = ()


class OriginatingVASP(Component, frozen=True, kw_only=True):
    """The institution that initiates the transfer."""

    originating_vasp: Person | None = field(name="originatingVASP", default=None)


class BeneficiaryVASP(Component, frozen=True, kw_only=True):
    """The institution that makes the funds available to the beneficiary."""

    beneficiary_vasp: Person | None = field(name="beneficiaryVASP", default=None)


class IntermediaryVASP(Component, frozen=True, kw_only=True):
    """One institution in the chain between the two ends; C12 applies to the sequence."""

    intermediary_vasp: Person = field(name="intermediaryVASP")
    sequence: Number


class TransferPath(Component, frozen=True, kw_only=True):
    """The institutions in between, in the order in which the transfer passes them."""

    transfer_path: tuple[IntermediaryVASP, ...] = ()


class PayloadMetadata(Component, frozen=True, kw_only=True):
    """From which scripts the Latin text was transliterated.

    The edition has no version element; one that says "101" is accepted and means what its absence
    means.
    """

    transliteration_method: tuple[TransliterationMethodCode, ...] = ()
    payload_version: Literal["101"] | None = None


class IdentityPayload(Component, frozen=True, kw_only=True):
    """All that one institution tells the other about a transfer."""

    originator: Originator
    beneficiary: Beneficiary
    originating_vasp: OriginatingVASP | None = field(name="originatingVASP", default=None)
    beneficiary_vasp: BeneficiaryVASP | None = field(name="beneficiaryVASP", default=None)
    transfer_path: TransferPath | None = None
    payload_metadata: PayloadMetadata | None = None
