"""What was decided, by which rules, and what each reader may be told.

D1  A decision names every rule that spoke, with citation and text in the asked language.
D2  `may_proceed` is the one question a caller asks. An exit may proceed unless it is frozen.
D3  What the customer is told does not depend on a rule that must stay undisclosed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sogdia.compliance.rules.amounts import Amount
from sogdia.compliance.rules.pack import LANGUAGES, Action, Rule


@dataclass(frozen=True, slots=True)
class Freeze:
    """A dated freeze: who ordered it, in which case, until which review; `None` is all of it."""

    authority: str
    case: str
    review: datetime
    amount: Amount | None


@dataclass(frozen=True, slots=True)
class Spoken:
    """A rule that spoke. `action` may be weaker than the rule's own: below its amount it allows.

    `room` is what could still pass a limit; `is_recognised` is False when the deciding venue does
    not recognise the tie by which the authority claims.
    """

    rule: Rule
    action: Action
    room: Amount | None = None
    freeze: Freeze | None = None
    is_recognised: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two authorities claim the matter: one permits what the other bars."""

    permits: tuple[Rule, ...]
    bars: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The meet over every competent authority at one moment.

    `missing` lists facts that could change the answer; `silent` the competent authorities that
    wrote no rule; `simulated` what drafts would have said.
    """

    activity: str
    at: datetime
    known_at: datetime
    action: Action
    is_exit: bool
    spoken: tuple[Spoken, ...]
    missing: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    simulated: tuple[Spoken, ...] = ()

    @property
    def may_proceed(self) -> bool:
        """Whether the activity may go on now, within `room` where a limit spoke."""
        if self.is_exit:
            return self.action is not Action.FREEZE
        return self.action in (Action.ALLOW, Action.REPORT)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reason codes of the rules that determined the action, sorted."""
        return tuple(
            sorted(
                {s.rule.reason for s in self.spoken if s.action is self.action and s.is_recognised}
            )
        )

    @property
    def duties(self) -> tuple[str, ...]:
        """What the rules that spoke oblige to, such as a refund, sorted."""
        return tuple(
            sorted(
                {
                    duty
                    for s in self.spoken
                    if s.is_recognised and s.action is s.rule.action
                    for duty in s.rule.duties
                }
            )
        )

    @property
    def room(self) -> Amount | None:
        """The least that limits leave, when limits in one currency spoke."""
        rooms = [
            s.room for s in self.spoken if s.room is not None and s.rule.action is Action.LIMIT
        ]
        if not rooms or len({room.currency for room in rooms}) > 1:
            return None
        return min(rooms, key=lambda room: room.at_scale(max(r.scale for r in rooms)))

    def to_json(self, language: str = "en") -> dict[str, Any]:
        """Return the whole decision for an officer, as plain JSON values.

        Raises KeyError for a language other than en, zh, ru and kk.
        """
        if language not in LANGUAGES:
            raise KeyError(f"language {language!r} is not one of {', '.join(LANGUAGES)}")
        return {
            "activity": self.activity,
            "at": self.at.isoformat(),
            "known_at": self.known_at.isoformat(),
            "action": self.action.word,
            "may_proceed": self.may_proceed,
            "is_exit": self.is_exit,
            "reasons": list(self.reasons),
            "duties": list(self.duties),
            "room": None if self.room is None else self.room.to_json(),
            "missing": list(self.missing),
            "no_authority": list(self.silent),
            "conflicts": [
                {"permits": [r.key for r in c.permits], "bars": [r.key for r in c.bars]}
                for c in self.conflicts
            ],
            "rules": [_spoken(s, language) for s in self.spoken],
            "simulated": [_spoken(s, language) for s in self.simulated],
            "language": language,
            "customer_message": self.customer_message(language),
            "notice": "Not legal advice.",
        }

    def customer_message(self, language: str) -> str:
        """Return what the customer may be told. Undisclosed rules leave no trace in it.

        A request that is frozen or held in silence reads word for word as one that goes through.
        """
        stops = [
            s
            for s in self.spoken
            if s.rule.disclose and s.is_recognised and s.action >= Action.LIMIT
        ]
        if self.may_proceed or not stops:
            return _IN_PROCESS[language]
        strongest = max(s.action for s in stops)
        texts = [s.rule.text[language] for s in stops if s.action is strongest]
        return " ".join(dict.fromkeys(texts))


_IN_PROCESS: Mapping[str, str] = {
    "en": "Your request has been received and is being processed.",
    "zh": "您的请求已收到，正在处理中。",
    "ru": "Ваш запрос получен и обрабатывается.",
    "kk": "Сұрауыңыз қабылданды және өңделуде.",
}


def _spoken(spoken: Spoken, language: str) -> dict[str, Any]:
    rule, citation = spoken.rule, spoken.rule.citation
    return {
        "rule": rule.key,
        "authority": rule.authority,
        "reason": rule.reason,
        "action": spoken.action.word,
        "rule_action": rule.action.word,
        "text": rule.text[language],
        "citation": {
            "instrument": citation.instrument.title.get(language, citation.instrument.title["en"]),
            "article": citation.article,
            "date": citation.instrument.adopted.isoformat(),
            "status": citation.instrument.status,
            "mark": citation.mark,
            "verified": citation.is_verified,
            "note": citation.note,
        },
        "effective": rule.effective.isoformat(),
        "duties": list(rule.duties),
        "params": dict(rule.params),
        "disclose": rule.disclose,
        "recognised": spoken.is_recognised,
        "room": None if spoken.room is None else spoken.room.to_json(),
        "freeze": None if spoken.freeze is None else _freeze(spoken.freeze),
        "note": spoken.note,
    }


def _freeze(freeze: Freeze) -> dict[str, Any]:
    return {
        "authority": freeze.authority,
        "case": freeze.case,
        "review": freeze.review.isoformat(),
        "amount": "whole holding" if freeze.amount is None else freeze.amount.to_json(),
    }
