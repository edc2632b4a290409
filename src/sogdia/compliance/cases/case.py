"""A case as its events make it: what happened is stored, what holds is computed from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from sogdia.compliance.cases.events import Event

OFFICERS = "officers"  # the stream of the log that says who may act; not a case


class CaseStatus(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    CLOSING = "closing"  # one officer proposed an outcome, another must confirm it
    CLOSED = "closed"


# The events that move a case, and where each leaves it.
STATUS_AFTER: Mapping[str, CaseStatus] = {
    "opened": CaseStatus.OPEN,
    "proposed": CaseStatus.CLOSING,
    "declined": CaseStatus.OPEN,
    "closed": CaseStatus.CLOSED,
    "reopened": CaseStatus.OPEN,
}


class Outcome(StrEnum):
    """What a case came to."""

    FALSE_POSITIVE = "false-positive"  # somebody else, or a mistake of the screening
    NO_SUSPICION = "no-suspicion"
    REPORTED = "reported"  # to the financial intelligence unit; the reference is in the reason
    FROZEN = "frozen"  # by the order of an authority


class Role(StrEnum):
    """What an officer may do: each role includes the ones before it."""

    ANALYST = "analyst"  # open cases, take notes, attach evidence
    OFFICER = "officer"  # propose and confirm closing, reopen, export
    HEAD = "head"  # enrol and remove officers, erase what need not be kept


ROLE_ORDER = (Role.ANALYST, Role.OFFICER, Role.HEAD)


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody who may act; `enrolled_by` matters for the second pair of eyes (H2)."""

    id: str
    role: Role
    enrolled_by: str
    is_active: bool = True

    def may(self, role: Role) -> bool:
        """Return whether the officer's role includes `role`."""
        return self.is_active and ROLE_ORDER.index(self.role) >= ROLE_ORDER.index(role)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed closing."""

    outcome: Outcome
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Case:
    """The state of a case; `alerts` and `files` are the bodies of the events that brought them."""

    id: str
    subject: str
    status: CaseStatus
    opened_at_us: int
    events: int
    assigned_to: str | None = None
    proposal: Proposal | None = None
    outcome: Outcome | None = None
    closed_by: tuple[str, str] | None = None
    alerts: tuple[dict[str, Any], ...] = ()
    files: tuple[dict[str, Any], ...] = ()
    erased: tuple[int, ...] = field(default=())


def fold_case(events: list[Event]) -> Case:
    """Return the case that `events` make; the first one opened it."""
    first = events[0]
    body = first.body or {}
    case = Case(
        id=first.case,
        subject=str(body.get("subject", "(erased)")),
        status=CaseStatus.OPEN,
        opened_at_us=first.at_us,
        events=0,
    )
    for event in events:
        case = replace(_apply(case, event), events=event.sequence)
    return case


def _apply(case: Case, event: Event) -> Case:
    body: dict[str, Any] = event.body or {}
    changes: dict[str, Any] = {}
    match event.kind:
        case "opened" | "alert":
            changes = {"alerts": (*case.alerts, body.get("alert", {}))}
        case "file":
            changes = {"files": (*case.files, body)}
        case "assigned":
            changes = {"assigned_to": body["to"]}
        case "proposed":
            proposal = Proposal(Outcome(body["outcome"]), body["reason"], event.actor)
            changes = {"proposal": proposal}
        case "declined":
            changes = {"proposal": None}
        case "closed":
            assert case.proposal is not None, "the desk closes only what was proposed"
            changes = {
                "outcome": case.proposal.outcome,
                "closed_by": (case.proposal.by, event.actor),
            }
        case "reopened":
            changes = {"proposal": None, "outcome": None, "closed_by": None}
        case "erasure":
            changes = {"erased": (*case.erased, event.erases)}
    return replace(case, status=STATUS_AFTER.get(event.kind, case.status), **changes)


def fold_officers(events: list[Event]) -> dict[str, Officer]:
    """Return who may act, by the officers' own stream."""
    officers: dict[str, Officer] = {}
    for event in events:
        body = event.body or {}
        name = str(body.get("officer", ""))
        if event.kind == "enrolled":
            officers[name] = Officer(name, Role(body.get("role", Role.ANALYST)), event.actor)
        elif event.kind == "removed" and name in officers:
            officers[name] = replace(officers[name], is_active=False)
    return officers
