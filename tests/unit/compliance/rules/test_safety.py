"""Safety over all shipped law: forgetting never permits, exits stay open, order does not matter."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sogdia.compliance.rules import Action, Facts, RuleBook, decide, load_shipped
from sogdia.compliance.rules.pack import Vector

PACKS = load_shipped()
BOOK = RuleBook(PACKS)
VECTORS = [vector for pack in PACKS for vector in pack.vectors]


def without_one(vector: Vector) -> Iterator[dict[str, Any]]:
    """Yield the vector's facts with one of them not stated."""
    for name in vector.facts:
        if name != "activity":
            yield {key: value for key, value in vector.facts.items() if key != name}


def test_a_fact_that_is_left_out_never_permits_what_was_refused() -> None:
    """M2, heard by all authorities together: the answer stays, or it becomes a hold."""
    tried = 0
    for vector in VECTORS:
        whole = decide(BOOK, Facts.from_mapping(vector.facts, BOOK.vocabulary), vector.at)
        for facts in without_one(vector):
            part = decide(BOOK, Facts.from_mapping(facts, BOOK.vocabulary), vector.at)
            tried += 1
            if not whole.is_exit:
                assert whole.may_proceed or not part.may_proceed, (vector.name, facts)
            if part.action is not whole.action:
                assert part.missing, (vector.name, facts)
                assert part.action is not Action.ALLOW
    assert tried > 1_000


def test_no_shipped_exit_is_stopped_but_by_a_freeze() -> None:
    """Every vector's facts, asked as each exit: only the listed are stopped."""
    for vector in VECTORS:
        for exit_ in BOOK.vocabulary.exits:
            facts = Facts.from_mapping({**vector.facts, "activity": exit_}, BOOK.vocabulary)
            decision = decide(BOOK, facts, vector.at)
            if not decision.may_proceed:
                assert decision.action is Action.FREEZE
                assert vector.facts["listed"] is True
                freezes = [s.freeze for s in decision.spoken if s.action is Action.FREEZE]
                assert all(f is not None and f.review >= vector.at for f in freezes)


@given(st.permutations(PACKS))
def test_the_order_in_which_packs_are_loaded_does_not_matter(packs: list[Any]) -> None:
    """Two officers with the same packs get the same words."""
    book = RuleBook(packs)
    for vector in VECTORS[::29]:
        facts = Facts.from_mapping(vector.facts, book.vocabulary)
        told = decide(book, facts, vector.at).to_json("kk")
        assert told == decide(BOOK, facts, vector.at).to_json("kk")


def test_publishing_later_changes_nothing_before_over_the_whole_succession() -> None:
    """B3 for every later version that ships: admitted a year late, the year before is as it was."""
    for late in (pack for pack in PACKS if pack.endings):
        serials = {p.name: p.serial for p in PACKS if p.authority == late.authority}
        before = [p for p in PACKS if p.name not in serials or serials[p.name] < late.serial]
        old = RuleBook(before)
        admitted = late.effective + timedelta(days=365)
        new = old.publish(late, admitted)
        for vector in VECTORS[::7]:
            if vector.at < admitted:
                facts = Facts.from_mapping(vector.facts, BOOK.vocabulary)
                assert decide(old, facts, vector.at) == decide(new, facts, vector.at)
