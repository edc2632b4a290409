"""Words written by ear: many at once cost what one at a time costs, and keys never lose a pair."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.compliance.screening.heard import heard_similarities, heard_similarity
from sogdia.compliance.screening.tables.coarse import coarse_keys

PAIRS = [
    ("джордж", "george"),
    ("черчилль", "churchill"),
    ("буш", "bush"),
    ("шварценеггер", "schwarzenegger"),
    ("валенса", "wałęsa"),
    ("эрдоган", "erdoğan"),
    ("утида", "uchida"),
    ("гейтс", "gates"),
]
CYRILLIC = st.text("абвгдежзийклмнопрстуфхцчшщъыьэюя", min_size=1, max_size=16)
LATIN = st.text("abcdefghijklmnopqrstuvwxyzéłşž", min_size=1, max_size=16)


@pytest.mark.parametrize(("cyrillic", "written"), PAIRS)
def test_a_name_by_ear_is_found_and_alike(cyrillic: str, written: str) -> None:
    keys = set(coarse_keys(cyrillic, cyrillic=True)) & set(coarse_keys(written, cyrillic=False))
    assert keys
    assert heard_similarity(cyrillic, written) >= 0.75


@pytest.mark.parametrize(
    ("cyrillic", "written"),
    [("джордж", "gregory"), ("буш", "bosch-meyer"), ("иванов", "evans"), ("петров", "patterson")],
)
def test_strangers_are_not_alike(cyrillic: str, written: str) -> None:
    assert heard_similarity(cyrillic, written) < 0.72


@given(CYRILLIC, st.lists(LATIN, min_size=1, max_size=6))
def test_words_at_once_are_as_alike_as_one_at_a_time(word: str, others: list[str]) -> None:
    together = heard_similarities(word, others, cyrillic=True)
    alone = [float(heard_similarities(word, [other], cyrillic=True)[0]) for other in others]
    assert list(map(float, together)) == pytest.approx(alone)
    assert all(0 <= value <= 0.9701 for value in alone)


@given(CYRILLIC, LATIN)
def test_either_side_may_be_the_one_asked_for(cyrillic: str, written: str) -> None:
    one = heard_similarities(cyrillic, [written], cyrillic=True)[0]
    other = heard_similarities(written, [cyrillic], cyrillic=False)[0]
    assert float(one) == pytest.approx(float(other), abs=1e-5)
