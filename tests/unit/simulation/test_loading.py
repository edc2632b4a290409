"""A scenario is refused with its file, its key, and what may stand there."""

from pathlib import Path
from typing import Any

import pytest

from sogdia.simulation.errors import InvalidScenario, UnreadableScenario
from sogdia.simulation.loading import load_scenario, read_scenario
from sogdia.simulation.scenario import Scenario

ROOT = Path(__file__).resolve().parents[3]


def test_what_is_left_out_has_its_default() -> None:
    """An empty file is a scenario."""
    assert read_scenario({}, "empty") == Scenario()


def test_whole_numbers_are_taken_for_numbers() -> None:
    """But not the other way round."""
    assert read_scenario({"duration_s": 60}, "x").duration_s == 60.0


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"duration": 3}, "duration", "duration_s"),
    ({"duration_s": 0}, "duration_s", "numbers from 1.0"),
    ({"duration_s": True}, "duration_s", "numbers"),
    ({"network": 7}, "network", "a table"),
    ({"network": {"nodes": 2.5}}, "network.nodes", "whole numbers from 2 to 5000"),
    ({"network": {"nodes": 9}}, "network.nodes", "10 miners or more"),
    ({"transactions": {"packing": "best"}}, "transactions.packing", "ordered, own"),
    ({"attacker": {"kind": "withhold"}}, "attacker", "[[attacker]]"),
    ({"attacker": [{"kind": "bribe"}]}, "attacker[0].kind", "withhold, private-chain, balance"),
    ({"attacker": [{"work": 60}, {"work": 50}]}, "attacker", "less than 100"),
    ({"jurisdiction": [{"name": ""}]}, "jurisdiction[0].name", "not empty"),
    ({"jurisdiction": [{"regions": ["moon"]}]}, "jurisdiction[0].regions", "europe, east-asia"),
    ({"jurisdiction": [{}, {}]}, "jurisdiction[1].name", "other names"),
    ({"jurisdiction": [{"work": 0}]}, "jurisdiction", "work and miners above 0"),
    ({"event": [{"kind": "dark"}]}, "event[0].jurisdictions", "world"),
    ({"event": [{"jurisdictions": ["cn"]}]}, "event[0].jurisdictions", "world"),
]


@pytest.mark.parametrize(("values", "key", "permitted"), REFUSED)
def test_a_wrong_value_is_refused_by_name(values: dict[str, Any], key: str, permitted: str) -> None:
    """The words name the file, the key and what may stand there."""
    with pytest.raises(InvalidScenario) as refusal:
        read_scenario(values, "some.toml")
    assert refusal.value.key == key
    assert permitted in refusal.value.permitted
    assert str(refusal.value).startswith(f"some.toml: {key} ")


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    """With the place of the mistake; and one that is not there."""
    path = tmp_path / "broken.toml"
    path.write_text("[network\n")
    with pytest.raises(UnreadableScenario, match="line 1"):
        load_scenario(path)
    with pytest.raises(UnreadableScenario, match="No such file"):
        load_scenario(tmp_path / "nowhere.toml")


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.toml")), ids=lambda p: p.stem)
def test_the_scenarios_of_the_repository_are_in_order(path: Path) -> None:
    """And each is called as its file."""
    assert load_scenario(path).name == path.stem
