"""Read a condition in CEL syntax into a typed, total tree.

The grammar is the Common Expression Language's, parsed by a kept library. Of the language, the
part that cannot fail is admitted: boolean logic, comparisons, integer arithmetic, `in`, `?:`,
`amount("1000.00 USD")` and `timestamp("2026-02-06T00:00:00+08:00")`. Floats, macros, indexing and
other calls are refused, and so is arithmetic that could overflow or divide by zero.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from lark import Token, Tree

from sogdia.compliance.rules.amounts import Amount
from sogdia.compliance.rules.errors import AmountError
from sogdia.compliance.rules.expressions import (
    Arithmetic,
    Choice,
    Compare,
    Interval,
    Literal,
    Logic,
    Member,
    Name,
    Node,
    Not,
    OneOf,
    Scalar,
    combined_interval,
    depth_of,
    interval_of,
)
from sogdia.compliance.rules.vocabulary import INTEGER_MAX, NEXUS_KINDS, Vocabulary

# A clause of law in one condition; longer ones are better split, and would nest too deep to type.
CONDITION_CHARACTERS_MAX = 2_000
# A deciding caller may be deep in Python's stack (1,000 frames); a level here takes at most three.
DEPTH_MAX = 64

_COMPARISONS = {
    "relation_lt": "<",
    "relation_le": "<=",
    "relation_gt": ">",
    "relation_ge": ">=",
    "relation_eq": "==",
    "relation_ne": "!=",
}
_ARITHMETIC = {
    "addition_add": "+",
    "addition_sub": "-",
    "multiplication_mul": "*",
    "multiplication_div": "/",
    "multiplication_mod": "%",
}
_ORDERED = ("integer", "amount", "moment")
GROUPS = ("persons", "assets", *NEXUS_KINDS)


class ConditionProblem(ValueError):
    """Why a condition was refused; the loader adds file, line and rule."""


@lru_cache(maxsize=1)
def _parser() -> Any:
    # The library announces its regular expression engine on import; that is no news to our user.
    logging.getLogger("celpy").setLevel(logging.WARNING)
    from celpy.celparser import CELParser

    return CELParser()


def read_condition(text: str, vocabulary: Vocabulary) -> Node:
    """Parse and type `text`. Raises ConditionProblem; what it returns is bool and total."""
    if len(text) > CONDITION_CHARACTERS_MAX:
        raise ConditionProblem(
            f"is {len(text)} characters long, the limit is {CONDITION_CHARACTERS_MAX}"
        )
    try:
        node = _Reader(vocabulary).read(_parse(text))
    except RecursionError:
        raise ConditionProblem("nests too deep; split the rule") from None
    if depth_of(node) > DEPTH_MAX:
        raise ConditionProblem(f"nests deeper than {DEPTH_MAX}; split the rule")
    if node.kind != "bool":
        raise ConditionProblem(f"is {_a(node.kind)}, and a condition is true or false")
    return node


@lru_cache(maxsize=4096)  # packs repeat conditions, and a parse costs half a millisecond
def _parse(text: str) -> Tree[Token]:
    from celpy.celparser import CELParseError

    try:
        tree: Tree[Token] = _parser().parse(text)
    except CELParseError as error:
        raise ConditionProblem(
            f"does not parse at line {error.line}, column {error.column} of the condition"
        ) from None
    return tree


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "ai" else f"a {kind}"


class _Reader:
    """Turns the grammar's tree into ours, one method for each shape of it."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def read(self, tree: Tree[Token]) -> Node:
        while len(tree.children) == 1 and isinstance(tree.children[0], Tree):
            tree = tree.children[0]  # the grammar wraps each operand in every precedence level
        shape = str(tree.data)
        method: Callable[[Tree[Token]], Node] | None = getattr(self, f"_{shape}", None)
        if method is None:
            raise ConditionProblem(f"uses {shape.replace('_', ' ')}, which is not admitted")
        return method(tree)

    def _expr(self, tree: Tree[Token]) -> Node:
        test, yes, no = (self.read(_tree(child)) for child in tree.children)
        self._demand(test, "bool", "the test of ?:")
        if yes.kind != no.kind:
            raise ConditionProblem(f"?: chooses between {_a(yes.kind)} and {_a(no.kind)}")
        return Choice(yes.kind, test, yes, no)

    def _conditionalor(self, tree: Tree[Token]) -> Node:
        return self._logic("||", tree)

    def _conditionaland(self, tree: Tree[Token]) -> Node:
        return self._logic("&&", tree)

    def _logic(self, operator: str, tree: Tree[Token]) -> Node:
        left, right = (self.read(_tree(child)) for child in tree.children)
        self._demand(left, "bool", operator)
        self._demand(right, "bool", operator)
        return Logic("bool", operator, left, right)

    def _relation(self, tree: Tree[Token]) -> Node:
        head, tail = (_tree(child) for child in tree.children)
        if head.data == "relation_in":
            return self._in(_tree(head.children[0]), tail)
        operator = _COMPARISONS[str(head.data)]
        left, right = self.read(_tree(head.children[0])), self.read(tail)
        if left.kind != right.kind:
            raise ConditionProblem(f"compares {_a(left.kind)} with {_a(right.kind)} by {operator}")
        if operator not in ("==", "!=") and left.kind not in _ORDERED:
            raise ConditionProblem(f"orders {left.kind} values by {operator}")
        self._check_text(left, right)
        self._check_text(right, left)
        return Compare("bool", operator, left, right)

    def _in(self, left: Tree[Token], right: Tree[Token]) -> Node:
        target = _descend(right)
        if target.data == "ident":
            return self._member(self.read(left), str(target.children[0]))
        if target.data != "list_lit" or not target.children or target.children[0] is None:
            raise ConditionProblem("'in' takes a list of literals, or persons, assets or a place")
        operand = self.read(left)
        options: list[Scalar] = []
        for child in _tree(target.children[0]).children:
            option = self.read(_tree(child))
            if not isinstance(option, Literal) or option.kind != operand.kind:
                raise ConditionProblem(f"'in' needs literals, each {_a(operand.kind)}")
            self._check_text(operand, option)
            options.append(option.value)
        return OneOf("bool", operand, tuple(options))

    def _member(self, item: Node, group: str) -> Node:
        if group not in GROUPS or not isinstance(item, Literal) or item.kind != "text":
            raise ConditionProblem(f"'in' takes a literal and one of {', '.join(GROUPS)}")
        word = str(item.value)
        vocabulary = self._vocabulary
        known = {"persons": word in vocabulary.persons, "assets": word in vocabulary.assets}
        if not known.get(group, vocabulary.is_place(word) or group == "peg"):
            raise ConditionProblem(f"{word!r} is not declared for {group}")
        return Member("bool", group, word)

    def _addition(self, tree: Tree[Token]) -> Node:
        return self._arithmetic(tree)

    def _multiplication(self, tree: Tree[Token]) -> Node:
        return self._arithmetic(tree)

    def _arithmetic(self, tree: Tree[Token]) -> Node:
        head, tail = (_tree(child) for child in tree.children)
        operator = _ARITHMETIC[str(head.data)]
        left, right = self.read(_tree(head.children[0])), self.read(tail)
        self._demand(left, "integer", operator)
        self._demand(right, "integer", operator)
        return self._operation(operator, left, right)

    def _operation(self, operator: str, left: Node, right: Node) -> Node:
        try:
            interval = combined_interval(operator, interval_of(left), interval_of(right))
        except ValueError as error:
            raise ConditionProblem(str(error)) from None
        return Arithmetic("integer", operator, left, right, interval)

    def _unary(self, tree: Tree[Token]) -> Node:
        sign, operand = (_tree(child) for child in tree.children)
        node = self.read(operand)
        if sign.data == "unary_not":
            self._demand(node, "bool", "!")
            return Not("bool", node)
        self._demand(node, "integer", "-")
        return self._operation("-", Literal("integer", 0), node)

    def _ident(self, tree: Tree[Token]) -> Node:
        name = str(tree.children[0])
        if name == "at":
            return Name("moment", name)
        if name in GROUPS:
            raise ConditionProblem(f"{name} is a list; write '\"…\" in {name}'")
        kind = self._vocabulary.facts.get(name)
        if kind is None:
            raise ConditionProblem(f"names the fact {name!r}, which is not declared")
        if kind.kind == "integer":
            return Name("integer", name, Interval(kind.minimum, kind.maximum))
        return Name(kind.kind, name)

    def _ident_arg(self, tree: Tree[Token]) -> Node:
        function = str(tree.children[0])
        arguments = tree.children[1].children if isinstance(tree.children[1], Tree) else []
        values = [self.read(_tree(argument)) for argument in arguments]
        if function not in ("amount", "timestamp") or len(values) != 1:
            raise ConditionProblem(
                f"calls {function} with {len(values)} arguments; only "
                f"amount(text) and timestamp(text) exist"
            )
        if not isinstance(values[0], Literal) or values[0].kind != "text":
            raise ConditionProblem(f"{function}() takes a text literal, so that it cannot fail")
        text = str(values[0].value)
        return _amount(text) if function == "amount" else _moment(text)

    def _literal(self, tree: Tree[Token]) -> Node:
        token = tree.children[0]
        assert isinstance(token, Token)
        match token.type:
            case "BOOL_LIT":
                return Literal("bool", token == "true")
            case "INT_LIT":
                value = int(token, 0) if "x" in token else int(token)
                if abs(value) > INTEGER_MAX:
                    raise ConditionProblem(f"{value} is beyond ±(2^53 - 1)")
                return Literal("integer", value)
            case "STRING_LIT" if "\\" not in token and token[0] not in "rR":
                return Literal("text", token[1:-1])
            case "FLOAT_LIT":
                raise ConditionProblem(f'{token} is a float; write integers or amount("…")')
            case _:
                raise ConditionProblem(f"{token} is a literal of a kind that is not admitted")

    def _check_text(self, fact: Node, literal: Node) -> None:
        """Refuse a literal that the fact's declaration does not list."""
        if isinstance(fact, Name) and isinstance(literal, Literal) and fact.kind == "text":
            values = self._vocabulary.facts[fact.name].values
            if values and literal.value not in values:
                raise ConditionProblem(
                    f"{literal.value!r} is not one of the values of {fact.name}: "
                    f"{', '.join(values)}"
                )

    def _demand(self, node: Node, kind: str, operator: str) -> None:
        if node.kind != kind:
            raise ConditionProblem(f"{operator} takes {_a(kind)}, not {_a(node.kind)}")


def _tree(child: Any) -> Tree[Token]:
    assert isinstance(child, Tree), f"the grammar put a token where an operand stands: {child}"
    return child


def _descend(tree: Tree[Token]) -> Tree[Token]:
    while len(tree.children) == 1 and isinstance(tree.children[0], Tree):
        if tree.data == "list_lit":
            break
        tree = tree.children[0]
    return tree


def _amount(text: str) -> Node:
    try:
        return Literal("amount", Amount.parse(text))
    except AmountError as error:
        raise ConditionProblem(str(error)) from None


def _moment(text: str) -> Node:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConditionProblem(f"{text[:40]!r} is not a date and time") from None
    if moment.tzinfo is None:
        raise ConditionProblem(f"{text!r} has no zone; write 2026-02-06T00:00:00+08:00")
    return Literal("moment", moment)
