"""One scenario under many seeds: here, over processes, or over a Ray cluster.

R1  Runs share nothing, so how they are spread changes no result; they come back by seed.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from sogdia.simulation.errors import MissingLibrary
from sogdia.simulation.results import Results, RiskCount, Spread, spread
from sogdia.simulation.scenario import Scenario
from sogdia.simulation.world import World

OnDone = Callable[[int, Results], None]


def run_once(scenario: Scenario, seed: int) -> Results:
    """Run a scenario with one seed."""
    return World(scenario, seed).run()


def run_many(
    scenario: Scenario,
    seeds: Sequence[int],
    *,
    processes: int = 1,
    ray_address: str | None = None,
    on_done: OnDone | None = None,
) -> list[Results]:
    """Run a scenario with each of `seeds` and return the results in their order.

    Raises:
        MissingLibrary: `ray_address` is given and Ray is not installed.
    """
    if ray_address is not None:
        runs = _over_ray(scenario, seeds, ray_address)
    elif processes > 1:
        runs = _over_processes(scenario, seeds, processes)
    else:
        runs = ((seed, run_once(scenario, seed)) for seed in seeds)
    found: dict[int, Results] = {}
    for seed, results in runs:
        found[seed] = results
        if on_done is not None:
            on_done(len(found), results)
    return [found[seed] for seed in seeds]


def _over_processes(
    scenario: Scenario, seeds: Sequence[int], processes: int
) -> Iterator[tuple[int, Results]]:
    # A fresh interpreter each: a fork would copy whatever threads and locks we have by now.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(run_once, scenario, seed): seed for seed in seeds}
        for done in as_completed(waiting):
            yield waiting[done], done.result()


def _over_ray(
    scenario: Scenario, seeds: Sequence[int], address: str
) -> Iterator[tuple[int, Results]]:
    try:
        import ray  # type: ignore[import-not-found, unused-ignore]
    except ImportError as error:
        raise MissingLibrary(
            library="Ray",
            purpose=f"spreading runs over {address}",
            install="`pip install ray` here and on the cluster, or leave out --ray",
        ) from error
    ray.init(address=address, log_to_driver=False)
    try:
        remote: Any = ray.remote(run_once)
        waiting = {remote.remote(scenario, seed): seed for seed in seeds}
        while waiting:
            done, _ = ray.wait(list(waiting), num_returns=1)
            yield waiting.pop(done[0]), ray.get(done[0])
    finally:
        ray.shutdown()


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Many runs of one scenario together."""

    runs: int
    agreed: int
    """Runs in which all honest nodes ended alike, with all blocks."""
    runs_with_reversal: int
    """Runs in which a confirmed height of a protected observer was reversed."""
    risks: tuple[RiskCount, ...]
    blocks_per_s: Spread
    off_pivot_percent: Spread
    confirmation_median_s: Spread
    propagation_90_s: Spread
    """Of each run the 9th decile of the times to nine in ten nodes."""
    deepest_change: int

    @property
    def complaints(self) -> tuple[str, ...]:
        """What was promised and did not hold over all runs; empty is a pass."""
        found = []
        if self.agreed < self.runs:
            found.append(f"in {self.runs - self.agreed} of {self.runs} runs nodes ended apart")
        found += [
            f"{count.reversed} of {count.stated} heights stated at {count.risk:g} were reversed"
            for count in self.risks
            if count.reversed > count.risk * count.stated
        ]
        return tuple(found)


def summarise(results: Sequence[Results]) -> Summary:
    """Add up runs of one scenario."""
    by_place = list(zip(*(result.risks for result in results), strict=True))
    return Summary(
        runs=len(results),
        agreed=sum(r.agreement.tips == 1 and not r.agreement.behind for r in results),
        runs_with_reversal=sum(bool(r.risks[-1].reversed) for r in results),
        risks=tuple(
            RiskCount(
                risk=counts[0].risk,
                stated=sum(count.stated for count in counts),
                reversed=sum(count.reversed for count in counts),
            )
            for counts in by_place
        ),
        blocks_per_s=spread([r.blocks.per_s for r in results]),
        off_pivot_percent=spread([r.blocks.off_pivot_percent for r in results]),
        confirmation_median_s=spread([r.confirmation.median for r in results]),
        propagation_90_s=spread([r.propagation.to_90_percent.p90 for r in results]),
        deepest_change=max(r.blocks.deepest_change for r in results),
    )
