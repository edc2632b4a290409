"""The beneficiary's side: take an inquiry, and accept it, reject it or ask."""

import datetime
from dataclasses import replace

from sogdia.compliance.travel_rule.corridor.elements import ELEMENTS, missing_elements
from sogdia.compliance.travel_rule.corridor.policy import (
    Corridor,
    InvalidCorridor,
    Reach,
    decide,
)
from sogdia.compliance.travel_rule.envelope import Opened
from sogdia.compliance.travel_rule.exchange.house import House
from sogdia.compliance.travel_rule.exchange.payloads import read_payload, verify_commitment
from sogdia.compliance.travel_rule.transfers import (
    AMOUNT_PATTERN,
    ROUNDS_MAX,
    TEXT_MAX,
    Answer,
    Confirmation,
    ExchangeRefused,
    Inquiry,
    Rejection,
    Resolution,
    State,
    Transfer,
    refuse_deadline,
    refuse_order,
)


def on_inquiry(house: House, opened: Opened, message: Inquiry) -> Transfer:
    """Take an inquiry; an officer or a program then accepts, rejects or asks.

    What both states demand is computed here again, from our own rules; a value that the sender left
    out counts as above every threshold (P2).

    Raises:
        ExchangeRefused: `known-transfer`, `bad-amount`, `bad-deadline`, `commitment-mismatch`.
        PayloadRefused: the payload breaks IVMS101.
    """
    identifier, sender = opened.claims.transfer, opened.sender
    if house.journal.find_transfer(identifier) is not None:
        raise ExchangeRefused("known-transfer", identifier, "the id is in use")
    now = house.clock()
    refuse_deadline(message.respond_by, now, identifier)
    if AMOUNT_PATTERN.fullmatch(message.amount) is None or not 0 < len(message.asset) <= TEXT_MAX:
        raise ExchangeRefused("bad-amount", identifier, "no amount of an asset")
    ends = {"originator": sender.institution, "beneficiary": house.institution}
    salt, commitment = verify_commitment(message, transfer=identifier, **ends)
    payload = read_payload(message.ivms101, house.reference(), identifier)
    try:
        corridor = Corridor(
            sender.entry.state, house.state, message.values, Reach.AUTHENTICATED, now
        )
    except InvalidCorridor as error:
        raise ExchangeRefused("bad-amount", identifier, str(error)) from None
    decision = decide(corridor, house.rules, house.policy)
    transfer = Transfer(
        id=identifier,
        role="beneficiary",
        counterparty=sender.institution,
        state=State.RECEIVED,
        asset=message.asset,
        amount=message.amount,
        values=message.values,
        payload=payload,
        salt=salt,
        commitment=commitment,
        demanded=decision.demanded,
        respond_by=message.respond_by,
    )
    return house.commit_message(transfer, None, opened)


def on_answer(house: House, opened: Opened, message: Answer) -> Transfer:
    """Take the payload again, with what we asked for.

    Raises:
        ExchangeRefused: `unknown-transfer`, `wrong-state`, `late`, `commitment-mismatch`.
        PayloadRefused: the payload breaks IVMS101.
    """
    transfer = house.get_transfer_of(opened)
    refuse_order(transfer, "beneficiary", State.ASKED)
    _refuse_late(house, transfer)
    ends = {"originator": transfer.counterparty, "beneficiary": house.institution}
    salt, commitment = verify_commitment(message, transfer=transfer.id, **ends)
    payload = read_payload(message.ivms101, house.reference(), transfer.id)
    after = replace(
        transfer, state=State.RECEIVED, payload=payload, salt=salt, commitment=commitment, asked=()
    )
    return house.commit_message(after, transfer, opened)


def on_confirmation(house: House, opened: Opened, message: Confirmation) -> Transfer:
    """Take note that the value moved, or that it will not.

    Raises:
        ExchangeRefused: `unknown-transfer`, `wrong-state` or `malformed`.
    """
    transfer = house.get_transfer_of(opened)
    if message.cancelled and message.transaction is None:
        refuse_order(transfer, "beneficiary", State.RECEIVED, State.ASKED, State.ACCEPTED)
        return house.commit_message(replace(transfer, state=State.CANCELLED), transfer, opened)
    refuse_order(transfer, "beneficiary", State.ACCEPTED)
    if not message.transaction or message.cancelled or len(message.transaction) > TEXT_MAX:
        raise ExchangeRefused("malformed", transfer.id, "neither a transaction nor a cancellation")
    after = replace(transfer, state=State.CONFIRMED, transaction=message.transaction)
    return house.commit_message(after, transfer, opened)


