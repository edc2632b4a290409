"""One walk over a typed payload: every component and every text with its path."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from msgspec import Struct, inspect

from sogdia.compliance.travel_rule.ivms101.spelling import (
    WRAPPERS,
    Spelling,
    is_unwrapped,
    spelled,
)


@cache
def fields_of(component: type[Struct]) -> tuple[inspect.Field, ...]:
    """Return the fields of `component` with their wire names and types."""
    described = inspect.type_info(component)
    assert isinstance(described, inspect.StructType)
    return described.fields


def bare(described: inspect.Type) -> tuple[inspect.Type, str | None]:
    """Return a field's type without `None` and metadata, and the name of its datatype."""
    if isinstance(described, inspect.UnionType):
        described = next(t for t in described.types if not isinstance(t, inspect.NoneType))
    if isinstance(described, inspect.Metadata):
        return described.type, (described.extra or {}).get("datatype")
    return described, None


def join(path: str, element: str) -> str:
    """Return `path` with `element` below it."""
    return f"{path}.{element}" if path else element


def components(node: Struct, spelling: Spelling, path: str = "") -> Iterator[tuple[str, Struct]]:
    """Yield `node` and every component below it, each with its path."""
    yield path, node
    for below, value in _children(node, spelling, path):
        if isinstance(value, Struct):
            yield from components(value, spelling, below)


def texts(node: Struct, spelling: Spelling) -> Iterator[tuple[str, str, Any]]:
    """Yield (path, datatype, value) of every value that has a datatype."""
    for path, component in components(node, spelling):
        name = type(component).__name__
        for field, wire, datatype in _datatypes_of(type(component)):
            value = getattr(component, field)
            if value is None or value == ():
                continue
            element = join(path, spelled(spelling, name, wire))
            if isinstance(value, tuple):
                yield from ((f"{element}[{i}]", datatype, item) for i, item in enumerate(value))
            else:
                yield element, datatype, value


@cache
def _datatypes_of(component: type[Struct]) -> tuple[tuple[str, str, str], ...]:
    """Return (field, element, datatype) of the fields of `component` that have a datatype."""
    found = []
    for field in fields_of(component):
        kind, datatype = bare(field.type)
        if isinstance(kind, inspect.VarTupleType):
            datatype = bare(kind.item_type)[1]
        if datatype is not None:
            found.append((field.name, field.encode_name, datatype))
    return tuple(found)


def _children(node: Struct, spelling: Spelling, path: str) -> Iterator[tuple[str, Any]]:
    name = type(node).__name__
    for field in fields_of(type(node)):
        element = join(path, spelled(spelling, name, field.encode_name))
        if is_unwrapped(spelling, name) and WRAPPERS.get(name) == field.encode_name:
            element = path
        value = getattr(node, field.name)
        if isinstance(value, tuple):
            yield from ((f"{element}[{index}]", item) for index, item in enumerate(value))
        elif value is not None:
            yield element, value
