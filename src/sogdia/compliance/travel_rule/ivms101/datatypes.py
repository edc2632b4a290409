"""The datatypes of IVMS101: texts with a longest length, and closed lists of codes.

A text's datatype is part of its annotation, `Annotated[str, Meta(extra={"datatype": ...})]`, so
that one walk over the models finds every value together with the rule it must satisfy.

Source: IVMS101.2023, section 5, "Datatypes"; IVMS101 (2020), section 5.3.
"""

import datetime
import re
from typing import Annotated, Literal

from msgspec import Meta

NaturalPersonNameTypeCode = Literal["ALIA", "BIRT", "MAID", "LEGL", "MISC"]
LegalPersonNameTypeCode = Literal["LEGL", "SHRT", "TRAD"]
AddressTypeCode = Literal["HOME", "BIZZ", "GEOG"]
NationalIdentifierTypeCode = Literal[
    "ARNU", "CCPT", "RAID", "DRLC", "FIIN", "TXID", "SOCS", "IDCD", "LEIX", "MISC"
]
TransliterationMethodCode = Literal[
    "arab",
    "aran",
    "armn",
    "cyrl",
    "deva",
    "geor",
    "grek",
    "hani",
    "hebr",
    "kana",
    "kore",
    "thai",
    "othr",
]
PayloadVersionCode = Literal["101", "101.2023"]

Max16Text = Annotated[str, Meta(extra={"datatype": "Max16Text"})]
Max35Text = Annotated[str, Meta(extra={"datatype": "Max35Text"})]
Max50Text = Annotated[str, Meta(extra={"datatype": "Max50Text"})]
Max70Text = Annotated[str, Meta(extra={"datatype": "Max70Text"})]
Max100Text = Annotated[str, Meta(extra={"datatype": "Max100Text"})]
Max512Text = Annotated[str, Meta(extra={"datatype": "Max512Text"})]
LocalMax100Text = Annotated[str, Meta(extra={"datatype": "LocalMax100Text"})]
DateText = Annotated[str, Meta(extra={"datatype": "Date"})]
CountryCode = Annotated[str, Meta(extra={"datatype": "CountryCode"})]
RegistrationAuthorityCode = Annotated[str, Meta(extra={"datatype": "RegistrationAuthority"})]
Number = Annotated[int, Meta(extra={"datatype": "Number"})]

NUMBER_MAX = 10**18 - 1  # totalDigits 18, fractionDigits 0
ADDRESS_LINES_MAX = 7  # multiplicity [0..7] of Address.addressLine

PATTERNS: dict[str, re.Pattern[str]] = {
    "Max16Text": re.compile(r"[ -~]{1,16}"),
    "Max35Text": re.compile(r"[ -~]{1,35}"),
    "Max50Text": re.compile(r"[ -~]{1,50}"),
    "Max70Text": re.compile(r"[ -~]{1,70}"),
    "Max100Text": re.compile(r"[ -~]{1,100}"),
    "Max512Text": re.compile(r"[ -~]{1,512}"),
    "LocalMax100Text": re.compile(r".{1,100}"),
    "Date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "CountryCode": re.compile(r"[A-Z]{2}"),
    "RegistrationAuthority": re.compile(r"RA[0-9]{6}"),
}
_FORMS = {
    "Date": "YYYY-MM-DD",
    "CountryCode": "AA, two letters",
    "RegistrationAuthority": "RA000099",
}
LEI_PATTERN = re.compile(r"[0-9A-Z]{18}[0-9]{2}")

# "Unless otherwise specified, all values are case insensitive" (section 1): these are stored upper.
CASELESS_DATATYPES = frozenset({"CountryCode", "RegistrationAuthority"})


def parse_date(text: str) -> datetime.date | None:
    """Return the day that `text` names as YYYY-MM-DD, or `None` when there is no such day."""
    if PATTERNS["Date"].fullmatch(text) is None:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def describe_text_fault(datatype: str, value: str) -> str | None:
    """Return what is wrong with `value` as a `datatype`, in words, or `None` when it conforms."""
    if PATTERNS[datatype].fullmatch(value) is None:
        return "must not be empty" if value == "" else _describe_form_fault(datatype, value)
    if datatype == "Date" and parse_date(value) is None:
        return "there is no such day in the calendar"
    return None


def _describe_form_fault(datatype: str, value: str) -> str:
    longest = re.search(r"Max(\d+)Text", datatype)
    if longest is None:
        return f"must have the form {_FORMS[datatype]}"
    if len(value) > int(longest[1]):
        return f"has {len(value)} characters, at most {longest[1]} are allowed"
    if datatype == "LocalMax100Text":
        return "must not hold a line break"
    odd = next(char for char in value if not " " <= char <= "~")
    return (
        f"holds U+{ord(odd):04X}, only printable ASCII is allowed here: transliterate the text "
        "and put the original script into a local name"
    )


def is_lei_checksum_valid(lei: str) -> bool:
    """Return whether the two check digits of `lei` agree with ISO 17442 (ISO 7064 MOD 97-10)."""
    if LEI_PATTERN.fullmatch(lei) is None:
        return False
    return int("".join(str(int(char, 36)) for char in lei)) % 97 == 1
