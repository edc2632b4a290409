"""Decide one matter at one moment: the meet over every competent authority.

M1  Each rule in force that matches speaks. What a rule cannot know it names as missing.
M2  Missing facts hold an entry and are reported with an exit; neither ever becomes `allow`.
M3  Nothing but a complete, unexpired freeze stops an exit: clauses of any other kind that
    would stop are not even consulted for one.
M4  A competent authority that wrote no rule answers `no-authority`, which outweighs `allow`.
"""

from collections.abc import Iterable
from datetime import datetime

from sogdia.compliance.rules.amounts import Amount, compare
from sogdia.compliance.rules.decision import Conflict, Decision, Freeze, Spoken
from sogdia.compliance.rules.errors import FactError
from sogdia.compliance.rules.evaluation import Missing, Scope
from sogdia.compliance.rules.facts import Facts
from sogdia.compliance.rules.pack import Action, Nexus, Rule
from sogdia.compliance.rules.rulebook import RuleBook
from sogdia.compliance.rules.windows import measure

EXIT_ACTIONS = (Action.ALLOW, Action.REPORT, Action.FREEZE)


def decide(
    book: RuleBook, facts: Facts, at: datetime, known_at: datetime | None = None
) -> Decision:
    """Decide the matter as of `at`, by what was published by `known_at` (default: `at`).

    Raises FactError when a moment has no zone.
    """
    known_at = at if known_at is None else known_at
    for name, moment in (("at", at), ("known_at", known_at)):
        if moment.tzinfo is None or moment.utcoffset() is None:
            raise FactError(name, f"{moment.isoformat()} has no zone")
    law = book.law_of(at, known_at)
    matter = _Matter(book, facts, at)
    spoken, missing = matter.hear(law.rules[facts.activity])
    silent, unknown = matter.silent(law.authorities, spoken)
    simulated: list[Spoken] = []
    drafts = law.drafts[facts.activity]
    if drafts:
        simulated, _ = matter.hear(drafts)
    missing |= unknown
    return Decision(
        facts.activity,
        at,
        known_at,
        _meet(spoken, missing, silent, matter.is_exit),
        matter.is_exit,
        tuple(spoken),
        tuple(sorted(missing)),
        silent,
        _conflicts(spoken),
        tuple(simulated),
    )


def _meet(
    spoken: list[Spoken], missing: set[str], silent: tuple[str, ...], is_exit: bool
) -> Action:
    actions = [s.action for s in spoken if s.is_recognised]
    strongest = max(actions, default=Action.NO_AUTHORITY)
    if missing:
        return max(
            strongest if actions else Action.ALLOW, Action.REPORT if is_exit else Action.HOLD
        )
    return max(strongest, Action.NO_AUTHORITY) if silent else strongest


