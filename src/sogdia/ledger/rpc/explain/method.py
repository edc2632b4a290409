"""`sogdia_explainTransaction`: facts and sentences of one transaction."""

from typing import Any

from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.explain.facts import (
    Facts,
    add_calls,
    as_json,
    executed_facts,
    refused_facts,
    skipped_facts,
    waiting_facts,
)
from sogdia.ledger.rpc.explain.words import explain
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import Hash

_ROLES = {account.shown.lower(): account.role for account in DEVELOPMENT_ACCOUNTS}


class PublicNames:
    """Names without ABIs: the development accounts, where the ledger has them."""

    def __init__(self, *, is_development: bool) -> None:
        self._roles = _ROLES if is_development else {}

    def address(self, address: str) -> str | None:
        """Return the role of a development account."""
        role = self._roles.get(address)
        return None if role is None else f"{role} (development account)"

    def call(self, data: bytes) -> str | None:
        """Return None: it takes an ABI."""
        del data
        return None

    def error(self, data: bytes) -> str | None:
        """Return None: it takes an ABI."""
        del data
        return None


async def explain_transaction(node: Backend, hash: Hash) -> dict[str, Any] | None:
    """Return what became of a transaction, where its money is and what to do; null if unknown."""
    facts = await _find(node, hash)
    if facts is None:
        return None
    names = PublicNames(is_development=node.development is not None)
    told = explain(facts, names)
    return as_json(facts) | {
        "happened": told.happened,
        "money": told.money,
        "toDo": told.todo,
        "place": told.place,
    }


async def _find(node: Backend, hash: bytes) -> Facts | None:
    place = node.executor.locate(hash)
    if place is not None:
        facts = executed_facts(node, hash, place)
        async with node.traces.turn():
            await node.off_loop(lambda: add_calls(node, facts, place))
        return facts
    waiting = node.pool.get(hash)
    if waiting is not None:
        return waiting_facts(node, waiting)
    if (words := node.intake.refused.get(hash)) is not None:
        return refused_facts(hash, words)
    return skipped_facts(node, hash)


METHODS = (Method.of("sogdia_explainTransaction", explain_transaction),)
