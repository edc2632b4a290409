"""What officers do: every order is judged, then appended to the log as one event.

An order and what it is judged by are read in one writing transaction, so that two officers who act
at the same moment act one after the other.
"""

import datetime
import hashlib
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from sogdia.compliance.cases.alerts import Alert
from sogdia.compliance.cases.case import (
    OFFICERS,
    STATUS_AFTER,
    Case,
    CaseStatus,
    Officer,
    Outcome,
    Role,
    fold_case,
    fold_officers,
)
from sogdia.compliance.cases.errors import CaseRefused, UnknownCase, WrongStatus
from sogdia.compliance.cases.events import SALT_BYTES, Event
from sogdia.compliance.cases.log import Checkpoint, Entry, Log
from sogdia.compliance.cases.officers import (
    judge,
    judge_enrolment,
    judge_removal,
    normalise_name,
    refuse_same_eyes,
)
from sogdia.compliance.cases.schema import ALERTS, BODIES, EVENTS, FILES
from sogdia.compliance.database import reading, writing

TEXT_MAX = 20_000  # characters of a note or reason: ten pages
FILE_BYTES_MAX = 32 << 20  # a scanned file; larger evidence is kept elsewhere and its digest noted
# FATF Recommendation 11 asks for five years at least; a house's own law may ask for more.
RETENTION_MIN = datetime.timedelta(days=5 * 366)
ERASABLE = frozenset({"opened", "alert", "note", "file"})  # where personal data is


@dataclass(frozen=True, slots=True)
class Order:
    """Who orders something about which case."""

    case: str
    by: str


