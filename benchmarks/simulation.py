"""Simulated networks: how long a run takes, and what the runs say of the protocol.

    uv run python -m benchmarks.simulation                 everything; an hour of processor time
    uv run python -m benchmarks.simulation hour attacks    some parts

Prints a table. Each figure of time is processor time of the run's own process, with its share of
the limit; what a run says is a function of scenario and seed, so that its spread is over seeds.
"""

import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from sogdia.simulation.loading import load_scenario
from sogdia.simulation.results import Results, spread
from sogdia.simulation.runs import summarise
from sogdia.simulation.scenario import Scenario
from sogdia.simulation.world import World

ROOT = Path(__file__).resolve().parents[1]
HOUR_CPU_S_MAX = 600
HOUR_MEMORY_MB_MAX = 2048
PROPAGATION_S_MAX = 5.0
TRANSFERS_PER_S_MIN = 3_000
ATTACKS = ("withholding", "private-chain", "old-branch", "balance")
ATTACK_RUNS = 250  # of each: a thousand together
AGREEMENT_RUNS = 20

Row = tuple[str, str, str]
Timed = tuple[Results, float, float]
"""Results, seconds of processor time, megabytes at the most."""


def load(name: str) -> Scenario:
    """Return one of the repository's scenarios."""
    return load_scenario(ROOT / "scenarios" / f"{name}.toml")


def run_timed(scenario: Scenario, seed: int) -> Timed:
    """Run once in this process, and measure it."""
    started = time.process_time()
    results = World(scenario, seed).run()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return results, time.process_time() - started, peak


def run_apart(scenario: Scenario, seeds: Sequence[int]) -> list[Timed]:
    """Run each seed in a process that has done nothing else."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        return list(pool.map(partial(run_timed, scenario), seeds))


def hour() -> Iterator[Row]:
    """A hundred nodes for an hour at two blocks a second."""
    ((results, cpu_s, peak_mb),) = run_apart(load("hour"), [1])
    insertions = results.blocks.made * results.nodes
    yield (
        "100 nodes × 1 h, 2 blocks/s, one run",
        f"{HOUR_CPU_S_MAX} s of one core, {HOUR_MEMORY_MB_MAX} MB",
        f"{cpu_s:.0f} s ({cpu_s / HOUR_CPU_S_MAX:.2f}), {peak_mb:.0f} MB "
        f"({peak_mb / HOUR_MEMORY_MB_MAX:.2f}); {insertions / cpu_s:,.0f} blocks judged a second",
    )
    confirmed = results.confirmation
    yield (
        "the same: fork rate; block made to confirmed",
        "–",
        f"{results.blocks.off_pivot_percent:.1f} %; {confirmed.median:.1f} s "
        f"(10 % {confirmed.p10:.1f}, 90 % {confirmed.p90:.1f})",
    )


def propagation() -> Iterator[Row]:
    """A thousand nodes, 20 Mbit/s, full blocks: first come first, and each pool's own order."""
    plan = load("propagation")
    for packing in ("ordered", "own"):
        flow = replace(plan.transactions, packing=packing)
        runs = [timed[0] for timed in run_apart(replace(plan, transactions=flow), [1, 2, 3])]
        times = spread([run.propagation.to_90_percent.p90 for run in runs])
        rates = sorted(run.throughput.executed_per_s for run in runs)
        doubled = spread([run.throughput.duplicate_percent for run in runs])
        yield (
            f"1,000 nodes, 20 Mbit/s, 200 KiB, packing {packing}: 9 of 10 blocks at 90 % of nodes",
            f"{PROPAGATION_S_MAX:g} s",
            f"{times.median:.2f} s ({times.p10:.2f}–{times.greatest:.2f})",
        )
        yield (
            f"the same, packing {packing}: simple transfers in the order, by bytes",
            f"{TRANSFERS_PER_S_MIN:,}/s",
            f"{rates[1]:,.0f}/s ({rates[0]:,.0f}–{rates[-1]:,.0f}); "
            f"{doubled.median:.0f} % packed twice",
        )


def _many(name: str, count: int) -> Row:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        seeds = range(1, count + 1)
        return _counted(name, list(pool.map(partial(_run, load(name)), seeds, chunksize=5)))


def _counted(name: str, results: Sequence[Results]) -> Row:
    summary = summarise(results)
    counts = "; ".join(f"{c.risk:g}: {c.reversed} of {c.stated:,}" for c in summary.risks)
    verdict = "held" if not summary.complaints else "; ".join(summary.complaints)
    return (
        f"`{name}`, {len(results)} runs: heights reversed of those stated at a risk",
        "the risk",
        f"{counts}; ended alike {summary.agreed}; deepest change {summary.deepest_change}: "
        f"{verdict}",
    )


def _run(scenario: Scenario, seed: int) -> Results:
    # The series are for pictures: a thousand of them would only be carried between processes.
    return replace(World(scenario, seed).run(), series={}, phases=())


def attacks() -> Iterator[Row]:
    """Thirty percent of the work, in four ways."""
    for name in ATTACKS:
        yield _many(name, ATTACK_RUNS)


def agreement() -> Iterator[Row]:
    """Five nodes, twenty minutes, twenty seeds."""
    yield _many("five-nodes", AGREEMENT_RUNS)


def work_ban() -> Iterator[Row]:
    """Two thirds of the work leave a thousand nodes at once."""
    for name in ("work-ban-dark", "work-ban-cut-off"):
        ((run, cpu_s, _),) = run_apart(load(name), [1])
        for phase in run.phases:
            yield (
                f"`{name}`, {run.nodes} nodes, from {phase.start_s:g} s ({phase.began_with})",
                "–",
                f"{phase.blocks_per_s:.2f} blocks/s, difficulty {phase.difficulty_last} at the "
                f"end, confirmed after {phase.confirmation.median:.0f} s "
                f"(90 % {phase.confirmation.p90:.0f})",
            )
        undone = max((max(report.what.heights) for report in run.reversals), default=0)
        verdict = "held" if not run.complaints else "; ".join(run.complaints)
        yield (
            f"`{name}`: confirmed heights undone, on the heavier side and on the lighter",
            "0 on the heavier",
            f"{run.risks[-1].reversed}, {undone}; {verdict} ({cpu_s:.0f} s of processor time)",
        )


PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "hour": hour,
    "propagation": propagation,
    "attacks": attacks,
    "agreement": agreement,
    "work-ban": work_ban,
}


def main(names: Sequence[str]) -> None:
    """Run parts and print a table."""
    print("| what | limit | measured |\n|---|---|---|")
    for name in names or PARTS:
        for row in PARTS[name]():
            print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
