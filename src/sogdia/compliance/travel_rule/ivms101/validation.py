"""Judge a payload against every datatype and every constraint, and list all that is broken."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import Struct

from sogdia.compliance.travel_rule.ivms101.constraints import (
    CONSTRAINTS,
    Reference,
    lei_checksum_fault,
)
from sogdia.compliance.travel_rule.ivms101.datatypes import (
    ADDRESS_LINES_MAX,
    PATTERNS,
    describe_text_fault,
)
from sogdia.compliance.travel_rule.ivms101.parts import Address, LegalPerson
from sogdia.compliance.travel_rule.ivms101.reading import Document
from sogdia.compliance.travel_rule.ivms101.spelling import Spelling
from sogdia.compliance.travel_rule.ivms101.violations import VIOLATIONS_MAX, Violation
from sogdia.compliance.travel_rule.ivms101.walk import components, join, texts

# Format and control characters, private and unassigned ones: a name that reads like another.
_INVISIBLE = frozenset({"Cf", "Cc", "Co", "Cn"})


_RULES_OF = {
    component: [(name, only, rule) for name, on, only, rule in CONSTRAINTS if on == component]
    for component in {on for _, on, _, _ in CONSTRAINTS}
}


@dataclass(frozen=True, slots=True)
class Report:
    """The judgement: `violations` break the standard, `notices` are worth a look and do not."""

    violations: tuple[Violation, ...]
    notices: tuple[Violation, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Return whether nothing breaks the standard."""
        return not self.violations


def validate(document: Document, reference: Reference) -> Report:
    """Return every broken datatype and constraint of `document`, in the order of its elements."""
    payload, spelling = document.payload, document.spelling
    found = [
        *_datatype_faults(payload, spelling),
        *_multiplicity_faults(payload, spelling),
        *_constraint_faults(payload, spelling, reference),
    ]
    notices = _notices(payload, spelling, reference)
    return Report(tuple(found[:VIOLATIONS_MAX]), tuple(notices))


def _datatype_faults(payload: Struct, spelling: Spelling) -> Iterator[Violation]:
    for path, datatype, value in texts(payload, spelling):
        if datatype not in PATTERNS:
            continue
        problem = describe_text_fault(datatype, value)
        if problem is not None:
            yield Violation(path, datatype, problem, value)


def _multiplicity_faults(payload: Struct, spelling: Spelling) -> Iterator[Violation]:
    for path, node in components(payload, spelling):
        if isinstance(node, Address) and len(node.address_line) > ADDRESS_LINES_MAX:
            problem = f"has {len(node.address_line)} occurrences, at most {ADDRESS_LINES_MAX}"
            yield Violation(join(path, "addressLine"), "MULTIPLICITY", problem)
        if type(node).__name__ != "Person":
            continue
        natural, legal = getattr(node, "natural_person", None), getattr(node, "legal_person", None)
        if (natural is None) == (legal is None):
            problem = "a person is either a naturalPerson or a legalPerson"
            problem += ", not both" if natural is not None else ", this is neither"
            yield Violation(path, "CHOICE", problem)


def _constraint_faults(
    payload: Struct, spelling: Spelling, reference: Reference
) -> Iterator[Violation]:
    for path, node in components(payload, spelling):
        kind = type(node).__name__
        for constraint, originators_only, rule in _RULES_OF.get(kind, ()):
            if originators_only and not path.startswith("originator."):
                continue
            for element, problem, value in rule(node, reference):
                where = join(path, element) if element else path
                yield Violation(where, constraint, problem, value)


def _notices(payload: Struct, spelling: Spelling, reference: Reference) -> Iterator[Violation]:
    for path, datatype, value in texts(payload, spelling):
        if datatype != "LocalMax100Text":
            continue  # every other text is printable ASCII or a violation
        odd = next((char for char in value if unicodedata.category(char) in _INVISIBLE), None)
        if odd is not None:
            problem = f"holds U+{ord(odd):04X}, which is invisible or turns the direction of text"
            yield Violation(path, "UNICODE", problem)
    for path, node in components(payload, spelling):
        if isinstance(node, LegalPerson) and (lei := lei_checksum_fault(node)):
            where = join(path, "nationalIdentification.nationalIdentifier")
            yield Violation(where, "ISO 17442", "the LEI's check digits are wrong", lei)
    if reference.registration_authorities is None and any(
        getattr(node, "registration_authority", None) for _, node in components(payload, spelling)
    ):
        problem = "GLEIF's Registration Authorities List was not given: only the form was judged"
        yield Violation("", "C10", problem)
