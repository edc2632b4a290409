"""How `sogdia rules` prints what it found, for people and as JSON."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import click

from sogdia.compliance.rules.analysis import Analysis, Example
from sogdia.compliance.rules.decision import Decision, Spoken
from sogdia.compliance.rules.difference import Change, Difference
from sogdia.compliance.rules.pack import Pack
from sogdia.compliance.rules.vectors import Failure

# Enough to see a pattern on one screen; --json gives all.
ROWS_MAX = 40


def print_check(
    packs: Sequence[Pack], failures: Sequence[Failure], found: Analysis, *, as_json: bool
) -> None:
    """Print what `check` found."""
    if as_json:
        click.echo(json.dumps(_check(packs, failures, found), ensure_ascii=False))
        return
    for pack in packs:
        failed = sum(
            f.place.file is not None and f.place.file.parent == pack.folder for f in failures
        )
        click.echo(
            f"{pack.name:<20} {pack.status:<9} {len(pack.rules):>4} rules "
            f"{len(pack.vectors):>4} vectors {failed:>3} failed  {pack.digest.hex()[:16]}"
        )
    for failure in failures:
        click.echo(f"failed: {failure}")
    for rule in found.unreachable:
        click.echo(f"unreachable: {rule} speaks in no cell of any day")
    for rule in found.overruled:
        click.echo(f"overruled: {rule} speaks, but a stronger rule always answers")
    for pair in found.contradictions[:ROWS_MAX]:
        click.echo(
            f"contradiction: {pair.permits} permits what {pair.bars} bars, {_facts(pair.example)}"
        )
    for gap in found.gaps[:ROWS_MAX]:
        click.echo(
            f"gap: {gap.authority} leaves {gap.cells} of {gap.of} cells of "
            f"{gap.activity} without a rule"
        )
    rest = max(0, len(found.contradictions) - ROWS_MAX) + max(0, len(found.gaps) - ROWS_MAX)
    if rest:
        click.echo(f"… and {rest} more; --json lists all", err=True)
    for blocked in found.blocked_exits:
        click.echo(f"blocked exit: {_facts(blocked)}")
    click.echo(
        f"{found.cells} cells decided; {found.exit_cells} cells of exits, "
        f"{len(found.blocked_exits)} blocked"
    )


def print_decision(decision: Decision, language: str, *, as_json: bool) -> None:
    """Print a decision for an officer."""
    if as_json:
        click.echo(json.dumps(decision.to_json(language), ensure_ascii=False))
        return
    may = "may proceed" if decision.may_proceed else "may not proceed"
    click.echo(f"{decision.action.word}: {decision.activity} {may} as of {decision.at.isoformat()}")
    if decision.missing:
        click.echo(f"missing: {', '.join(decision.missing)}")
    if decision.room is not None:
        click.echo(f"room: {decision.room}")
    if decision.duties:
        click.echo(f"duties: {', '.join(decision.duties)}")
    for voice in decision.spoken:
        click.echo(_voice(voice, language))
    for authority in decision.silent:
        click.echo(f"  no-authority  {authority} is competent and wrote no rule")
    for conflict in decision.conflicts:
        permits = ", ".join(rule.key for rule in conflict.permits)
        bars = ", ".join(rule.key for rule in conflict.bars)
        click.echo(f"conflict: permitted by {permits}; barred by {bars}")
    for voice in decision.simulated:
        click.echo("draft, decides nothing:" + _voice(voice, language))
    click.echo("not legal advice", err=True)


def print_difference(found: Difference, *, as_json: bool) -> None:
    """Print what changes between two packs."""
    if as_json:
        click.echo(json.dumps(_difference(found), ensure_ascii=False))
        return
    for name, clauses in (
        ("added", found.added),
        ("removed", found.removed),
        ("rewritten", found.rewritten),
    ):
        if clauses:
            click.echo(f"{name}: {', '.join(clauses)}")
    for change in found.changes:
        click.echo(
            f"{change.activity}: {_answer(change.before)} → {_answer(change.after)} in "
            f"{change.cells} cells, {_facts(Example(found.at, change.example))}"
        )
    cells = sum(change.cells for change in found.changes)
    click.echo(f"{cells} of {found.compared} cells change as of {found.at.isoformat()}")


def _voice(voice: Spoken, language: str) -> str:
    rule = voice.rule
    recognised = "" if voice.is_recognised else ", tie not recognised"
    note = f" ({voice.note})" if voice.note else ""
    return (
        f"  {voice.action.word:<13} {rule.reason} · {rule.authority} · {rule.citation} · in force "
        f"since {rule.effective.date()}{recognised}{note}\n                {rule.text[language]}"
    )


def _answer(answer: tuple[str, tuple[str, ...]]) -> str:
    action, reasons = answer
    return action + (f" ({', '.join(reasons)})" if reasons else "")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def _facts(example: Example) -> str:
    told = {k: _plain(v) for k, v in example.facts.items() if v not in ((), [], {}, "venue")}
    return f"for example {json.dumps(told, ensure_ascii=False)} at {example.at.isoformat()}"


def _example(example: Example) -> dict[str, Any]:
    return {"at": example.at.isoformat(), "facts": _plain(example.facts)}


def _check(packs: Sequence[Pack], failures: Sequence[Failure], found: Analysis) -> dict[str, Any]:
    return {
        "packs": [
            {
                "name": pack.name,
                "serial": pack.serial,
                "status": pack.status,
                "rules": len(pack.rules),
                "vectors": len(pack.vectors),
                "digest": pack.digest.hex(),
            }
            for pack in packs
        ],
        "failures": [str(failure) for failure in failures],
        "cells": found.cells,
        "unreachable": found.unreachable,
        "overruled": found.overruled,
        "contradictions": [
            {"permits": c.permits, "bars": c.bars, "example": _example(c.example)}
            for c in found.contradictions
        ],
        "gaps": [
            {
                "authority": g.authority,
                "activity": g.activity,
                "cells": g.cells,
                "of": g.of,
                "example": _example(g.example),
            }
            for g in found.gaps
        ],
        "exits": {
            "cells": found.exit_cells,
            "blocked": [_example(example) for example in found.blocked_exits],
        },
    }


def _difference(found: Difference) -> dict[str, Any]:
    def change(row: Change) -> dict[str, Any]:
        return {
            "activity": row.activity,
            "before": {"action": row.before[0], "reasons": list(row.before[1])},
            "after": {"action": row.after[0], "reasons": list(row.after[1])},
            "cells": row.cells,
            "example": _plain(row.example),
        }

    return {
        "at": found.at.isoformat(),
        "compared": found.compared,
        "added": list(found.added),
        "removed": list(found.removed),
        "rewritten": list(found.rewritten),
        "changes": [change(row) for row in found.changes],
    }
