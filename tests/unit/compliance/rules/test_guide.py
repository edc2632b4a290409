"""The guide's example is a pack: what it shows loads, and stands beside the packs that ship."""

import re
from pathlib import Path

from sogdia.compliance.rules import RuleBook, load_packs, load_shipped
from sogdia.compliance.rules.counters.settings import PartySettings

GUIDE = Path(__file__).parents[4] / "docs" / "guides" / "rules.md"


def blocks(language: str) -> list[str]:
    """Return the guide's code blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)


def test_the_guide_s_pack_loads_and_supersedes_the_clause_it_names(tmp_path: Path) -> None:
    """Written as a reader would: two files, beside the version that it ends."""
    shipped = {pack.name: pack for pack in load_shipped()}
    folder = tmp_path / "2027"
    folder.mkdir()
    for name, text in zip(("pack", "rules"), blocks("toml"), strict=False):
        (folder / f"{name}.toml").write_text(text)
    (pack,) = load_packs([folder])
    assert pack.name == "kz-aifc/2027"
    book = RuleBook([*shipped.values(), pack])
    ended = {c.rule.key for c in book.clauses if c.ends}
    assert "kz-aifc/collected/KZ.1000" in ended


def test_the_guide_s_words_add_to_those_that_ship() -> None:
    """The third TOML block of the guide."""
    from sogdia.compliance.rules.vocabulary import extended

    words = extended([blocks("toml")[2]])
    assert "rent" in words.entries
    assert words.authorities["sg"].currencies == {"SGD"}


def test_the_guide_s_settings_of_a_party_are_read() -> None:
    """But for the token's digest, which is a placeholder."""
    import msgspec

    text = blocks("json")[0].replace("<SHA-256 of A's token>", "0" * 64)
    assert msgspec.json.decode(text, type=PartySettings).counters["kz-aifc/KZ.1000"].max_units == (
        100_000
    )


def test_the_guide_counts_the_packs_as_they_are() -> None:
    """The table of what ships names each pack with its number of rules."""
    text = GUIDE.read_text("utf-8")
    for pack in load_shipped():
        assert pack.name in text
    told = [int(n) for row in re.findall(r"^\| `.*?\| ([0-9, ]+) \|", text, re.MULTILINE)
            for n in row.split(",")]  # fmt: skip
    assert sorted(told) == sorted(len(pack.rules) for pack in load_shipped())
