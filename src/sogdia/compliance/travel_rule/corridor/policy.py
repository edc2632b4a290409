"""Decide what one transfer needs: exchange data, keep it, or wait.

What a house may choose is `HousePolicy`; what the law says is the rules. The decision names every
rule that spoke, with its citation, and every state in which none was found.

Source: FATF Recommendation 16 as revised on 2025-06-18, and its guidance on the sunrise issue (the
time in which only one end of a corridor has a rule).
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sogdia.compliance.travel_rule.corridor.rules import CorridorRule, Status
from sogdia.compliance.travel_rule.ivms101.countries import ISO_3166_ALPHA_2


class Reach(StrEnum):
    """Who is at the other end, as far as it has been proved."""

    AUTHENTICATED = "authenticated"  # an institution that proved who it is and can receive data
    UNREACHABLE = "unreachable"  # an institution that cannot, yet, or whose proof failed
    OWN_WALLET = "own-wallet"  # the customer's own wallet, with proof of control
    STRANGER_WALLET = "stranger-wallet"  # somebody's wallet, no institution behind it


class Sunrise(StrEnum):
    """What the house does where its own state has no rule and the other end cannot receive."""

    KEEP = "keep"  # obtain, screen and keep the data; send it when the other end can receive
    HOLD = "hold"  # wait until it can


class Action(StrEnum):
    """What happens next, from the lightest to the strictest."""

    KEEP = "keep"  # obtain and keep the demanded data; there is nobody to send it to
    EXCHANGE = "exchange"  # send the demanded data, and have it accepted, before the value moves
    HOLD = "hold"  # the value does not move yet; the reasons say what is missing


@dataclass(frozen=True, slots=True)
class HousePolicy:
    """What an institution chooses beyond the law.

    `baseline` adds FATF's standard at every end without a rule of its own. `sunrise` is for
    transfers that no law of the house's own state governs.
    """

    baseline: bool = True
    sunrise: Sunrise = Sunrise.KEEP


@dataclass(frozen=True, slots=True)
class Corridor:
    """One transfer, as far as the corridor is concerned.

    `values` maps a currency to the transfer's value in its minor units, together with all transfers
    linked to it. States are ISO 3166-1 alpha-2 codes of the institutions' licences; `beneficiary`
    is `None` for a wallet without an institution.
    """

    originator: str
    beneficiary: str | None
    values: Mapping[str, int]
    reach: Reach
    at: datetime.datetime

    def __post_init__(self) -> None:
        for state in filter(None, (self.originator, self.beneficiary)):
            if state not in ISO_3166_ALPHA_2:
                raise InvalidCorridor(f"{state!r} is not an ISO 3166-1 alpha-2 code")
        if self.at.tzinfo is None:
            raise InvalidCorridor(f"{self.at.isoformat()} has no zone, and states lie in several")
        for currency, value in self.values.items():
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise InvalidCorridor(f"{value!r} {currency} is no whole number of minor units")
        needs_state = self.reach in {Reach.AUTHENTICATED, Reach.UNREACHABLE}
        if needs_state != (self.beneficiary is not None):
            raise InvalidCorridor(
                f"{self.reach} with the state {self.beneficiary!r}: an institution has a state, "
                "a wallet has none"
            )


class InvalidCorridor(ValueError):
    """Facts that cannot be judged; the message says which and what to give instead."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One rule's part in a decision."""

    rule: str
    end: str
    reached: bool
    demands: frozenset[str]
    citation: str
    verified: bool


@dataclass(frozen=True, slots=True)
class CorridorDecision:
    """What to do, which elements it takes, who demanded them, and what nobody has ruled on."""

    action: Action
    demanded: frozenset[str]
    spoken: tuple[Spoken, ...]
    without_rule: tuple[str, ...]
    drafts: tuple[str, ...]
    reasons: tuple[str, ...] = field(default=())

    @property
    def is_verified(self) -> bool:
        """Return whether every rule that spoke was checked against its source."""
        return all(spoken.verified for spoken in self.spoken)


def decide(
    corridor: Corridor, rules: tuple[CorridorRule, ...], policy: HousePolicy
) -> CorridorDecision:
    """Return what `corridor` needs under `rules` and the house's `policy`."""
    spoken: list[Spoken] = []
    without_rule: list[str] = []
    drafts: list[str] = []
    ends = {"originator": corridor.originator, "beneficiary": corridor.beneficiary}
    for end, state in ends.items():
        if state is None:
            continue
        current = [r for r in rules if state in r.states and r.is_in_force(corridor.at)]
        laws = [rule for rule in current if rule.status is Status.LAW]
        drafts.extend(rule.id for rule in current if rule.status is Status.DRAFT)
        if not laws:
            without_rule.append(state)
            laws = _baseline(rules, corridor.at) if policy.baseline else []
        spoken.extend(_speak(rule, end, corridor) for rule in laws)
    demanded = frozenset().union(*(s.demands for s in spoken)) if spoken else frozenset[str]()
    own_law = any(s.end == "originator" and corridor.originator not in without_rule for s in spoken)
    holds = any(r.stranger_wallet == "hold" for r in rules if any(s.rule == r.id for s in spoken))
    action, reasons = _act(corridor, policy, own_law=own_law, strangers_hold=holds)
    reasons += [f"no rule of {state} was found: this is not freedom" for state in without_rule]
    return CorridorDecision(
        action, demanded, tuple(spoken), tuple(without_rule), tuple(drafts), tuple(reasons)
    )


def _baseline(rules: tuple[CorridorRule, ...], at: datetime.datetime) -> list[CorridorRule]:
    return [r for r in rules if r.status is Status.STANDARD and r.is_in_force(at)]


def _speak(rule: CorridorRule, end: str, corridor: Corridor) -> Spoken:
    reached = rule.threshold is None or rule.threshold.is_reached(corridor.values)
    demands = rule.full if reached else rule.short
    return Spoken(rule.id, end, reached, demands, rule.citation, rule.verified)


def _act(
    corridor: Corridor, policy: HousePolicy, *, own_law: bool, strangers_hold: bool
) -> tuple[Action, list[str]]:
    if corridor.reach is Reach.AUTHENTICATED:
        return Action.EXCHANGE, ["the counterparty is authenticated"]
    if corridor.reach is Reach.OWN_WALLET:
        return Action.KEEP, ["the wallet is the customer's own, by proof"]
    if corridor.reach is Reach.STRANGER_WALLET:
        if strangers_hold:
            return Action.HOLD, [
                "no institution stands behind the wallet: ask for proof of control"
            ]
        return Action.KEEP, ["no institution stands behind the wallet"]
    return _act_unreachable(policy, own_law=own_law)


def _act_unreachable(policy: HousePolicy, *, own_law: bool) -> tuple[Action, list[str]]:
    if own_law:
        why = "the originator's state demands the exchange and the counterparty cannot receive"
        return Action.HOLD, [why]
    if policy.sunrise is Sunrise.HOLD:
        return Action.HOLD, ["the counterparty cannot receive, and the house waits until it can"]
    return Action.KEEP, ["the counterparty cannot receive yet: send the kept data when it can"]
