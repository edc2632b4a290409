"""Builders of payloads: one plain one, and strategies for every element the standard has."""

import datetime
import string
from typing import Any

from hypothesis import strategies as st

from sogdia.compliance.travel_rule.ivms101 import v2020, v2023
from sogdia.compliance.travel_rule.ivms101.countries import IVMS101_COUNTRIES
from sogdia.compliance.travel_rule.ivms101.parts import (
    Address,
    DateAndPlaceOfBirth,
    LegalPerson,
    LegalPersonName,
    LegalPersonNameID,
    LocalLegalPersonNameID,
    LocalNaturalPersonNameID,
    NationalIdentification,
)

WALLET = "0x52908400098527886E0F7030069857D2E4169EE7"
BENEFICIARY_WALLET = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"


def plain_2023() -> dict[str, Any]:
    """Return the JSON of a transfer from Wu Xinli in Urumqi to a company in Almaty."""
    return {
        "originator": {
            "originatorPerson": [
                {
                    "naturalPerson": {
                        "name": {
                            "nameIdentifier": [
                                {
                                    "primaryIdentifier": "Wu",
                                    "secondaryIdentifier": "Xinli",
                                    "naturalPersonNameIdentifierType": "LEGL",
                                }
                            ],
                            "localNameIdentifier": [
                                {
                                    "primaryIdentifier": "吴",
                                    "secondaryIdentifier": "信利",
                                    "nameIdentifierType": "LEGL",
                                }
                            ],
                        },
                        "geographicAddress": [
                            {
                                "addressType": "HOME",
                                "streetName": "Jiefang Lu",
                                "buildingNumber": "18",
                                "postcode": "830000",
                                "townName": "Urumqi",
                                "country": "CN",
                            }
                        ],
                        "dateAndPlaceOfBirth": {
                            "dateOfBirth": "1984-02-29",
                            "placeOfBirth": "Urumqi",
                        },
                        "countryOfResidence": "CN",
                    },
                    "accountNumber": [WALLET],
                }
            ]
        },
        "beneficiary": {
            "beneficiaryPerson": [
                {
                    "legalPerson": {
                        "name": {
                            "nameIdentifier": [
                                {
                                    "legalPersonName": "Zhibek Zholy Trade LLP",
                                    "legalPersonNameIdentifierType": "LEGL",
                                }
                            ],
                            "localNameIdentifier": [
                                {
                                    "legalPersonName": "Жібек Жолы Сауда ЖШС",
                                    "legalPersonNameIdentifierType": "LEGL",
                                }
                            ],
                        },
                        "countryOfRegistration": "KZ",
                    },
                    "accountNumber": [BENEFICIARY_WALLET],
                }
            ]
        },
        "originatingVASP": {
            "originatingVASP": {
                "legalPerson": {
                    "name": {
                        "nameIdentifier": [
                            {
                                "legalPersonName": "East Venue Ltd",
                                "legalPersonNameIdentifierType": "LEGL",
                            }
                        ]
                    },
                    "nationalIdentification": {
                        "nationalIdentifier": "506700T7Z685VUOZL877",
                        "nationalIdentifierType": "LEIX",
                    },
                }
            }
        },
        "payloadMetadata": {
            "transliterationMethod": ["hani", "cyrl"],
            "payloadVersion": "101.2023",
        },
    }


LATIN = st.characters(min_codepoint=32, max_codepoint=126)
LOCAL = st.characters(
    exclude_categories=("Cs",), exclude_characters="\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
)


