"""Hardhat's `console.log`: calls of contracts to an address that holds no code, shown as lines.

    K1  A call is traced for its lines only once some code that names the console was seen; before
        that, and on any other network, nothing is paid for this.
    K2  What cannot be read is shown as its bytes: a line is never lost, and never an error.

The library is https://github.com/NomicFoundation/hardhat, `console.sol`; old versions of it made
their selectors of `uint` where they meant `uint256`, and those are understood as well.
"""

import itertools
import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from sogdia.ledger.execution.api import CallRequest, Executor
from sogdia.ledger.execution.errors import InvalidTracer
from sogdia.ledger.execution.traces import Tracer
from sogdia.ledger.primitives.errors import SogdiaError
from sogdia.ledger.primitives.hashing import keccak256

CONSOLE = "0x000000000000000000636f6e736f6c652e6c6f67"
# How the address stands in code, behind a PUSH11: "console.log".
MARK = b"console.log"
CALLS = {"tracer": "callTracer"}
# Epochs with more transactions are somebody's load test.
TRACED_MAX = 1_000

_KINDS = ("uint256", "string", "bool", "address")
_SINGLE = {
    "logInt": "int256",
    "logUint": "uint256",
    "logString": "string",
    "logBool": "bool",
    "logAddress": "address",
    "logBytes": "bytes",
    **{f"logBytes{size}": f"bytes{size}" for size in range(1, 33)},
}
_WORD = 32


def _signatures() -> Iterator[tuple[str, tuple[str, ...]]]:
    for count in range(5):
        for kinds in itertools.product(_KINDS, repeat=count):
            yield "log", kinds
    for kinds in (("int256",), ("string", "int256"), ("bytes",), ("bytes32",)):
        yield "log", kinds
    for name, kind in _SINGLE.items():
        yield name, (kind,)


@cache
def _selectors() -> dict[bytes, tuple[str, ...]]:
    """Return the kinds of the arguments by selector."""
    found: dict[bytes, tuple[str, ...]] = {}
    for name, kinds in _signatures():
        text = f"{name}({','.join(kinds)})"
        for spelled in {text, text.replace("int256", "int")}:
            found[keccak256(spelled.encode())[:4]] = kinds
    return found


def console_line(data: bytes) -> str:
    """Return what a call of the console with this data prints."""
    kinds = _selectors().get(data[:4])
    if kinds is None:
        return f"0x{data.hex()}"
    try:
        values = [_argument(data[4:], place, kind) for place, kind in enumerate(kinds)]
    except (IndexError, ValueError):
        return f"0x{data.hex()}"
    return _format(values)


def _argument(body: bytes, place: int, kind: str) -> Any:
    """Return argument number `place`, ABI-encoded in `body`."""
    word = body[place * _WORD : (place + 1) * _WORD]
    if len(word) < _WORD:
        raise ValueError(f"argument {place} is not there")
    if kind in ("string", "bytes"):
        start = int.from_bytes(word)
        head = body[start : start + _WORD]
        size = int.from_bytes(head)
        content = body[start + _WORD : start + _WORD + size]
        if len(head) < _WORD or len(content) != size:
            raise ValueError(f"argument {place} ends early")
        return content.decode("utf-8", "replace") if kind == "string" else f"0x{content.hex()}"
    if kind == "address":
        return f"0x{word[12:].hex()}"
    if kind == "bool":
        return "true" if any(word) else "false"
    if kind.startswith("bytes"):
        return f"0x{word[: int(kind[5:])].hex()}"
    return int.from_bytes(word, signed=kind == "int256")


def _format(values: list[Any]) -> str:
    """Join as `console.log` of Node.js: a first text with %s or %d takes what follows into it."""
    rest = iter(values[1:])
    text = str(values[0]) if values else ""
    parts: list[str] = []
    if isinstance(values[0] if values else None, str) and len(values) > 1:
        pieces = iter(text.split("%"))
        parts.append(next(pieces))
        for piece in pieces:
            if piece[:1] in ("s", "d", "i", "o", "O", "x"):
                value = next(rest, None)
                parts.append(("%" + piece) if value is None else f"{value}{piece[1:]}")
            elif piece == "":  # "%%" prints one
                parts.append("%" + next(pieces, ""))
            else:
                parts.append("%" + piece)
        text = "".join(parts)
    return " ".join([text, *(str(value) for value in rest)])


def console_lines(trace: Any) -> Iterator[str]:
    """Yield what a call and those inside it print, in order, from a trace of callTracer."""
    if not isinstance(trace, dict):
        return
    if str(trace.get("to", "")).lower() == CONSOLE:
        yield console_line(bytes.fromhex(str(trace.get("input", "0x"))[2:]))
    for inner in trace.get("calls", ()):
        yield from console_lines(inner)


class Console:
    """Shows what contracts print. Its methods run in worker threads, after what they show."""

    def __init__(
        self, tracer: Tracer, executor: Executor, show: Callable[[str, str], None]
    ) -> None:
        """`show` is given each line, and what printed it."""
        self._tracer = tracer
        self._executor = executor
        self._show = show
        self.is_shown = True
        self._is_named = False

    @property
    def is_used(self) -> bool:
        """Whether to trace for lines (K1)."""
        return self._is_named and self.is_shown

    def note_code(self, data: bytes) -> None:
        """Look whether code, or what makes code, names the console."""
        if not self._is_named and MARK in data:
            self._is_named = True

    def show_call(self, name: str, request: CallRequest, at: int | None, **pretended: Any) -> None:
        """Print the lines of a call that was run as `name`."""
        try:
            trace = self._tracer.call(request, CALLS, at, **pretended)
        except SogdiaError:
            return  # whoever called was told
        self._print(json.loads(trace), name)

    def show_epoch(self, number: int) -> None:
        """Print the lines of an epoch's transactions, unless their calls hand on too much."""
        summary = self._executor.epoch(number)
        if summary is None or not 0 < summary.transaction_count <= TRACED_MAX:
            return
        try:
            traces = self._tracer.epoch(number, CALLS) or ()
        except InvalidTracer:
            return  # more than a trace may hold
        for transaction, trace in traces:
            self._print(json.loads(trace), f"transaction 0x{transaction.hex()}")

    def _print(self, trace: Any, name: str) -> None:
        for line in console_lines(trace):
            self._show(line, name)
