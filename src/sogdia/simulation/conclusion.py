"""From what happened to results: reads the engines and the record, changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sogdia.ledger.consensus.api import BlockStatus
from sogdia.simulation.blocks import MadeBlock
from sogdia.simulation.clock import SECOND
from sogdia.simulation.nodes import Node
from sogdia.simulation.observers import RISKS, Observer
from sogdia.simulation.results import (
    Agreement,
    Blocks,
    Phase,
    Propagation,
    Results,
    ReversalReport,
    RiskCount,
    Throughput,
    spread,
)
from sogdia.simulation.scenario import Scenario
from sogdia.simulation.surroundings import Surroundings

BIN_S = 10  # of the series over time
DISTRIBUTION_POINTS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that is over, as it stands."""

    scenario: Scenario
    seed: int
    around: Surroundings
    honest: list[Node]
    attackers: list[Node]
    observers: list[Observer]
    outweighed: set[str]
    """Jurisdictions that were once cut from more work than they had."""


def conclude(run: Run) -> Results:
    """Return what came of a run that is over."""
    reference = run.honest[0]
    observers = run.observers
    confirmations = [c for observer in observers for c in observer.confirmations]
    return Results(
        scenario=run.scenario.name,
        seed=run.seed,
        duration_s=run.scenario.duration_s,
        nodes=len(run.honest) + len(run.attackers),
        trace=run.around.trace,
        blocks=_blocks(run, reference),
        propagation=_propagation(run),
        throughput=_throughput(run, reference),
        confirmation=spread([c.delay_s for c in confirmations]),
        agreement=_agreement(run),
        risks=tuple(_risk(run, place) for place in range(len(RISKS))),
        phases=tuple(_phases(run, reference)),
        reversals=tuple(_reversals(run, reference)),
        series=_series(run),
    )


def _is_pivot(node: Node, made: MadeBlock) -> bool:
    return node.engine.pivot_at(made.block.header.height) == made.hash


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 3) if whole else 0.0


def _off_pivot_percent(blocks: Sequence[MadeBlock], node: Node) -> float:
    """Return the share of the ordered `blocks` that are not pivot; those before the checkpoint are
    not looked at any more."""
    ordered = [made for made in blocks if node.engine.epoch_of(made.hash) is not None]
    return _percent(sum(not _is_pivot(node, made) for made in ordered), len(ordered))


def _blocks(run: Run, reference: Node) -> Blocks:
    made = run.around.record.made
    engine = reference.engine
    known = [block for block in made if engine.has_block(block.hash)]
    ordered = sum(engine.epoch_of(block.hash) is not None for block in known)
    statuses = [engine.status(block.hash) for block in known]
    return Blocks(
        made=len(made),
        by_attackers=sum(block.is_attack for block in made),
        per_s=round(len(made) / run.scenario.duration_s, 4),
        off_pivot_percent=_off_pivot_percent(known, reference),
        in_order_percent=_percent(ordered, len(made)),
        adaptive=sum(block.block.header.is_adaptive for block in made),
        partially_invalid=statuses.count(BlockStatus.PARTIALLY_INVALID),
        height=engine.best_height(),
        difficulty_first=made[0].block.header.difficulty if made else 0,
        difficulty_last=made[-1].block.header.difficulty if made else 0,
        deepest_change=max(observer.deepest_change for observer in run.observers),
    )


def _propagation(run: Run) -> Propagation:
    honest = [made for made in run.around.record.made if not made.is_attack]
    shares = [
        spread([times / SECOND for made in honest if (times := made.reached[place]) is not None])
        for place in range(3)
    ]
    wire = run.around.wire
    per_node = wire.bytes * 8 / 1_000_000 / (len(run.honest) + len(run.attackers))
    return Propagation(
        to_half=shares[0],
        to_90_percent=shares[1],
        to_99_percent=shares[2],
        megabits_per_s_per_node=round(per_node / run.around.timeline.seconds, 4),
    )


def _throughput(run: Run, reference: Node) -> Throughput:
    flow = run.around.flow
    executed: set[int] = set()
    packed = 0
    for made in run.around.record.made:
        if reference.engine.epoch_of(made.hash) is not None:
            executed.update(made.lots)
            packed += len(made.lots)
    return Throughput(
        entered_per_s=flow.plan.per_s,
        executed_per_s=round(len(executed) * flow.lot_size / run.scenario.duration_s, 1),
        duplicate_percent=_percent(packed - len(executed), packed),
    )


