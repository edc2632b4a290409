"""What `sogdia doctor` sees of running nodes: do they answer, do they go on, with whom."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

from sogdia.cli.exits import Exit, Failure
from sogdia.cli.findings import Finding, Level
from sogdia.cli.rpc_client import call
from sogdia.ledger.node.endpoint import Endpoint
from sogdia.ledger.sync.phases import SyncPhase

# A node that does not answer within this is stuck for whoever uses it.
ANSWER_S_MAX = 30.0
# Epochs come about every half second; one that is this old is not the newest.
EPOCH_AGE_S_MAX = 60


def look_at_all(nodes: Sequence[Endpoint], url: str | None) -> list[Finding]:
    """Return what there is to say about `nodes`, or about the one at `url` alone."""
    if url is not None:
        return list(_look_at(url))
    if not nodes:
        return [Finding("node", Level.OK, "none runs here; `sogdia up` starts one")]
    return [finding for node in nodes for finding in _look_at(node.rpc)]


def _look_at(url: str) -> Iterator[Finding]:
    name = f"node {url.removeprefix('http://')}"
    try:
        client = call(url, "web3_clientVersion", timeout_s=ANSWER_S_MAX)
        status = call(url, "sogdia_getStatus", timeout_s=ANSWER_S_MAX)
        pool = call(url, "txpool_status", timeout_s=ANSWER_S_MAX)
        head = call(url, "eth_getBlockByNumber", "latest", False, timeout_s=ANSWER_S_MAX)
    except Failure as error:
        todo = "Look into its log. If it is stuck, start it again: what it acknowledged stays."
        yield Finding(name, Level.PROBLEM, str(error), todo, Exit.NOT_READY)
        return
    yield Finding(name, Level.OK, f"answers, {client}, {_count(status['peers'])} peers")
    for alert in status["alerts"]:
        todo = "docs/operating.md says what to do for each alert."
        yield Finding(name, Level.PROBLEM, alert["message"], todo, Exit.FAILED)
    is_development = _is_development(url)
    age_s = int(time.time()) - int(head["timestamp"], 16)
    yield going_on(name, status, age_s, _count(pool["pending"]), is_development=is_development)


def _is_development(url: str) -> bool:
    """Ask for something that only a development network has."""
    try:
        call(url, "sogdia_listSnapshots", timeout_s=ANSWER_S_MAX)
    except Failure:
        return False
    return True


def going_on(
    name: str, status: dict[str, Any], age_s: int, waiting: int, *, is_development: bool
) -> Finding:
    """Judge by the age of the last epoch whether the ledger goes on."""
    epoch = f"epoch {_count(status['executedEpoch']):,}"
    if age_s < 0:
        return Finding(
            name, Level.OK, f"{epoch}, its clock is {-age_s:,} s ahead of this machine's"
        )
    found = f"{epoch}, {age_s:,} s old, {waiting:,} transactions can be packed"
    if age_s <= EPOCH_AGE_S_MAX or (is_development and not waiting):
        return Finding(name, Level.OK, found)
    if is_development:
        todo = "Make a block (`sogdia epoch mine`), or switch mining on (evm_setAutomine)."
        return Finding(name, Level.WARNING, found, todo)
    if not _count(status["peers"]):
        todo = "It has no peers: see `sogdia peers list`, name some in network.peers."
    elif status["sync"]["phase"] != SyncPhase.NORMAL.value:
        left_s = status["sync"].get("remainingSeconds")
        todo = f"It is catching up{'' if left_s is None else f', {left_s:,} s to go'}: wait."
        return Finding(name, Level.WARNING, found, todo)
    else:
        todo = "Its peers have no newer one either: look whether anybody mines, and at its alerts."
    return Finding(name, Level.PROBLEM, found, todo, Exit.NOT_READY)


def _count(quantity: str) -> int:
    return int(quantity, 16)
