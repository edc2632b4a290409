"""The journal: one transaction a step, on SQLite and on PostgreSQL, from several threads."""

import datetime
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine
from tests.unit.compliance.travel_rule.houses import START, draft, make_pair

from sogdia.compliance.travel_rule.exchange.originating import inquire
from sogdia.compliance.travel_rule.institutions.directory import Credential
from sogdia.compliance.travel_rule.journal import (
    AlreadySeen,
    Change,
    Incident,
    Journal,
    Outgoing,
    StaleTransfer,
    decode_transfer,
    encode_transfer,
)
from sogdia.compliance.travel_rule.transfers import State, Transfer

LATER = START + datetime.timedelta(days=7)


@pytest.fixture
def transfer(tmp_path: Path) -> Transfer:
    made, _ = inquire(make_pair(tmp_path).almaty, draft(), "trader")
    return made


def test_a_transfer_survives_the_database_whole(engine: Engine, transfer: Transfer) -> None:
    """Payload, salt, commitment and deadline come back equal."""
    journal = Journal(engine)
    journal.commit_change(Change(transfer, START, "a", is_new=True))
    assert journal.find_transfer(transfer.id) == transfer
    assert decode_transfer(encode_transfer(transfer)) == transfer
    assert Journal(engine).transfers(State.INQUIRED) == [transfer]
    assert journal.find_transfer("no such id") is None


def test_a_step_is_whole_or_not_at_all(engine: Engine, transfer: Transfer) -> None:
    """A message that acted before leaves neither the change nor its effect behind."""
    journal = Journal(engine)
    cause = ("sender", "m1", LATER)
    effect = Outgoing("out-1", "recipient", transfer.id, "sealed")
    journal.commit_change(Change(transfer, START, "a", cause=cause, effect=effect, is_new=True))
    after = replace(transfer, state=State.CANCELLED)
    second = Outgoing("out-2", "recipient", transfer.id, "sealed")
    with pytest.raises(AlreadySeen):
        journal.commit_change(Change(after, START, "a", cause=cause, effect=second), transfer)
    with pytest.raises(StaleTransfer):
        fresh = ("sender", "m2", LATER)
        stale = replace(transfer, state=State.EXPIRED)
        journal.commit_change(Change(after, START, "a", cause=fresh, effect=second), stale)
    with pytest.raises(StaleTransfer):
        journal.commit_change(Change(transfer, START, "a", is_new=True))
    assert journal.transfers() == [transfer]
    assert [o.message for o in journal.outgoing()] == ["out-1"]
    assert journal.is_seen("sender", "m1")
    assert not journal.is_seen("sender", "m2")


def test_ids_are_forgotten_when_their_time_is_over(engine: Engine, transfer: Transfer) -> None:
    """And not a moment before."""
    journal = Journal(engine)
    journal.commit_change(Change(transfer, START, "a", cause=("s", "m", LATER), is_new=True))
    assert journal.forget_expired(LATER) == 0
    assert journal.forget_expired(LATER + datetime.timedelta(seconds=1)) == 1
    assert not journal.is_seen("s", "m")


def test_of_many_at_once_one_moves_the_transfer(engine: Engine, transfer: Transfer) -> None:
    """Eight threads, each with a message of its own: one wins, seven must read again."""
    journal = Journal(engine)
    journal.commit_change(Change(transfer, START, "a", is_new=True))
    after = replace(transfer, state=State.ACCEPTED)
    results: list[str] = []

    def move(number: int) -> None:
        effect = Outgoing(f"out-{number}", "r", transfer.id, "sealed")
        change = Change(after, START, "a", cause=("s", f"m{number}", LATER), effect=effect)
        try:
            Journal(engine).commit_change(change, transfer)
            results.append("moved")
        except StaleTransfer:
            results.append("stale")

    threads = [threading.Thread(target=move, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["moved"] + 7 * ["stale"]
    assert len(journal.outgoing()) == 1


def test_credentials_only_go_forward(engine: Engine) -> None:
    """A higher serial of the same state succeeds; anything else finds what is kept."""
    journal = Journal(engine)
    first = Credential("LEI", "HK", 2, "token-2")
    assert journal.record_credential(first) == first
    for other in (
        Credential("LEI", "HK", 1, "token-1"),
        Credential("LEI", "KZ", 9, "token-9"),
        Credential("LEI", "HK", 2, "another"),
    ):
        assert journal.record_credential(other) == first
    newer = Credential("LEI", "HK", 3, "token-3")
    assert journal.record_credential(newer) == newer
    assert journal.find_credential("LEI") == "token-3"
    assert journal.find_credential("unknown") is None


def test_first_credentials_of_many_threads_agree(engine: Engine) -> None:
    """All of them end with the same one."""
    journal = Journal(engine)
    kept: list[Credential] = []

    def show(number: int) -> None:
        kept.append(Journal(engine).record_credential(Credential("LEI", "HK", 1, f"t{number}")))

    threads = [threading.Thread(target=show, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {credential.token for credential in kept} == {journal.find_credential("LEI")}


def test_incidents_are_kept_in_order_and_cut_to_size(engine: Engine) -> None:
    """A hostile detail cannot fill the disk by itself."""
    journal = Journal(engine)
    for number in range(3):
        journal.record_incident(Incident(START, f"r{number}", "x" * 500, "y" * 5000, "0" * 64))
    found = journal.incidents()
    assert [incident.reason for incident in found] == ["r0", "r1", "r2"]
    assert (len(found[0].claimed), len(found[0].detail)) == (100, 500)
    assert found[0].at == START
