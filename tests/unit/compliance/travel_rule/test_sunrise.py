"""The sunrise: keep the data while the other end cannot receive it, and send it when it can."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.compliance.travel_rule.houses import ALMATY, HONG_KONG, Pair, draft, make_pair
from tests.unit.compliance.travel_rule.ivms101.payloads import plain_2023

from sogdia.compliance.travel_rule.corridor.policy import HousePolicy, Reach, Sunrise
from sogdia.compliance.travel_rule.exchange.inbox import expire, receive
from sogdia.compliance.travel_rule.exchange.originating import cancel
from sogdia.compliance.travel_rule.exchange.sunrise import keep, send_kept
from sogdia.compliance.travel_rule.institutions.keys import new_institution_keys
from sogdia.compliance.travel_rule.institutions.licence import Unauthenticated
from sogdia.compliance.travel_rule.ivms101.reading import read_document
from sogdia.compliance.travel_rule.transfers import ExchangeRefused, State

LATE = "213800AQUAUP6I215N33"


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return make_pair(tmp_path)


def test_kept_data_is_sent_once_the_counterparty_proves_itself(pair: Pair) -> None:
    """Kept for weeks, sent after the licence; the commitment is the one that was kept."""
    kept, decision = keep(pair.almaty, draft(LATE), "RU", Reach.UNREACHABLE, "trader")
    assert kept.state is State.KEPT
    assert decision.without_rule == ("KZ", "RU")
    assert pair.almaty.journal.outgoing() == []
    pair.world.clock.advance(days=20)
    assert expire(pair.almaty) == []
    with pytest.raises(Unauthenticated, match="unknown"):
        send_kept(pair.almaty, kept.id, "trader")
    assert pair.almaty.get_transfer(kept.id) == kept

    late = pair.world.house(LATE, "HK", keys=new_institution_keys())
    pair.almaty.directory.present(pair.world.licence(pair.world.entry(LATE, "HK", late.keys)))
    late.directory.present(pair.almaty_credential)
    sent = send_kept(pair.almaty, kept.id, "trader")
    received = receive(late, pair.almaty.journal.outgoing()[0].envelope)
    assert sent.commitment == received.commitment == kept.commitment
    with pytest.raises(ExchangeRefused, match="wrong-state"):
        send_kept(pair.almaty, kept.id, "trader")


def test_where_the_own_law_demands_the_exchange_nothing_moves(pair: Pair) -> None:
    """Hong Kong must send before the value moves, whether or not Kazakhstan has a rule."""
    with pytest.raises(ExchangeRefused, match="held"):
        keep(pair.hong_kong, draft(ALMATY), "KZ", Reach.UNREACHABLE, "trader")
    assert pair.hong_kong.journal.transfers() == []


def test_a_house_can_choose_to_wait(pair: Pair) -> None:
    """Sunrise policy `hold`."""
    careful = replace(pair.almaty, policy=HousePolicy(sunrise=Sunrise.HOLD))
    with pytest.raises(ExchangeRefused, match="waits until it can"):
        keep(careful, draft(LATE), "RU", Reach.UNREACHABLE, "trader")


def test_an_authenticated_counterparty_is_asked_and_not_kept_from(pair: Pair) -> None:
    """Keeping is no way around the exchange."""
    with pytest.raises(ExchangeRefused, match="reachable"):
        keep(pair.almaty, draft(HONG_KONG), "HK", Reach.AUTHENTICATED, "trader")


def test_what_is_kept_is_whole(pair: Pair) -> None:
    """Data that a rule demands is obtained now, when the customer is there, and not later."""
    raw = plain_2023()
    del raw["originator"]["originatorPerson"][0]["naturalPerson"]["dateAndPlaceOfBirth"]
    order = draft(LATE, document=read_document(json.dumps(raw).encode()))
    with pytest.raises(ExchangeRefused, match="missing-data"):
        keep(pair.almaty, order, "RU", Reach.UNREACHABLE, "trader")


def test_a_kept_transfer_can_be_dropped(pair: Pair) -> None:
    """Nobody is told, since nobody knew."""
    kept, _ = keep(pair.almaty, draft(LATE), None, Reach.OWN_WALLET, "trader")
    assert cancel(pair.almaty, kept.id, "trader").state is State.CANCELLED
    assert pair.almaty.journal.outgoing() == []
