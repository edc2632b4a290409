"""The language of conditions: typed when loaded, total when it decides."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.compliance.rules.conditions import ConditionProblem, read_condition
from sogdia.compliance.rules.evaluation import Missing, Scope, compile_condition
from sogdia.compliance.rules.expressions import divide, remainder
from sogdia.compliance.rules.facts import Facts
from sogdia.compliance.rules.vocabulary import shipped

VOCABULARY = shipped()
AT = datetime(2026, 2, 10, tzinfo=UTC)


def evaluate(text: str, **facts: Any) -> Any:
    """Return the condition's value, or the sorted names of what is missing."""
    condition = compile_condition(read_condition(text, VOCABULARY))
    stated = Facts.from_mapping({"activity": "buy", **facts}, VOCABULARY)
    value = condition(Scope(stated, AT))
    return sorted(value) if isinstance(value, Missing) else value


@pytest.mark.parametrize(
    ("text", "facts", "value"),
    [
        ("true", {}, True),
        ("!listed", {"listed": False}, True),
        ("indices + 2 * 3 >= 7", {"indices": 1}, True),
        ("-indices - -1 == 0", {"indices": 1}, True),
        ("indices - 7 / 2 * -1 == 4", {"indices": 1}, True),
        ("(indices - 8) / 2 == -3", {"indices": 1}, True),
        ("(indices - 8) % 3 == -1", {"indices": 1}, True),
        ("indices in [1, 2]", {"indices": 2}, True),
        ('form in ["cash", "wallet"]', {"form": "transfer"}, False),
        ('"retail" in persons', {"persons": ["retail"]}, True),
        ('"token" in assets', {"assets": ["bitcoin"]}, True),
        ('"KZ" in venue', {"venue": ["AIFC"]}, True),
        ('"NO" in residence', {"residence": ["NO"]}, True),
        ('"CNY" in peg', {"peg": []}, False),
        ("listed ? indices > 1 : indices > 5", {"listed": True, "indices": 2}, True),
        ('at >= timestamp("2026-02-06T00:00:00+08:00")', {}, True),
        ('amount > amount("10.00 USD")', {"amount": "10.01 USD"}, True),
        ('reserves < notional', {"reserves": "1.00 USD", "notional": "1.00 USD"}, False),
        ('amount in [amount("10.00 USD")]', {"amount": "10.00 USD"}, True),
        ("listed // a remark", {"listed": True}, True),
    ],
)  # fmt: skip
def test_a_condition_means_what_cel_means(text: str, facts: dict[str, Any], value: bool) -> None:
    """Precedence, truncating division, membership."""
    assert evaluate(text, **facts) is value


@pytest.mark.parametrize(
    ("text", "facts", "value"),
    [
        ("listed", {}, ["listed"]),
        ("listed && documents", {"documents": False}, False),
        ("documents && listed", {"documents": False}, False),
        ("listed || documents", {"documents": True}, True),
        ("documents || listed", {"documents": True}, True),
        ("listed && documents", {"documents": True}, ["listed"]),
        ("listed || documents", {}, ["documents", "listed"]),
        ("!listed", {}, ["listed"]),
        ("listed ? documents : registered", {}, ["listed"]),
        ("indices + record_months > 1", {"indices": 1}, ["record_months"]),
        ('"retail" in persons', {}, ["persons"]),
        ("reserves < notional", {"reserves": "1.00 USD", "notional": "1.00 KZT"},
         ["rates: USD to KZT"]),
    ],
)  # fmt: skip
def test_what_is_missing_is_named_only_when_it_matters(
    text: str, facts: dict[str, Any], value: object
) -> None:
    """V2, in either order."""
    assert evaluate(text, **facts) == value


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9).filter(bool))
def test_division_truncates_and_the_remainder_is_what_is_left(left: int, right: int) -> None:
    """CEL §arithmetic: the quotient is rounded towards zero."""
    assert divide(left, right) * right + remainder(left, right) == left
    assert abs(remainder(left, right)) < abs(right)
    assert divide(left, right) == int(__import__("fractions").Fraction(left, right))


BOOLS = ("listed", "documents", "registered", "licensed")
trees = st.recursive(
    st.sampled_from(BOOLS),
    lambda inner: st.one_of(
        st.tuples(st.just("!"), inner),
        st.tuples(st.sampled_from(["&&", "||"]), inner, inner),
        st.tuples(st.just("?:"), inner, inner, inner),
    ),
    max_leaves=12,
)
Tree = Any


def written(tree: Tree) -> str:
    """Write a random tree as a condition."""
    match tree:
        case str():
            return tree
        case ("!", a):
            return f"!({written(a)})"
        case ("?:", a, b, c):
            return f"(({written(a)}) ? ({written(b)}) : ({written(c)}))"
        case (operator, a, b):
            return f"({written(a)} {operator} {written(b)})"
    raise AssertionError(tree)


def plainly(tree: Tree, facts: dict[str, bool]) -> bool:
    """Evaluate the tree in Python: the slow truth."""
    match tree:
        case str():
            return facts[tree]
        case ("!", a):
            return not plainly(a, facts)
        case ("?:", a, b, c):
            return plainly(b, facts) if plainly(a, facts) else plainly(c, facts)
        case ("&&", a, b):
            return plainly(a, facts) and plainly(b, facts)
        case ("||", a, b):
            return plainly(a, facts) or plainly(b, facts)
    raise AssertionError(tree)


@given(trees, st.fixed_dictionaries({name: st.booleans() for name in BOOLS}),
       st.sets(st.sampled_from(BOOLS)))  # fmt: skip
def test_an_answer_without_some_facts_holds_whatever_they_are(
    tree: Tree, facts: dict[str, bool], hidden: set[str]
) -> None:
    """V1 and V2: complete facts give the plain value; partial facts never a wrong one."""
    assert evaluate(written(tree), **facts) is plainly(tree, facts)
    shown = {name: value for name, value in facts.items() if name not in hidden}
    partial = evaluate(written(tree), **shown)
    if isinstance(partial, bool):
        assert partial is plainly(tree, facts)
    else:
        assert set(partial) <= hidden
        assert partial


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """A condition from a stranger raises one error and no other."""
    try:
        node = read_condition(text, VOCABULARY)
    except ConditionProblem:
        return
    assert node.kind == "bool"


@pytest.mark.parametrize(
    "text",
    ["!" * 1500 + "listed", "listed" + " && listed" * 150,
     "listed && " * 400 + "listed", "1" * 1900 + " > 1", "has(listed)", "listed.foo", "{}", "null",
     "[1,2].exists(x, x > 1)", "indices > 1u", 'b"a" == form', '"a\\n" == form', "persons", ""],
)  # fmt: skip
def test_what_is_outside_the_language_is_refused(text: str) -> None:
    """Too deep, too long, or a construct that could fail or loop."""
    with pytest.raises(ConditionProblem):
        read_condition(text, VOCABULARY)
