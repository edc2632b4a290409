"""JSON in, typed payload out; every structural fault is listed, none is repaired in silence.

R1  A document that was read holds every element of the JSON: unknown elements are refused.
R2  Writing a document that was read gives the JSON that was read, up to the order of elements,
    the case of codes, nulls and empty lists.
"""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from msgspec import Struct, inspect

from sogdia.compliance.travel_rule.ivms101 import v2020, v2023
from sogdia.compliance.travel_rule.ivms101.datatypes import CASELESS_DATATYPES, NUMBER_MAX
from sogdia.compliance.travel_rule.ivms101.spelling import (
    ALIASES,
    PAYLOAD_VERSION_ALIASES,
    STANDARD,
    STANDARD_2020,
    UNWRAPPED,
    WRAPPERS,
    Spelling,
    looks_unwrapped,
)
from sogdia.compliance.travel_rule.ivms101.violations import (
    VIOLATIONS_MAX,
    InvalidDocument,
    Violation,
)
from sogdia.compliance.travel_rule.ivms101.walk import bare, fields_of, join
from sogdia.json_depth import is_deeper

Edition = Literal["2020", "2023"]
Payload = v2020.IdentityPayload | v2023.IdentityPayload

# The longest honest payload, every text full and ten persons a side, is under 100 kB.
DOCUMENT_BYTES_MAX = 1 << 20
DEPTH_MAX = 32  # the models are nine deep

_CODE_NAMES = {
    frozenset({"ALIA", "BIRT", "MAID", "LEGL", "MISC"}): "NaturalPersonNameTypeCode",
    frozenset({"LEGL", "SHRT", "TRAD"}): "LegalPersonNameTypeCode",
    frozenset({"HOME", "BIZZ", "GEOG"}): "AddressTypeCode",
    frozenset({"101"}): "PayloadVersionCode",
    frozenset({"101", "101.2023"}): "PayloadVersionCode",
}


@dataclass(frozen=True, slots=True)
class Document:
    """A payload, and the spelling in which it is to be written."""

    payload: Payload
    spelling: Spelling = STANDARD

    @property
    def edition(self) -> Edition:
        """Return which edition of the standard the payload follows."""
        return "2020" if isinstance(self.payload, v2020.IdentityPayload) else "2023"


def read_document(data: bytes, *, edition: Edition | None = None) -> Document:
    """Read a payload of either edition; `edition` overrides what the document says of itself.

    Raises:
        InvalidDocument: not UTF-8 JSON, a repeated key, over 1 MiB or 32 deep; or an element that
            is unknown, missing, of the wrong type or with an unknown code. All faults are listed.
    """
    raw = parse_json(data)
    if not isinstance(raw, dict):
        raise InvalidDocument((Violation("", "JSON", f"must be an object, not {_kind(raw)}"),))
    chosen = edition or detect_edition(raw)
    model = v2020.IdentityPayload if chosen == "2020" else v2023.IdentityPayload
    reader = _Reader()
    payload = reader.component(model, raw, "")
    if reader.violations:
        raise InvalidDocument(tuple(reader.violations))
    assert isinstance(payload, v2020.IdentityPayload | v2023.IdentityPayload)
    return Document(payload, frozenset(reader.spelling))


def parse_json(data: bytes) -> Any:
    """Parse `data` strictly: no repeated keys, no NaN, bounded size and depth.

    Raises:
        InvalidDocument: with constraint `JSON`.
    """
    if len(data) > DOCUMENT_BYTES_MAX:
        problem = f"has {len(data)} bytes, at most {DOCUMENT_BYTES_MAX} are read"
        raise InvalidDocument((Violation("", "JSON", problem),))
    if is_deeper(data, DEPTH_MAX):
        raise InvalidDocument((Violation("", "JSON", f"is nested deeper than {DEPTH_MAX}"),))
    try:
        return json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_distinct_keys,
            parse_constant=_refuse_constant,
        )
    except ValueError as error:
        raise InvalidDocument((Violation("", "JSON", str(error)),)) from None


def detect_edition(raw: dict[str, Any]) -> Edition:
    """Return the edition `raw` follows: what its metadata says, or else what its elements are."""
    metadata = raw.get("payloadMetadata")
    version = metadata.get("payloadVersion") if isinstance(metadata, dict) else None
    if version is not None:
        return "2020" if str(version) in {"101", "IVMS101"} else "2023"
    originator = raw.get("originator")
    persons = originator.get("originatorPerson") if isinstance(originator, dict) else None
    return "2023" if persons is not None else "2020"


def default_spelling(edition: Edition) -> Spelling:
    """Return the spelling of documents that Sogdia makes itself."""
    return STANDARD_2020 if edition == "2020" else STANDARD


