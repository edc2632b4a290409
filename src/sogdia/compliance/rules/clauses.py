"""Check one clause of a pack and build its Rule.

What no authority may write is refused here, when the pack is loaded:

    C1  A clause that limits, holds, halts or winds down never names an exit.
    C2  A freeze names the facts that give its authority, case and review date.
    C3  A clause claims only ties that its pack claims.
    C4  A limit has an amount; an amount says inclusive or not, its window and its scope.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NoReturn
from zoneinfo import ZoneInfo

import msgspec

from sogdia.compliance.rules.amounts import Amount
from sogdia.compliance.rules.conditions import ConditionProblem, read_condition
from sogdia.compliance.rules.document import AmountForm, CiteForm, FreezeForm, Head, RuleForm
from sogdia.compliance.rules.errors import (
    AmountError,
    ConditionError,
    PackError,
    PackMalformed,
    RuleUnlawful,
    SuccessionError,
    UnknownTerm,
)
from sogdia.compliance.rules.evaluation import compile_condition
from sogdia.compliance.rules.expressions import Node
from sogdia.compliance.rules.pack import (
    ACTIONS,
    MARKS,
    Action,
    AmountRule,
    Citation,
    FreezeRule,
    Instrument,
    Nexus,
    Rule,
    Window,
)
from sogdia.compliance.rules.source import Source
from sogdia.compliance.rules.vocabulary import ANY, Vocabulary

STOPS = (Action.LIMIT, Action.HOLD, Action.HALT_ENTRY, Action.WIND_DOWN)

CALENDAR_WINDOWS = ("calendar-day", "calendar-month", "calendar-year")
_ROLLING = re.compile(r"rolling-([1-9][0-9]{0,3})-days")
# What lies below the amount: a limit or hold says it may pass, a duty to report says nothing.
_WITHIN = {Action.LIMIT: "allow", Action.HOLD: "allow", Action.HALT_ENTRY: "allow"}


def read_window(text: str) -> Window | None:
    """Return the window named by `text`, or `None` when there is no such window."""
    if text == "transaction" or text in CALENDAR_WINDOWS:
        return Window(text)
    rolling = _ROLLING.fullmatch(text)
    return Window("rolling", int(rolling.group(1))) if rolling else None


class ClauseReader:
    """Builds the rules of one file."""

    def __init__(
        self,
        source: Source,
        head: Head,
        instruments: dict[str, Instrument],
        scope: Nexus,
        vocabulary: Vocabulary,
    ) -> None:
        self._source = source
        self._head = head
        self._instruments = instruments
        self._scope = dict(scope)
        self._vocabulary = vocabulary
        # One object for each set of ties, so that a decision looks each up once.
        self._nexuses: dict[tuple[str, ...], Nexus] = {}
        self._index = 0
        self._clause = ""

    def read(self, form: RuleForm, index: int) -> Rule:
        """Check `form`, the file's rule number `index` from 0. Raises a PackError."""
        self._index, self._clause = index, form.clause
        action = ACTIONS.get(form.action)
        if action is None:
            self._refuse(
                UnknownTerm, f"action {form.action!r} is not one of {', '.join(ACTIONS)}", "action"
            )
        activities = self._activities(form.activity, action)
        citation = self._citation(form.cite)
        effective, until = self._validity(form, citation.instrument)
        when = self._condition(form.when, "when")
        unless = None if form.unless is None else self._condition(form.unless, "unless")
        return Rule(
            authority=self._head.authority,
            version=self._head.version,
            clause=form.clause,
            activities=activities,
            persons=self._classes("person", form.person, frozenset(self._vocabulary.persons)),
            assets=self._classes("asset", form.asset, frozenset(self._vocabulary.assets)),
            nexus=self._nexus(form.nexus),
            when=when,
            condition=compile_condition(when),
            unless=unless,
            exemption=None if unless is None else compile_condition(unless),
            action=action,
            reason=form.reason or form.clause,
            citation=citation,
            text=MappingProxyType(msgspec.structs.asdict(form.text)),
            effective=effective,
            published=citation.instrument.published,
            until=until,
            amount=self._amount(form.amount, action, activities),
            freeze=self._freeze(form.freeze, action),
            disclose=form.disclose,
            duties=tuple(form.duties),
            params=MappingProxyType(form.params),
            is_draft="draft" in (self._head.status, citation.instrument.status),
        )

    def _refuse(
        self, error: type[PackError], problem: str, *path: str | int, remedy: str = ""
    ) -> NoReturn:
        place = self._source.place(("rule", self._index, *path), self._clause)
        raise error(place, problem, remedy)

    def _activities(self, names: Sequence[str], action: Action) -> frozenset[str] | None:
        if ANY in names:
            if len(names) > 1:
                self._refuse(PackMalformed, "'any' stands alone", "activity")
            return None
        for name in names:
            if not self._vocabulary.is_activity(name):
                self._refuse(UnknownTerm, f"activity {name!r} is not declared", "activity")
            if name in self._vocabulary.exits and action in STOPS:
                self._refuse(
                    RuleUnlawful,
                    f"action {action.word!r} would stop the exit {name!r}",
                    "activity",
                    remedy="only a freeze with authority, case and review date stops an exit",
                )
        return frozenset(names)

    def _classes(
        self, field: str, names: Sequence[str], known: frozenset[str]
    ) -> frozenset[str] | None:
        if ANY in names:
            if len(names) > 1:
                self._refuse(PackMalformed, "'any' stands alone", field)
            return None
        for name in names:
            if name not in known:
                self._refuse(UnknownTerm, f"{field} class {name!r} is not declared", field)
        return frozenset(names)

    def _nexus(self, kinds: Sequence[str] | None) -> Nexus:
        if kinds is None:
            # A peg reaches far beyond the authority's territory, so a clause must ask for it.
            kinds = [kind for kind in self._scope if kind != "peg"]
        for kind in kinds:
            if kind not in self._scope:
                self._refuse(
                    RuleUnlawful, f"claims nexus {kind!r}, which the pack's scope lacks", "nexus"
                )
        nexus = tuple((kind, self._scope[kind]) for kind in kinds)
        return self._nexuses.setdefault(tuple(kinds), nexus)

    def _citation(self, form: CiteForm) -> Citation:
        instrument = self._instruments.get(form.instrument)
        if instrument is None:
            self._refuse(UnknownTerm, f"cites {form.instrument!r}, which is not declared", "cite")
        mark = form.mark or instrument.mark
        if mark not in MARKS:
            self._refuse(UnknownTerm, f"mark {mark!r} is not one of {', '.join(MARKS)}", "cite")
        return Citation(instrument, form.article, mark, form.note)

    def _validity(self, form: RuleForm, instrument: Instrument) -> tuple[datetime, datetime | None]:
        effective = form.effective or instrument.effective
        ends = [moment for moment in (form.until, instrument.repealed) if moment is not None]
        until = min(ends, default=None)
        if until is not None and until <= effective:
            self._refuse(
                SuccessionError, f"ends {until} before it takes effect {effective}", "until"
            )
        return effective, until

    def _condition(self, text: str, field: str) -> Node:
        try:
            return read_condition(text, self._vocabulary)
        except ConditionProblem as problem:
            self._refuse(ConditionError, f"the condition {problem}", field)

    def _amount(
        self, form: AmountForm | None, action: Action, activities: frozenset[str] | None
    ) -> AmountRule | None:
        if form is None:
            if action is Action.LIMIT:
                self._refuse(PackMalformed, "a limit needs an amount: add [rule.amount]")
            return None
        window = read_window(form.window)
        if window is None:
            self._refuse(
                UnknownTerm,
                f"window {form.window!r} is not transaction, {', '.join(CALENDAR_WINDOWS)} "
                f"or rolling-N-days",
                "amount",
                "window",
            )
        if form.scope not in ("per-venue", "all-venues"):
            self._refuse(
                UnknownTerm,
                f"scope {form.scope!r} is not per-venue or all-venues",
                "amount",
                "scope",
            )
        within = form.within or _WITHIN.get(action, "silent")
        if within not in ("allow", "silent"):
            self._refuse(UnknownTerm, f"within {within!r} is not allow or silent", "amount")
        if activities is None and form.adds is None and window.kind != "transaction":
            self._refuse(PackMalformed, "a sum over any activity must name what adds", "amount")
        return AmountRule(
            fact=self._fact(form.fact, "amount", "amount", "fact"),
            thresholds=self._thresholds(form),
            threshold_fact=form.threshold_fact,
            inclusive=form.inclusive,
            window=window,
            tz=self._zone(form.tz or self._head.tz),
            scope=form.scope,
            adds=self._counted(form.adds, activities, "adds"),
            subtracts=self._counted(form.subtracts, frozenset(), "subtracts"),
            same=tuple(self._fact(name, None, "amount", "same") for name in form.same),
            within=within,
        )

    def _thresholds(self, form: AmountForm) -> tuple[Amount, ...]:
        if (form.thresholds is None) == (form.threshold_fact is None):
            self._refuse(
                PackMalformed, "needs thresholds or threshold_fact, one of the two", "amount"
            )
        if form.threshold_fact is not None:
            self._fact(form.threshold_fact, "amount", "amount", "threshold_fact")
            return ()
        try:
            thresholds = tuple(Amount.parse(text) for text in form.thresholds or ())
        except AmountError as error:
            self._refuse(UnknownTerm, str(error), "amount", "thresholds")
        if len({threshold.currency for threshold in thresholds}) != len(thresholds):
            self._refuse(PackMalformed, "has two thresholds in one currency", "amount")
        if any(threshold.units < 0 for threshold in thresholds):
            self._refuse(PackMalformed, "has a negative threshold", "amount", "thresholds")
        return thresholds

    def _counted(
        self, names: Sequence[str] | None, default: frozenset[str] | None, field: str
    ) -> frozenset[str]:
        for name in names or ():
            if not self._vocabulary.is_activity(name):
                self._refuse(UnknownTerm, f"activity {name!r} is not declared", "amount", field)
        return frozenset(names) if names is not None else default or frozenset()

    def _zone(self, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            self._refuse(UnknownTerm, f"{name!r} is not a zone of the tz database", "amount", "tz")
        return name

    def _fact(self, name: str, kind: str | None, *path: str) -> str:
        declared = self._vocabulary.facts.get(name)
        if declared is None:
            self._refuse(UnknownTerm, f"names the fact {name!r}, which is not declared", *path)
        if kind is not None and declared.kind != kind:
            self._refuse(
                ConditionError, f"needs a fact of type {kind}, {name!r} is {declared.kind}", *path
            )
        return name

    def _freeze(self, form: FreezeForm | None, action: Action) -> FreezeRule | None:
        if (form is None) != (action is not Action.FREEZE):
            self._refuse(
                RuleUnlawful,
                "a freeze must name the facts of its authority, case and review date"
                if form is None
                else f"action {action.word!r} has no use for [rule.freeze]",
                "freeze",
                remedy="write [rule.freeze] with authority, case and review",
            )
        if form is None:
            return None
        return FreezeRule(
            self._fact(form.authority, "text", "freeze", "authority"),
            self._fact(form.case, "text", "freeze", "case"),
            self._fact(form.review, "moment", "freeze", "review"),
            None if form.amount is None else self._fact(form.amount, "amount", "freeze", "amount"),
        )
