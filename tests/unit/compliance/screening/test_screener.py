"""Screening fails closed, says why, and finds with a delta what it finds with the whole list."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.compliance.screening.builders import DAY, person, snapshot

from sogdia.compliance.screening import (
    BirthDate,
    Clear,
    Clearance,
    Entity,
    Gender,
    Hits,
    Identifier,
    Kind,
    NotScreened,
    Scheme,
    Screener,
    compute_delta,
    parse_thresholds,
)
from sogdia.compliance.screening.batch import screen_many
from sogdia.compliance.screening.errors import InvalidClearance, InvalidEntry

LISTED = [
    person("1", "Vasiliy Tarakanov", "Василий Тараканов", birth_dates=(BirthDate(1961, 4, 2),)),
    person("2", "Zeng Qinghong", countries=frozenset({"cn"})),
    person("3", "Abd al-Rahman al-Harithi", gender=Gender.MALE),
    Entity(
        "4", Kind.ORGANISATION, ("Vektor Shipping LLC",),
        identifiers=frozenset({Identifier(Scheme.RU_INN, "7707083893")}),
    ),
]  # fmt: skip
SCREENER = Screener([snapshot("un", LISTED)], required=["un"])


@pytest.mark.parametrize(
    ("name", "entry"),
    [("ТАРАКАНОВ Василий Петрович", "1"), ("曾庆红", "2"), ("عبدالرحمن الحارثي", "3")],
)
def test_a_listed_person_hits_in_another_script(name: str, entry: str) -> None:
    answer = SCREENER.screen(person("c", name))
    assert isinstance(answer, Hits)
    assert answer.hits[0].listed.entity_id == entry
    assert answer.hits[0].reasons[0].feature == "name"


def test_an_unlisted_person_is_clear_against_named_versions() -> None:
    answer = SCREENER.screen(person("c", "Wilhelmina Oosterhout"))
    assert isinstance(answer, Clear)
    assert [v.list_id for v in answer.lists] == ["un"]


def test_a_missing_list_is_never_clear() -> None:
    answer = Screener([snapshot("un", LISTED)], required=["un", "eu"]).screen(person("c", "Anyone"))
    assert isinstance(answer, NotScreened)
    assert answer.missing_lists == ("eu",)


def test_no_list_at_all_is_never_clear() -> None:
    assert isinstance(Screener([]).screen(person("c", "Anyone")), NotScreened)


@pytest.mark.parametrize("name", ["…", "A" * 10_000_000, "\u202e\u202c"])
def test_a_name_that_cannot_be_analysed_is_not_screened(name: str) -> None:
    answer = SCREENER.screen(person("c", name))
    assert isinstance(answer, NotScreened)
    assert "cannot be screened" in answer.reason


def test_no_answer_can_be_taken_for_true_or_false() -> None:
    for name in ("Nobody Known", "曾庆红", "…"):
        with pytest.raises(TypeError, match="no truth value"):
            bool(SCREENER.screen(person("c", name)))


def test_a_birth_date_far_away_acquits_and_its_reason_is_given() -> None:
    far = person("c", "Vasiliy Tarakanov", birth_dates=(BirthDate(1999),))
    assert isinstance(SCREENER.screen(far), Clear)
    near = person("c", "Vasiliy Tarakanov", birth_dates=(BirthDate(1961),))
    answer = SCREENER.screen(near)
    assert isinstance(answer, Hits)
    assert "dates of birth agree: 1961, listed 1961-04-02" in answer.hits[0].reasons[1].text


def test_an_identifier_in_common_hits_whatever_the_name() -> None:
    customer = Entity(
        "c", Kind.ORGANISATION, ("Completely Different Ltd",),
        identifiers=frozenset({Identifier(Scheme.RU_INN, "7707083893")}),
    )  # fmt: skip
    answer = SCREENER.screen(customer)
    assert isinstance(answer, Hits)
    assert answer.hits[0].score == 1.0
    assert "same ru-inn 7707083893" in [r.text for r in answer.hits[0].reasons]


def test_a_clearance_holds_for_its_list_version_only() -> None:
    first = snapshot("un", LISTED)
    clearance = Clearance("c", first.version, "2", "Officer Li", "other birth place", DAY)
    cleared = Screener([first], clearances=[clearance]).screen(person("c", "曾庆红"))
    assert isinstance(cleared, Clear)
    assert cleared.cleared[0][1].officer == "Officer Li"
    second = snapshot("un", LISTED, digest="d2")
    again = Screener([second], clearances=[clearance]).screen(person("c", "曾庆红"))
    assert isinstance(again, Hits)
    other = Screener([first], clearances=[clearance]).screen(person("x", "曾庆红"))
    assert isinstance(other, Hits)


@pytest.mark.parametrize("field", ["officer", "reason"])
def test_a_clearance_without_officer_or_reason_is_refused(field: str) -> None:
    facts = {"officer": "Officer Li", "reason": "seen his passport"} | {field: "  "}
    with pytest.raises(InvalidClearance, match=field):
        Clearance("c", SCREENER.versions[0], "2", facts["officer"], facts["reason"], DAY)


NAMES = st.sampled_from(
    ["Ivan Petrov", "Иван Петров", "王小明", "Wang Xiaoming", "Omar Hassan", "عمر حسن", "Jo An",
     "Ivan Petroff", "Hassan Omar Ali", "小明 王", "Maria del Carmen", "Kim Jong Un", "김정은"]
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(before=st.lists(NAMES, max_size=6), after=st.lists(NAMES, min_size=1, max_size=8))
def test_f2_a_delta_finds_what_the_whole_list_finds(before: list[str], after: list[str]) -> None:
    old = snapshot("l", [person(str(i), n) for i, n in enumerate(before)])
    new = snapshot("l", [person(str(i), n) for i, n in enumerate(after)], digest="d2")
    delta = compute_delta(old, new)
    changed = {e.entity_id for e in delta.to_screen}
    whole, part = Screener([new]), Screener.for_delta(delta)
    for name in {*before, *after}:
        expected = {
            (h.listed.entity_id, h.score)
            for h in whole.search(person("c", name))
            if h.listed.entity_id in changed
        }
        found = {(h.listed.entity_id, h.score) for h in part.search(person("c", name))}
        assert found == expected


def test_several_processes_answer_in_order() -> None:
    customers = [person(str(i), n) for i, n in enumerate(["曾庆红", "Nobody Here"] * 600)]
    alone = list(screen_many(SCREENER, customers, processes=1))
    together = list(screen_many(SCREENER, customers, processes=2))
    assert alone == together
    assert [a.customer_id for a in together] == [c.entity_id for c in customers]


def test_thresholds_are_per_list_and_per_script() -> None:
    strict = parse_thresholds("[list.un]\nHan = 1.0\n[default]\nHan = 0.7\n")
    assert isinstance(
        Screener([snapshot("un", LISTED)], thresholds=strict).screen(person("c", "曾庆红")), Clear
    )
    assert isinstance(
        Screener([snapshot("eu", LISTED)], thresholds=strict).screen(person("c", "曾庆红")), Hits
    )


@pytest.mark.parametrize(
    "toml", ["[default]\nHan = 7", "[default]\nKlingon = 0.9", "default = 3", "[", "[other]\na=1"]
)
def test_thresholds_that_make_no_sense_are_refused(toml: str) -> None:
    with pytest.raises(InvalidEntry):
        parse_thresholds(toml)
