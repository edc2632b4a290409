"""What became of what was said: statements against the ledger that all nodes hold at the end."""

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sogdia.local_network.work_ban.load import Sent
from sogdia.local_network.work_ban.witness import Statement


@dataclass(frozen=True, slots=True)
class Place:
    """Where a transaction is in a ledger."""

    epoch: int
    pivot: str
    index: int


@dataclass(frozen=True, slots=True)
class FinalLedger:
    """One node's ledger at the end: pivot block and transactions of each executed epoch."""

    epochs: Mapping[int, tuple[str, tuple[str, ...]]]

    def places(self) -> dict[str, Place]:
        """Return where each transaction is."""
        return {
            transaction: Place(number, pivot, index)
            for number, (pivot, transactions) in self.epochs.items()
            for index, transaction in enumerate(transactions)
        }


@dataclass(frozen=True, slots=True)
class Undone:
    """A transaction that nodes had called confirmed, and that is not in that place any more."""

    hash: str
    nodes: tuple[str, ...]
    """Who had called it so."""
    stated: Place
    """As the first of them said."""
    stated_at_s: float
    warned: bool
    """Whether an alert stood at each of them when it said so."""
    now: Place | None
    """Where it was executed again; `None` when it never was."""


def find_disagreement(ledgers: Mapping[str, FinalLedger], last: int) -> int | None:
    """Return the first epoch up to `last` that two nodes hold differently, `None` if none is."""
    for number in range(1, last + 1):
        if len({ledger.epochs.get(number) for ledger in ledgers.values()}) > 1:
            return number
    return None


def broken_statements(
    statements: Iterable[Statement], ledgers: Mapping[str, FinalLedger]
) -> list[Statement]:
    """Return the statements that some node's ledger contradicts at the end."""
    return [
        statement
        for statement in statements
        if any(
            ledger.epochs.get(statement.epoch) != (statement.pivot, statement.transactions)
            for ledger in ledgers.values()
        )
    ]


def undone_transactions(broken: Iterable[Statement], ledger: FinalLedger) -> list[Undone]:
    """Return what the broken statements held, and where it is now, in the order of saying."""
    places = ledger.places()
    told: dict[str, list[tuple[Statement, Place]]] = {}
    for statement in sorted(broken, key=lambda each: (each.at_s, each.epoch)):
        for index, transaction in enumerate(statement.transactions):
            stated = Place(statement.epoch, statement.pivot, index)
            if places.get(transaction) != stated:
                told.setdefault(transaction, []).append((statement, stated))
    return [
        Undone(
            hash=transaction,
            nodes=tuple(sorted({statement.node for statement, _ in sayings})),
            stated=sayings[0][1],
            stated_at_s=sayings[0][0].at_s,
            warned=all(statement.alerts for statement, _ in sayings),
            now=places.get(transaction),
        )
        for transaction, sayings in told.items()
    ]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long transactions of one phase waited for their confirmation, seconds."""

    phase: str
    side: str
    sent: int
    confirmed: int
    median_s: float | None
    slowest_tenth_s: float | None
    """Nine of ten were faster."""


def waiting_times(sent: Iterable[Sent], statements: Iterable[Statement]) -> dict[str, float]:
    """Return for each transaction how long its own node took to call it confirmed, first time."""
    stated: dict[tuple[str, str], float] = {}
    for statement in statements:
        for transaction in statement.transactions:
            key = (statement.node, transaction)
            stated[key] = min(statement.at_s, stated.get(key, statement.at_s))
    return {
        each.hash: stated[each.node, each.hash] - each.at_s
        for each in sent
        if (each.node, each.hash) in stated
    }


def summarise(sent: list[Sent], times: Mapping[str, float], banned: Iterable[str]) -> list[Waiting]:
    """Return a row for each phase and side, in the order of the phases."""
    sides = dict.fromkeys(banned, "banned")
    groups: dict[tuple[str, str], list[Sent]] = {}
    for each in sent:
        groups.setdefault((each.phase, sides.get(each.node, "staying")), []).append(each)
    rows = []
    for (phase, side), members in groups.items():
        known = sorted(times[each.hash] for each in members if each.hash in times)
        tenth = known[min(len(known) - 1, len(known) * 9 // 10)] if known else None
        median = statistics.median(known) if known else None
        rows.append(Waiting(phase, side, len(members), len(known), median, tenth))
    return rows
