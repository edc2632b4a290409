"""The components that both editions of IVMS101 share.

Python names are the standard's in snake case; on the wire they are the standard's own. An absent
element is `None`, an absent list is empty, and neither is written out.

Source: IVMS101.2023, section 5, "Components".
"""

from msgspec import Struct

from sogdia.compliance.travel_rule.ivms101.datatypes import (
    AddressTypeCode,
    CountryCode,
    DateText,
    LegalPersonNameTypeCode,
    LocalMax100Text,
    Max16Text,
    Max35Text,
    Max50Text,
    Max70Text,
    Max100Text,
    NationalIdentifierTypeCode,
    NaturalPersonNameTypeCode,
    RegistrationAuthorityCode,
)


class Component(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What every component is: immutable, compared by value, camel case on the wire."""


class Address(Component, frozen=True, kw_only=True):
    """Where a person may be communicated with; C3 and C8 apply."""

    address_type: AddressTypeCode
    department: Max50Text | None = None
    sub_department: Max70Text | None = None
    street_name: Max70Text | None = None
    building_number: Max16Text | None = None
    building_name: Max35Text | None = None
    floor: Max70Text | None = None
    post_box: Max16Text | None = None
    room: Max70Text | None = None
    # The structure table says `postcode`, the element's heading `postCode`: see `spelling`.
    postcode: Max16Text | None = None
    town_name: Max35Text
    town_location_name: Max35Text | None = None
    district_name: Max35Text | None = None
    country_sub_division: Max35Text | None = None
    address_line: tuple[Max70Text, ...] = ()
    country: CountryCode


class DateAndPlaceOfBirth(Component, frozen=True, kw_only=True):
    """When and where a natural person was born; C2 applies to the date."""

    date_of_birth: DateText
    place_of_birth: Max70Text


class NationalIdentification(Component, frozen=True, kw_only=True):
    """An identifier that a state issued; C3, and for legal persons C7, C9, C10 and C11 apply."""

    national_identifier: Max35Text
    national_identifier_type: NationalIdentifierTypeCode
    country_of_issue: CountryCode | None = None
    registration_authority: RegistrationAuthorityCode | None = None


class LocalNaturalPersonNameID(Component, frozen=True, kw_only=True):
    """A natural person's name in the person's own script."""

    primary_identifier: LocalMax100Text
    secondary_identifier: LocalMax100Text | None = None
    name_identifier_type: NaturalPersonNameTypeCode


class LegalPersonNameID(Component, frozen=True, kw_only=True):
    """A legal person's name in Latin script."""

    legal_person_name: Max100Text
    legal_person_name_identifier_type: LegalPersonNameTypeCode


class LocalLegalPersonNameID(Component, frozen=True, kw_only=True):
    """A legal person's name in its own script."""

    legal_person_name: LocalMax100Text
    legal_person_name_identifier_type: LegalPersonNameTypeCode


class LegalPersonName(Component, frozen=True, kw_only=True):
    """The names of a legal person; C5 wants one of them to be the legal name."""

    name_identifier: tuple[LegalPersonNameID, ...]
    local_name_identifier: tuple[LocalLegalPersonNameID, ...] = ()
    phonetic_name_identifier: tuple[LocalLegalPersonNameID, ...] = ()


class LegalPerson(Component, frozen=True, kw_only=True):
    """A company, foundation, partnership, association or the like; C3 to C5, C7 to C11 apply."""

    name: LegalPersonName
    geographic_address: tuple[Address, ...] = ()
    customer_identification: Max50Text | None = None
    national_identification: NationalIdentification | None = None
    country_of_registration: CountryCode | None = None
