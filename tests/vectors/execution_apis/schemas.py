"""The judge of JSON-RPC answers: OpenRPC YAML of execution-apis turned into JSON Schema."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from tests.vectors.archives import unpack


class WrongShape(AssertionError):
    """An answer does not have the shape that its method promises."""


def _documents(folder: str) -> list[Any]:
    # The C loader reads the 86 methods in a fifth of the time.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    root = unpack("execution-apis") / "src"
    return [yaml.load(path.read_text(), loader) for path in sorted(root.glob(folder))]


@cache
def methods() -> dict[str, Any]:
    """Return the description of every method, by name."""
    lists = [
        d for folder in ("eth/*.yaml", "debug/*.yaml", "txpool/*.yaml") for d in _documents(folder)
    ]
    return {method["name"]: method for described in lists for method in described}


@cache
def _components() -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for document in _documents("schemas/*.yaml"):
        merged |= document
    return merged


@cache
def result_validator(method: str) -> Draft202012Validator:
    """Return the validator for the `result` member of a method's answers."""
    schema = {
        "allOf": [methods()[method]["result"]["schema"]],
        "components": {"schemas": _components()},
    }
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def validate_answer(method: str, params: Any, answer: Any) -> None:
    """Check a whole answer object.

    Raises:
        WrongShape: no JSON-RPC answer, or a result that the method's schema does not allow. Methods
            that the schemas do not describe are only held to the envelope.
    """
    if answer.get("jsonrpc") != "2.0" or "id" not in answer:
        raise WrongShape(f"{method}: no JSON-RPC 2.0 answer: {answer}")
    if ("result" in answer) == ("error" in answer):
        raise WrongShape(f"{method}: want either result or error: {answer}")
    if "error" in answer:
        error = answer["error"]
        if type(error.get("code")) is not int or not error.get("message"):
            raise WrongShape(f"{method}: an error needs code and message: {error}")
        return
    if method not in methods() or _has_no_shape(method, params, answer["result"]):
        return
    problem = best_match(result_validator(method).iter_errors(answer["result"]))
    if problem is not None:
        place = "/".join(str(part) for part in problem.absolute_path)
        raise WrongShape(f"{method}{params}: at {place or 'the top'}: {problem.message[:400]}")


def _has_no_shape(method: str, params: Any, result: Any) -> bool:
    """What the schemas have no shape for: what is in no block yet, as its place must be null."""
    if method in ("eth_getFilterChanges", "eth_getFilterLogs"):
        return result == []  # an empty list is of hashes and of logs, and the schema wants one
    if method == "eth_getBlockByNumber":
        return bool(params) and params[0] == "pending"
    return method == "eth_getTransactionByHash" and bool(result) and result["blockHash"] is None


def recorded() -> list[Path]:
    """Return the files of recorded exchanges."""
    return sorted((unpack("execution-apis") / "tests").glob("*/*.io"))


def exchanges(path: Path) -> list[tuple[str, str]]:
    """Return (request, answer) texts of a recorded file."""
    lines = path.read_text().splitlines()
    asked = [line[3:] for line in lines if line.startswith(">> ")]
    told = [line[3:] for line in lines if line.startswith("<< ")]
    return list(zip(asked, told, strict=True))
