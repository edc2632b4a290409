"""Names of calls and errors from the artifacts of Hardhat and Foundry.

Both write a JSON file for each contract with its `abi`; nothing else of it is read here. A selector
that several contracts share is shown by the first one whose arguments fit the data.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sogdia.ledger.primitives.address import show_address
from sogdia.ledger.primitives.hashing import keccak256

WORD = 32
# What compilers call their output folders.
FOLDERS = ("artifacts", "out")
FILE_BYTES_MAX = 64 << 20
DEPTH_MAX = 16


class Unfitting(ValueError):
    """Data is no encoding of these types."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A function or an error of a contract."""

    contract: str
    name: str
    inputs: tuple[dict[str, Any], ...]

    @property
    def selector(self) -> bytes:
        """The first four bytes of its data."""
        kinds = ",".join(canonical(each) for each in self.inputs)
        return keccak256(f"{self.name}({kinds})".encode())[:4]

    def shown(self, data: bytes) -> str:
        """Return it with the arguments that `data` has. Raises: Unfitting."""
        values = decode(self.inputs, data[4:])
        names = [each.get("name", "") for each in self.inputs]
        arguments = (
            f"{name}: {show(value)}" if name else show(value)
            for name, value in zip(names, values, strict=True)
        )
        return f"{self.name}({', '.join(arguments)})"


class Artifacts:
    """`sogdia.ledger.rpc.explain.words.Names` out of artifact folders, over other names."""

    def __init__(self, folders: Iterable[Path], addresses: dict[str, str]) -> None:
        """Read every artifact below `folders`; `addresses` are names known otherwise."""
        self._addresses = addresses
        self._functions: dict[bytes, list[Entry]] = {}
        self._errors: dict[bytes, list[Entry]] = {}
        self.contracts = 0
        for folder in folders:
            for path in sorted(folder.rglob("*.json")):
                self._read(path)

    def address(self, address: str) -> str | None:
        """Return a name for an address and who vouches for it."""
        return self._addresses.get(address)

    def call(self, data: bytes) -> str | None:
        """Return a call as `name(arguments)`."""
        return _shown(self._functions.get(data[:4], ()), data)

    def error(self, data: bytes) -> str | None:
        """Return a custom error as `Name(arguments)`."""
        return _shown(self._errors.get(data[:4], ()), data)

    def _read(self, path: Path) -> None:
        if path.name.endswith(".dbg.json") or path.stat().st_size > FILE_BYTES_MAX:
            return
        try:
            content = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return
        entries = content.get("abi") if isinstance(content, dict) else None
        if not isinstance(entries, list):
            return
        self.contracts += 1
        for entry in entries:
            kind = entry.get("type")
            table = {"function": self._functions, "error": self._errors}.get(kind)
            if table is not None and entry.get("name"):
                known = Entry(path.stem, entry["name"], tuple(entry.get("inputs", ())))
                table.setdefault(known.selector, []).append(known)


def find_folders(start: Path) -> list[Path]:
    """Return the artifact folders of the project that `start` belongs to."""
    for folder in (start, *start.parents):
        found = [folder / name for name in FOLDERS if (folder / name).is_dir()]
        if found:
            return found
    return []


def canonical(kind: dict[str, Any]) -> str:
    """Return a type as signatures spell it: a tuple as its members in brackets."""
    name: str = kind["type"]
    if not name.startswith("tuple"):
        return name
    return f"({','.join(canonical(each) for each in kind['components'])}){name[5:]}"


def show(value: Any) -> str:
    """Write a decoded value as people read it."""
    if isinstance(value, list):
        return f"[{', '.join(show(each) for each in value)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, _Text) else str(value)


class _Text(str):
    """Text out of data, told from a number or an address that is written as text."""


def decode(kinds: Sequence[dict[str, Any]], data: bytes, depth: int = 0) -> list[Any]:
    """Return the values that `data` encodes; addresses and bytes as hex.

    Raises:
        Unfitting: too short, or a value out of its type's range.
    """
    if depth > DEPTH_MAX:
        raise Unfitting("nested too deep")
    values: list[Any] = []
    head = 0
    for kind in kinds:
        if is_dynamic(kind):
            values.append(_decode_one(kind, data, _number(data, head), depth))
            head += WORD
        else:
            values.append(_decode_one(kind, data, head, depth))
            head += _static_size(kind)
    return values


def is_dynamic(kind: dict[str, Any]) -> bool:
    """Whether a type's data stands behind the heads."""
    name: str = kind["type"]
    if name.endswith("[]") or name in ("string", "bytes"):
        return True
    if name.endswith("]"):
        return is_dynamic({**kind, "type": name[: name.rindex("[")]})
    return name == "tuple" and any(is_dynamic(each) for each in kind["components"])


def _static_size(kind: dict[str, Any]) -> int:
    name: str = kind["type"]
    if name.endswith("]"):
        inner = {**kind, "type": name[: name.rindex("[")]}
        return int(name[name.rindex("[") + 1 : -1]) * _static_size(inner)
    return sum(map(_static_size, kind["components"])) if name == "tuple" else WORD


def _decode_one(kind: dict[str, Any], data: bytes, at: int, depth: int) -> Any:
    name: str = kind["type"]
    if name.endswith("]"):
        inner = {**kind, "type": name[: name.rindex("[")]}
        size = name[name.rindex("[") + 1 : -1]
        count = int(size) if size else _number(data, at)
        at += 0 if size else WORD
        if count * (WORD if is_dynamic(inner) else _static_size(inner)) > len(data) - at:
            raise Unfitting(f"{count} items do not fit")
        return decode([inner] * count, data[at:], depth + 1)
    if name == "tuple":
        return decode(kind["components"], data[at:], depth + 1)
    if name in ("string", "bytes"):
        size_bytes = _number(data, at)
        content = data[at + WORD : at + WORD + size_bytes]
        if len(content) != size_bytes:
            raise Unfitting("text ends early")
        return _Text(content.decode("utf-8", "replace")) if name == "string" else _hex(content)
    return _decode_word(name, _word(data, at))


def _decode_word(name: str, word: bytes) -> Any:
    if name == "address":
        if any(word[:12]):
            raise Unfitting("no address")
        return show_address(word[12:])
    if name == "bool":
        if int.from_bytes(word) > 1:
            raise Unfitting("no boolean")
        return word[-1] == 1
    if name.startswith("bytes"):
        size = int(name[5:])
        if any(word[size:]):
            raise Unfitting(f"more than {size} bytes")
        return _hex(word[:size])
    number = int.from_bytes(word, signed=name.startswith("int"))
    bits = int(name.lstrip("uint") or 256)
    if not (
        0 <= number < 2**bits if name[0] == "u" else -(2 ** (bits - 1)) <= number < 2 ** (bits - 1)
    ):
        raise Unfitting(f"{number} is no {name}")
    return number


def _word(data: bytes, at: int) -> bytes:
    word = data[at : at + WORD]
    if len(word) < WORD:
        raise Unfitting("ends early")
    return word


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(_word(data, at))


def _hex(data: bytes) -> str:
    return f"0x{data.hex()}"


def _shown(entries: Iterable[Entry], data: bytes) -> str | None:
    def fitting() -> Iterator[str]:
        for entry in entries:
            try:
                yield entry.shown(data)
            except (Unfitting, KeyError, ValueError):
                continue

    return next(fitting(), None)
