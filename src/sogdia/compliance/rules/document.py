"""The shape of a pack's TOML files, field by field. What a field means stands in `pack.py`.

pack.toml      [pack], [scope], [[instrument]], [[supersedes]], [[repeals]], [[fact]]
rules*.toml    [[rule]]
vectors*.toml  [defaults], [[vector]]
"""

from datetime import datetime
from typing import Annotated, Any

import msgspec

# A moment without a zone means another instant in every reader's country.
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
# Names become parts of keys, file names and contract calls.
Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
Names = Annotated[list[str], msgspec.Meta(min_length=1)]


class Form(msgspec.Struct, forbid_unknown_fields=True):
    """A table of a pack; a field nobody declared is an error, not a comment."""


class Translations(Form):
    """One text in the four languages of the corridor."""

    en: Text
    zh: Text
    ru: Text
    kk: Text


class Head(Form):
    """[pack]"""

    authority: Id
    version: Id
    serial: Annotated[int, msgspec.Meta(ge=1, lt=2**53)]
    title: Translations
    notice: Text
    status: str
    tz: str
    adopted: Moment
    published: Moment
    effective: Moment


class Scope(Form):
    """[scope]: for each tie, the states, zones or currencies by which the authority claims."""

    residence: Names | None = None
    licence: Names | None = None
    venue: Names | None = None
    issuer: Names | None = None
    controller: Names | None = None
    peg: Names | None = None


class InstrumentForm(Form):
    """[[instrument]]"""

    id: Id
    title: dict[str, Text]
    adopted: Moment
    published: Moment
    effective: Moment
    status: str
    mark: str
    source: Text
    repealed: Moment | None = None


class EndingForm(Form):
    """[[supersedes]] or [[repeals]]"""

    version: Id
    clauses: Names
    effective: Moment | None = None


class FactForm(Form):
    """[[fact]]: a fact beyond the shipped vocabulary."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    type: str
    about: Text
    minimum: int | None = None
    maximum: int | None = None
    values: list[Text] | None = None


class PackFile(Form):
    """pack.toml"""

    pack: Head
    scope: Scope
    instrument: Annotated[list[InstrumentForm], msgspec.Meta(min_length=1)]
    supersedes: list[EndingForm] = []
    repeals: list[EndingForm] = []
    fact: list[FactForm] = []


class CiteForm(Form):
    """cite = { instrument, article, mark, note }"""

    instrument: Id
    article: str = ""
    mark: str = ""
    note: str = ""


class AmountForm(Form):
    """[rule.amount]; `inclusive`, `window` and `scope` have no default: the law says which."""

    inclusive: bool
    window: str
    scope: str
    thresholds: Names | None = None
    threshold_fact: str | None = None
    fact: str = "amount"
    tz: str | None = None
    adds: Names | None = None
    subtracts: list[str] = []
    same: list[str] = []
    within: str | None = None


class FreezeForm(Form):
    """[rule.freeze]"""

    authority: str
    case: str
    review: str
    amount: str | None = None


class RuleForm(Form):
    """[[rule]]"""

    clause: Id
    activity: Names
    action: str
    cite: CiteForm
    text: Translations
    person: Names = msgspec.field(default_factory=lambda: ["any"])
    asset: Names = msgspec.field(default_factory=lambda: ["any"])
    nexus: Names | None = None
    when: str = "true"
    unless: str | None = None
    reason: Id | None = None
    effective: Moment | None = None
    until: Moment | None = None
    amount: AmountForm | None = None
    freeze: FreezeForm | None = None
    disclose: bool = True
    duties: list[str] = []
    params: dict[str, str | int | bool] = {}


class RulesFile(Form):
    """rules*.toml"""

    rule: Annotated[list[RuleForm], msgspec.Meta(min_length=1)]


class ExpectForm(Form):
    """What a vector's decision must be; a field that is absent is not compared."""

    action: str
    reasons: list[str] | None = None
    missing: list[str] | None = None
    duties: list[str] | None = None
    room: str | None = None
    conflict: bool | None = None
    message: str | None = None
    simulated: list[str] | None = None


class VectorForm(Form):
    """[[vector]]"""

    name: Text
    at: Moment
    expect: ExpectForm
    facts: dict[str, Any]
    known_at: Moment | None = None
    beside: list[str] = []


class VectorsFile(Form):
    """vectors*.toml"""

    vector: Annotated[list[VectorForm], msgspec.Meta(min_length=1)]
    defaults: dict[str, Any] = {}
