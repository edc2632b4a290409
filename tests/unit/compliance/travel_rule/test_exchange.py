"""The course of an exchange: accepted, rejected, asked, late, cancelled; what each end keeps."""

import datetime
import json
from pathlib import Path

import pytest
from tests.unit.compliance.travel_rule.houses import (
    ALMATY,
    HONG_KONG,
    START,
    Pair,
    draft,
    make_pair,
)
from tests.unit.compliance.travel_rule.ivms101.payloads import plain_2023

from sogdia.compliance.travel_rule.commitment import compute_commitment
from sogdia.compliance.travel_rule.exchange.house import House
from sogdia.compliance.travel_rule.exchange.inbox import expire, receive
from sogdia.compliance.travel_rule.exchange.originating import answer, cancel, confirm, inquire
from sogdia.compliance.travel_rule.exchange.payloads import PayloadRefused, payload_values
from sogdia.compliance.travel_rule.exchange.receiving import accept, ask, lacking, reject
from sogdia.compliance.travel_rule.ivms101.reading import read_document
from sogdia.compliance.travel_rule.transfers import (
    ExchangeRefused,
    Rejection,
    State,
    Transfer,
)


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return make_pair(tmp_path)


def deliver(sender: House, recipient: House) -> Transfer:
    """Carry the oldest message of `sender` to `recipient`; return what became of the transfer."""
    outgoing = sender.journal.outgoing()[0]
    transfer = receive(recipient, outgoing.envelope)
    sender.journal.drop_outgoing(outgoing.message)
    return transfer


def inquired(pair: Pair) -> str:
    """Send an inquiry from Almaty to Hong Kong and return the transfer's id."""
    transfer, _ = inquire(pair.almaty, draft(), "trader")
    assert deliver(pair.almaty, pair.hong_kong).state is State.RECEIVED
    return transfer.id


def test_an_accepted_transfer_is_confirmed_at_both_ends(pair: Pair) -> None:
    """The whole path; both ends hold the same commitment, which each computed itself (X2)."""
    identifier = inquired(pair)
    accept(pair.hong_kong, identifier, "0xpay", "officer")
    assert deliver(pair.hong_kong, pair.almaty).state is State.ACCEPTED
    confirm(pair.almaty, identifier, "0xabc", "trader")
    assert deliver(pair.almaty, pair.hong_kong).state is State.CONFIRMED

    sent, received = (house.get_transfer(identifier) for house in (pair.almaty, pair.hong_kong))
    assert sent.payment_address == "0xpay"
    assert received.transaction == "0xabc"
    assert sent.commitment == received.commitment
    assert received.commitment == compute_commitment(
        payload_values(received.payload),
        transfer=identifier,
        originator=ALMATY,
        beneficiary=HONG_KONG,
        salt=received.salt,
    )
    assert pair.almaty.journal.incidents() == pair.hong_kong.journal.incidents() == []


def test_a_rejection_carries_a_word_and_nothing_else(pair: Pair) -> None:
    """The counterparty learns `policy`, whatever the officer suspects."""
    identifier = inquired(pair)
    reject(pair.hong_kong, identifier, Rejection.POLICY, "officer")
    transfer = deliver(pair.hong_kong, pair.almaty)
    assert (transfer.state, transfer.reason) == (State.REJECTED, "policy")


def without_birth() -> bytes:
    """Return a payload that lacks the date of birth."""
    raw = plain_2023()
    del raw["originator"]["originatorPerson"][0]["naturalPerson"]["dateAndPlaceOfBirth"]
    return json.dumps(raw).encode()


def make_incomplete(pair: Pair) -> str:
    """Have Almaty send what its own policy demands, which is less than Hong Kong's wants."""
    from dataclasses import replace

    from sogdia.compliance.travel_rule.corridor.policy import HousePolicy

    careless = replace(pair.almaty, policy=HousePolicy(baseline=False))
    order = draft(document=read_document(without_birth()))
    transfer, _ = inquire(careless, order, "trader")
    deliver(pair.almaty, pair.hong_kong)
    return transfer.id


def test_what_is_missing_can_be_asked_for_and_answered(pair: Pair) -> None:
    """Asked, allowed by an officer, answered with a new commitment, accepted."""
    identifier = make_incomplete(pair)
    assert lacking(pair.hong_kong.get_transfer(identifier)) == ("originator.birth",)
    later = START + datetime.timedelta(hours=8)
    ask(pair.hong_kong, identifier, ("originator.birth",), later, "officer")
    asked = deliver(pair.hong_kong, pair.almaty)
    assert (asked.state, asked.asked, asked.respond_by) == (
        State.ASKED,
        ("originator.birth",),
        later,
    )

    whole = read_document(json.dumps(plain_2023()).encode())
    allowed = frozenset({"originator.birth"})
    answered = answer(pair.almaty, identifier, whole, "officer", also=allowed)
    received = deliver(pair.almaty, pair.hong_kong)
    assert received.state is State.RECEIVED
    assert received.commitment == answered.commitment != asked.commitment
    assert lacking(received) == ()
    accept(pair.hong_kong, identifier, "0xpay", "officer")
    assert deliver(pair.hong_kong, pair.almaty).state is State.ACCEPTED


