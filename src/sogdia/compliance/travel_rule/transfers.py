"""A transfer's exchange as a state machine, and the messages that move it.

    originator   [KEPT →] INQUIRED → ASKED → INQUIRED → … → ACCEPTED → CONFIRMED
    beneficiary           RECEIVED → ASKED → RECEIVED → … → ACCEPTED → CONFIRMED

KEPT is the sunrise: the other end cannot receive yet (see `exchange.sunrise`).

Either end can reach REJECTED (by the beneficiary), CANCELLED (by the originator) or EXPIRED (by the
deadline). Nothing leaves a final state.
"""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from msgspec import Struct

from sogdia.compliance.travel_rule.ivms101.v2023 import IdentityPayload

DEADLINE_MIN = datetime.timedelta(minutes=1)  # shorter than any officer or machine can answer
DEADLINE_MAX = datetime.timedelta(days=7)  # a week's holiday; a longer hold needs a case
ROUNDS_MAX = 5  # questions about one transfer; more is fishing
AMOUNT_PATTERN = re.compile(r"(0|[1-9][0-9]{0,59})(\.[0-9]{1,18})?")  # in units of the asset
TEXT_MAX = 300  # characters of an asset's name, a payment address, a transaction id


class State(StrEnum):
    """Where a transfer's exchange stands."""

    KEPT = "kept"
    INQUIRED = "inquired"
    RECEIVED = "received"
    ASKED = "asked"
    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


OPEN_STATES = frozenset({State.INQUIRED, State.RECEIVED, State.ASKED, State.ACCEPTED})
WAITING_STATES = frozenset({State.INQUIRED, State.RECEIVED, State.ASKED})


class Rejection(StrEnum):
    """Why a beneficiary institution rejects, in words that tip nobody off.

    A suspicion has no word here on purpose: it is `POLICY`, like everything an institution does not
    explain.
    """

    UNKNOWN_ACCOUNT = "unknown-account"
    NAME_MISMATCH = "name-mismatch"
    INCOMPLETE_DATA = "incomplete-data"
    UNSUPPORTED_ASSET = "unsupported-asset"
    POLICY = "policy"


class Message(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every body is: known fields only."""


class Inquiry(Message, frozen=True, kw_only=True):
    """May this transfer come? `respond_by` is UTC; `salt` and `commitment` are hexadecimal.

    `values` is its worth in minor units of currencies, so that both ends judge the same thresholds.
    """

    asset: str
    amount: str
    values: dict[str, int]
    ivms101: dict[str, Any]
    salt: str
    commitment: str
    respond_by: datetime.datetime


class Resolution(Message, frozen=True, kw_only=True):
    """The beneficiary institution's word on an inquiry.

    Accepted: `payment_address`, and the `commitment` as that institution computed it. Rejected: a
    `Rejection`. Asked: the `elements` it lacks, and a new deadline.
    """

    decision: Literal["accepted", "rejected", "asked"]
    commitment: str
    payment_address: str | None = None
    reason: Rejection | None = None
    elements: tuple[str, ...] = ()
    respond_by: datetime.datetime | None = None


class Answer(Message, frozen=True, kw_only=True):
    """The payload again, with what was asked for; its own salt and commitment."""

    ivms101: dict[str, Any]
    salt: str
    commitment: str


class Confirmation(Message, frozen=True, kw_only=True):
    """The value moved in `transaction`, or the originator `cancelled`."""

    transaction: str | None = None
    cancelled: bool = False


MESSAGES: dict[str, type[Message]] = {
    "inquiry": Inquiry,
    "resolution": Resolution,
    "answer": Answer,
    "confirmation": Confirmation,
}


class ExchangeRefused(Exception):
    """A believed message, or an officer's order, that does not fit. `reason` is a stable word."""

    def __init__(self, reason: str, transfer: str, detail: str) -> None:
        super().__init__(reason, transfer, detail)
        self.reason, self.transfer, self.detail = reason, transfer, detail

    def __str__(self) -> str:
        return f"transfer {self.transfer}: {self.reason}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer as this institution knows it.

    `demanded` are the elements that the corridor's rules demand, `asked` those the other end lacks.
    `values` is its worth in minor units of currencies. `salt` is secret; `commitment` is what a
    ledger may be given once the state is ACCEPTED.
    """

    id: str
    role: Literal["originator", "beneficiary"]
    counterparty: str
    state: State
    asset: str
    amount: str
    values: Mapping[str, int]
    payload: IdentityPayload
    salt: bytes
    commitment: bytes
    demanded: frozenset[str]
    respond_by: datetime.datetime
    rounds: int = 0
    asked: tuple[str, ...] = ()
    payment_address: str | None = None
    reason: str | None = None
    transaction: str | None = None


def refuse_deadline(respond_by: datetime.datetime, now: datetime.datetime, transfer: str) -> None:
    """Refuse a deadline that is none.

    Raises:
        ExchangeRefused: `bad-deadline`.
    """
    if respond_by.tzinfo is None or not DEADLINE_MIN <= respond_by - now <= DEADLINE_MAX:
        detail = f"{respond_by.isoformat()} is not between a minute and seven days from now"
        raise ExchangeRefused("bad-deadline", transfer, detail)


def refuse_order(transfer: Transfer, role: str, *states: State) -> None:
    """Refuse an order or a message that does not fit where `transfer` stands.

    Raises:
        ExchangeRefused: `wrong-state`.
    """
    if transfer.role != role or transfer.state not in states:
        wanted = " or ".join(states)
        detail = f"it is {transfer.state} as {transfer.role}, this needs {wanted} as {role}"
        raise ExchangeRefused("wrong-state", transfer.id, detail)
