"""The OpenRPC document, made from the methods themselves: it cannot fall behind them."""

from types import NoneType, UnionType
from typing import Any, get_args, get_origin

from sogdia.ledger.rpc.method import Method, MethodTable

OPENRPC_VERSION = "1.3.2"
JSON_TYPES = {
    str: "string",
    bool: "boolean",
    int: "integer",
    list: "array",
    dict: "object",
    NoneType: "null",
}


def openrpc_document(methods: MethodTable, version: str) -> dict[str, Any]:
    """Describe `methods` for clients and generators. `version` is the node's own."""
    return {
        "openrpc": OPENRPC_VERSION,
        "info": {
            "title": "Sogdia JSON-RPC",
            "version": version,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "methods": [_describe(method) for method in sorted(methods, key=lambda m: m.name)],
    }


def _describe(method: Method) -> dict[str, Any]:
    return {
        "name": method.name,
        "summary": method.summary,
        "paramStructure": "either",
        "params": [
            {"name": slot.name, "required": slot.required, "schema": slot.param.schema}
            for slot in method.slots
        ],
        "result": {"name": "result", "schema": _schema_of(method.returns)},
    }


def _schema_of(kind: Any) -> dict[str, Any]:
    """Return what a handler's return annotation says; nothing for what the core renders."""
    if isinstance(kind, UnionType):
        parts = [_schema_of(part) for part in get_args(kind)]
        return {"anyOf": parts} if all(parts) else {}
    name = JSON_TYPES.get(get_origin(kind) or kind)
    return {} if name is None else {"type": name}
