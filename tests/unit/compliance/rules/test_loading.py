"""Bad packs are refused whole, with file, line and rule; nothing is half-loaded."""

from pathlib import Path

import pytest
from tests.unit.compliance.rules.builders import one_pack, rule, write_pack

from sogdia.compliance.rules import (
    ConditionError,
    PackError,
    PackMalformed,
    PackUnreadable,
    RuleUnlawful,
    SuccessionError,
    UnknownTerm,
    load_pack,
)

LIMIT = """
[rule.amount]
thresholds = ["1000.00 USD"]
inclusive = false
window = "calendar-month"
scope = "all-venues"
"""
FREEZE = """
[rule.freeze]
authority = "freeze_authority"
case = "freeze_case"
review = "freeze_review"
"""


@pytest.mark.parametrize(
    ("text", "error", "says", "line"),
    [
        (rule("A", when='"amount >"'), ConditionError, "does not parse", 5),
        (rule("A", when='"no_such_fact"'), ConditionError, "'no_such_fact', which is not", 5),
        (rule("A", when='"amount"'), ConditionError, "is an amount, and a condition is", 5),
        (rule("A", when='"amount == true"'), ConditionError, "compares an amount with a bool", 5),
        (rule("A", when='"1 / 0 == 1"'), ConditionError, "divides by a value that can be", 5),
        (rule("A", when='"7 % indices == 1"'), ConditionError, "divides by a value that", 5),
        (
            rule("A", when='"energy_kwh_month * energy_kwh_month * 1000 > 1"'),
            ConditionError,
            "overflow",
            5,
        ),
        (rule("A", when='"9223372036854775807 + 1 > 0"'), ConditionError, "beyond", 5),
        (rule("A", when='"indices > 1.5"'), ConditionError, "is a float", 5),
        (rule("A", when='"indices.size() > 1"'), ConditionError, "not admitted", 5),
        (rule("A", when="""'amount > amount("1 XXQ")'"""), ConditionError, "not a currency", 5),
        (rule("A", when="""'form == "cahs"'"""), ConditionError, "not one of the values", 5),
        (rule("A", when="""'"retial" in persons'"""), ConditionError, "not declared for", 5),
        (rule("A", when="""'at > timestamp("2026-02-06T00:00:00")'"""), ConditionError, "zone", 5),
        (rule("A", activity='["bye"]'), UnknownTerm, "activity 'bye' is not declared", 4),
        (rule("A", person='["retial"]'), UnknownTerm, "'retial' is not declared", 5),
        (rule("A", asset='["bitcion"]'), UnknownTerm, "'bitcion' is not declared", 5),
        (rule("A", "stop"), UnknownTerm, "action 'stop' is not one of", 3),
        (rule("A", activity="[true]"), PackMalformed, "Expected `str`, got `bool`", 4),
        (rule("A", activity="[]"), PackMalformed, "length", 4),
        (rule("A", wehn='"true"'), PackMalformed, "unknown field `wehn`", 5),
        (rule("A", effective="2026-02-06"), PackMalformed, "Expected `datetime | null`", 5),
        (rule("A", effective="2026-02-06T00:00:00"), PackMalformed, "timezone", 5),
        (rule("A", until="2019-01-01T00:00:00Z"), SuccessionError, "before it takes effect", 5),
        (rule("A", "limit"), PackMalformed, "a limit needs an amount", 1),
        (rule("A", "freeze"), RuleUnlawful, "must name the facts", 1),
        (
            rule("A", "freeze", more=FREEZE.replace('review = "freeze_review"\n', "")),
            PackMalformed,
            "missing required field `review`",
            8,
        ),
        (
            rule("A", "freeze", more=FREEZE.replace('case = "freeze_case"\n', "")),
            PackMalformed,
            "missing required field `case`",
            8,
        ),
        (
            rule("A", "freeze", more=FREEZE.replace('"freeze_review"', '"freeze_case"')),
            ConditionError,
            "needs a fact of type moment",
            11,
        ),
        (rule("A", activity='["withdraw"]'), RuleUnlawful, "would stop the exit 'withdraw'", 4),
        (rule("A", "hold", activity='["redeem"]'), RuleUnlawful, "exit 'redeem'", 4),
        (rule("A", "wind-down", activity='["claim"]'), RuleUnlawful, "exit 'claim'", 4),
        (
            rule("A", "limit", activity='["refund"]', more=LIMIT),
            RuleUnlawful,
            "would stop the exit 'refund'",
            4,
        ),
        (rule("A", nexus='["peg"]'), RuleUnlawful, "which the pack's scope lacks", 5),
        (
            rule("A", "limit", more=LIMIT.replace("1000.00 USD", "1000.00 USDX")),
            UnknownTerm,
            "is not an amount",
            9,
        ),
        (
            rule("A", "limit", more=LIMIT.replace("1000.00", "1000.001")),
            UnknownTerm,
            "has 3 decimals, USD has 2",
            9,
        ),
        (
            rule("A", "limit", more=LIMIT.replace("calendar-month", "fortnight")),
            UnknownTerm,
            "window 'fortnight'",
            11,
        ),
        (
            rule("A", "limit", more=LIMIT.replace("inclusive = false\n", "")),
            PackMalformed,
            "missing required field `inclusive`",
            8,
        ),
        (
            rule("A", "limit", more=LIMIT.replace("all-venues", "everywhere")),
            UnknownTerm,
            "scope 'everywhere'",
            12,
        ),
        (rule("A") + rule("A"), SuccessionError, "written twice in one version", 9),
    ],
)
def test_a_bad_rule_is_refused_with_its_line(
    tmp_path: Path, text: str, error: type[PackError], says: str, line: int
) -> None:
    """The message is what an author needs: where, which rule, what is wrong."""
    with pytest.raises(error) as caught:
        one_pack(tmp_path / "p", text)
    assert says in str(caught.value)
    assert caught.value.place.file == tmp_path / "p" / "rules.toml"
    assert caught.value.place.rule == "A"
    assert caught.value.place.line == line
    assert f"rules.toml:{line}: rule A: " in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "error", "says"),
    [
        ('residence = ["CH"]', 'residence = ["XX"]', UnknownTerm, "'XX' is not a state"),
        ('residence = ["CH"]', "residence = [false]", PackMalformed, "got `bool`"),
        ('residence = ["CH"]', 'residence = ["NO"]', RuleUnlawful, "outside its nexus"),
        ('authority = "ch"', 'authority = "moon"', UnknownTerm, "is not registered"),
        ('tz = "UTC"', 'tz = "Mars/Olympus"', UnknownTerm, "not a zone"),
        ("serial = 1", "serial = 0", PackMalformed, ">= 1"),
        ("serial = 1", "serial = 1.0", PackMalformed, "got `float`"),
        ('status = "law"\nmark', 'status = "rumour"\nmark', UnknownTerm, "'rumour' is not one"),
        ('mark = "V"', 'mark = "sure"', UnknownTerm, "mark 'sure'"),
        (
            "effective = 2020-01-01T00:00:00+00:00\ntitle",
            "effective = 2020-01-01T00:00:00\ntitle",
            PackMalformed,
            "timezone",
        ),
        (
            'mark = "V"',
            'mark = "V"\nrepealed = 2019-01-01T00:00:00Z',
            SuccessionError,
            "before it takes effect",
        ),
        (', kk = "t"', "", PackMalformed, "missing required field `kk`"),
    ],
)
def test_a_bad_head_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, error: type[PackError], says: str
) -> None:
    """The place is the line that was changed, or that of the table that lacks the field."""
    folder = write_pack(tmp_path / "p", rule("A"))
    text = (folder / "pack.toml").read_text()
    assert old in text
    (folder / "pack.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(error, match=r"pack\.toml:") as caught:
        load_pack(folder)
    assert says in str(caught.value)
    changed = text[: text.index(old)].count("\n") + 1
    assert caught.value.place.line in range(changed - 1, changed + 3)


def test_norway_stays_norway() -> None:
    """`NO` is a state wherever it is written; a false in its place is an error, not a state."""
    from sogdia.compliance.rules import FactError, Facts
    from sogdia.compliance.rules.vocabulary import shipped

    facts = Facts.from_json('{"activity": "buy", "residence": ["NO"]}', shipped())
    assert facts.places["residence"] == {"NO"}
    assert facts.to_json()["residence"] == ["NO"]
    for raw in ("false", "[false]", '["no"]', '["False"]'):
        with pytest.raises(FactError, match="residence"):
            Facts.from_json(f'{{"activity": "buy", "residence": {raw}}}', shipped())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[rule]\nclause = "A"', "rules.toml:1: is not TOML"),
        ('[[rule]]\nclause = "A"\nclause = "B"', "rules.toml:3: is not TOML"),
        ('[[rule]]\nclause = """A', "rules.toml:2: is not TOML"),
        ("", "missing required field `rule`"),
        ("x = " + "[" * 5000, "is not TOML"),
        ("\na" + ".a" * 200_000 + " = 1", "rules.toml:2: has a dotted name of more than 16 parts"),
        ("x = {" + "a . " * 20 + "a = 1}", "dotted name"),
        ('[[rule]]\nclause = "\x00"', "is not TOML"),
        ('a = "' + "a" * 600_000 + '"', "is larger than"),
    ],
)
def test_broken_toml_is_refused(tmp_path: Path, text: str, says: str) -> None:
    """The parser's own complaint, with file and line."""
    with pytest.raises(PackError) as caught:
        one_pack(tmp_path / "p", text)
    assert says in str(caught.value)


