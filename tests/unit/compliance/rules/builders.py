"""Packs and facts for tests, written as a user writes them: as TOML in a folder."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

from sogdia.compliance.rules import Decision, Facts, Pack, RuleBook, decide, load_pack

INSTRUMENT = """
[[instrument]]
id = "act"
title.en = "An Act"
adopted = 2020-01-01T00:00:00+00:00
published = {published}
effective = {effective}
status = "{status}"
mark = "V"
source = "made for a test"
"""

HEAD = """
[pack]
authority = "{authority}"
version = "{version}"
serial = {serial}
notice = "Not legal advice."
status = "law"
tz = "UTC"
adopted = 2020-01-01T00:00:00+00:00
published = {published}
effective = {effective}
title = {{ en = "t", zh = "t", ru = "t", kk = "t" }}
[scope]
residence = ["{state}"]
venue = ["{state}"]
"""

TEXT = 'text = { en = "en", zh = "zh", ru = "ru", kk = "kk" }\n'
CITE = 'cite = { instrument = "act", article = "1" }\n'


def write_pack(folder: Path, rules: str, **options: Any) -> Path:
    """Write a pack of `rules` and return its folder. `more` is added to pack.toml."""
    values = {
        "authority": "ch",
        "version": "1",
        "serial": 1,
        "state": "CH",
        "published": "2020-01-01T00:00:00+00:00",
        "effective": "2020-01-01T00:00:00+00:00",
        "status": "law",
        "more": "",
        **options,
    }
    folder.mkdir(parents=True, exist_ok=True)
    head = HEAD.format(**values) + dedent(values["more"]) + INSTRUMENT.format(**values)
    (folder / "pack.toml").write_text(head)
    (folder / "rules.toml").write_text(dedent(rules))
    return folder


def rule(clause: str, action: str = "halt-entry", *, more: str = "", **fields: str) -> str:
    """Return one [[rule]]; `fields` are TOML values, `more` follows at the end."""
    lines = {"activity": '["buy"]', **fields}
    body = "".join(f"{name} = {value}\n" for name, value in lines.items())
    return f'[[rule]]\nclause = "{clause}"\naction = "{action}"\n{body}{CITE}{TEXT}{dedent(more)}\n'


def one_pack(folder: Path, rules: str, **options: Any) -> Pack:
    """Write and load a pack."""
    return load_pack(write_pack(folder, rules, **options))


NOWHERE: Mapping[str, Any] = {
    kind: [] for kind in ("licence", "venue", "issuer", "controller", "peg")
}


def ask(
    book: RuleBook, at: str = "2024-06-01T12:00:00+00:00", known_at: str | None = None, **facts: Any
) -> Decision:
    """Decide a matter of a resident of Switzerland who buys, unless `facts` say otherwise."""
    stated = {"activity": "buy", "residence": ["CH"], "persons": [], "assets": [], **NOWHERE}
    return decide(
        book,
        Facts.from_mapping({**stated, **facts}, book.vocabulary),
        datetime.fromisoformat(at),
        None if known_at is None else datetime.fromisoformat(known_at),
    )
