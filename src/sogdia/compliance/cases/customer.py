"""What a customer sees of a transfer: where the money is, and never why.

Telling a customer, even by a pause in the wording, that somebody looks at the transfer is tipping
off, which the law forbids (for China the AML Law of 2024, duty of confidentiality; FATF
Recommendation 21). So the statuses are three, each covers reasons of every kind, and this module
knows nothing of cases: it imports none of the desk's.
"""

from collections.abc import Mapping
from enum import StrEnum


class Movement(StrEnum):
    """Where a transfer really is; for the institution's own eyes."""

    SUBMITTED = "submitted"
    QUEUED = "queued"  # the network or the other bank is slow
    AWAITING_COUNTERPARTY = "awaiting-counterparty"  # the travel rule's exchange is under way
    UNDER_REVIEW = "under-review"  # an alert, a case
    HELD = "held"  # a rule's hold
    FROZEN = "frozen"  # an authority's order that forbids telling
    COMPLETED = "completed"
    REJECTED = "rejected"  # by the other institution
    RETURNED = "returned"  # by compliance
    FAILED = "failed"  # technically
    CANCELLED = "cancelled"  # by the customer


class CustomerStatus(StrEnum):
    """What the customer is told."""

    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    NOT_EXECUTED = "not-executed"


STATUS_OF: Mapping[Movement, CustomerStatus] = {
    Movement.SUBMITTED: CustomerStatus.IN_PROGRESS,
    Movement.QUEUED: CustomerStatus.IN_PROGRESS,
    Movement.AWAITING_COUNTERPARTY: CustomerStatus.IN_PROGRESS,
    Movement.UNDER_REVIEW: CustomerStatus.IN_PROGRESS,
    Movement.HELD: CustomerStatus.IN_PROGRESS,
    Movement.FROZEN: CustomerStatus.IN_PROGRESS,
    Movement.COMPLETED: CustomerStatus.COMPLETED,
    Movement.REJECTED: CustomerStatus.NOT_EXECUTED,
    Movement.RETURNED: CustomerStatus.NOT_EXECUTED,
    Movement.FAILED: CustomerStatus.NOT_EXECUTED,
    Movement.CANCELLED: CustomerStatus.NOT_EXECUTED,
}

TEXTS: Mapping[CustomerStatus, Mapping[str, str]] = {
    CustomerStatus.IN_PROGRESS: {
        "en": "Your transfer is being processed.",
        "zh": "您的转账正在处理中。",
        "ru": "Ваш перевод обрабатывается.",
        "kk": "Аударымыңыз өңделуде.",
    },
    CustomerStatus.COMPLETED: {
        "en": "Your transfer is complete.",
        "zh": "您的转账已完成。",
        "ru": "Ваш перевод выполнен.",
        "kk": "Аударымыңыз орындалды.",
    },
    CustomerStatus.NOT_EXECUTED: {
        "en": "Your transfer was not carried out. The amount is available to you.",
        "zh": "您的转账未执行，款项可供您使用。",
        "ru": "Ваш перевод не выполнен. Сумма доступна вам.",
        "kk": "Аударымыңыз орындалмады. Сома сізге қолжетімді.",
    },
}


class UnknownLanguage(ValueError):
    """There is no text in this language; the message lists those there are."""


def customer_status(movement: Movement) -> CustomerStatus:
    """Return what the customer is told about a transfer that is at `movement`."""
    return STATUS_OF[movement]


def customer_message(movement: Movement, language: str) -> dict[str, str]:
    """Return the whole message to the customer: nothing else may be added to it.

    There is no moment, no reference and no officer in it: the time of the last change alone would
    tell when a case was opened.

    Raises:
        UnknownLanguage.
    """
    status = STATUS_OF[movement]
    if language not in TEXTS[status]:
        known = ", ".join(sorted(TEXTS[status]))
        raise UnknownLanguage(f"{language[:20]!r} is not one of {known}")
    return {"status": str(status), "text": TEXTS[status][language]}