class _Matter:
    """The facts of one decision, and what has been found out about them."""

    def __init__(self, book: RuleBook, facts: Facts, at: datetime) -> None:
        self._unrecognised = book.unrecognised
        self._facts = facts
        self._at = at
        self._scope = Scope(facts, at)
        self._ties: dict[int, bool | Missing] = {}
        self.is_exit = facts.activity in book.vocabulary.exits

    def hear(self, rules: Iterable[Rule]) -> tuple[list[Spoken], set[str]]:
        """Let each rule speak. Returns what was said and the facts that were missing."""
        spoken: list[Spoken] = []
        doubtful: list[tuple[Rule, Missing]] = []
        missing: set[str] = set()
        for rule in rules:
            if self.is_exit and rule.action not in EXIT_ACTIONS:
                continue
            answer = self._answer(rule)
            if type(answer) is Missing:
                doubtful.append((rule, answer))
            elif type(answer) is Spoken:
                spoken.append(answer)
                if rule.freeze is not None and answer.freeze is None:
                    missing |= self._unnamed(rule)
        if doubtful:
            missing |= _needed(doubtful, spoken)
        return spoken, missing

    def silent(
        self, authorities: Iterable[tuple[str, Nexus]], spoken: list[Spoken]
    ) -> tuple[tuple[str, ...], set[str]]:
        """Return the competent authorities that said nothing, and ties that are unknown."""
        heard = {s.rule.authority for s in spoken if s.is_recognised}
        quiet: list[str] = []
        unknown: set[str] = set()
        for authority, nexus in authorities:
            if authority in heard:
                continue
            tied = self._tied(nexus)
            if tied is True:
                quiet.append(authority)
            elif type(tied) is Missing:
                unknown |= tied
        return tuple(quiet), unknown

    def _tied(self, nexus: Nexus) -> bool | Missing:
        found = self._ties.get(id(nexus))
        if found is None:
            found = self._ties[id(nexus)] = self._find_tie(nexus)
        return found

    def _find_tie(self, nexus: Nexus) -> bool | Missing:
        absent: list[str] = []
        for kind, codes in nexus:
            places = self._facts.places[kind]
            if places is None:
                absent.append(kind)
            elif not codes.isdisjoint(places):
                return True
        return Missing(absent) if absent else False

    def _answer(self, rule: Rule) -> Spoken | Missing | None:
        """Return what the rule says; `None` when it does not concern the matter."""
        absent = self._concern(rule)
        if absent is None:
            return None
        met = rule.condition(self._scope)
        if met is False:
            return None
        if type(met) is Missing:
            absent |= met
        if rule.amount is not None:
            return self._measured(rule, absent)
        exempt = self._is_exempt(rule)
        if exempt is True:
            return None
        if type(exempt) is Missing:
            absent |= exempt
        return Missing(absent) if absent else self._speak(rule, rule.action)

    def _concern(self, rule: Rule) -> set[str] | None:
        """Return what is unknown of the rule's ties and classes; `None` when one does not hold."""
        facts = self._facts
        tied = self._tied(rule.nexus)
        if tied is False:
            return None
        absent: set[str] = set()
        for name, wanted, found in (
            ("persons", rule.persons, facts.persons),
            ("assets", rule.assets, facts.assets),
        ):
            if wanted is None:
                continue
            if found is None:
                absent.add(name)
            elif wanted.isdisjoint(found):
                return None
        return absent if tied is True else absent | tied

    def _is_exempt(self, rule: Rule) -> bool | Missing:
        if rule.exemption is None:
            return False
        exempt: bool | Missing = rule.exemption(self._scope)
        return exempt

    def _measured(self, rule: Rule, absent: set[str]) -> Spoken | Missing | None:
        assert rule.amount is not None
        result = measure(rule, self._facts, self._at)
        if type(result) is Missing:
            return Missing(absent | result)
        assert not isinstance(result, Missing)
        exempt = self._is_exempt(rule) if result.is_over else False
        if type(exempt) is Missing:
            return Missing(absent | exempt)
        binds = result.is_over and not exempt
        if not binds and rule.amount.within == "silent":
            return None
        if absent:
            return Missing(absent)
        note = "exempt" if exempt else ""
        return self._speak(rule, rule.action if binds else Action.ALLOW, result.room, note)

    def _speak(
        self, rule: Rule, action: Action, room: Amount | None = None, note: str = ""
    ) -> Spoken:
        recognised = self._is_recognised(rule)
        if rule.freeze is None or action is not Action.FREEZE:
            return Spoken(rule, action, None if note else room, None, recognised, note)
        freeze = self._freeze(rule)
        weaker = Action.REPORT if self.is_exit else Action.HOLD
        if freeze is None:
            return Spoken(rule, weaker, None, None, recognised, "the freeze names too little")
        if freeze.review < self._at:
            return Spoken(rule, weaker, None, freeze, recognised, "the review date has passed")
        if self.is_exit and self._leaves_frozen_part(freeze):
            return Spoken(rule, Action.REPORT, None, freeze, recognised, "outside the frozen part")
        return Spoken(rule, Action.FREEZE, None, freeze, recognised)

    def _is_recognised(self, rule: Rule) -> bool:
        """Tell whether some tie that the venue recognises joins the rule to the matter."""
        if not self._unrecognised:
            return True
        ties = tuple(
            tie for tie in rule.nexus if (rule.authority, tie[0]) not in self._unrecognised
        )
        return len(ties) == len(rule.nexus) or self._find_tie(ties) is True

    def _freeze(self, rule: Rule) -> Freeze | None:
        if self._unnamed(rule):
            return None
        assert rule.freeze is not None
        values = self._facts.values
        authority, case = values[rule.freeze.authority], values[rule.freeze.case]
        review = values[rule.freeze.review]
        amount = values[rule.freeze.amount] if rule.freeze.amount else None
        assert isinstance(authority, str) and isinstance(case, str)
        assert isinstance(review, datetime) and (amount is None or isinstance(amount, Amount))
        return Freeze(authority, case, review, amount)

    def _unnamed(self, rule: Rule) -> set[str]:
        assert rule.freeze is not None
        names = (rule.freeze.authority, rule.freeze.case, rule.freeze.review, rule.freeze.amount)
        # An empty case number names no case.
        return {name for name in names if name and self._facts.values.get(name, "") == ""}

    def _leaves_frozen_part(self, freeze: Freeze) -> bool:
        """Tell whether what leaves is surely beside the amount that is frozen."""
        holding, leaving = self._facts.values.get("holding"), self._facts.values.get("amount")
        if freeze.amount is None or not isinstance(holding, Amount):
            return False
        if not isinstance(leaving, Amount) or leaving.currency != freeze.amount.currency:
            return False
        sign = compare(leaving.plus(freeze.amount), holding, self._facts.rates)
        return sign is not None and sign <= 0


def _needed(doubtful: list[tuple[Rule, Missing]], spoken: list[Spoken]) -> set[str]:
    """Return the facts that could still change the answer.

    A rule whose authority already ordered as much cannot, whatever its facts turn out to be.
    """
    ordered: dict[str, Action] = {}
    for voice in spoken:
        authority = voice.rule.authority
        if voice.is_recognised:
            ordered[authority] = max(voice.action, ordered.get(authority, Action.ALLOW))
    needed: set[str] = set()
    for rule, missing in doubtful:
        if rule.action > ordered.get(rule.authority, -1):
            needed |= missing
    return needed


def _conflicts(spoken: list[Spoken]) -> tuple[Conflict, ...]:
    """Return where one authority bars what another permits, recognised or not."""
    if len(spoken) < 2:
        return ()
    by_authority: dict[str, list[Spoken]] = {}
    for voice in spoken:
        by_authority.setdefault(voice.rule.authority, []).append(voice)
    if len(by_authority) < 2:
        return ()
    permits = [
        tuple(v.rule for v in voices if v.action is Action.ALLOW)
        for voices in by_authority.values()
        if max(v.action for v in voices) <= Action.LIMIT
        and any(v.action is Action.ALLOW for v in voices)
    ]
    bars = [
        tuple(v.rule for v in voices if v.action >= Action.HALT_ENTRY)
        for voices in by_authority.values()
        if any(v.action >= Action.HALT_ENTRY for v in voices)
    ]
    return tuple(Conflict(allowed, barred) for allowed in permits for barred in bars)
