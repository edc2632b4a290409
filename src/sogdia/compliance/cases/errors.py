"""What the case desk refuses.

CaseRefused
├── UnknownCase
├── UnknownOfficer
├── NotPermitted
├── WrongStatus
└── SecondPairOfEyes
TamperedHistory
InvalidAlert
InvalidBundle
"""


class CaseRefused(Exception):
    """An order that the desk does not carry out; the message says why and what would work."""


class UnknownCase(CaseRefused):
    """There is no case with this id."""


class UnknownOfficer(CaseRefused):
    """Nobody enrolled this officer, or the officer has left."""


class NotPermitted(CaseRefused):
    """The officer's role does not allow it."""


class WrongStatus(CaseRefused):
    """The case is not where this order could follow."""


class SecondPairOfEyes(CaseRefused):
    """The same pair of eyes, or one that it chose itself."""


class TamperedHistory(Exception):
    """The history is not what was written. `position` is the first event that does not fit."""

    def __init__(self, position: int, problem: str) -> None:
        super().__init__(position, problem)
        self.position, self.problem = position, problem

    def __str__(self) -> str:
        return f"the history was tampered with at event {self.position}: {self.problem}"


class InvalidAlert(ValueError):
    """An alert that cannot become a case; the message names line and field."""


class InvalidBundle(Exception):
    """An evidence bundle that does not prove what it says."""
