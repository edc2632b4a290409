"""The originator's side: inquire, answer what is asked, confirm or cancel."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sogdia.compliance.travel_rule.commitment import is_commitment_to
from sogdia.compliance.travel_rule.corridor.policy import (
    Corridor,
    CorridorDecision,
    Reach,
    decide,
)
from sogdia.compliance.travel_rule.envelope import Opened
from sogdia.compliance.travel_rule.exchange.house import House
from sogdia.compliance.travel_rule.exchange.payloads import (
    commitment_of,
    payload_values,
    prepare_payload,
)
from sogdia.compliance.travel_rule.institutions.address_book import Counterparty
from sogdia.compliance.travel_rule.institutions.licence import Unauthenticated
from sogdia.compliance.travel_rule.ivms101.reading import Document
from sogdia.compliance.travel_rule.transfers import (
    AMOUNT_PATTERN,
    ROUNDS_MAX,
    TEXT_MAX,
    Answer,
    Confirmation,
    ExchangeRefused,
    Inquiry,
    Resolution,
    State,
    Transfer,
    refuse_deadline,
    refuse_order,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A transfer that a customer ordered.

    `amount` is a decimal text in units of `asset` (a DTI or CAIP-19 name); `values` its worth in
    minor units of currencies, together with the transfers linked to it; `document` all that is
    known of the two parties, of which only what is demanded leaves the house.
    """

    counterparty: str
    asset: str
    amount: str
    values: Mapping[str, int]
    document: Document
    respond_by: datetime.datetime


def inquire(house: House, draft: Draft, actor: str) -> tuple[Transfer, CorridorDecision]:
    """Ask the beneficiary's institution whether the transfer may come; return what was decided.

    The counterparty is authenticated before its data is even prepared (T1).

    Raises:
        Unauthenticated: the counterparty did not prove who it is; recorded, and nothing was sent.
        PayloadRefused, ExchangeRefused: `missing-data`, `bad-amount` or `bad-deadline`.
    """
    identifier = str(house.new_id())
    counterparty = _authenticated(house, draft.counterparty)
    now = house.clock()
    refuse_draft(draft, now, identifier)
    corridor = Corridor(
        house.state, counterparty.entry.state, draft.values, Reach.AUTHENTICATED, now
    )
    decision = decide(corridor, house.rules, house.policy)
    transfer = build_transfer(house, draft, identifier, decision.demanded)
    return house.commit_order(transfer, None, actor, inquiry_of(transfer)), decision


def refuse_draft(draft: Draft, now: datetime.datetime, identifier: str) -> None:
    """Refuse a draft whose deadline or amount cannot be.

    Raises:
        ExchangeRefused: `bad-deadline` or `bad-amount`.
    """
    refuse_deadline(draft.respond_by, now, identifier)
    if AMOUNT_PATTERN.fullmatch(draft.amount) is None or not 0 < len(draft.asset) <= TEXT_MAX:
        detail = f"{draft.amount[:80]!r} of {draft.asset[:80]!r} is no amount of an asset"
        raise ExchangeRefused("bad-amount", identifier, detail)


def build_transfer(
    house: House, draft: Draft, identifier: str, demanded: frozenset[str]
) -> Transfer:
    """Return the transfer of a draft: its payload cut to what is demanded, and committed to.

    Raises:
        PayloadRefused, ExchangeRefused: `missing-data`.
    """
    payload = prepare_payload(draft.document, demanded, house.reference(), identifier)
    salt = house.new_salt()
    ends = (house.institution, draft.counterparty)
    return Transfer(
        id=identifier,
        role="originator",
        counterparty=draft.counterparty,
        state=State.INQUIRED,
        asset=draft.asset,
        amount=draft.amount,
        values=dict(draft.values),
        payload=payload,
        salt=salt,
        commitment=commitment_of(payload, transfer=identifier, ends=ends, salt=salt),
        demanded=demanded,
        respond_by=draft.respond_by,
    )


def inquiry_of(transfer: Transfer) -> Inquiry:
    """Return the message that asks for `transfer`."""
    return Inquiry(
        asset=transfer.asset,
        amount=transfer.amount,
        values=dict(transfer.values),
        ivms101=payload_values(transfer.payload),
        salt=transfer.salt.hex(),
        commitment=transfer.commitment.hex(),
        respond_by=transfer.respond_by,
    )


def _authenticated(house: House, institution: str) -> Counterparty:
    try:
        return house.directory.find(institution)
    except Unauthenticated as refused:
        house.record(refused.reason, refused.institution, refused.detail, institution)
        raise


