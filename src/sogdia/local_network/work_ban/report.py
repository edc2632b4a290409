"""What the drill came to: one value, as JSON, as Markdown and as a picture."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sogdia.local_network.work_ban.chart import Panel, Series, draw
from sogdia.local_network.work_ban.story import DoubleSpend, WorkBan
from sogdia.local_network.work_ban.verdict import (
    Undone,
    Waiting,
    broken_statements,
    find_disagreement,
    summarise,
    undone_transactions,
    waiting_times,
)
from sogdia.local_network.work_ban.witness import EpochSeen

LIVE_S = 30  # an epoch that was seen later is of the past: the picture shows what came live
BIN_S = 10  # of the block rate in the picture and in the table


@dataclass(frozen=True, slots=True)
class PhaseFigures:
    """Block rate and difficulty of one phase, as a staying node saw them."""

    phase: str
    seconds: float
    blocks_per_s: float
    difficulty_first: int | None
    difficulty_last: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The judgement and the figures behind it. Times are Unix seconds."""

    variant: str
    jurisdiction: str
    work: dict[str, float]
    minutes: float
    moments: dict[str, float]
    phases: tuple[PhaseFigures, ...]
    waiting: tuple[Waiting, ...]
    sent: int
    refused: dict[str, int]
    is_drained: bool
    """Every transfer that a node took in is confirmed at every node."""
    disagreement: int | None
    statements: int
    broken: int
    undone: tuple[Undone, ...]
    alert_after_s: dict[str, float | None]
    """Of each node that stayed up: how long after the ban it warned, `None` if it never did."""
    double_spend: DoubleSpend | None
    double_spend_held: tuple[str, ...]
    """Which of the two is in the ledger at the end."""

    @property
    def is_good(self) -> bool:
        """Whether the drill showed what it must: see `judgement`."""
        is_one = self.disagreement is None and self.is_drained
        return is_one and (self.broken == 0 or self.variant == "cut-off")

    def judgement(self) -> list[str]:
        """Return the truth in sentences, the most important one first."""
        return [_on_statements(self), _on_ledgers(self), *_on_alerts(self), *_on_double(self)]


def judge(drill: WorkBan) -> Outcome:
    """Return what a drill that was run came to."""
    records = drill.witness.records
    statements = [each for record in records.values() for each in record.statements]
    ledgers = drill.final_ledgers()
    final = ledgers[drill.staying[0]]
    broken = broken_statements(statements, ledgers)
    times = waiting_times(drill.load.sent, statements)
    double = drill.double_spend
    held = final.places()
    return Outcome(
        variant=drill.variant,
        jurisdiction=drill.jurisdiction,
        work={node.name: round(node.share, 4) for node in drill.network.plan.nodes},
        minutes=drill.minutes,
        moments=drill.moments,
        phases=tuple(_phases(drill)),
        waiting=tuple(summarise(drill.load.sent, times, drill.banned)),
        sent=len(drill.load.sent),
        refused=drill.load.refused,
        is_drained=drill.is_drained,
        disagreement=find_disagreement(ledgers, drill.confirmed_everywhere()),
        statements=len(statements),
        broken=len(broken),
        undone=tuple(undone_transactions(broken, final)),
        alert_after_s={name: _alert_after(drill, name) for name in drill.staying},
        double_spend=double,
        double_spend_held=tuple(hash_ for hash_ in (double.staying, double.banned) if hash_ in held)
        if double
        else (),
    )


def _alert_after(drill: WorkBan, name: str) -> float | None:
    ban, back = drill.moments["ban"], drill.moments["after"]
    moments = [
        at_s for at_s, alerts in drill.witness.records[name].alerts if alerts and ban <= at_s < back
    ]
    return round(moments[0] - ban, 1) if moments else None


def _phases(drill: WorkBan) -> list[PhaseFigures]:
    """Return the figures of each phase; its epochs are those whose timestamp lies in it."""
    names = list(drill.moments)
    seen = drill.witness.records[drill.staying[0]].epochs
    figures = []
    for name, following in itertools.pairwise(names):
        begin, end = drill.moments[name], drill.moments[following]
        # What was seen later is the other side's, or was executed again.
        epochs = [e for e in seen if begin <= e.timestamp < end and e.at_s < end]
        if len(epochs) < 2:
            figures.append(PhaseFigures(name, end - begin, 0.0, None, None))
            continue
        blocks = sum(epoch.blocks for epoch in epochs[1:])
        rate = blocks / max(epochs[-1].timestamp - epochs[0].timestamp, 1)
        difficulties = epochs[0].difficulty, epochs[-1].difficulty
        figures.append(PhaseFigures(name, end - begin, rate, *difficulties))
    return figures


def _on_statements(outcome: Outcome) -> str:
    if outcome.broken == 0:
        return (
            f"Nothing confirmed was lost: all {outcome.statements} statements that a node made on "
            "an epoch, at a risk of at most 1e-8, hold at every node at the end."
        )
    again = sum(each.now is not None for each in outcome.undone)
    warned = sum(each.warned for each in outcome.undone)
    nodes = ", ".join(sorted({name for each in outcome.undone for name in each.nodes})) or "nobody"
    return (
        f"{outcome.broken} of {outcome.statements} statements on epochs, made at a risk of at most "
        f"1e-8, do not hold at the end. They held {len(outcome.undone)} transactions (told by "
        f"{nodes}): {again} were executed again in another place, {len(outcome.undone) - again} "
        f"never were. For {warned} of them an alert stood at every node that called them so, then."
    )


