"""Scenarios for tests, from the few values that differ."""

from typing import Any

from sogdia.simulation.loading import read_scenario
from sogdia.simulation.results import Results
from sogdia.simulation.scenario import Scenario
from sogdia.simulation.world import World


def scenario(**values: Any) -> Scenario:
    """Return a small scenario; `values` are those of a file."""
    whole = {"duration_s": 120, "network": {"nodes": 8}, "jurisdiction": [{"miners": 4}]}
    return read_scenario(whole | values, "test")


def simulate(seed: int = 1, **values: Any) -> Results:
    """Run a small scenario."""
    return World(scenario(**values), seed).run()
