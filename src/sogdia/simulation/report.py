"""A run in words: Markdown for readers, JSON for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from sogdia.simulation.results import Results, ReversalReport, RiskCount, Spread
from sogdia.simulation.runs import Summary

REVERSALS_SHOWN_MAX = 20


def write_report(results: Sequence[Results], summary: Summary, folder: Path) -> list[Path]:
    """Write `report.md` and `report.json` into `folder`, and return them.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    words, values = folder / "report.md", folder / "report.json"
    words.write_text(as_markdown(results, summary), "utf-8")
    whole = {
        "summary": asdict(summary) | {"complaints": list(summary.complaints)},
        "runs": [result.as_values() for result in results],
    }
    values.write_text(json.dumps(whole, indent=1) + "\n", "utf-8")
    return [words, values]


def as_markdown(results: Sequence[Results], summary: Summary) -> str:
    """Return the report of one run, or the summary of many and the first of them."""
    first = results[0]
    parts = [f"# Simulation: {first.scenario}", _verdict(summary)]
    if len(results) > 1:
        parts.append(_summary(summary, results))
        parts.append(f"## The run with seed {first.seed}")
    parts += [_run(first), _phases(first), _risks(first.risks), _reversals(first)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _verdict(summary: Summary) -> str:
    if summary.complaints:
        listed = "\n".join(f"- {complaint}" for complaint in summary.complaints)
        return f"**Broken:**\n\n{listed}"
    return (
        "**Held:** all honest nodes ended with one pivot chain and all blocks, and no more was "
        "reversed than the stated risks allow."
    )


def _spread(values: Spread, unit: str = "s") -> str:
    if not values.count:
        return "–"
    return f"{values.median:.2f} {unit} (10 % {values.p10:.2f}, 90 % {values.p90:.2f})"


def _run(result: Results) -> str:
    blocks, spread, flow = result.blocks, result.propagation, result.throughput
    rows = [
        ("nodes, time, seed", f"{result.nodes}, {result.duration_s:g} s, {result.seed}"),
        ("blocks made", f"{blocks.made}, {blocks.by_attackers} of them by attackers"),
        ("block rate", f"{blocks.per_s:.3f} per s"),
        ("fork rate (in the order, off the pivot chain)", f"{blocks.off_pivot_percent:.1f} %"),
        ("in the order at the end", f"{blocks.in_order_percent:.1f} %"),
        ("pivot height; deepest change seen", f"{blocks.height}; {blocks.deepest_change} blocks"),
        ("difficulty, first and last", f"{blocks.difficulty_first}, {blocks.difficulty_last}"),
        ("adaptive; partially invalid", f"{blocks.adaptive}; {blocks.partially_invalid}"),
        ("to half of the nodes, median", _spread(spread.to_half)),
        ("to 90 % of the nodes, median", _spread(spread.to_90_percent)),
        ("to 99 % of the nodes, median", _spread(spread.to_99_percent)),
        ("blocks and announcements, each node", f"{spread.megabits_per_s_per_node:.3f} Mbit/s"),
        ("transactions executed", f"{flow.executed_per_s:g} of {flow.entered_per_s:g} per s"),
        ("packed by another block before", f"{flow.duplicate_percent:.1f} %"),
        ("block made to confirmed, median", _spread(result.confirmation)),
        ("pivot tips at the end", f"{result.agreement.tips} at {result.agreement.nodes} nodes"),
        ("trace", f"`{result.trace}`"),
    ]
    return "| what | figure |\n|---|---|\n" + "\n".join(f"| {a} | {b} |" for a, b in rows)


def _phases(result: Results) -> str:
    if len(result.phases) < 2:
        return ""
    rows = [
        f"| {p.start_s:g}–{p.end_s:g} s | {p.began_with} | {p.blocks_per_s:.3f} "
        f"| {p.difficulty_last} | {p.off_pivot_percent:.1f} % | {_spread(p.confirmation)} |"
        for p in result.phases
    ]
    head = "| time | began with | blocks/s | difficulty at its end | forks | to confirmed |"
    return "\n".join(["## Before and after", "", head, "|---|---|---|---|---|---|", *rows])


def _risks(risks: Sequence[RiskCount]) -> str:
    rows = [f"| {c.risk:g} | {c.stated} | {c.reversed} |" for c in risks]
    head = "| risk stated | heights stated at it | of these reversed |"
    return "\n".join(["## Stated risks", "", head, "|---|---|---|", *rows])


def _reversals(result: Results) -> str:
    if not result.reversals:
        return ""
    shown = [_reversal(report) for report in result.reversals[:REVERSALS_SHOWN_MAX]]
    more = len(result.reversals) - len(shown)
    if more:
        shown.append(f"- and {more} more in report.json")
    return "\n".join(["## What was undone", "", *shown])


def _reversal(report: ReversalReport) -> str:
    what = report.what
    excuse = ", which was cut off with less than most of the work" if report.is_excused else ""
    return (
        f"- At {what.at_s:.1f} s node {what.observer} ({what.jurisdiction}){excuse}, undid "
        f"{max(what.heights)} epochs from {what.first_height} on. It had stated a risk of "
        f"{what.risk:g} at {what.stated_at_s:.1f} s, when {what.blocks_per_s_then:.2f} blocks came "
        f"a second (usual: {report.blocks_per_s_usual:g}). Of their blocks "
        f"{report.executed_again_percent:.0f} % stand elsewhere in the final order."
    )


def _summary(summary: Summary, results: Sequence[Results]) -> str:
    seeds = f"{results[0].seed} to {results[-1].seed}"
    rows = [
        ("runs, seeds", f"{summary.runs}, {seeds}"),
        ("runs that ended in agreement", f"{summary.agreed}"),
        ("runs in which something confirmed was reversed", f"{summary.runs_with_reversal}"),
        ("deepest change of a pivot chain", f"{summary.deepest_change} blocks"),
        ("block rate", _spread(summary.blocks_per_s, "per s")),
        ("fork rate", _spread(summary.off_pivot_percent, "%")),
        ("block made to confirmed, median of each run", _spread(summary.confirmation_median_s)),
        ("to 90 % of the nodes, 9th decile of each run", _spread(summary.propagation_90_s)),
    ]
    table = "| over all runs | median |\n|---|---|\n" + "\n".join(f"| {a} | {b} |" for a, b in rows)
    return "\n\n".join(["## All runs", table, _risks(summary.risks).replace("## ", "### ")])
