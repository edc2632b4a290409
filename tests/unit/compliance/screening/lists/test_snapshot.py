"""Snapshots are compared entry by entry, and a list that shrinks must be confirmed."""

import pytest
from tests.unit.compliance.screening.builders import person, snapshot

from sogdia.compliance.screening import compute_delta, validate_successor
from sogdia.compliance.screening.errors import ListShrank, WrongList

OLD = snapshot("un", [person(str(i), f"Person {i}") for i in range(100)])


def test_a_delta_names_what_was_added_changed_and_removed() -> None:
    entities = [person(str(i), f"Person {i}") for i in range(1, 100)]
    entities[4] = person("5", "Person 5", "Alias of 5")
    new = snapshot("un", [*entities, person("200", "Newcomer")], digest="d2")
    delta = compute_delta(OLD, new)
    assert [e.entity_id for e in delta.added] == ["200"]
    assert [e.entity_id for e in delta.changed] == ["5"]
    assert delta.removed == ("0",)
    assert (delta.before, delta.after) == (OLD.version, new.version)


def test_a_list_that_shrinks_too_much_is_refused_until_confirmed() -> None:
    new = snapshot("un", [person(str(i), f"Person {i}") for i in range(80)])
    with pytest.raises(ListShrank, match="from 100 to 80"):
        validate_successor(OLD, new)
    validate_successor(OLD, new, confirmed=True)
    validate_successor(OLD, new, share_max=0.25)


def test_another_list_is_no_successor() -> None:
    with pytest.raises(WrongList):
        validate_successor(OLD, snapshot("eu", []))
    with pytest.raises(WrongList):
        compute_delta(OLD, snapshot("eu", []))