class _Reader:
    """Builds components from JSON values, collecting faults and the spellings met."""

    def __init__(self) -> None:
        self.violations: list[Violation] = []
        self.spelling: set[tuple[str, str, str]] = set()

    def fault(self, path: str, constraint: str, problem: str, value: str | None = None) -> None:
        if len(self.violations) < VIOLATIONS_MAX:
            self.violations.append(Violation(path, constraint, problem, value))

    def component(self, model: type[Struct], raw: Any, path: str) -> Struct | None:
        """Return `raw` as `model`, or `None` after recording why it is not one."""
        name = model.__name__
        if looks_unwrapped(name, raw):
            self.spelling.add((name, UNWRAPPED, UNWRAPPED))
            raw = {WRAPPERS[name]: raw}
        if name == "NaturalPersonName" and isinstance(raw, list) and len(raw) == 1:
            raw = raw[0]  # 2020 allows several names; a name holds several identifiers anyway
        if not isinstance(raw, dict):
            self.fault(path, "TYPE", f"must be an object, not {_kind(raw)}")
            return None
        before = len(self.violations)
        values: dict[str, Any] = {}
        unread = set(raw)
        for field in fields_of(model):
            element = self._find(name, field.encode_name, raw, path)
            unread.discard(element)
            if raw.get(element) is not None:
                values[field.name] = self._value(field.type, raw[element], join(path, element))
            elif field.required:
                self.fault(join(path, field.encode_name), "MULTIPLICITY", "is required")
            if field.required and values.get(field.name) == ():
                self.fault(join(path, element), "MULTIPLICITY", "needs at least one occurrence")
        for element in sorted(unread):
            if raw[element] is not None:
                self.fault(join(path, element), "ELEMENT", f"is not an element of {name}")
        return model(**values) if len(self.violations) == before < VIOLATIONS_MAX else None

    def _find(self, component: str, element: str, raw: dict[str, Any], path: str) -> str:
        spellings = (element, *ALIASES.get((component, element), ()))
        present = [spelling for spelling in spellings if raw.get(spelling) is not None]
        if len(present) > 1:
            self.fault(join(path, present[1]), "ELEMENT", f"says the same as {present[0]}")
        if not present:
            return element
        if present[0] != element:
            self.spelling.add((component, element, present[0]))
        return present[0]

    def _value(self, described: inspect.Type, raw: Any, path: str) -> Any:
        kind, datatype = bare(described)
        if isinstance(kind, inspect.StructType):
            return self.component(kind.cls, raw, path)
        if isinstance(kind, inspect.VarTupleType):
            if not isinstance(raw, list):
                self.fault(path, "TYPE", f"must be a list, not {_kind(raw)}")
                return ()
            return tuple(
                self._value(kind.item_type, item, f"{path}[{index}]")
                for index, item in enumerate(raw)
            )
        if isinstance(kind, inspect.LiteralType):
            return self._code(kind, raw, path)
        if isinstance(kind, inspect.IntType):
            return self._number(raw, path)
        return self._text(datatype, raw, path)

    def _text(self, datatype: str | None, raw: Any, path: str) -> str | None:
        if not isinstance(raw, str):
            self.fault(path, "TYPE", f"must be a text, not {_kind(raw)}")
            return None
        return raw.upper() if datatype in CASELESS_DATATYPES else raw

    def _number(self, raw: Any, path: str) -> int | None:
        if isinstance(raw, bool) or not isinstance(raw, int):
            self.fault(path, "TYPE", f"must be a whole number, not {_kind(raw)}")
            return None
        if not 0 <= raw <= NUMBER_MAX:
            self.fault(path, "Number", f"must lie between 0 and {NUMBER_MAX}", str(raw))
        return raw

    def _code(self, kind: inspect.LiteralType, raw: Any, path: str) -> str | None:
        name, codes = _codes_of(kind.values)
        if not isinstance(raw, str):
            self.fault(path, "TYPE", f"must be a text, not {_kind(raw)}")
            return None
        text = PAYLOAD_VERSION_ALIASES.get(raw, raw) if name == "PayloadVersionCode" else raw
        if text.upper() not in codes:
            known = ", ".join(sorted(codes.values()))
            self.fault(path, name, f"is not one of {known}", raw)
            return None
        return codes[text.upper()]


@cache
def _codes_of(values: tuple[Any, ...]) -> tuple[str, dict[str, str]]:
    """Return the name of a list of codes, and its codes by their upper case."""
    name = _CODE_NAMES.get(frozenset(map(str, values)))
    if name is None:
        name = "TransliterationMethodCode" if "cyrl" in values else "NationalIdentifierTypeCode"
    return name, {str(code).upper(): str(code) for code in values}


def _kind(raw: Any) -> str:
    if raw is None:
        return "null"
    names = {dict: "an object", list: "a list", str: "a text", bool: "a truth value"}
    return names.get(type(raw), "a number")


def _distinct_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        # Two readers would keep different halves: one screens the first name, one pays the second.
        if key in found:
            raise ValueError(f"the key {key[:60]!r} is repeated in one object")
        found[key] = value
    return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
