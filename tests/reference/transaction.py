"""Signed transactions in plain Python: one function, the rules in the order of the fields."""

from typing import Any

import coincurve
from tests.reference.rlp import Refused, decode, encode
from tests.reference.simple_mpt import keccak256

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def read(raw: bytes, chain_id: int) -> dict[str, Any]:
    """Return the fields of a transaction, with `sender` and `hash`.

    Raises:
        Refused: some rule is broken.
    """
    _demand(len(raw) > 0)
    kind = 0 if raw[0] >= 0x80 else raw[0]
    _demand(kind in (0, 1, 2, 4))
    fields = decode(raw if kind == 0 else raw[1:])
    _demand(isinstance(fields, list))
    if kind == 0 and fields and isinstance(fields[0], list):
        return _read_core(fields, chain_id) | {"hash": keccak256(raw)}
    _demand(len(fields) == {0: 9, 1: 11, 2: 12, 4: 13}[kind])
    read_fields = _read_legacy if kind == 0 else _read_typed
    content = read_fields(fields, kind, chain_id)
    _check_bounds(content)
    signer = _signer(content.pop("digest"), content["parity"], content["r"], content["s"])
    return content | {"sender": signer, "hash": keccak256(raw), "kind": kind}


def _check_bounds(content: dict[str, Any]) -> None:
    _demand(content["nonce"] < 2**64 - 1)
    _demand(content["gas_limit"] < 2**64)
    _demand(content["tip"] <= content["cap"])
    _demand(content["gas_limit"] * content["cap"] < 2**256)


def _read_core(fields: list[Any], chain_id: int) -> dict[str, Any]:
    """Read a transfer of Core Space: a list of nine, then the signature of that list."""
    _demand(len(fields) == 4 and len(fields[0]) == 9)
    row = fields[0]
    content = _common([*row[:5], row[8]])
    _demand(_integer(row[5]) < 2**64 and _integer(row[6]) < 2**64)
    _demand(_integer(row[7]) == chain_id)
    _demand(content["to"] is not None and content["to"][0] >> 4 == 1 and not content["data"])
    content |= {"chain_id": chain_id, "tip": content["cap"], "access_list": []}
    _demand(_integer(fields[1]) < 2)
    content |= _signature(_integer(fields[1]), fields[2:], encode(row))
    _check_bounds(content)
    signer = _signer(content.pop("digest"), content["parity"], content["r"], content["s"])
    user = bytes([signer[0] & 0x0F | 0x10]) + signer[1:]
    accounts = {"sender": _state_address(user), "to": _state_address(content["to"])}
    return content | accounts | {"kind": 0xC0}


def _state_address(address: bytes) -> bytes:
    return keccak256(b"core space" + address)[12:]


def _read_legacy(fields: list[Any], kind: int, chain_id: int) -> dict[str, Any]:
    del kind
    v, content = _integer(fields[6]), _common(fields[:6])
    if v in (27, 28):
        unsigned, signed_for, parity = fields[:6], None, v - 27
    else:
        _demand(v >= 35)
        signed_for, parity = divmod(v - 35, 2)
        _demand(signed_for == chain_id)
        unsigned = [*fields[:6], _shortest(chain_id), b"", b""]
    content |= {"chain_id": signed_for, "tip": content["cap"], "access_list": []}
    return content | _signature(parity, fields[7:], encode(unsigned))


def _read_typed(fields: list[Any], kind: int, chain_id: int) -> dict[str, Any]:
    _demand(_integer(fields[0]) == chain_id)
    unsigned, signature = fields[:-3], fields[-3:]
    prices = 1 if kind == 1 else 2
    row = [unsigned[1], unsigned[1 + prices], *unsigned[2 + prices : 6 + prices]]
    content = _common(row)
    content |= {"chain_id": chain_id, "tip": _integer(unsigned[2])}
    content["access_list"] = _access_list(unsigned[6 + prices])
    if kind == 4:
        _demand(content["to"] is not None)
        _check_authorizations(unsigned[9])
    parity = _integer(signature[0])
    _demand(parity < 2)
    return content | _signature(parity, signature[1:], bytes([kind]) + encode(unsigned))


def _common(row: list[Any]) -> dict[str, Any]:
    """Read nonce, cap, gas, to, value, data."""
    nonce, cap, gas_limit = (_integer(item) for item in row[:3])
    to, value, data = row[3], _integer(row[4]), row[5]
    _demand(isinstance(to, bytes) and len(to) in (0, 20))
    _demand(isinstance(data, bytes))
    return {
        "nonce": nonce,
        "cap": cap,
        "gas_limit": gas_limit,
        "to": to or None,
        "value": value,
        "data": data,
    }


def _signature(parity: int, scalars: list[Any], signed: bytes) -> dict[str, Any]:
    r, s = (_integer(item) for item in scalars)
    _demand(0 < r < ORDER)
    _demand(0 < s <= ORDER // 2)
    return {"parity": parity, "r": r, "s": s, "digest": keccak256(signed)}


def _signer(digest: bytes, parity: int, r: int, s: int) -> bytes:
    compact = r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([parity])
    try:
        key = coincurve.PublicKey.from_signature_and_message(compact, digest, hasher=None)
    except Exception as error:
        raise Refused from error
    return keccak256(key.format(compressed=False)[1:])[12:]


def _access_list(item: Any) -> list[Any]:
    _demand(isinstance(item, list))
    for entry in item:
        _demand(isinstance(entry, list) and len(entry) == 2)
        address, keys = entry
        _demand(isinstance(address, bytes) and len(address) == 20 and isinstance(keys, list))
        _demand(all(isinstance(key, bytes) and len(key) == 32 for key in keys))
    return [(address, tuple(keys)) for address, keys in item]


def _check_authorizations(item: Any) -> None:
    _demand(isinstance(item, list) and len(item) > 0)
    for entry in item:
        _demand(isinstance(entry, list) and len(entry) == 6)
        chain, address, nonce, parity, r, s = entry
        _demand(isinstance(address, bytes) and len(address) == 20)
        _integer(chain), _integer(r), _integer(s)
        _demand(_integer(nonce) < 2**64 and _integer(parity) < 256)


def _integer(item: Any) -> int:
    _demand(isinstance(item, bytes) and len(item) <= 32 and item[:1] != b"\0")
    return int.from_bytes(item, "big")


def _shortest(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def _demand(holds: bool) -> None:
    if not holds:
        raise Refused
