"""Every test of the desk runs on SQLite and on PostgreSQL."""

import datetime
import random
from dataclasses import dataclass, field

from sqlalchemy import Engine

from sogdia.compliance.cases.alerts import Alert
from sogdia.compliance.cases.case import Role
from sogdia.compliance.cases.desk import Desk

START = datetime.datetime(2026, 11, 21, 8, 0, tzinfo=datetime.UTC)


@dataclass
class Office:
    """A desk with people in it, and a clock to turn."""

    engine: Engine
    now: datetime.datetime = START
    dice: random.Random = field(default_factory=lambda: random.Random(4))

    def __post_init__(self) -> None:
        self.desk = self.another_desk()
        self.desk.enrol("hana", Role.HEAD, "hana")
        self.desk.enrol("aidar", Role.ANALYST, "hana")
        self.desk.enrol("olga", Role.OFFICER, "hana")
        self.desk.enrol("wei", Role.OFFICER, "hana")

    def another_desk(self) -> Desk:
        """Return a desk on the same database, as another process would have it."""
        return Desk(self.engine, lambda: self.now, self.dice.randbytes)

    def advance(self, **by: float) -> None:
        """Turn the clock on."""
        self.now += datetime.timedelta(**by)

    def case(self, subject: str = "C-1001") -> str:
        """Open a case."""
        return self.desk.take_alert(alert(subject), "aidar")


def alert(subject: str = "C-1001", reason: str = "name match") -> Alert:
    """Return a screening alert."""
    evidence = {"list": "UN", "snapshot": "sha256:00", "score": "0.93", "name": "张伟"}
    return Alert(subject=subject, source="screening", reason=reason, evidence=evidence)
