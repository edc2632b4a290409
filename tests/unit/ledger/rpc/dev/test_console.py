"""What `console.log` prints, against eth-abi's encoding of every signature."""

import itertools
from typing import Any

import pytest
from eth_abi import encode
from tests.unit.ledger.execution.builders import (
    HANDS_ON_MUCH,
    block,
    epoch,
    executor,
    sign,
    signer,
)

from sogdia.ledger.execution.api import GenesisAccount
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.rpc.dev.console import CONSOLE, Console, console_line, console_lines

ADDRESS = "0x" + "1f" * 20
SHOWN: dict[str, tuple[Any, str]] = {
    "uint256": (2**255 + 3, str(2**255 + 3)),
    "string": ("Самарқанд", "Самарқанд"),
    "bool": (True, "true"),
    "address": (ADDRESS, ADDRESS),
    "int256": (-7, "-7"),
    "bytes": (b"\x01\x02", "0x0102"),
    "bytes4": (b"\x01\x02\x03\x04", "0x01020304"),
}


def call_data(name: str, kinds: tuple[str, ...], values: list[Any]) -> bytes:
    selector = keccak256(f"{name}({','.join(kinds)})".encode())[:4]
    return selector + encode(kinds, values)


def test_every_signature_of_log() -> None:
    for count in range(5):
        for kinds in itertools.product(("uint256", "string", "bool", "address"), repeat=count):
            values = [SHOWN[kind][0] for kind in kinds]
            shown = " ".join(SHOWN[kind][1] for kind in kinds)
            assert console_line(call_data("log", kinds, values)) == shown


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("logInt", "int256"),
        ("logUint", "uint256"),
        ("logString", "string"),
        ("logBytes", "bytes"),
        ("logBytes4", "bytes4"),
        ("log", "int256"),
        ("log", "uint"),
    ],
)
def test_the_other_names(name: str, kind: str) -> None:
    value, shown = SHOWN["uint256" if kind == "uint" else kind]
    assert console_line(call_data(name, (kind,), [value])) == shown


@pytest.mark.parametrize(
    ("text", "values", "shown"),
    [
        ("%s of %d", [3, 4], "3 of 4"),
        ("%s", [3, 4], "3 4"),
        ("100%% of %s", [3], "100% of 3"),
        ("%s %s", [3], "3 %s"),
        ("%q", [3], "%q 3"),
    ],
)
def test_texts_take_what_follows(text: str, values: list[int], shown: str) -> None:
    kinds = ("string", *("uint256" for _ in values))
    assert console_line(call_data("log", kinds, [text, *values])) == shown


def test_what_cannot_be_read_is_shown_as_bytes() -> None:
    whole = call_data("log", ("string",), ["hello"])
    for data in (b"", b"\x01\x02\x03\x04", whole[:40], whole[:4] + b"\xff" * 64):
        assert console_line(data) == f"0x{data.hex()}"


def test_lines_come_in_the_order_of_the_calls() -> None:
    def line(text: str) -> dict[str, Any]:
        return {"to": CONSOLE.upper(), "input": "0x" + call_data("log", ("string",), [text]).hex()}

    trace = {"to": ADDRESS, "calls": [line("a"), {"to": ADDRESS, "calls": [line("b")]}, line("c")]}
    assert list(console_lines(trace)) == ["a", "b", "c"]


def test_an_epoch_whose_calls_hand_on_too_much_has_no_lines() -> None:
    """Its trace is given up: the console goes on to the next one."""
    alice, contract = signer(1), b"\xcc" * 20
    engine = executor(alice, accounts=[GenesisAccount(contract, code=HANDS_ON_MUCH)])
    engine.execute_epoch(epoch(1, block("a", [sign(alice, 0, to=contract, gas=300_000)])))
    shown: list[str] = []
    console = Console(engine.tracer, engine, lambda line, _: shown.append(line))
    console.show_epoch(1)
    assert not shown