def test_no_more_than_is_demanded_leaves_the_house(pair: Pair) -> None:
    """Below the thresholds the address and the birth stay at home."""
    order = draft(values={"USD": 50_000, "HKD": 390_000})
    transfer, decision = inquire(pair.almaty, order, "trader")
    assert "originator.address" not in decision.demanded
    person = transfer.payload.originator.originator_person[0].natural_person
    assert person is not None
    assert person.date_and_place_of_birth is None
    # One identifying element stays, because C1 of the standard wants one of every originator.
    assert len(person.geographic_address) == 1


def test_a_payload_that_lacks_what_a_rule_demands_is_not_sent(pair: Pair) -> None:
    """The error names the element; the outbox stays empty."""
    with pytest.raises(ExchangeRefused, match=r"missing-data: originator\.birth"):
        inquire(pair.almaty, draft(document=read_document(without_birth())), "trader")
    assert pair.almaty.journal.outgoing() == []


def test_a_payload_that_breaks_the_standard_is_not_sent(pair: Pair) -> None:
    """The error gives path and constraint."""
    raw = plain_2023()
    raw["originator"]["originatorPerson"][0]["naturalPerson"]["countryOfResidence"] = "ZZ"
    with pytest.raises(PayloadRefused) as caught:
        inquire(pair.almaty, draft(document=read_document(json.dumps(raw).encode())), "trader")
    assert [v.constraint for v in caught.value.violations] == ["C3"]


def test_a_question_beyond_the_rules_needs_an_officer(pair: Pair) -> None:
    """Answering it without one is refused and recorded: it may be harvesting."""
    identifier = make_incomplete(pair)
    later = START + datetime.timedelta(hours=8)
    ask(pair.hong_kong, identifier, ("originator.birth",), later, "officer")
    deliver(pair.hong_kong, pair.almaty)
    whole = read_document(json.dumps(plain_2023()).encode())
    with pytest.raises(ExchangeRefused, match="excessive-ask"):
        answer(pair.almaty, identifier, whole, "clerk", also=frozenset())
    assert [i.reason for i in pair.almaty.journal.incidents()] == ["excessive-ask"]


def test_an_institution_cannot_ask_for_what_it_has_or_no_rule_demands(pair: Pair) -> None:
    """Our own officers cannot fish either."""
    identifier = inquired(pair)
    later = START + datetime.timedelta(hours=8)
    for element in ("originator.birth", "beneficiary.address", "originator.religion"):
        with pytest.raises(ExchangeRefused, match="excessive-ask"):
            ask(pair.hong_kong, identifier, (element,), later, "officer")


def test_an_inquiry_without_answer_expires_and_late_answers_are_refused(pair: Pair) -> None:
    """Both ends close the transfer; the acceptance that comes afterwards changes nothing."""
    identifier = inquired(pair)
    accept(pair.hong_kong, identifier, "0xpay", "officer")
    pair.world.clock.advance(hours=5)
    assert [t.id for t in expire(pair.almaty)] == [identifier]
    with pytest.raises(ExchangeRefused, match="wrong-state"):
        deliver(pair.hong_kong, pair.almaty)
    assert pair.almaty.get_transfer(identifier).state is State.EXPIRED
    assert [i.reason for i in pair.almaty.journal.incidents()] == ["wrong-state"]


def test_a_late_answer_is_refused_even_before_the_sweep(pair: Pair) -> None:
    """X1: the deadline binds whether or not somebody has swept."""
    identifier = inquired(pair)
    accept(pair.hong_kong, identifier, "0xpay", "officer")
    pair.world.clock.advance(hours=5)
    with pytest.raises(ExchangeRefused, match="late"):
        deliver(pair.hong_kong, pair.almaty)
    assert pair.almaty.get_transfer(identifier).state is State.INQUIRED


def test_a_cancelled_transfer_cannot_be_accepted(pair: Pair) -> None:
    """The originator changes its mind before the value moves."""
    identifier = inquired(pair)
    cancel(pair.almaty, identifier, "trader")
    assert deliver(pair.almaty, pair.hong_kong).state is State.CANCELLED
    with pytest.raises(ExchangeRefused, match="wrong-state"):
        accept(pair.hong_kong, identifier, "0xpay", "officer")


def test_deadlines_have_bounds(pair: Pair) -> None:
    """Ten seconds and a month are no deadlines."""
    for span in (datetime.timedelta(seconds=10), datetime.timedelta(days=30)):
        with pytest.raises(ExchangeRefused, match="bad-deadline"):
            inquire(pair.almaty, draft(respond_by=START + span), "trader")


def test_amounts_are_decimal_texts(pair: Pair) -> None:
    """No exponent, no sign, no float."""
    for amount in ("1e3", "-1", "1,000", "01", "", "٣"):
        with pytest.raises(ExchangeRefused, match="bad-amount"):
            inquire(pair.almaty, draft(amount=amount), "trader")