def _on_ledgers(outcome: Outcome) -> str:
    if outcome.disagreement is not None:
        return f"The nodes do NOT agree: they differ from epoch {outcome.disagreement} on."
    if not outcome.is_drained:
        return (
            "The nodes agree, but some transfers that were taken in are NOT confirmed everywhere."
        )
    return (
        f"All nodes hold the same ledger, and all {outcome.sent} transfers that a node took in are "
        "confirmed at every node."
    )


def _on_alerts(outcome: Outcome) -> list[str]:
    told = [
        f"{name} after {seconds:.0f} s" if seconds is not None else f"{name} NEVER"
        for name, seconds in outcome.alert_after_s.items()
    ]
    return [f"The alert that work fell stood at {', '.join(told)} after the ban."]


def _on_double(outcome: Outcome) -> list[str]:
    if outcome.double_spend is None:
        return []
    if outcome.double_spend_held == (outcome.double_spend.staying,):
        kept = "the staying side's payment held"
    elif outcome.double_spend_held == (outcome.double_spend.banned,):
        kept = "the banned side's payment held, the other one can never be executed"
    else:
        kept = f"{len(outcome.double_spend_held)} of the two are in the ledger"
    return [f"One coin was spent on both sides of the cut: {kept}."]


def as_markdown(outcome: Outcome) -> str:
    """Return the report for a person."""
    work = ", ".join(f"{name} {100 * share:.3g} %" for name, share in outcome.work.items())
    lines = [
        f"# Drill work-ban, {outcome.variant}: {outcome.jurisdiction} leaves at once",
        "",
        f"Work: {work}. {outcome.minutes:g} minutes from the first transfer to the last.",
        "",
        *(f"- {sentence}" for sentence in outcome.judgement()),
        "",
        "![block rate, difficulty, time to confirmation](drill.svg)",
        "",
        "| phase | seconds | blocks/s | difficulty at its begin and end |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {each.phase} | {each.seconds:.0f} | {each.blocks_per_s:.2f} | "
        f"{_whole(each.difficulty_first)} … {_whole(each.difficulty_last)} |"
        for each in outcome.phases
    ]
    lines += [
        "",
        f"As {next(iter(outcome.alert_after_s))} saw them. Seconds from sending to the moment when "
        "the node that was sent to called the transfer confirmed, for the first time:",
        "",
        "| sent | at | transfers | confirmed by it | median | slowest tenth |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.phase} | {row.side} | {row.sent} | {row.confirmed} | "
        f"{_seconds(row.median_s)} | {_seconds(row.slowest_tenth_s)} |"
        for row in outcome.waiting
    ]
    return "\n".join([*lines, *_undone_table(outcome.undone), ""])


UNDONE_ROWS = 20


def _undone_table(undone: Sequence[Undone]) -> list[str]:
    if not undone:
        return []
    rows = [
        f"| {each.hash[:12]}… | {', '.join(each.nodes)} | {each.stated.epoch} | "
        f"{'yes' if each.warned else 'no'} | "
        f"{'never' if each.now is None else f'epoch {each.now.epoch}'} |"
        for each in undone[:UNDONE_ROWS]
    ]
    return [
        "",
        f"What was undone, the first {len(rows)} of {len(undone)}:",
        "",
        "| transaction | confirmed by | in epoch | alert stood | executed again |",
        "|---|---|---|---|---|",
        *rows,
    ]


def _whole(number: int | None) -> str:
    return "–" if number is None else f"{number:,}"


def _seconds(number: float | None) -> str:
    return "–" if number is None else f"{number:.0f} s"


def as_picture(drill: WorkBan, outcome: Outcome) -> str:
    """Return block rate, difficulty and times to confirmation as SVG."""
    zero = min(drill.moments.values())
    views = {"staying": drill.staying[0], "banned": drill.banned[0]}
    records = drill.witness.records
    seen = {
        side: [e for e in records[name].epochs if e.at_s - e.timestamp < LIVE_S]
        for side, name in views.items()
    }
    times = waiting_times(
        drill.load.sent, [each for record in records.values() for each in record.statements]
    )
    waits = [(each.at_s - zero, times[each.hash]) for each in drill.load.sent if each.hash in times]
    panels = [
        Panel("blocks a second", [Series(side, _rates(seen[side], zero)) for side in views]),
        Panel(
            "difficulty",
            [
                Series(side, [(e.timestamp - zero, e.difficulty) for e in seen[side]])
                for side in views
            ],
        ),
        Panel("seconds to confirmation, by the moment of sending", [Series("", waits, False)]),
    ]
    marks = [(at_s - zero, name) for name, at_s in drill.moments.items() if name != "settle"]
    return draw(f"work-ban, {outcome.variant}: {outcome.jurisdiction}", panels, marks)


def _rates(epochs: Sequence[EpochSeen], zero: float) -> list[tuple[float, float]]:
    latest = {epoch.number: epoch for epoch in epochs}
    bins: dict[int, int] = {}
    for epoch in latest.values():
        number = int((epoch.timestamp - zero) // BIN_S)
        bins[number] = bins.get(number, 0) + epoch.blocks
    last = max(bins, default=0)
    return [((number + 0.5) * BIN_S, bins.get(number, 0) / BIN_S) for number in range(last)]


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Return the report for a program."""
    return asdict(outcome) | {"is_good": outcome.is_good, "judgement": outcome.judgement()}


def write_report(folder: Path, drill: WorkBan, outcome: Outcome) -> None:
    """Write `drill.md`, `drill.json` and `drill.svg`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "drill.md").write_text(as_markdown(outcome), "utf-8")
    (folder / "drill.json").write_text(json.dumps(as_json(outcome), indent=1) + "\n", "utf-8")
    (folder / "drill.svg").write_text(as_picture(drill, outcome), "utf-8")
