"""Compile a typed condition into closures that never fail, and know what they miss.

V1  A condition yields True, False or Missing; it raises nothing and changes nothing.
V2  Missing names the facts that would decide it. `false && unknown` is false and
    `true || unknown` is true in either order: what cannot matter is not asked for.
"""

import operator
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sogdia.compliance.rules.amounts import Amount, Rates, compare
from sogdia.compliance.rules.expressions import (
    OPERATIONS,
    Arithmetic,
    Choice,
    Compare,
    Literal,
    Logic,
    Member,
    Name,
    Node,
    Not,
    OneOf,
)
from sogdia.compliance.rules.facts import Facts


class Missing(frozenset[str]):
    """The names of the facts without which a condition has no value."""

    __slots__ = ()


class Scope:
    """What a condition reads: the facts, and the moment of the decision as `at`."""

    __slots__ = ("groups", "rates", "values")

    def __init__(self, facts: Facts, at: datetime) -> None:
        self.values: dict[str, Any] = {**facts.values, "at": at}
        self.rates: Rates = facts.rates
        self.groups: Mapping[str, frozenset[str] | None] = {
            "persons": facts.persons,
            "assets": facts.assets,
            **facts.places,
        }


Condition = Callable[[Scope], Any]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compile_condition(node: Node) -> Condition:
    """Return a function of a Scope that yields the node's value, or Missing."""
    match node:
        case Literal(value=value):
            made = _constant(value)
        case Name(name=name):
            made = _fact(name)
        case Member(group=group, item=item):
            made = _member(group, item)
        case OneOf(operand=operand, options=options):
            made = _one_of(compile_condition(operand), options)
        case Not(operand=operand):
            made = _not(compile_condition(operand))
        case Choice(test=test, yes=yes, no=no):
            made = _choice(compile_condition(test), compile_condition(yes), compile_condition(no))
        case Logic() | Compare() | Arithmetic():
            made = _binary(node, compile_condition(node.left), compile_condition(node.right))
        case _:
            raise AssertionError(f"a node of no known shape: {node}")
    return made


def _binary(node: Logic | Compare | Arithmetic, left: Condition, right: Condition) -> Condition:
    if isinstance(node, Logic):
        return _logic(node.operator == "||", left, right)
    if isinstance(node, Arithmetic):
        return _both(OPERATIONS[node.operator], left, right)
    if node.left.kind == "amount":
        return _compare_amounts(_COMPARE[node.operator], left, right)
    return _both(_COMPARE[node.operator], left, right)


def _constant(value: Any) -> Condition:
    return lambda _: value


def _fact(name: str) -> Condition:
    absent = Missing({name})
    return lambda scope: scope.values.get(name, absent)


def _member(group: str, item: str) -> Condition:
    absent = Missing({group})

    def evaluate(scope: Scope) -> Any:
        members = scope.groups[group]
        return absent if members is None else item in members

    return evaluate


def _one_of(operand: Condition, options: tuple[Any, ...]) -> Condition:
    if any(isinstance(option, Amount) for option in options):
        tests = [_compare_amounts(operator.eq, operand, _constant(option)) for option in options]
        joined = tests[0]
        for test in tests[1:]:
            joined = _logic(True, joined, test)
        return joined

    def evaluate(scope: Scope) -> Any:
        value = operand(scope)
        return value if type(value) is Missing else value in options

    return evaluate


def _not(operand: Condition) -> Condition:
    def evaluate(scope: Scope) -> Any:
        value = operand(scope)
        return value if type(value) is Missing else not value

    return evaluate


def _logic(decisive: bool, left: Condition, right: Condition) -> Condition:
    """Build `||` (decided by True) or `&&` (decided by False), commutative in the unknown."""

    def evaluate(scope: Scope) -> Any:
        first = left(scope)
        if first is decisive:
            return decisive
        second = right(scope)
        if second is decisive or type(first) is bool:
            return second
        return first if type(second) is bool else Missing(first | second)

    return evaluate


def _both(operate: Callable[[Any, Any], Any], left: Condition, right: Condition) -> Condition:
    def evaluate(scope: Scope) -> Any:
        first, second = left(scope), right(scope)
        if type(first) is Missing:
            return Missing(first | second) if type(second) is Missing else first
        return second if type(second) is Missing else operate(first, second)

    return evaluate


def _compare_amounts(
    order: Callable[[Any, Any], bool], left: Condition, right: Condition
) -> Condition:
    """Compare exactly; amounts of two currencies need a rate, or the rate is what is missing."""

    def join(scope: Scope) -> Callable[[Any, Any], Any]:
        def operate(first: Amount, second: Amount) -> Any:
            sign = compare(first, second, scope.rates)
            if sign is None:
                return Missing({f"rates: {first.currency} to {second.currency}"})
            return order(sign, 0)

        return operate

    return lambda scope: _both(join(scope), left, right)(scope)


def _choice(test: Condition, yes: Condition, no: Condition) -> Condition:
    def evaluate(scope: Scope) -> Any:
        value = test(scope)
        if type(value) is Missing:
            return value
        return yes(scope) if value else no(scope)

    return evaluate