class Desk:
    """The case desk over one database; clock and randomness are handed in."""

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], datetime.datetime],
        entropy: Callable[[int], bytes],
        retention: datetime.timedelta = RETENTION_MIN,
    ) -> None:
        if retention < RETENTION_MIN:
            raise ValueError(f"{retention} is less than the {RETENTION_MIN} of FATF R.11")
        self._log = Log(engine)
        self._engine, self._clock, self._entropy = engine, clock, entropy
        self._retention = retention

    # --- who may act ---

    def enrol(self, officer: str, role: Role, by: str) -> Officer:
        """Let `officer` act as `role`; only a head may, and the first head enrols itself.

        Raises:
            UnknownOfficer, NotPermitted, CaseRefused: enrolled already, or the name is empty.
        """
        name, actor = normalise_name(officer), normalise_name(by)
        with writing(self._engine) as connection:
            judge_enrolment(self._officers(connection), name, role, actor)
            body = {"officer": name, "role": str(role)}
            self._append(connection, Order(OFFICERS, actor), "enrolled", body)
        return Officer(name, role, actor)

    def remove(self, officer: str, by: str) -> None:
        """Take an officer's powers; a head may, but not those of the last head.

        Raises:
            UnknownOfficer, NotPermitted, CaseRefused.
        """
        name = normalise_name(officer)
        with self._acting(by, Role.HEAD) as (connection, actor):
            judge_removal(self._officers(connection), name)
            self._append(connection, Order(OFFICERS, actor), "removed", {"officer": name})

    def officers(self) -> list[Officer]:
        """Return everybody who was ever enrolled."""
        return list(fold_officers(self._log.events_of(OFFICERS)).values())

    # --- alerts and evidence ---

    def take_alert(self, alert: Alert, by: str) -> str:
        """Put an alert into the subject's case, or open one; return the case's id.

        The same alert again changes nothing. A closed case is not reopened by a new alert: a new
        case is opened, since somebody decided on the old one.

        Raises:
            InvalidAlert, UnknownOfficer, NotPermitted.
        """
        return self.take_alerts([alert], by)[0]

    def take_alerts(self, alerts: Iterable[Alert], by: str) -> list[str]:
        """Take several alerts in one transaction: all of them or none. Raises as `take_alert`."""
        with self._acting(by, Role.ANALYST) as (connection, actor):
            return [self._take(connection, alert, actor) for alert in alerts]

    def _take(self, connection: Connection, alert: Alert, actor: str) -> str:
        body, fingerprint = {"alert": alert.as_body()}, alert.fingerprint()
        known = connection.execute(
            sa.select(ALERTS.c.case_id).where(ALERTS.c.fingerprint == fingerprint)
        ).one_or_none()
        if known is not None:
            return str(known.case_id)
        case = self._open_case_of(connection, alert.subject)
        if case is None:
            case = str(uuid.UUID(bytes=self._entropy(16), version=4))
            opened = body | {"subject": alert.subject}
            self._append(connection, Order(case, actor), "opened", opened)
        else:
            self._append(connection, Order(case, actor), "alert", body)
        values = {"fingerprint": fingerprint, "case_id": case, "subject": alert.subject}
        connection.execute(ALERTS.insert().values(**values))
        return case

    def _open_case_of(self, connection: Connection, subject: str) -> str | None:
        rows = connection.execute(
            sa.select(ALERTS.c.case_id).where(ALERTS.c.subject == subject).distinct()
        )
        for row in rows:
            if self._status(connection, row.case_id) is not CaseStatus.CLOSED:
                return str(row.case_id)
        return None

    def note(self, order: Order, text: str) -> Event:
        """Add a note to a case that is not closed.

        Raises:
            UnknownCase, UnknownOfficer, NotPermitted, WrongStatus, CaseRefused: empty or too long.
        """
        return self._act(order, Role.ANALYST, "note", {"text": checked(text)})

    def attach(self, order: Order, name: str, content: bytes) -> Event:
        """Attach a file to a case that is not closed; it is kept under its SHA-256.

        Raises:
            UnknownCase, UnknownOfficer, NotPermitted, WrongStatus, CaseRefused: over 32 MiB.
        """
        if len(content) > FILE_BYTES_MAX:
            raise CaseRefused(f"{name} has {len(content)} bytes, at most {FILE_BYTES_MAX} are kept")
        digest = hashlib.sha256(content).hexdigest()
        body = {"name": checked(name)[:200], "sha256": digest, "bytes": len(content)}
        with self._acting(order.by, Role.ANALYST) as (connection, actor):
            self._demand(connection, order.case, CaseStatus.OPEN, CaseStatus.CLOSING)
            known = sa.select(FILES.c.digest).where(FILES.c.digest == digest)
            if connection.execute(known).first() is None:
                connection.execute(FILES.insert().values(digest=digest, content=content))
            return self._append(connection, Order(order.case, actor), "file", body)

    def assign(self, order: Order, to: str) -> Event:
        """Give a case to an enrolled officer. Raises as `note` does."""
        name = normalise_name(to)
        with self._acting(order.by, Role.ANALYST) as (connection, actor):
            judge(self._log, connection, name, Role.ANALYST)
            self._demand(connection, order.case, CaseStatus.OPEN, CaseStatus.CLOSING)
            return self._append(connection, Order(order.case, actor), "assigned", {"to": name})

    # --- four eyes ---

    def propose_closing(self, order: Order, outcome: Outcome, reason: str) -> Event:
        """Propose to close an open case with `outcome`.

        Raises:
            UnknownCase, UnknownOfficer, NotPermitted, WrongStatus, CaseRefused.
        """
        body = {"outcome": str(outcome), "reason": checked(reason)}
        return self._act(order, Role.OFFICER, "proposed", body, CaseStatus.OPEN)

    def confirm_closing(self, order: Order) -> Event:
        """Close a case as another officer proposed (H2).

        Raises:
            SecondPairOfEyes: the proposer, or somebody whom the proposer brought in.
            UnknownCase, UnknownOfficer, NotPermitted, WrongStatus.
        """
        with self._acting(order.by, Role.OFFICER) as (connection, actor):
            self._demand(connection, order.case, CaseStatus.CLOSING)
            case = self._case(connection, order.case)
            assert case.proposal is not None, "a closing case has a proposal"
            proposer = case.proposal.by
            refuse_same_eyes(self._officers(connection), proposer=proposer, confirmer=actor)
            return self._append(connection, Order(order.case, actor), "closed", {})

    def decline_closing(self, order: Order, reason: str) -> Event:
        """Refuse a proposed closing; the case is open again. Raises as `propose_closing` does."""
        body = {"reason": checked(reason)}
        return self._act(order, Role.OFFICER, "declined", body, CaseStatus.CLOSING)

    def reopen(self, order: Order, reason: str) -> Event:
        """Open a closed case again. Raises as `propose_closing` does."""
        body = {"reason": checked(reason)}
        return self._act(order, Role.OFFICER, "reopened", body, CaseStatus.CLOSED)

    def record_export(self, order: Order, name: str) -> Event:
        """Note that the evidence of a case is taken out, in the file `name`."""
        statuses = tuple(CaseStatus)
        return self._act(order, Role.OFFICER, "exported", {"file": checked(name)}, *statuses)

    # --- the end of keeping ---

    def erase(self, order: Order, sequence: int, reason: str) -> Event:
        """Erase the body of one event of a case that is closed for longer than the retention.

        The event itself, its digest and who wrote it stay; an attached file goes with its event,
        unless another event has attached the same file.

        Raises:
            UnknownCase, UnknownOfficer, NotPermitted, WrongStatus, CaseRefused: too early, no such
                event, or one that holds no personal data.
        """
        with self._acting(order.by, Role.HEAD) as (connection, actor):
            self._demand(connection, order.case, CaseStatus.CLOSED)
            events = self._log.events_of(order.case, connection)
            closed_us = max(event.at_us for event in events if event.kind == "closed")
            kept_until = closed_us + self._retention // datetime.timedelta(microseconds=1)
            if self._now_us() < kept_until:
                raise CaseRefused(f"the case is kept for {self._retention.days} days after closing")
            found = next((event for event in events if event.sequence == sequence), None)
            if found is None or found.kind not in ERASABLE or found.body is None:
                kinds = ", ".join(sorted(ERASABLE))
                raise CaseRefused(f"event {sequence} is not one of {kinds} with a body")
            body = {"reason": checked(reason), "sequence": sequence}
            event = self._append(
                connection, Order(order.case, actor), "erasure", body, erases=found.position
            )
            connection.execute(BODIES.delete().where(BODIES.c.position == found.position))
            if found.kind == "file":
                self._drop_file(connection, str(found.body["sha256"]))
            return event

    def _drop_file(self, connection: Connection, digest: str) -> None:
        others = sa.select(BODIES.c.body).where(BODIES.c.body.contains(digest, autoescape=True))
        if connection.execute(others).first() is None:
            connection.execute(FILES.delete().where(FILES.c.digest == digest))

    # --- reading ---

    def case(self, case: str, by: str) -> Case:
        """Return a case to an enrolled officer. Raises `UnknownCase`, `UnknownOfficer`."""
        with reading(self._engine) as connection:
            judge(self._log, connection, normalise_name(by), Role.ANALYST)
            return self._case(connection, case)

    def cases(self, by: str, *statuses: CaseStatus) -> list[Case]:
        """Return the cases in `statuses`, or all, oldest first. Raises `UnknownOfficer`."""
        with reading(self._engine) as connection:
            judge(self._log, connection, normalise_name(by), Role.ANALYST)
            rows = connection.execute(
                sa.select(EVENTS.c.case_id)
                .where(EVENTS.c.kind == "opened")
                .order_by(EVENTS.c.position)
            ).all()
            found = [self._case(connection, row.case_id) for row in rows]
        return [case for case in found if not statuses or case.status in statuses]

    def history(self, case: str, by: str) -> list[Event]:
        """Return the events of a case. Raises `UnknownCase`, `UnknownOfficer`."""
        with reading(self._engine) as connection:
            judge(self._log, connection, normalise_name(by), Role.ANALYST)
            self._case(connection, case)
            return self._log.events_of(case, connection)

    def file(self, digest: str) -> bytes | None:
        """Return an attached file by its SHA-256, or `None`."""
        query = sa.select(FILES.c.content).where(FILES.c.digest == digest)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else bytes(row.content)

    def checkpoint(self) -> Checkpoint:
        """Return how far the log reaches, to be kept elsewhere."""
        return self._log.checkpoint()

    def verify(self, *checkpoints: Checkpoint) -> Checkpoint:
        """Walk the whole log. Raises `TamperedHistory` as `Log.verify` does."""
        return self._log.verify(*checkpoints)

    # --- what every order needs ---

    @contextmanager
    def _acting(self, by: str, role: Role) -> Iterator[tuple[Connection, str]]:
        actor = normalise_name(by)
        with writing(self._engine) as connection:
            judge(self._log, connection, actor, role)
            yield connection, actor

    def _act(
        self, order: Order, role: Role, kind: str, body: dict[str, Any], *statuses: CaseStatus
    ) -> Event:
        with self._acting(order.by, role) as (connection, actor):
            allowed = statuses or (CaseStatus.OPEN, CaseStatus.CLOSING)
            self._demand(connection, order.case, *allowed)
            return self._append(connection, Order(order.case, actor), kind, body)

    def _append(
        self,
        connection: Connection,
        order: Order,
        kind: str,
        body: dict[str, Any],
        *,
        erases: int | None = None,
    ) -> Event:
        salt = self._entropy(SALT_BYTES).hex()
        entry = Entry(order.case, self._now_us(), order.by, kind, body, salt, erases)
        return self._log.append(connection, entry)

    def _case(self, connection: Connection, case: str) -> Case:
        events = self._log.events_of(case, connection)
        if not events or case == OFFICERS:
            raise UnknownCase(f"there is no case {case[:60]!r}")
        return fold_case(events)

    def _demand(self, connection: Connection, case: str, *statuses: CaseStatus) -> None:
        found = self._status(connection, case)
        if found not in statuses:
            wanted = " or ".join(statuses)
            raise WrongStatus(f"case {case} is {found}, this needs {wanted}")

    def _status(self, connection: Connection, case: str) -> CaseStatus:
        """Return where a case stands by the last event that moved it, without reading the rest."""
        query = (
            sa.select(EVENTS.c.kind)
            .where(EVENTS.c.case_id == case, EVENTS.c.kind.in_(STATUS_AFTER))
            .order_by(EVENTS.c.sequence.desc())
            .limit(1)
        )
        kind = connection.execute(query).scalar_one_or_none()
        if kind is None:
            raise UnknownCase(f"there is no case {case[:60]!r}")
        return STATUS_AFTER[kind]

    def _officers(self, connection: Connection) -> Mapping[str, Officer]:
        return fold_officers(self._log.events_of(OFFICERS, connection))

    def _now_us(self) -> int:
        now = self._clock()
        assert now.tzinfo is not None, "moments have a zone"
        return int(now.timestamp()) * 1_000_000 + now.microsecond


def checked(text: str) -> str:
    """Return `text` when a log can keep it.

    Raises:
        CaseRefused: empty, over 20,000 characters, or not Unicode.
    """
    if not text.strip() or len(text) > TEXT_MAX:
        raise CaseRefused(f"a text of 1 to {TEXT_MAX} characters is needed, this has {len(text)}")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise CaseRefused(f"the text is not Unicode: {error}") from None
    return text
