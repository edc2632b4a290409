"""Attackers below the bound revert nothing beyond the stated risk; above it they do.

`make test` runs a sample of seeds, `make test-all` a thousand; a failure prints the first seed.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from tests.unit.simulation.runs import scenario, simulate

from sogdia.simulation.errors import MissingLibrary
from sogdia.simulation.loading import load_scenario
from sogdia.simulation.results import Results
from sogdia.simulation.runs import run_many, run_once, summarise

SCENARIOS = Path(__file__).resolve().parents[3] / "scenarios"
BELOW_THE_BOUND = ("withholding", "private-chain", "old-branch", "balance")
FIRST_SEED = 1


def run_attack(name: str, seeds: Sequence[int], processes: int = 1) -> list[Results]:
    """Run one of the repository's scenarios with each seed."""
    return run_many(load_scenario(SCENARIOS / f"{name}.toml"), seeds, processes=processes)


def check(results: Sequence[Results]) -> None:
    """Hold runs to what was stated in them."""
    summary = summarise(results)
    assert summary.complaints == (), f"seeds from {results[0].seed}: {summary}"
    assert all(result.blocks.by_attackers for result in results)


@pytest.mark.parametrize("name", BELOW_THE_BOUND)
def test_attackers_with_thirty_percent_revert_nothing_stated(name: str) -> None:
    """A sample of one seed."""
    check(run_attack(name, [FIRST_SEED]))


@pytest.mark.full
@pytest.mark.timeout(14_400)
@pytest.mark.parametrize("name", BELOW_THE_BOUND)
def test_attackers_with_thirty_percent_revert_nothing_in_a_thousand_runs(name: str) -> None:
    """A thousand runs over the four attacks."""
    check(run_attack(name, range(FIRST_SEED, FIRST_SEED + 250), processes=2))


@pytest.mark.full
@pytest.mark.timeout(3_600)
def test_five_nodes_agree_for_twenty_seeds_and_twenty_minutes() -> None:
    """And state no risk that does not hold."""
    results = run_attack("five-nodes", range(FIRST_SEED, FIRST_SEED + 20), processes=2)
    assert summarise(results).complaints == ()


def test_most_of_the_work_can_revert_what_was_confirmed() -> None:
    """No proof of work withstands it: the simulation would show an attack that works."""
    result = simulate(
        duration_s=200,
        consensus={"initial_difficulty": 50},
        attacker=[
            {"kind": "private-chain", "work": 70, "start_s": 20, "release_s": 170,
             "stated_risk": 1e-8},
        ],
    )  # fmt: skip
    assert result.risks[-1].reversed > 0
    assert any("confirmed heights were reversed" in words for words in result.complaints)
    assert result.agreement.tips == 1


def test_withheld_blocks_arrive_late_and_change_little() -> None:
    """They are in the order at the end, most of them off the pivot chain."""
    attack: dict[str, Any] = {"kind": "withhold", "work": 30, "start_s": 5, "release_s": 20}
    fair = simulate(consensus={"initial_difficulty": 50})
    result = simulate(consensus={"initial_difficulty": 50}, attacker=[attack])
    assert 0.2 < result.blocks.by_attackers / result.blocks.made < 0.4
    assert result.blocks.off_pivot_percent > fair.blocks.off_pivot_percent + 10
    assert result.blocks.in_order_percent > 95
    assert result.complaints == ()


def test_how_runs_are_spread_changes_nothing() -> None:
    """One process after the other, or two at a time."""
    plan = scenario(duration_s=20)
    seen: list[int] = []
    apart = run_many(plan, [2, 1], processes=2, on_done=lambda done, _: seen.append(done))
    assert apart == [run_once(plan, 2), run_once(plan, 1)]
    assert seen == [1, 2]


def test_without_ray_its_absence_is_said() -> None:
    """Ray is no dependency: who has a cluster has it."""
    if find_spec("ray") is not None:
        pytest.skip("Ray is installed")
    with pytest.raises(MissingLibrary, match="pip install ray"):
        run_many(scenario(), [1], ray_address="auto")