def _agreement(run: Run) -> Agreement:
    held = {hash_ for node in run.attackers for hash_ in node.withheld}
    shown = [made.hash for made in run.around.record.made if made.hash not in held]
    behind = sum(not all(map(node.engine.has_block, shown)) for node in run.honest)
    return Agreement(
        nodes=len(run.honest),
        tips=len({node.engine.best_block() for node in run.honest}),
        behind=behind,
        refused=run.around.refused,
    )


def _protected(run: Run) -> list[Observer]:
    outweighed = run.outweighed
    return [observer for observer in run.observers if observer.node.jurisdiction not in outweighed]


def _risk(run: Run, place: int) -> RiskCount:
    observers = _protected(run)
    return RiskCount(
        risk=RISKS[place],
        stated=sum(observer.counts[place] for observer in observers),
        reversed=sum(r.heights[place] for observer in observers for r in observer.reversals),
    )


def _phases(run: Run, reference: Node) -> list[Phase]:
    events = {0.0: "the start"}
    for event in run.scenario.event:
        if event.at_s < run.scenario.duration_s:
            events[event.at_s] = f"{event.kind} {', '.join(event.jurisdictions)}".strip()
    bounds = [*sorted(events), run.scenario.duration_s]
    return [_phase(run, reference, s, e, events[s]) for s, e in pairwise(bounds) if s < e]


def _phase(run: Run, reference: Node, start_s: float, end_s: float, began_with: str) -> Phase:
    def is_in(made: MadeBlock) -> bool:
        return start_s * SECOND <= made.at < end_s * SECOND

    blocks = [made for made in run.around.record.made if is_in(made)]
    delays = [
        c.delay_s for observer in run.observers for c in observer.confirmations if is_in(c.made)
    ]
    return Phase(
        start_s=start_s,
        end_s=end_s,
        began_with=began_with,
        blocks=len(blocks),
        blocks_per_s=round(len(blocks) / (end_s - start_s), 4),
        difficulty_last=blocks[-1].block.header.difficulty if blocks else 0,
        off_pivot_percent=_off_pivot_percent(blocks, reference),
        confirmation=spread(delays),
    )


def _reversals(run: Run, reference: Node) -> list[ReversalReport]:
    protected = {observer.node.index for observer in _protected(run)}
    reports = []
    for observer in run.observers:
        for reversal in observer.reversals:
            kept = sum(reference.engine.epoch_of(block) is not None for block in reversal.blocks)
            reports.append(
                ReversalReport(
                    what=reversal,
                    is_excused=reversal.observer not in protected,
                    executed_again_percent=_percent(kept, len(reversal.blocks)),
                    blocks_per_s_usual=run.scenario.consensus.blocks_per_s,
                )
            )
    return reports


def _series(run: Run) -> dict[str, list[list[float]]]:
    made = run.around.record.made
    bins: dict[int, int] = {}
    for block in made:
        place = int(block.at / SECOND // BIN_S)
        bins[place] = bins.get(place, 0) + 1
    last = int(run.scenario.duration_s // BIN_S)
    changes = [
        [after.at / SECOND, after.block.header.difficulty]
        for before, after in pairwise(made)
        if after.block.header.difficulty != before.block.header.difficulty
    ]
    first = [[0.0, made[0].block.header.difficulty]] if made else []
    reached = [t / SECOND for block in made if (t := block.reached[1]) is not None]
    delays = [c.delay_s for observer in run.observers for c in observer.confirmations]
    return {
        "block_rate": [[n * BIN_S, bins.get(n, 0) / BIN_S] for n in range(last)],
        "difficulty": first + changes,
        "propagation_90": _distribution(reached),
        "confirmation": _distribution(delays),
    }


def _distribution(values: Sequence[float]) -> list[list[float]]:
    """Return (value, share not above it) points, at most `DISTRIBUTION_POINTS`."""
    ordered = sorted(values)
    step = max(1, len(ordered) // DISTRIBUTION_POINTS)
    picked = range(step - 1, len(ordered), step)
    return [[round(ordered[n], 6), round((n + 1) / len(ordered), 6)] for n in picked]
