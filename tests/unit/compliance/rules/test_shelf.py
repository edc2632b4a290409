"""Packs on disk: what is loaded together, and words that a deployment adds."""

from pathlib import Path

import pytest
from tests.unit.compliance.rules.builders import ask, rule, write_pack

from sogdia.compliance.rules import PackMalformed, PackUnreadable, RuleBook, UnknownTerm
from sogdia.compliance.rules.evidence import replay, write_bundle
from sogdia.compliance.rules.facts import Facts, parse_moment
from sogdia.compliance.rules.shelf import load_packs

WORDS = """
entries = ["rent"]
asset.dwelling = ["rwa"]
authority.sg = { name = "an authority", states = ["SG"], currencies = ["SGD"] }
fact.floor = { type = "integer", about = "storey", minimum = 0, maximum = 200 }
"""
RENT = rule("R", "allow", activity='["rent"]', asset='["rwa"]', when='"floor < 10"')
ENDS = '[[supersedes]]\nversion = "1"\nclauses = ["A"]\n'


def singapore(folder: Path, words: str = WORDS) -> Path:
    """Write a pack of an authority that does not ship, two folders below its words."""
    (folder / "vocabulary.toml").write_text(words)
    return write_pack(folder / "sg" / "1", RENT, authority="sg", state="SG")


def test_words_lie_up_to_two_folders_above_a_pack(tmp_path: Path) -> None:
    """Authority, activity, class and fact are all new."""
    with pytest.raises(UnknownTerm, match="'sg' is not registered"):
        load_packs([write_pack(tmp_path / "bare", RENT, authority="sg", state="SG")])
    folder = singapore(tmp_path / "packs") if (tmp_path / "packs").mkdir() is None else tmp_path
    for given in (folder, tmp_path / "packs"):
        book = RuleBook(load_packs([given]))
        facts = {"activity": "rent", "residence": ["SG"], "assets": ["dwelling"]}
        assert ask(book, **facts, floor=9).action.word == "allow"
        assert ask(book, **facts, floor=10).action.word == "no-authority"


def test_added_words_are_part_of_the_evidence(tmp_path: Path) -> None:
    """A bundle with its packs inside needs no file of words on the other machine."""
    book = RuleBook(load_packs([singapore(tmp_path)]))
    facts = Facts.from_mapping({"activity": "rent", "residence": ["SG"]}, book.vocabulary)
    at = parse_moment("at", "2024-06-01T00:00:00+08:00")
    assert replay(write_bundle(book, facts, at, library="0.1.0", embed=True)).is_same


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ('authority.ch = { name = "x", states = ["CH", "LI"], currencies = [] }', "'ch' is decl"),
        ('entries = ["withdraw"]', "is both an entry and an exit"),
        ('entries = ["buy"]', "'buy' is declared already"),
        ('asset.house = ["castle"]', "'castle' is not declared"),
        ("asset.a = ['b']\nasset.b = ['a']", "a member of itself"),
        ("verbs = []", "unknown field `verbs`"),
        ('fact.residence = { type = "bool", about = "x" }', "'residence' is declared already"),
        ('fact.x = { type = "float", about = "x" }', "not 'float'"),
    ],
)
def test_words_add_and_never_change(tmp_path: Path, words: str, says: str) -> None:
    """Least of all what an authority may claim."""
    with pytest.raises(PackMalformed) as caught:
        load_packs([singapore(tmp_path, words)])
    assert says in str(caught.value)
    assert "vocabulary.toml" in str(caught.value)


def test_a_pack_brings_its_succession_and_nothing_else(tmp_path: Path) -> None:
    """Whoever checks the second version gets the first; a stranger beside them stays out."""
    first = write_pack(tmp_path / "one", rule("A"))
    second = write_pack(tmp_path / "two", rule("A2"), version="2", serial=2, more=ENDS)
    write_pack(tmp_path / "apart", rule("C"), version="9", serial=9)
    write_pack(tmp_path / "broken", rule("D")).joinpath("pack.toml").write_text("[[[")
    write_pack(tmp_path / "edited-copy", rule("A", "allow"))
    for given in (first, second):
        assert {pack.name for pack in load_packs([given])} == {"ch/1", "ch/2"}
    assert load_packs([first])[0].rules[0].action.word == "halt-entry"


def test_a_draft_ends_nothing(tmp_path: Path) -> None:
    """A bill that would repeal a clause leaves it in force."""
    write_pack(tmp_path / "one", rule("A"))
    bill = write_pack(tmp_path / "two", rule("A2"), version="2", serial=2, more=ENDS)
    text = (bill / "pack.toml").read_text()
    (bill / "pack.toml").write_text(text.replace('status = "law"', 'status = "draft"', 1))
    decision = ask(RuleBook(load_packs([bill])))
    assert decision.reasons == ("A",)
    assert [s.rule.clause for s in decision.simulated] == ["A2"]


def test_a_folder_without_packs_is_refused(tmp_path: Path) -> None:
    """An empty shelf is a wrong path, not law without rules."""
    with pytest.raises(PackUnreadable, match=r"holds no pack\.toml"):
        load_packs([tmp_path])
