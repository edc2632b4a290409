"""The log: append an event, read a case, verify everything."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row

from sogdia.compliance.cases.errors import TamperedHistory
from sogdia.compliance.cases.events import (
    GENESIS,
    Event,
    body_digest_of,
    canonical,
    event_digest_of,
)
from sogdia.compliance.cases.schema import BODIES, EVENTS, HEAD, create_schema
from sogdia.compliance.database import reading

VERIFY_ROWS = 1_000  # events read at a time: a log of years need not fit into memory


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far the log reached: kept elsewhere, it shows when the past was rewritten or cut."""

    position: int
    digest: str

    def __str__(self) -> str:
        return f"{self.position}:{self.digest}"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be appended."""

    case: str
    at_us: int
    actor: str
    kind: str
    body: dict[str, Any]
    salt: str
    erases: int | None = None


class Log:
    """The append-only log of all cases."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        create_schema(engine)

    def append(self, connection: Connection, entry: Entry) -> Event:
        """Append `entry` inside a writing transaction and return the event.

        The head's row is locked first, so that two writers follow one another.
        """
        head = connection.execute(sa.select(HEAD).with_for_update()).one()
        last = connection.execute(
            sa.select(EVENTS.c.sequence, EVENTS.c.digest)
            .where(EVENTS.c.case_id == entry.case)
            .order_by(EVENTS.c.sequence.desc())
            .limit(1)
        ).one_or_none()
        unsigned = Event(
            position=head.position + 1,
            case=entry.case,
            sequence=1 if last is None else last.sequence + 1,
            at_us=entry.at_us,
            actor=entry.actor,
            kind=entry.kind,
            erases=entry.erases,
            body_digest=body_digest_of(entry.salt, entry.body),
            previous=head.digest,
            previous_in_case=GENESIS if last is None else last.digest,
            digest="",
            salt=entry.salt,
            body=entry.body,
        )
        event = replace(unsigned, digest=event_digest_of(unsigned))
        self._write(connection, event)
        return event

    def _write(self, connection: Connection, event: Event) -> None:
        connection.execute(
            EVENTS.insert().values(
                position=event.position,
                case_id=event.case,
                sequence=event.sequence,
                at_us=event.at_us,
                actor=event.actor,
                kind=event.kind,
                erases=event.erases,
                body_digest=event.body_digest,
                previous=event.previous,
                previous_in_case=event.previous_in_case,
                digest=event.digest,
            )
        )
        assert event.body is not None, "only an erasure removes a body"
        text = canonical(event.body).decode()
        connection.execute(
            BODIES.insert().values(position=event.position, salt=event.salt, body=text)
        )
        connection.execute(HEAD.update().values(position=event.position, digest=event.digest))

    def events_of(self, case: str, connection: Connection | None = None) -> list[Event]:
        """Return the events of `case` in order; empty when there is no such case."""
        if connection is None:
            with reading(self.engine) as opened:
                return self.events_of(case, opened)
        query = _joined().where(EVENTS.c.case_id == case).order_by(EVENTS.c.sequence)
        return [_decode(row) for row in connection.execute(query)]

    def checkpoint(self) -> Checkpoint:
        """Return how far the log reaches."""
        with reading(self.engine) as connection:
            head = connection.execute(sa.select(HEAD)).one()
        return Checkpoint(head.position, head.digest)

    def verify(self, *checkpoints: Checkpoint) -> Checkpoint:
        """Walk the whole log and return how far it reaches.

        Raises:
            TamperedHistory: an event was changed, removed, added or moved; a body was changed, or
                removed without an erasure; or a checkpoint kept elsewhere does not lie on the log.
        """
        wanted = {checkpoint.position: checkpoint.digest for checkpoint in checkpoints}
        position, previous = 0, GENESIS
        cases: dict[str, tuple[int, str]] = {}
        bodiless: set[int] = set()
        erased: set[int] = set()
        for event in self._all():
            _verify_link(event, position, previous, cases)
            _verify_body(event, bodiless)
            if event.kind == "erasure" and event.erases is not None:
                erased.add(event.erases)
            position, previous = event.position, event.digest
            cases[event.case] = (event.sequence, event.digest)
            if wanted.pop(position, previous) != previous:
                raise TamperedHistory(position, "its digest differs from the checkpoint")
        if lost := sorted(bodiless - erased):
            raise TamperedHistory(lost[0], "its body is gone and no erasure says why")
        if wanted:
            raise TamperedHistory(min(wanted), "a checkpoint lies beyond the end of the log")
        if self.checkpoint() != Checkpoint(position, previous):
            raise TamperedHistory(position, "the end of the log is not where its head says")
        return Checkpoint(position, previous)

    def _all(self) -> Iterator[Event]:
        position = 0
        while True:
            query = _joined().where(EVENTS.c.position > position).order_by(EVENTS.c.position)
            with reading(self.engine) as connection:
                rows = connection.execute(query.limit(VERIFY_ROWS)).all()
            yield from (_decode(row) for row in rows)
            if len(rows) < VERIFY_ROWS:
                return
            position = rows[-1].position


def _verify_link(
    event: Event, position: int, previous: str, cases: dict[str, tuple[int, str]]
) -> None:
    sequence, in_case = cases.get(event.case, (0, GENESIS))
    if event.position != position + 1:
        raise TamperedHistory(position + 1, "it is missing")
    if event.previous != previous:
        raise TamperedHistory(event.position, "it does not follow the event before it")
    if event.sequence != sequence + 1 or event.previous_in_case != in_case:
        raise TamperedHistory(event.position, "it does not follow in its case")
    if event.digest != event_digest_of(event):
        raise TamperedHistory(event.position, "its content differs from its digest")


def _verify_body(event: Event, bodiless: set[int]) -> None:
    if event.body is None or event.salt is None:
        bodiless.add(event.position)
    elif body_digest_of(event.salt, event.body) != event.body_digest:
        raise TamperedHistory(event.position, "its body differs from its digest")


def _joined() -> "sa.Select[Any]":
    joined = EVENTS.outerjoin(BODIES, EVENTS.c.position == BODIES.c.position)
    return sa.select(EVENTS, BODIES.c.salt, BODIES.c.body).select_from(joined)


def _decode(row: "Row[Any]") -> Event:
    return Event(
        position=row.position,
        case=row.case_id,
        sequence=row.sequence,
        at_us=row.at_us,
        actor=row.actor,
        kind=row.kind,
        erases=row.erases,
        body_digest=row.body_digest,
        previous=row.previous,
        previous_in_case=row.previous_in_case,
        digest=row.digest,
        salt=row.salt,
        body=None if row.body is None else json.loads(row.body),
    )
