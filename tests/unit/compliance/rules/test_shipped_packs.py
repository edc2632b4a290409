"""The packs that ship: their own vectors, their languages, their citations."""

import pytest

from sogdia.compliance.rules import Pack, RuleBook, load_shipped, run_vectors
from sogdia.compliance.rules.pack import LANGUAGES

PACKS = load_shipped()
NAMES = [pack.name for pack in PACKS]


def test_the_states_of_the_corridor_ship() -> None:
    """China comes as a succession; Kazakhstan's two authorities stay apart."""
    assert {"cn/2013", "cn/2017", "cn/2021", "cn/2026"} <= set(NAMES)
    assert {pack.authority for pack in PACKS} == {"cn", "kz-nb", "kz-aifc", "ru", "ch", "hk"}


@pytest.mark.parametrize("pack", PACKS, ids=NAMES)
def test_every_vector_of_a_pack_is_decided_as_it_expects(pack: Pack) -> None:
    """A pack carries at least twenty dated examples, and they hold."""
    assert len(pack.vectors) >= 20
    assert [str(failure) for failure in run_vectors(pack, PACKS)] == []


@pytest.mark.parametrize("pack", PACKS, ids=NAMES)
def test_every_rule_of_a_pack_speaks_in_some_vector(pack: Pack) -> None:
    """A rule no example shows is a rule nobody checked."""
    from sogdia.compliance.rules import Facts, decide

    book = RuleBook(PACKS)
    heard: set[str] = set()
    for vector in (v for p in PACKS if p.authority == pack.authority for v in p.vectors):
        facts = Facts.from_mapping(vector.facts, book.vocabulary)
        decision = decide(book, facts, vector.at, vector.known_at)
        heard |= {s.rule.key for s in (*decision.spoken, *decision.simulated)}
    assert {rule.key for rule in pack.rules} - heard == set()


@pytest.mark.parametrize("pack", PACKS, ids=NAMES)
def test_every_rule_is_told_in_four_languages_and_cites_an_instrument(pack: Pack) -> None:
    """Texts differ from each other, and unverified lines say so."""
    assert "Not legal advice" in pack.notice
    for rule in pack.rules:
        assert set(rule.text) == set(LANGUAGES)
        assert len(set(rule.text.values())) == len(LANGUAGES), rule.key
        assert str(rule.citation.instrument.adopted.year) in str(rule.citation)
        assert rule.citation.is_verified or "unverified" in str(rule.citation)


def test_the_packs_stand_together_as_one_book() -> None:
    """No supersession dangles and no clause overlaps."""
    assert len(RuleBook(PACKS).clauses) == sum(len(pack.rules) for pack in PACKS)