def on_resolution(house: House, opened: Opened, message: Resolution) -> Transfer:
    """Take the beneficiary institution's word.

    Raises:
        ExchangeRefused: `unknown-transfer`, `wrong-state`, `late`, `commitment-mismatch`,
            `too-many-rounds`, `bad-deadline` or `malformed`.
    """
    transfer = house.get_transfer_of(opened)
    refuse_order(transfer, "originator", State.INQUIRED)
    now = house.clock()
    if now > transfer.respond_by:
        detail = f"the deadline was {transfer.respond_by.isoformat()}"
        raise ExchangeRefused("late", transfer.id, detail)
    try:
        claimed = bytes.fromhex(message.commitment)
    except ValueError:
        claimed = b""
    if not is_commitment_to(claimed, transfer.commitment):
        detail = "the other end committed to another payload"
        raise ExchangeRefused("commitment-mismatch", transfer.id, detail)
    after = _apply(transfer, message, now)
    return house.commit_message(after, transfer, opened)


def _apply(transfer: Transfer, message: Resolution, now: datetime.datetime) -> Transfer:
    if message.decision == "accepted" and message.payment_address:
        address = message.payment_address[:TEXT_MAX]
        return replace(transfer, state=State.ACCEPTED, payment_address=address)
    if message.decision == "rejected" and message.reason is not None:
        return replace(transfer, state=State.REJECTED, reason=message.reason)
    if message.decision == "asked" and message.elements and message.respond_by is not None:
        if transfer.rounds >= ROUNDS_MAX:
            detail = f"it asked {ROUNDS_MAX} times already"
            raise ExchangeRefused("too-many-rounds", transfer.id, detail)
        refuse_deadline(message.respond_by, now, transfer.id)
        return replace(
            transfer,
            state=State.ASKED,
            asked=tuple(message.elements),
            rounds=transfer.rounds + 1,
            respond_by=message.respond_by,
        )
    raise ExchangeRefused("malformed", transfer.id, f"{message.decision} lacks what it needs")


def answer(
    house: House, transfer_id: str, document: Document, actor: str, *, also: frozenset[str]
) -> Transfer:
    """Send the payload again with what was asked.

    What the corridor's rules demand may be sent; an element that no rule demands only when it is in
    `also`, which is an officer's decision for this one transfer. Otherwise a counterparty could
    harvest data by asking for it.

    Raises:
        ExchangeRefused: `wrong-state`, `late`, `excessive-ask` (recorded), `missing-data`.
        PayloadRefused, Unauthenticated: as for `inquire`.
    """
    transfer = house.get_transfer(transfer_id)
    refuse_order(transfer, "originator", State.ASKED)
    if house.clock() > transfer.respond_by:
        raise ExchangeRefused("late", transfer.id, "the deadline of the question has passed")
    excessive = sorted(set(transfer.asked) - transfer.demanded - also)
    if excessive:
        detail = f"no rule demands {', '.join(excessive)}; an officer may allow it"
        house.record("excessive-ask", transfer.counterparty, detail, transfer.id)
        raise ExchangeRefused("excessive-ask", transfer.id, detail)
    demanded = transfer.demanded | set(transfer.asked)
    payload = prepare_payload(document, demanded, house.reference(), transfer.id)
    salt = house.new_salt()
    ends = (house.institution, transfer.counterparty)
    commitment = commitment_of(payload, transfer=transfer, ends=ends, salt=salt)
    after = replace(
        transfer, state=State.INQUIRED, payload=payload, salt=salt, commitment=commitment, asked=()
    )
    values = payload_values(payload)
    message = Answer(ivms101=values, salt=salt.hex(), commitment=commitment.hex())
    return house.commit_order(after, transfer, actor, message)


def confirm(house: House, transfer_id: str, transaction: str, actor: str) -> Transfer:
    """Tell the other end in which transaction the value moved.

    Raises:
        ExchangeRefused: `wrong-state`, or `malformed` when there is no transaction.
    """
    transfer = house.get_transfer(transfer_id)
    refuse_order(transfer, "originator", State.ACCEPTED)
    if not 0 < len(transaction) <= TEXT_MAX:
        raise ExchangeRefused("malformed", transfer.id, "the transaction's id is missing")
    after = replace(transfer, state=State.CONFIRMED, transaction=transaction)
    return house.commit_order(after, transfer, actor, Confirmation(transaction=transaction))


def cancel(house: House, transfer_id: str, actor: str) -> Transfer:
    """Withdraw a transfer that has not moved yet.

    Raises:
        ExchangeRefused: `wrong-state`.
    """
    transfer = house.get_transfer(transfer_id)
    known = (State.INQUIRED, State.ASKED, State.ACCEPTED)
    refuse_order(transfer, "originator", State.KEPT, *known)
    message = Confirmation(cancelled=True) if transfer.state in known else None
    return house.commit_order(replace(transfer, state=State.CANCELLED), transfer, actor, message)
