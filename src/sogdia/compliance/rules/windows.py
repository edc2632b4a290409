"""Sum a person's transactions over a rule's window, and hold the sum against its threshold.

W1  A calendar window begins at local midnight in the rule's zone and resets with the calendar.
W2  A rolling window of N days holds what lies less than N × 24 hours before the decision.
W3  What cannot be ruled out counts: an earlier deposit that does not say its asset or venue is
    added, a redemption that does not say so is not subtracted.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sogdia.compliance.rules.amounts import Amount, compare, convert_up
from sogdia.compliance.rules.evaluation import Missing
from sogdia.compliance.rules.facts import Entry, Facts
from sogdia.compliance.rules.pack import AmountRule, Rule, Window


@dataclass(frozen=True, slots=True)
class Measure:
    """How a transaction stands to an amount rule.

    `room` is what could still pass; `None` when a blinded counter answered, which does not say.
    """

    is_over: bool
    threshold: Amount
    prior: Amount | None
    room: Amount | None


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def window_start(window: Window, at: datetime, tz: str) -> datetime | None:
    """Return when the window that holds `at` began, or `None` for a single transaction."""
    if window.kind == "transaction":
        return None
    if window.kind == "rolling":
        return at - timedelta(days=window.days)
    local = at.astimezone(_zone(tz)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if window.kind == "calendar-month":
        local = local.replace(day=1)
    elif window.kind == "calendar-year":
        local = local.replace(month=1, day=1)
    return local


def measure(rule: Rule, facts: Facts, at: datetime) -> Measure | Missing:
    """Hold the transaction against the rule's amount, or name the facts that are missing."""
    amount_rule = rule.amount
    assert amount_rule is not None, f"{rule.key} has no amount"
    current = facts.values.get(amount_rule.fact)
    if current is None:
        return Missing({amount_rule.fact})
    assert isinstance(current, Amount), f"{amount_rule.fact} is declared as an amount"
    threshold = _threshold(amount_rule, facts, current)
    if isinstance(threshold, Missing):
        return threshold
    fits = facts.fits.get(rule.counter)
    if fits is not None:
        return Measure(not fits, threshold, None, None)
    prior = _prior(rule, amount_rule, facts, at, threshold.currency)
    if isinstance(prior, Missing):
        return prior
    converted = convert_up(current, threshold.currency, facts.rates)
    if converted is None:
        return _no_rate(current, threshold.currency)
    sign = compare(prior.plus(converted), threshold, {})
    is_over = sign is not None and (sign > 0 or (sign == 0 and amount_rule.inclusive))
    # Where the fact is a balance and not a payment, what is left over is not a room to pay.
    is_flow = amount_rule.fact == "amount"
    room = _room(threshold, prior, amount_rule.inclusive) if is_flow else None
    return Measure(is_over, threshold, prior, room)


def _threshold(rule: AmountRule, facts: Facts, current: Amount) -> Amount | Missing:
    if rule.threshold_fact is not None:
        stated = facts.values.get(rule.threshold_fact)
        assert stated is None or isinstance(stated, Amount)
        return Missing({rule.threshold_fact}) if stated is None else stated
    for threshold in rule.thresholds:
        if threshold.currency == current.currency:
            return threshold
    return rule.thresholds[0]


def _room(threshold: Amount, prior: Amount, inclusive: bool) -> Amount:
    left = threshold.plus(prior.negated())
    # At an inclusive threshold the rule already speaks, so the last unit does not pass.
    units = left.units - (1 if inclusive else 0)
    return Amount(max(units, 0), left.currency, left.scale)


def _prior(
    rule: Rule, amount_rule: AmountRule, facts: Facts, at: datetime, currency: str
) -> Amount | Missing:
    """Return what the window already holds before this transaction."""
    zero = Amount(0, currency, 0)
    start = window_start(amount_rule.window, at, amount_rule.tz)
    if start is None:
        return zero
    counted = facts.totals.get(rule.counter)
    if counted is not None:
        if counted.units == 0:
            return zero  # nothing is nothing in every currency
        total = convert_up(counted, currency, facts.rates)
        return _no_rate(counted, currency) if total is None else total
    absent = _history_lacks(amount_rule, facts)
    if absent:
        return absent
    after = amount_rule.window.kind == "rolling"
    total, gaps = zero, Missing()
    for entry in facts.history or ():
        if entry.at > at or entry.at < start or (after and entry.at == start):
            continue
        sign = _sign(rule, amount_rule, facts, entry)
        if sign == 0:
            continue
        value = convert_up(entry.amount, currency, facts.rates)
        if value is None:
            gaps = Missing(gaps | _no_rate(entry.amount, currency))
        else:
            total = total.plus(value if sign > 0 else value.negated())
    if gaps:
        return gaps
    return total if total.units >= 0 else zero


def _history_lacks(rule: AmountRule, facts: Facts) -> Missing:
    lacks = {name for name in rule.same if name not in facts.values}
    if facts.history is None:
        lacks.add("history")
    elif rule.scope == "all-venues" and facts.history_scope != "all-venues":
        lacks.add("history over all venues")
    elif rule.scope == "per-venue" and facts.venue_id is None and facts.history_scope != "venue":
        lacks.add("venue_id")
    return Missing(lacks)


def _sign(rule: Rule, amount_rule: AmountRule, facts: Facts, entry: Entry) -> int:
    """Return 1 when the entry adds to the sum, -1 when it subtracts, 0 when it does not count."""
    adds = entry.activity in amount_rule.adds
    if not adds and entry.activity not in amount_rule.subtracts:
        return 0
    doubtful = False
    if amount_rule.scope == "per-venue" and facts.history_scope != "venue":
        doubtful |= entry.venue_id is None
        if entry.venue_id not in (None, facts.venue_id):
            return 0
    if rule.assets is not None:
        doubtful |= entry.assets is None
        if entry.assets is not None and rule.assets.isdisjoint(entry.assets):
            return 0
    for name in amount_rule.same:
        doubtful |= name not in entry.values
        if entry.values.get(name, facts.values[name]) != facts.values[name]:
            return 0
    if adds:
        return 1
    return 0 if doubtful else -1


def _no_rate(amount: Amount, currency: str) -> Missing:
    return Missing({f"rates: {amount.currency} to {currency}"})
