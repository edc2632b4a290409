"""Who stands where, and who knows whom."""

import random
from collections import Counter

import pytest
from tests.unit.simulation.runs import scenario

from sogdia.simulation.placement import choose_observers, choose_peers, place_nodes

OWNERS = [
    {"name": "cn", "work": 67, "nodes": 10, "miners": 4, "regions": ["east-asia"]},
    {"name": "kz", "work": 33, "nodes": 70, "miners": 1, "regions": ["central-asia", "gulf"]},
    {"name": "ch", "work": 50, "nodes": 20, "miners": 0},
]


def test_nodes_and_work_follow_the_shares() -> None:
    """Every jurisdiction has its miners; who has none has no work; attackers take theirs first."""
    plan = scenario(
        network={"nodes": 20},
        jurisdiction=OWNERS,
        consensus={"blocks_per_s": 2.0, "initial_difficulty": 1000},
        attacker=[{"work": 25}],
    )
    places = place_nodes(plan)
    assert Counter(place.jurisdiction for place in places) == {"cn": 4, "kz": 13, "ch": 3}
    work = Counter[str]()
    for place in places:
        work[place.jurisdiction] += place.hashes_per_s
    assert work["cn"] == pytest.approx(1500 * 0.67)
    assert work["kz"] == pytest.approx(1500 * 0.33)
    assert work["ch"] == 0
    assert {place.region for place in places if place.jurisdiction == "kz"} == {
        "central-asia",
        "gulf",
    }


def test_connections_go_both_ways_and_to_others() -> None:
    """Each node opens as many as it should, unless there are not so many nodes."""
    peers = choose_peers(50, 4, random.Random(1))
    for node, others in enumerate(peers):
        assert node not in others
        assert len(set(others)) == len(others) >= 4
        assert all(node in peers[other] for other in others)
    assert all(len(others) == 2 for others in choose_peers(3, 8, random.Random(1)))


def test_every_jurisdiction_is_observed() -> None:
    """In turn, and nobody twice; no more than there are."""
    places = place_nodes(scenario(network={"nodes": 20}, jurisdiction=OWNERS))
    chosen = choose_observers(places, 4)
    assert [places[index].jurisdiction for index in chosen] == ["cn", "kz", "ch", "cn"]
    assert sorted(choose_observers(places, 100)) == list(range(20))
