"""Who may act on cases: enrolled in the same log, so that powers have a history too."""

import unicodedata
from collections.abc import Mapping

from sqlalchemy import Connection

from sogdia.compliance.cases.case import OFFICERS, Officer, Role, fold_officers
from sogdia.compliance.cases.errors import (
    CaseRefused,
    NotPermitted,
    SecondPairOfEyes,
    UnknownOfficer,
)
from sogdia.compliance.cases.log import Log

NAME_MAX = 100  # characters


def normalise_name(name: str) -> str:
    """Return an officer's name in one form, so that `Ann` and `ａｎｎ ` are one person.

    Raises:
        CaseRefused: nothing is left, or it is too long.
    """
    plain = "".join(
        char
        for char in unicodedata.normalize("NFKC", name).casefold()
        if unicodedata.category(char) not in {"Cf", "Cc"}  # invisible characters make twins
    ).strip()
    if not 0 < len(plain) <= NAME_MAX:
        raise CaseRefused(f"an officer's name has 1 to {NAME_MAX} characters")
    return plain


def judge(log: Log, connection: Connection, name: str, role: Role) -> Officer:
    """Return the officer `name` when it may do what `role` may.

    Raises:
        UnknownOfficer, NotPermitted.
    """
    officer = fold_officers(log.events_of(OFFICERS, connection)).get(name)
    if officer is None or not officer.is_active:
        raise UnknownOfficer(f"{name} is not enrolled: a head does that with `sogdia case enrol`")
    if not officer.may(role):
        raise NotPermitted(f"{name} is {officer.role}, this needs {role}")
    return officer


def judge_enrolment(officers: Mapping[str, Officer], name: str, role: Role, actor: str) -> None:
    """Judge whether `actor` may enrol `name`; the first head of an empty desk enrols itself.

    Raises:
        UnknownOfficer, NotPermitted, CaseRefused.
    """
    if not officers:
        if name != actor or role is not Role.HEAD:
            raise NotPermitted("nobody is enrolled yet: the first one enrols itself as head")
        return
    if actor not in officers or not officers[actor].is_active:
        raise UnknownOfficer(f"{actor} is not enrolled")
    if not officers[actor].may(Role.HEAD):
        raise NotPermitted(f"{actor} is {officers[actor].role}, this needs {Role.HEAD}")
    if name in officers and officers[name].is_active:
        raise CaseRefused(f"{name} is enrolled as {officers[name].role} already")


def judge_removal(officers: Mapping[str, Officer], name: str) -> None:
    """Judge whether `name` can be removed.

    Raises:
        UnknownOfficer, CaseRefused: the last head.
    """
    if name not in officers or not officers[name].is_active:
        raise UnknownOfficer(f"{name} is not enrolled")
    if not any(officer.may(Role.HEAD) for officer in officers.values() if officer.id != name):
        raise CaseRefused(f"{name} is the last head: enrol another first")


def refuse_same_eyes(officers: Mapping[str, Officer], *, proposer: str, confirmer: str) -> None:
    """Refuse a confirmation by the proposer, or by somebody the proposer brought in (H2).

    Otherwise one head could enrol a name of its own and confirm itself under it. Whoever enrolled
    both the proposer and itself is a different person and may confirm.

    Raises:
        SecondPairOfEyes.
    """
    if confirmer == proposer:
        raise SecondPairOfEyes(f"{proposer} proposed the closing: somebody else must confirm it")
    name, seen = confirmer, set()
    while name in officers and name not in seen:
        seen.add(name)
        name = officers[name].enrolled_by
        if name == proposer:
            raise SecondPairOfEyes(
                f"{confirmer} was enrolled by {proposer}, who proposed the closing: "
                "somebody independent must confirm it"
            )
