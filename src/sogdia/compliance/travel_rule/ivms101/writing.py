"""A typed payload out as JSON, in the spelling of the document it came from."""

import json
from typing import Any

from msgspec import Struct

from sogdia.compliance.travel_rule.ivms101.reading import Document
from sogdia.compliance.travel_rule.ivms101.spelling import (
    WRAPPERS,
    Spelling,
    is_unwrapped,
    spelled,
)
from sogdia.compliance.travel_rule.ivms101.walk import fields_of


def to_json_values(node: Any, spelling: Spelling) -> Any:
    """Return a component as JSON values; absent elements and empty lists are left out."""
    if isinstance(node, tuple):
        return [to_json_values(item, spelling) for item in node]
    if not isinstance(node, Struct):
        return node
    name = type(node).__name__
    values = {}
    for field in fields_of(type(node)):
        value = getattr(node, field.name)
        # Other readers want the list of a transfer path even when it is empty.
        if value is None or (value == () and name != "TransferPath"):
            continue
        values[spelled(spelling, name, field.encode_name)] = to_json_values(value, spelling)
    if is_unwrapped(spelling, name):
        return values.get(WRAPPERS[name], [] if name == "TransferPath" else {})
    return values


def write_document(document: Document, *, indent: int | None = 2) -> bytes:
    """Return `document` as UTF-8 JSON that ends with a line break."""
    values = to_json_values(document.payload, document.spelling)
    return (json.dumps(values, ensure_ascii=False, indent=indent) + "\n").encode()
