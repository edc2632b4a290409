"""Networks under faults: honest nodes end alike, and what was stated holds. And the other way
round: where a promise is broken on purpose, the run says so."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.simulation.runs import scenario, simulate

from sogdia.ledger.consensus.engine import Engine
from sogdia.simulation.loading import load_scenario
from sogdia.simulation.runs import summarise
from sogdia.simulation.world import World

SCENARIOS = Path(__file__).resolve().parents[3] / "scenarios"
CHEAP = {"initial_difficulty": 50}

FAULTS: dict[str, dict[str, Any]] = {
    "loss of 20 % and 2 s of delay": {
        "network": {"nodes": 8, "loss_percent": 20.0, "extra_delay_ms": 2_000},
    },
    "half of the nodes come and go": {
        "network": {"nodes": 12},
        "churn": {"nodes_percent": 100.0, "up_s": 30.0, "down_s": 20.0},
    },
    "clocks wrong by five minutes": {"network": {"nodes": 8, "clock_error_s": 300}},
    "lines of half a megabit": {
        "network": {"nodes": 8, "bandwidth_mbit_s": 0.5},
        "transactions": {"per_s": 100.0},
    },
}


@pytest.mark.parametrize("fault", FAULTS)
def test_honest_nodes_end_alike_under_faults(fault: str) -> None:
    """One tip, all blocks everywhere, nothing confirmed reversed."""
    result = simulate(consensus=CHEAP, settle_s=90, **FAULTS[fault])
    assert result.complaints == ()
    assert result.blocks.made > 150
    assert result.blocks.in_order_percent > 90


PARTED: dict[str, Any] = {
    "duration_s": 300,
    "network": {"nodes": 9},
    "consensus": CHEAP,
    "observers": {"nodes": 4},
    "jurisdiction": [
        {"name": "cn", "work": 67, "miners": 3, "regions": ["east-asia"]},
        {"name": "kz", "work": 33, "miners": 3, "regions": ["central-asia"]},
    ],
}


def test_a_healed_partition_leaves_one_chain_and_the_heavier_side_unharmed() -> None:
    """The lighter side is undone, and the report says what it had been told, and when."""
    events = [
        {"at_s": 60, "kind": "cut-off", "jurisdictions": ["cn"]},
        {"at_s": 260, "kind": "heal"},
    ]
    result = simulate(event=events, **PARTED)
    assert result.complaints == ()
    assert {report.what.jurisdiction for report in result.reversals} == {"kz"}
    worst = max(result.reversals, key=lambda report: report.what.heights[0])
    assert worst.is_excused
    assert worst.what.heights[0] >= 30
    assert worst.what.at_s >= 260
    assert worst.what.blocks_per_s_then < 0.6 * worst.blocks_per_s_usual
    assert worst.executed_again_percent == 100  # nothing is lost, only its place


def test_miners_who_go_dark_take_nothing_with_them() -> None:
    """Confirmation goes on at a third of the rate, and all agree when they are back."""
    events = [
        {"at_s": 100, "kind": "dark", "jurisdictions": ["cn"]},
        {"at_s": 250, "kind": "light", "jurisdictions": ["cn"]},
    ]
    result = simulate(event=events, **PARTED)
    assert result.complaints == ()
    assert result.reversals == ()
    before, dark, after = result.phases
    assert dark.blocks_per_s == pytest.approx(before.blocks_per_s / 3, rel=0.3)
    assert dark.confirmation.count > 0
    assert dark.confirmation.median > 1.2 * before.confirmation.median
    assert after.blocks_per_s > 1.5 * dark.blocks_per_s


def test_a_node_that_hears_nothing_is_noticed() -> None:
    """The oracle of agreement can fail."""
    world = World(scenario(), 1)
    world.honest[-1].gossip.is_deaf = True
    result = world.run()
    assert result.agreement.tips == 2
    assert result.agreement.behind == 1
    assert len(result.complaints) == 2


def test_a_meter_that_promises_too_much_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oracle of stated risks can fail."""
    monkeypatch.setattr(Engine, "confirmation_risk", lambda _engine, _height: 1e-9)
    network = {"nodes": 8, "extra_delay_ms": 4_000}
    result = simulate(network=network, consensus=CHEAP)
    assert any("confirmed heights were reversed" in words for words in result.complaints)
    summary = summarise([result])
    assert summary.runs_with_reversal == 1
    assert len(summary.complaints) == 3  # each of the three risks


@pytest.mark.parametrize("nodes", [60, pytest.param(1_000, marks=pytest.mark.full)])
def test_full_blocks_reach_nine_nodes_in_ten_within_five_seconds(nodes: int) -> None:
    """Lines of 20 Mbit/s, 200 KiB at two blocks a second; by bytes 3,000 transfers a second where
    miners choose at random, far fewer where all take the same."""
    plan = load_scenario(SCENARIOS / "propagation.toml")
    flow = replace(plan.transactions, packing="own")
    plan = replace(plan, network=replace(plan.network, nodes=nodes), transactions=flow)
    result = World(plan, 1).run()
    assert result.complaints == ()
    assert result.propagation.to_90_percent.p90 < 5
    assert result.throughput.executed_per_s > 3_000
