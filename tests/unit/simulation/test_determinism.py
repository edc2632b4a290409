"""A run is a function of scenario and seed."""

import subprocess
import sys

from tests.unit.simulation.runs import simulate

BUSY = {
    "duration_s": 60,
    "network": {"nodes": 12, "loss_percent": 5.0, "clock_error_s": 2},
    "transactions": {"per_s": 500.0, "packing": "own"},
    "churn": {"nodes_percent": 50.0, "up_s": 20.0, "down_s": 10.0},
    "attacker": [{"kind": "withhold", "work": 20, "start_s": 5, "release_s": 4}],
    "jurisdiction": [{"miners": 4}, {"name": "other", "miners": 2}],
    "event": [
        {"at_s": 20, "kind": "cut-off", "jurisdictions": ["other"]},
        {"at_s": 35, "kind": "heal"},
    ],
}


def test_equal_seeds_give_equal_runs_and_others_do_not() -> None:
    """Everything that is reported, down to the trace."""
    once, again, other = simulate(7, **BUSY), simulate(7, **BUSY), simulate(8, **BUSY)
    assert once == again
    assert once.trace != other.trace


def test_the_order_of_hash_maps_does_not_matter() -> None:
    """Another process with other hashes of strings and bytes comes to the same trace."""
    program = (
        "from tests.unit.simulation.runs import simulate\n"
        "from tests.unit.simulation.test_determinism import BUSY\n"
        "print(simulate(7, **BUSY).trace)"
    )
    traces = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert traces == {simulate(7, **BUSY).trace + "\n"}
