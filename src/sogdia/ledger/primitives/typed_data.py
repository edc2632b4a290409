"""Typed data as a wallet signs it (EIP-712): a document of types, domain and message to 32 bytes.

    TD1  Every field is there and has the form of its type; nothing is guessed or cut.
    TD2  Numbers come as JSON numbers, decimal or 0x text; bytes and addresses as 0x text.

Raises `InvalidTypedData`, and nothing else, on whatever JSON can hold.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sogdia.ledger.primitives.hashing import keccak256

Types = Mapping[str, Sequence[tuple[str, str]]]
"""Fields of each struct, (name, type), in the order in which they are hashed."""

DOMAIN = "EIP712Domain"
DOMAIN_FIELDS = (
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
    ("salt", "bytes32"),
)
# A struct of no more than this in another; types may refer to themselves, data must end.
DEPTH_MAX = 32
_ARRAY = re.compile(r"^(.+)\[(\d{0,9})\]$", re.ASCII)
_INTEGER = re.compile(r"^(u?)int(\d{0,3})$", re.ASCII)
_NUMBER = re.compile(r"^(0x[\da-fA-F]+|-?\d+)$", re.ASCII)
_FIXED = re.compile(r"^bytes([1-9]|[12]\d|3[012])$", re.ASCII)


class InvalidTypedData(ValueError):
    """A document that cannot be hashed; its words say where and why."""


def hash_typed_data(document: Mapping[str, Any]) -> bytes:
    """Return the 32 bytes that are signed.

    Raises:
        InvalidTypedData: a member is missing, or a value is not of its type.
    """
    types = _read_types(_member(document, "types", dict))
    domain = _member(document, "domain", dict)
    primary = _member(document, "primaryType", str)
    fields = types.setdefault(DOMAIN, [field for field in DOMAIN_FIELDS if field[0] in domain])
    if {name for name, _ in fields} != domain.keys():
        raise InvalidTypedData(f"domain has {sorted(domain)}, its type {[n for n, _ in fields]}")
    encoder = _Encoder(types)
    hashes = encoder.hash_struct(DOMAIN, domain)
    if primary != DOMAIN:
        hashes += encoder.hash_struct(primary, _member(document, "message", dict))
    return keccak256(b"\x19\x01" + hashes)


def _member(document: Mapping[str, Any], name: str, kind: type) -> Any:
    value = document.get(name)
    if type(value) is not kind:
        raise InvalidTypedData(f"want a member '{name}' of type {kind.__name__}, got {value!r}")
    return value


def _read_types(given: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    types: dict[str, list[tuple[str, str]]] = {}
    for name, fields in given.items():
        if type(fields) is not list or not all(type(field) is dict for field in fields):
            raise InvalidTypedData(f"type {name}: want a list of its fields")
        types[name] = [(_member(f, "name", str), _member(f, "type", str)) for f in fields]
    return types


def _encode_type(types: Types, name: str) -> bytes:
    """Return the text of a struct, then of those it refers to in order of their names."""
    found, waiting = set[str](), [name]
    while waiting:
        each = waiting.pop().partition("[")[0]
        if each in types and each not in found:
            found.add(each)
            waiting += [kind for _, kind in types[each]]
    order = [name, *sorted(found - {name})]
    texts = [f"{each}({','.join(f'{kind} {n}' for n, kind in types[each])})" for each in order]
    return "".join(texts).encode()


class _Encoder:
    """Hashes values under one set of types; the hash of a type is made once."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._type_hashes: dict[str, bytes] = {}

    def hash_struct(self, name: str, value: Any, depth: int = 0) -> bytes:
        """Return the hash of a struct's type and values."""
        if name not in self._types:
            raise InvalidTypedData(f"type {name} is not among the types")
        if type(value) is not dict:
            raise InvalidTypedData(f"want an object for {name}, got {value!r}")
        if depth > DEPTH_MAX:
            raise InvalidTypedData(f"data more than {DEPTH_MAX} deep")
        encoded = [self._type_hash(name)]
        for field, kind in self._types[name]:
            encoded.append(self._encode(kind, value.get(field), f"{name}.{field}", depth))
        return keccak256(b"".join(encoded))

    def _type_hash(self, name: str) -> bytes:
        known = self._type_hashes.get(name)
        if known is None:
            known = self._type_hashes[name] = keccak256(_encode_type(self._types, name))
        return known

    def _encode(self, kind: str, value: Any, where: str, depth: int) -> bytes:
        """Return the 32 bytes that stand for a value."""
        if kind.endswith("]"):
            return self._encode_array(kind, value, where, depth)
        if kind in self._types:
            # A struct that is not there is zero, so that types may refer to themselves.
            return bytes(32) if value is None else self.hash_struct(kind, value, depth + 1)
        if kind == "string" and type(value) is str:
            return keccak256(value.encode("utf-8", "surrogatepass"))
        if kind == "bool" and type(value) is bool:
            return int(value).to_bytes(32)
        integer = _INTEGER.match(kind)
        if integer is not None:
            return _encode_integer(integer, kind, value, where)
        return _encode_bytes(kind, value, where)

    def _encode_array(self, kind: str, value: Any, where: str, depth: int) -> bytes:
        array = _ARRAY.match(kind)
        if array is None:
            raise InvalidTypedData(f"{where}: there is no type {kind}")
        if type(value) is not list:
            raise InvalidTypedData(f"{where}: want an array for {kind}, got {value!r}")
        if array[2] and len(value) != int(array[2]):
            wanted = f"Expected {array[2]} items for array type {kind}, got {len(value)} items"
            raise InvalidTypedData(f"{where}: {wanted}")
        if depth > DEPTH_MAX:
            raise InvalidTypedData(f"data more than {DEPTH_MAX} deep")
        return keccak256(b"".join(self._encode(array[1], v, where, depth + 1) for v in value))


def _encode_integer(integer: re.Match[str], kind: str, value: Any, where: str) -> bytes:
    bits = int(integer[2] or 256)
    if bits == 0 or bits > 256 or bits % 8:
        raise InvalidTypedData(f"{where}: there is no type {kind}")
    try:
        number = value
        if type(value) is str and _NUMBER.match(value):
            number = int(value, 16 if "x" in value else 10)
        if type(number) is not int:
            raise TypeError
        signed = not integer[1]
        number.to_bytes(bits // 8, signed=signed)
        return number.to_bytes(32, signed=signed)
    except (TypeError, ValueError, OverflowError):
        raise InvalidTypedData(f"{where}: {value!r} is no {kind}") from None


def _encode_bytes(kind: str, value: Any, where: str) -> bytes:
    fixed = _FIXED.match(kind)
    if kind not in ("bytes", "address") and fixed is None:
        raise InvalidTypedData(f"{where}: there is no type {kind}, or {value!r} is none")
    try:
        if type(value) is not str or not value.startswith("0x"):
            raise ValueError
        data = bytes.fromhex(value[2:])
    except ValueError:
        raise InvalidTypedData(f"{where}: {value!r} is no {kind}") from None
    if kind == "bytes":
        return keccak256(data)
    size = 20 if fixed is None else int(fixed[1])
    if len(data) != size:
        raise InvalidTypedData(f"{where}: {kind} has {size} bytes, got {len(data)}")
    return data.rjust(32, b"\0") if fixed is None else data.ljust(32, b"\0")
