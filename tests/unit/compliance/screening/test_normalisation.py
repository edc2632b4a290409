"""Disguises of a name are taken off, and what cannot be a name is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.compliance.screening.errors import InvalidName
from sogdia.compliance.screening.normalisation import NAME_LENGTH_MAX, normalise


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Vlаdimir Рutin", "Vladimir Putin"),  # Cyrillic а and Р
        ("Ѕergey", "Sergey"),
        ("ＷＡＮＧ　Ｗｅｉ", "WANG Wei"),
        ("\u202eOmar\u202c\u200b Hassan", "Omar Hassan"),
        ("Nu’aymi ‐ Ali", "Nu'aymi - Ali"),
        ("Иван Петров", "Иван Петров"),
    ],
)
def test_what_a_reader_cannot_tell_apart_becomes_one(written: str, normal: str) -> None:
    assert normalise(written).text == normal


def test_the_steps_that_changed_a_name_are_named() -> None:
    assert normalise("Vlаdimir\u200b").steps == (
        "invisible characters removed",
        "look-alike letters replaced",
    )
    assert normalise("Vladimir").steps == ()


@pytest.mark.parametrize("name", ["", "   ", "---", "\u200b\u202e", "..."])
def test_a_name_without_letters_is_refused(name: str) -> None:
    with pytest.raises(InvalidName, match="no letter or digit"):
        normalise(name)


def test_ten_megabytes_are_refused_with_their_size() -> None:
    with pytest.raises(InvalidName, match="10000000 characters"):
        normalise("A" * 10_000_000)


@given(st.text(max_size=NAME_LENGTH_MAX))
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    try:
        once = normalise(text).text
    except InvalidName:
        return
    if len(once) <= NAME_LENGTH_MAX:
        assert normalise(once).text == once
