"""`sogdia travel-rule corridor`: what two states demand of a transfer."""

import datetime
import json
import re
import sys
from pathlib import Path

import click

from sogdia.cli.exits import Exit


@click.command()
@click.option("--from", "origin", required=True, help="State of the originator's institution.")
@click.option("--to", "target", help="State of the beneficiary's; leave out for a wallet.")
@click.option("--value", "values", multiple=True, help="Minor units of a currency: USD=150000.")
@click.option(
    "--reach",
    type=click.Choice(["authenticated", "unreachable", "own-wallet", "stranger-wallet"]),
    default="authenticated",
    show_default=True,
)
@click.option("--as-of", help="A moment with zone, 2026-01-31T00:00:00+05:00; now by default.")
@click.option("--rules", type=click.Path(exists=True, path_type=Path), help="Your own rules.")
@click.option("--sunrise", type=click.Choice(["keep", "hold"]), default="keep", show_default=True)
@click.option("--baseline/--no-baseline", default=True, help="FATF where a state has no rule.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def corridor(
    *,
    origin: str,
    target: str | None,
    values: tuple[str, ...],
    reach: str,
    as_of: str | None,
    rules: Path | None,
    sunrise: str,
    baseline: bool,
    as_json: bool,
) -> None:
    """Say what a transfer needs, and which rule of which state says so. Not legal advice.

    Ends with 0, or with 4 when the value may not move yet.
    """
    from sogdia.compliance.travel_rule.corridor import policy
    from sogdia.compliance.travel_rule.corridor.rules import (
        InvalidCorridorRules,
        load_rules,
        shipped_rules,
    )

    try:
        moment = datetime.datetime.fromisoformat(as_of) if as_of else None
        facts = policy.Corridor(
            origin,
            target,
            dict(_value(text) for text in values),
            policy.Reach(reach),
            moment or datetime.datetime.now(datetime.UTC),
        )
        house = policy.HousePolicy(baseline, policy.Sunrise(sunrise))
        decision = policy.decide(facts, load_rules(rules) if rules else shipped_rules(), house)
    except (InvalidCorridorRules, policy.InvalidCorridor, ValueError) as error:
        raise click.ClickException(str(error)) from None
    _print(decision, as_json=as_json)
    sys.exit(Exit.REFUSED if decision.action is policy.Action.HOLD else 0)


def _value(text: str) -> tuple[str, int]:
    found = re.fullmatch(r"([A-Z]{3})=([0-9]{1,30})", text)
    if found is None:
        raise click.BadParameter(f"{text!r} is not like USD=150000", param_hint="--value")
    return found[1], int(found[2])


def _print(decision: object, *, as_json: bool) -> None:
    from sogdia.compliance.travel_rule.corridor.policy import CorridorDecision

    assert isinstance(decision, CorridorDecision)
    shown = {
        "action": str(decision.action),
        "demanded": sorted(decision.demanded),
        "rules": [
            {
                "id": spoken.rule,
                "end": spoken.end,
                "reached": spoken.reached,
                "citation": spoken.citation,
                "verified": spoken.verified,
            }
            for spoken in decision.spoken
        ],
        "without_rule": list(decision.without_rule),
        "drafts": list(decision.drafts),
        "reasons": list(decision.reasons),
    }
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    click.echo(f"{shown['action']}: {', '.join(sorted(decision.demanded)) or 'nothing demanded'}")
    for spoken in decision.spoken:
        mark = "" if spoken.verified else " (not verified)"
        reached = "full data" if spoken.reached else "below the threshold"
        click.echo(f"  {spoken.end}: {spoken.rule}, {reached}{mark}: {spoken.citation}")
    for reason in decision.reasons:
        click.echo(f"  {reason}")
