"""The one door for what comes from outside: believed messages move transfers, others are noted."""

from dataclasses import replace

import msgspec

from sogdia.compliance.travel_rule.envelope import (
    EnvelopeRefused,
    Opened,
    Refusal,
    open_envelope,
    replayed,
)
from sogdia.compliance.travel_rule.exchange.house import House
from sogdia.compliance.travel_rule.exchange.originating import on_resolution
from sogdia.compliance.travel_rule.exchange.receiving import (
    on_answer,
    on_confirmation,
    on_inquiry,
)
from sogdia.compliance.travel_rule.institutions.licence import Unauthenticated
from sogdia.compliance.travel_rule.journal import AlreadySeen, Change, StaleTransfer
from sogdia.compliance.travel_rule.transfers import (
    MESSAGES,
    WAITING_STATES,
    Answer,
    Confirmation,
    ExchangeRefused,
    Inquiry,
    Resolution,
    State,
    Transfer,
)

CONTENTION_RETRIES_MAX = 5  # officers and messages that move one transfer at the same moment


def receive(house: House, envelope: str, credential: str | None = None) -> Transfer:
    """Take a message: authenticate its sender, open it, and move the transfer it speaks of.

    `credential` is the sender's signed entry, when it showed one.

    Raises:
        Unauthenticated, EnvelopeRefused, ExchangeRefused: recorded before they are raised (X3).
    """
    try:
        if credential is not None:
            house.directory.present(credential)
        opened = open_envelope(envelope, house.recipient(), house.clock())
        return _dispatch(house, opened)
    except Unauthenticated as refused:
        house.record(refused.reason, refused.institution, refused.detail, envelope)
        raise
    except EnvelopeRefused as refused:
        house.record(refused.reason, refused.sender, refused.detail, envelope)
        raise
    except ExchangeRefused as refused:
        house.record(refused.reason, refused.transfer, refused.detail, envelope)
        raise


def expire(house: House) -> list[Transfer]:
    """Close every transfer whose deadline has passed without an answer; return them."""
    now = house.clock()
    expired = []
    for transfer in house.journal.transfers(*WAITING_STATES):
        if transfer.respond_by >= now:
            continue
        after = replace(transfer, state=State.EXPIRED)
        try:
            house.journal.commit_change(Change(after, now, "deadline"), transfer)
        except StaleTransfer:
            continue  # an answer was quicker
        expired.append(after)
    return expired


def _dispatch(house: House, opened: Opened) -> Transfer:
    for _ in range(CONTENTION_RETRIES_MAX):
        try:
            return _handle(house, opened)
        except AlreadySeen:
            raise replayed(opened.claims) from None
        except StaleTransfer:
            continue  # read again what an officer has just changed
    detail = "it is being changed by others all the time; send the message again"
    raise ExchangeRefused("contended", opened.claims.transfer, detail)


def _handle(house: House, opened: Opened) -> Transfer:
    model = MESSAGES.get(opened.claims.kind)
    if model is None:
        detail = f"{opened.claims.kind[:40]!r} is no kind of message"
        raise EnvelopeRefused(Refusal.MALFORMED, opened.claims.sender, detail)
    try:
        message = msgspec.convert(opened.body, model)
    except msgspec.ValidationError as error:
        raise EnvelopeRefused(Refusal.MALFORMED, opened.claims.sender, str(error)) from None
    if isinstance(message, Inquiry):
        return on_inquiry(house, opened, message)
    if isinstance(message, Resolution):
        return on_resolution(house, opened, message)
    if isinstance(message, Answer):
        return on_answer(house, opened, message)
    assert isinstance(message, Confirmation), "MESSAGES lists these four"
    return on_confirmation(house, opened, message)
