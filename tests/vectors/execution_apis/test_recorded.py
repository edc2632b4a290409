"""The recorded exchanges, asked again of our methods over the recorded chain.

An answer must have the promised shape and equal the recorded one, but for the members that Ethereum
takes from its own header and tries (`NOT_OURS`; in a simulation also the hashes of blocks that
nobody mined). `exclusions.toml` lists what is judged without further members, and what is not met,
each with its reason; a row that is no longer needed fails.
"""

import asyncio
import json
import tomllib
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.scoreboard import record
from tests.vectors.execution_apis.recorded_ledger import recorded_backend
from tests.vectors.execution_apis.schemas import (
    WrongShape,
    exchanges,
    recorded,
    validate_answer,
)

from sogdia.ledger.rpc.dispatch import Dispatcher, whole
from sogdia.ledger.rpc.errors import InternalError
from sogdia.ledger.rpc.methods import served_methods

TABLE: dict[str, Any] = tomllib.loads((Path(__file__).parent / "exclusions.toml").read_text())
UNMET: dict[str, str] = TABLE["recorded"]
PARTLY: dict[str, dict[str, Any]] = TABLE["partly"]
SHAPE: dict[str, str] = TABLE["shape"]

# What a block of Ethereum carries and an epoch does not, or commits to in another way.
NOT_OURS = frozenset(
    (
        "stateRoot", "receiptsRoot", "transactionsRoot", "size", "extraData", "sha3Uncles",
        "uncles", "withdrawals", "withdrawalsRoot", "requestsHash", "parentBeaconBlockRoot",
        "blobGasUsed", "excessBlobGas",
    )
)  # fmt: skip
SIMULATED_HASHES = frozenset(("hash", "parentHash", "blockHash"))


class Watched:
    """Shows a defect as an answer, which no recording equals."""

    def call(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Return the result, or what stands for a defect."""
        try:
            return work(*arguments)
        except Exception:
            return InternalError("recorded")

    async def wait(self, work: Awaitable[Any]) -> Any:
        """Return the result, or what stands for a defect."""
        try:
            return await work
        except Exception:
            return InternalError("recorded")


def without(value: Any, names: frozenset[str], place: int = 0) -> Any:
    """Return `value` without the members `names`, at any depth."""
    if isinstance(value, dict):
        return {k: without(v, names, place + 1) for k, v in value.items() if k not in names}
    if isinstance(value, list):
        return [without(item, names, place + 1) for item in value]
    return value


def name_of(path: Path) -> str:
    """Return how exclusions name a recorded file."""
    return f"{path.parent.name}/{path.stem}"


def judge(name: str, answers: list[tuple[str, Any, Any]]) -> str | None:
    """Return what is wrong with the answers to a file's requests, `None` if nothing is."""
    ignored = NOT_OURS | (SIMULATED_HASHES if name.startswith("eth_simulateV1") else frozenset())
    partly = frozenset(PARTLY.get(name, {}).get("without", ()))
    is_whole = True
    for request, got, want in answers:
        asked = json.loads(request)
        try:
            validate_answer(asked["method"], asked.get("params"), got)
        except WrongShape as wrong:
            if name not in SHAPE:
                return str(wrong)
        whole = without(got, ignored) == without(want, ignored)
        is_whole = is_whole and whole
        if not whole and without(got, ignored | partly) != without(want, ignored | partly):
            return f"{str(got)[:300]} is not {str(want)[:300]}"
    if is_whole and name in PARTLY:
        return "equal as a whole: remove its row from 'partly'"
    return None


async def replay(
    dispatcher: Dispatcher, paths: list[Path]
) -> dict[str, list[tuple[str, Any, Any]]]:
    """Ask everything, in order; return (request, answer, recorded answer) by file."""
    found: dict[str, list[tuple[str, Any, Any]]] = {}
    for path in paths:
        asked = found.setdefault(name_of(path), [])
        for request, answer in exchanges(path):
            data = await whole(dispatcher.answer(json.loads(request)))
            asked.append((request, json.loads(data), json.loads(answer)))
    return found


def test_the_recorded_exchanges() -> None:
    paths = recorded()
    with ThreadPoolExecutor(2) as workers:
        node = recorded_backend(workers)
        methods = served_methods("recorded", is_development=True)
        dispatcher = Dispatcher(node, methods, node.limits, workers, Watched())
        outcomes = asyncio.run(replay(dispatcher, paths))
    problems = {name: judge(name, answers) for name, answers in outcomes.items()}
    failed = {n: words for n, words in problems.items() if words and n not in UNMET}
    passing = [name for name in UNMET if not problems.get(name)]
    record(
        "execution-apis",
        part="recorded exchanges, files",
        ran=len(problems) - len(UNMET),
        passed=len(problems) - len(UNMET) - len(failed),
        excluded=len(UNMET),
        note=f"{len(PARTLY)} of them without members that the exclusions name",
    )
    assert not failed, "\n".join(f"{name}: {words}" for name, words in failed.items())
    assert not passing, f"met now, or not recorded: remove the exclusions of {passing}"
    assert PARTLY.keys() | UNMET.keys() <= outcomes.keys()
