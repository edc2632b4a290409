"""The trees of conditions, and the interval arithmetic that keeps them total.

E1  Every node has one type, found when the pack is loaded.
E2  An integer node carries the interval of its values; it lies within 64 signed bits.
E3  A divisor's interval does not hold zero. So a typed tree cannot fail when it decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sogdia.compliance.rules.amounts import Amount

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1

Scalar = bool | int | str | Amount | datetime


@dataclass(frozen=True, slots=True)
class Interval:
    """The least and the greatest value an integer can take, both inclusive."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Node:
    """A typed part of a condition. `kind` is bool, integer, amount, moment or text."""

    kind: str


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A value written in the condition."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A declared fact; `interval` bounds an integer."""

    name: str
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Member(Node):
    """Whether a class or place is in the built-in list `group` (persons, assets, residence, …)."""

    group: str
    item: str


@dataclass(frozen=True, slots=True)
class OneOf(Node):
    """Whether `operand` equals one of some literals."""

    operand: Node
    options: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """Negation of a bool."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """`&&` or `||` of two bools."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`==`, `!=`, `<`, `<=`, `>` or `>=` of two operands of one type."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`+`, `-`, `*`, `/` or `%` of two integers; division truncates towards zero, as CEL's."""

    operator: str
    left: Node
    right: Node
    interval: Interval


@dataclass(frozen=True, slots=True)
class Choice(Node):
    """`test ? yes : no`."""

    test: Node
    yes: Node
    no: Node


def divide(left: int, right: int) -> int:
    """Divide, truncating towards zero."""
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def remainder(left: int, right: int) -> int:
    """Return what `divide` leaves; it has the sign of `left`."""
    return left - right * divide(left, right)


OPERATIONS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": divide,
    "%": remainder,
}


def interval_of(node: Node) -> Interval:
    """Return the interval of an integer node."""
    match node:
        case Literal(value=int(value)):
            return Interval(value, value)
        case Name(interval=Interval() as interval) | Arithmetic(interval=interval):
            return interval
        case Choice(yes=yes, no=no):
            a, b = interval_of(yes), interval_of(no)
            return Interval(min(a.low, b.low), max(a.high, b.high))
        case _:
            raise AssertionError(f"{node} is not an integer")


def combined_interval(operator: str, left: Interval, right: Interval) -> Interval:
    """Return the interval of `left operator right`.

    Raises ValueError when the result may divide by zero or leave 64 signed bits.
    """
    if operator in "/%" and right.low <= 0 <= right.high:
        raise ValueError(
            f"divides by a value that can be zero ({right.low} to {right.high}); "
            f"declare a minimum above zero for it"
        )
    if operator == "%":
        bound = max(abs(right.low), abs(right.high)) - 1
        low = -bound if left.low < 0 else 0
        high = bound if left.high > 0 else 0
        return Interval(max(low, min(left.low, 0)), min(high, max(left.high, 0)))
    operate = OPERATIONS[operator]
    corners = [operate(a, b) for a in (left.low, left.high) for b in (right.low, right.high)]
    low, high = min(corners), max(corners)
    if low < INT64_MIN or high > INT64_MAX:
        raise ValueError(
            f"{operator!r} can overflow 64 bits ({low} to {high}); declare narrower bounds"
        )
    return Interval(low, high)


def children(node: Node) -> tuple[Node, ...]:
    """Return the operands of a node."""
    match node:
        case Not(operand=operand) | OneOf(operand=operand):
            return (operand,)
        case Logic() | Compare() | Arithmetic():
            return node.left, node.right
        case Choice(test=test, yes=yes, no=no):
            return test, yes, no
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def depth_of(node: Node) -> int:
    """Return how many nodes lie on the longest way down from `node`."""
    return 1 + max((depth_of(child) for child in children(node)), default=0)