def test_a_folder_that_is_no_pack_is_refused(tmp_path: Path) -> None:
    """Missing, empty, not UTF-8, or with a file that belongs nowhere."""
    with pytest.raises(PackUnreadable, match="is not a folder"):
        load_pack(tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    with pytest.raises(PackUnreadable, match=r"has no pack\.toml"):
        load_pack(tmp_path / "empty")
    folder = write_pack(tmp_path / "p", rule("A"))
    (folder / "notes.toml").write_text("a = 1")
    with pytest.raises(PackUnreadable, match="is no part of a pack"):
        load_pack(folder)
    (folder / "notes.toml").unlink()
    (folder / "rules.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(PackUnreadable, match="is not UTF-8 at byte 0"):
        load_pack(folder)


def test_a_pack_may_declare_facts_of_its_own(tmp_path: Path) -> None:
    """A bounded integer may be divided by; a name that is taken, or built in, is refused."""
    more = """
    [[fact]]
    name = "tranches"
    type = "integer"
    about = "into how many tranches the sale is cut"
    minimum = 1
    maximum = 100
    """
    pack = one_pack(tmp_path / "p", rule("A", when='"100 / tranches > 20"'), more=more)
    assert pack.facts["tranches"].maximum == 100
    for name, says in (("listed", "already declared as bool"), ("history", "built in")):
        with pytest.raises(PackMalformed, match=says):
            one_pack(tmp_path / name, rule("A"), more=more.replace("tranches", name, 1))


def test_the_digest_is_of_what_the_pack_says_not_of_how_it_is_typed(tmp_path: Path) -> None:
    """Comments and spacing do not change it; one letter of a text does."""
    first = one_pack(tmp_path / "a", rule("A"))
    second = one_pack(tmp_path / "b", "# a remark\n\n" + rule("A").replace(" = ", "  =  "))
    third = one_pack(tmp_path / "c", rule("A").replace('ru = "ru"', 'ru = "rv"'))
    assert first.digest == second.digest
    assert first.digest != third.digest
