"""Changed state dumps on a real development node: loaded whole, or refused with nothing changed.

What a node took, it gives out again: its dump changes nothing when it is loaded into the same node.
"""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.spawned import SpawnedNode, spawned_node
from tests.fuzz.mutations import corpus, draw, mutate
from tests.fuzz.targets import zip_state
from tests.fuzz.test_live_rpc import GROWTH_BYTES_MAX, Broken, judge, resident_bytes

INVALID_PARAMS = -32602
LOAD_AGAIN_EVERY = 25


def accounts(node: SpawnedNode) -> list[dict[str, Any]]:
    """Return all rows of the state."""
    rows, after = [], "0x"
    while after is not None:
        page = node.call("sogdia_dumpAccounts", after)
        rows += page["rows"]
        after = page["next"]
    return rows


def load(node: SpawnedNode, lines: bytes, *, as_rows: bool) -> bool:
    """Load changed lines as a file, or as rows; return whether they were taken.

    Raises:
        Broken: the answer is none, or of a wrong kind.
    """
    if as_rows:
        try:
            params: Any = [[json.loads(line) for line in lines.splitlines()[1:-1]]]
        except (ValueError, RecursionError):
            return False  # no request can carry it
        answer = node.answer("sogdia_loadAccounts", *params)
    else:
        answer = node.answer("anvil_loadState", f"0x{zip_state(lines).hex()}")
    judge(lines, json.dumps(answer).encode())
    if "error" in answer and answer["error"]["code"] not in {INVALID_PARAMS, -32700}:
        raise Broken(f"{answer} for {lines!r}")
    return "result" in answer


def attempt(node: SpawnedNode, lines: bytes, *, as_rows: bool) -> None:
    """Load changed lines.

    Raises:
        Broken: the answer, or a change by what was refused.
    """
    before = accounts(node)
    if not load(node, lines, as_rows=as_rows) and accounts(node) != before:
        raise Broken(f"refused, and something was changed: {lines!r}")


def load_again(node: SpawnedNode) -> None:
    """Load what the node gives out into itself.

    Raises:
        Broken: it is another state afterwards.
    """
    before = accounts(node)
    assert node.call("anvil_loadState", node.call("anvil_dumpState")) is True
    if accounts(node) != before:
        raise Broken("a node's own dump made another state of it")


@pytest.mark.parametrize("count", [150, pytest.param(10_000, marks=pytest.mark.full)])
def test_no_dump_breaks_a_live_node(tmp_path: Path, count: int) -> None:
    """The seed is printed."""
    chosen = random.randrange(2**32)
    print(f"seed {chosen}")
    chance, kept = random.Random(chosen), corpus("state_lines")
    with spawned_node(tmp_path) as node:
        for lines in kept:
            attempt(node, lines, as_rows=False)
        before = resident_bytes(node)
        for number in range(count):
            lines = mutate(chance.choice(kept), draw(chance))
            attempt(node, lines, as_rows=number % 3 == 0)
            if number % LOAD_AGAIN_EVERY == 0:
                load_again(node)
                node.call("evm_mine")
        grown = resident_bytes(node) - before
        said = (tmp_path / "node.log").read_text()
    for word in ("the loop was held", "Traceback"):
        assert word not in said, said[-3_000:]
    assert grown < GROWTH_BYTES_MAX


def test_changes_are_noticed(tmp_path: Path) -> None:
    """The planted defect: a load that was taken is said to be refused."""
    with spawned_node(tmp_path) as node:
        lines = next(each for each in corpus("state_lines") if load(node, each, as_rows=False))
        changed = lines.replace(b'"0x5"', b'"0x6"')
        assert changed != lines

        class Denied(type(node)):  # type: ignore[misc]
            def answer(self, method: str, *params: Any) -> dict[str, Any]:
                answer: dict[str, Any] = super().answer(method, *params)
                if method != "anvil_loadState":
                    return answer
                return {"jsonrpc": "2.0", "id": 1, "error": {"code": INVALID_PARAMS, "message": ""}}

        denied = Denied(node.url)
        with pytest.raises(Broken, match="refused, and something was changed"):
            attempt(denied, changed, as_rows=False)
        denied.close()