def latin(longest: int) -> st.SearchStrategy[str]:
    """Return texts of 1 to `longest` printable ASCII characters."""
    return st.text(LATIN, min_size=1, max_size=longest)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return `strategy` or nothing."""
    return st.none() | strategy


def several(
    strategy: st.SearchStrategy[Any], least: int = 0, most: int = 2
) -> st.SearchStrategy[Any]:
    """Return tuples of `strategy`."""
    return st.lists(strategy, min_size=least, max_size=most).map(tuple)


NAME_TYPES = st.sampled_from(["ALIA", "BIRT", "MAID", "LEGL", "MISC"])
COMPANY_NAME_TYPES = st.sampled_from(["LEGL", "SHRT", "TRAD"])
COUNTRIES = st.sampled_from(sorted(IVMS101_COUNTRIES))
REGISTERS = st.integers(0, 999999).map(lambda n: f"RA{n:06d}")
LEIS = st.text(string.ascii_uppercase + string.digits, min_size=18, max_size=18).flatmap(
    lambda head: st.text(string.digits, min_size=2, max_size=2).map(lambda check: head + check)
)
TRANSLITERATIONS = st.sampled_from(["arab", "hani", "cyrl", "othr", "kana"])

ADDRESSES = st.builds(
    Address,
    address_type=st.sampled_from(["HOME", "BIZZ", "GEOG"]),
    department=maybe(latin(50)),
    sub_department=maybe(latin(70)),
    street_name=latin(70),
    building_number=latin(16),
    building_name=maybe(latin(35)),
    floor=maybe(latin(70)),
    post_box=maybe(latin(16)),
    room=maybe(latin(70)),
    postcode=maybe(latin(16)),
    town_name=latin(35),
    town_location_name=maybe(latin(35)),
    district_name=maybe(latin(35)),
    country_sub_division=maybe(latin(35)),
    address_line=several(latin(70), most=7),
    country=COUNTRIES,
)
BIRTHS = st.builds(
    DateAndPlaceOfBirth,
    date_of_birth=st.dates(max_value=datetime.date(2020, 1, 1)).map(str),
    place_of_birth=latin(70),
)
LOCAL_NAMES = st.builds(
    LocalNaturalPersonNameID,
    primary_identifier=st.text(LOCAL, min_size=1, max_size=100),
    secondary_identifier=maybe(st.text(LOCAL, min_size=1, max_size=100)),
    name_identifier_type=NAME_TYPES,
)
PERSON_IDENTIFIERS = st.builds(
    NationalIdentification,
    national_identifier=latin(35),
    national_identifier_type=st.sampled_from(
        ["ARNU", "CCPT", "RAID", "DRLC", "FIIN", "TXID", "SOCS"]
    ),
    country_of_issue=maybe(COUNTRIES),
    registration_authority=maybe(REGISTERS),
)
COMPANY_IDENTIFIERS = st.one_of(
    st.builds(
        NationalIdentification,
        national_identifier=LEIS,
        national_identifier_type=st.just("LEIX"),
    ),
    st.builds(
        NationalIdentification,
        national_identifier=latin(35),
        national_identifier_type=st.sampled_from(["RAID", "MISC", "TXID"]),
        registration_authority=REGISTERS,
    ),
)
COMPANIES = st.builds(
    LegalPerson,
    name=st.builds(
        LegalPersonName,
        name_identifier=st.tuples(
            st.builds(
                LegalPersonNameID,
                legal_person_name=latin(100),
                legal_person_name_identifier_type=st.just("LEGL"),
            ),
            st.builds(
                LegalPersonNameID,
                legal_person_name=latin(100),
                legal_person_name_identifier_type=COMPANY_NAME_TYPES,
            ),
        ),
        local_name_identifier=several(
            st.builds(
                LocalLegalPersonNameID,
                legal_person_name=st.text(LOCAL, min_size=1, max_size=100),
                legal_person_name_identifier_type=COMPANY_NAME_TYPES,
            )
        ),
    ),
    geographic_address=several(ADDRESSES),
    customer_identification=latin(50),
    national_identification=maybe(COMPANY_IDENTIFIERS),
    country_of_registration=maybe(COUNTRIES),
)


def naturals(edition: Any, type_field: str) -> st.SearchStrategy[Any]:
    """Return natural persons of `edition`, whose name type is called `type_field`."""

    def name_id(kind: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
        return st.builds(
            edition.NaturalPersonNameID,
            primary_identifier=latin(100),
            secondary_identifier=maybe(latin(100)),
            **{type_field: kind},
        )

    return st.builds(
        edition.NaturalPerson,
        name=st.builds(
            edition.NaturalPersonName,
            name_identifier=st.tuples(name_id(st.just("LEGL")), name_id(NAME_TYPES)),
            local_name_identifier=several(LOCAL_NAMES),
            phonetic_name_identifier=several(LOCAL_NAMES),
        ),
        geographic_address=several(ADDRESSES),
        national_identification=maybe(PERSON_IDENTIFIERS),
        customer_identification=latin(50),
        date_and_place_of_birth=maybe(BIRTHS),
        country_of_residence=maybe(COUNTRIES),
    )


def persons(edition: Any, type_field: str, account_length: int | None) -> st.SearchStrategy[Any]:
    """Return persons of `edition`; `account_length` is `None` where a person has no accounts."""
    accounts: dict[str, Any] = {}
    if account_length is not None:
        accounts = {"account_number": several(latin(account_length))}
    natural = naturals(edition, type_field)
    return st.one_of(
        st.builds(edition.Person, natural_person=natural, **accounts),
        st.builds(edition.Person, legal_person=COMPANIES, **accounts),
    )


def _institutions(edition: Any, person: st.SearchStrategy[Any]) -> dict[str, Any]:
    path = several(person).map(
        lambda steps: edition.TransferPath(
            transfer_path=tuple(
                edition.IntermediaryVASP(intermediary_vasp=step, sequence=index)
                for index, step in enumerate(steps)
            )
        )
    )
    return {
        "originating_vasp": maybe(
            st.builds(edition.OriginatingVASP, originating_vasp=maybe(person))
        ),
        "beneficiary_vasp": maybe(
            st.builds(edition.BeneficiaryVASP, beneficiary_vasp=maybe(person))
        ),
        "transfer_path": maybe(path),
    }


_PERSONS_2023 = persons(v2023, "natural_person_name_identifier_type", 100)
_PERSONS_2020 = persons(v2020, "name_identifier_type", None)

PAYLOADS_2023 = st.builds(
    v2023.IdentityPayload,
    originator=st.builds(
        v2023.Originator, originator_person=several(_PERSONS_2023, least=1, most=3)
    ),
    beneficiary=st.builds(v2023.Beneficiary, beneficiary_person=several(_PERSONS_2023, least=1)),
    payload_metadata=st.builds(
        v2023.PayloadMetadata,
        transliteration_method=several(TRANSLITERATIONS),
        payload_version=st.just("101.2023"),
    ),
    **_institutions(v2023, _PERSONS_2023),
)
PAYLOADS_2020 = st.builds(
    v2020.IdentityPayload,
    originator=st.builds(
        v2020.Originator,
        originator_persons=several(_PERSONS_2020, least=1, most=3),
        account_number=several(latin(100)),
    ),
    beneficiary=st.builds(
        v2020.Beneficiary,
        beneficiary_persons=several(_PERSONS_2020, least=1),
        account_number=several(latin(100)),
    ),
    payload_metadata=maybe(
        st.builds(v2020.PayloadMetadata, transliteration_method=several(TRANSLITERATIONS, least=1))
    ),
    **_institutions(v2020, _PERSONS_2020),
)
