"""How one element is spelled in documents in use, where the standard contradicts itself.

The structure tables, the element headings and the examples of the standard do not always agree, and
implementations chose differently. A document is read in any of these spellings and written back in
the one it came in; what Sogdia makes itself uses the default, the structure table's.
"""

from collections.abc import Mapping
from typing import Any

# (component, element of our model) -> other spellings that are read
ALIASES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("Address", "postcode"): ("postCode",),  # table: postcode; heading: postCode
    ("Originator", "originatorPerson"): ("originatorPersons",),  # 2023, written from 2020 code
    ("Originator", "originatorPersons"): ("originatorPerson",),
    ("Beneficiary", "beneficiaryPerson"): ("beneficiaryPersons",),
    ("Beneficiary", "beneficiaryPersons"): ("beneficiaryPerson",),  # 2020: the table's singular
    # 2023: the table has the long name, the two worked examples have the short one
    ("NaturalPersonNameID", "naturalPersonNameIdentifierType"): ("nameIdentifierType",),
    ("NaturalPersonNameID", "nameIdentifierType"): ("naturalPersonNameIdentifierType",),
    ("NaturalPerson", "customerIdentification"): ("customerNumber",),
    ("LegalPerson", "customerIdentification"): ("customerNumber",),
}
# Components that wrap one element of the same name; some implementations leave the wrapper out.
WRAPPERS = {
    "OriginatingVASP": "originatingVASP",
    "BeneficiaryVASP": "beneficiaryVASP",
    "TransferPath": "transferPath",
}
UNWRAPPED = "(unwrapped)"
PAYLOAD_VERSION_ALIASES = {"IVMS101.2023": "101.2023", "IVMS101": "101"}  # as in the examples

Spelling = frozenset[tuple[str, str, str]]
"""The aliases a document uses: (component, our element, the document's element)."""

STANDARD: Spelling = frozenset()
# In 2020 a legal person has a `customerNumber`, a natural person a `customerIdentification`.
STANDARD_2020: Spelling = frozenset({("LegalPerson", "customerIdentification", "customerNumber")})


def spelled(spelling: Spelling, component: str, element: str) -> str:
    """Return how a document with `spelling` writes `element` of `component`."""
    for alias in ALIASES.get((component, element), ()):
        if (component, element, alias) in spelling:
            return alias
    return element


def is_unwrapped(spelling: Spelling, component: str) -> bool:
    """Return whether a document with `spelling` leaves the wrapper `component` out."""
    return (component, UNWRAPPED, UNWRAPPED) in spelling


def looks_unwrapped(component: str, raw: Any) -> bool:
    """Return whether `raw` is what the wrapper `component` should have contained."""
    if component == "TransferPath":
        return isinstance(raw, list)
    return (
        component in WRAPPERS
        and isinstance(raw, dict)
        and not raw.keys().isdisjoint({"naturalPerson", "legalPerson", "accountNumber"})
    )