def lacking(transfer: Transfer) -> tuple[str, ...]:
    """Return which demanded elements a received transfer lacks."""
    return missing_elements(transfer.payload, transfer.demanded)


def accept(house: House, transfer_id: str, payment_address: str, actor: str) -> Transfer:
    """Accept an inquiry and name the address to pay to.

    Raises:
        ExchangeRefused: `wrong-state`, `late`, or `malformed` without an address.
        Unauthenticated: the counterparty's proof no longer holds.
    """
    transfer = house.get_transfer(transfer_id)
    refuse_order(transfer, "beneficiary", State.RECEIVED)
    _refuse_late(house, transfer)
    if not 0 < len(payment_address) <= TEXT_MAX:
        raise ExchangeRefused("malformed", transfer.id, "the payment address is missing")
    message = Resolution(
        decision="accepted",
        commitment=transfer.commitment.hex(),
        payment_address=payment_address,
    )
    after = replace(transfer, state=State.ACCEPTED, payment_address=payment_address)
    return house.commit_order(after, transfer, actor, message)


def reject(house: House, transfer_id: str, reason: Rejection, actor: str) -> Transfer:
    """Reject an inquiry.

    Raises:
        ExchangeRefused: `wrong-state` or `late`.
        Unauthenticated: the counterparty's proof no longer holds.
    """
    transfer = house.get_transfer(transfer_id)
    refuse_order(transfer, "beneficiary", State.RECEIVED)
    _refuse_late(house, transfer)
    commitment = transfer.commitment.hex()
    message = Resolution(decision="rejected", commitment=commitment, reason=reason)
    after = replace(transfer, state=State.REJECTED, reason=reason)
    return house.commit_order(after, transfer, actor, message)


def ask(
    house: House,
    transfer_id: str,
    elements: tuple[str, ...],
    respond_by: datetime.datetime,
    actor: str,
) -> Transfer:
    """Ask for `elements` that the payload lacks and a rule of the corridor demands.

    Raises:
        ExchangeRefused: `wrong-state`, `late`, `bad-deadline`, `too-many-rounds`, or
            `excessive-ask` for an element that is unknown, there already, or demanded by no rule.
        Unauthenticated: the counterparty's proof no longer holds.
    """
    transfer = house.get_transfer(transfer_id)
    refuse_order(transfer, "beneficiary", State.RECEIVED)
    _refuse_late(house, transfer)
    refuse_deadline(respond_by, house.clock(), transfer.id)
    if transfer.rounds >= ROUNDS_MAX:
        detail = f"{ROUNDS_MAX} questions were asked already"
        raise ExchangeRefused("too-many-rounds", transfer.id, detail)
    allowed = set(lacking(transfer))
    excessive = sorted(set(elements) - allowed)
    if excessive or not elements:
        known = ", ".join(sorted(allowed)) or "nothing"
        unknown = [element for element in excessive if element not in ELEMENTS]
        detail = f"{', '.join(unknown or excessive) or 'an empty question'}: lacking is {known}"
        raise ExchangeRefused("excessive-ask", transfer.id, detail)
    message = Resolution(
        decision="asked",
        commitment=transfer.commitment.hex(),
        elements=elements,
        respond_by=respond_by,
    )
    after = replace(
        transfer,
        state=State.ASKED,
        asked=elements,
        rounds=transfer.rounds + 1,
        respond_by=respond_by,
    )
    return house.commit_order(after, transfer, actor, message)


def _refuse_late(house: House, transfer: Transfer) -> None:
    if house.clock() > transfer.respond_by:
        detail = f"the deadline was {transfer.respond_by.isoformat()}"
        raise ExchangeRefused("late", transfer.id, detail)
