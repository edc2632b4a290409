"""Who stands where: nodes by jurisdiction and region, work by miner, peers by chance."""

import random
from dataclasses import dataclass

from sogdia.ledger.params.consensus import ConsensusParams
from sogdia.ledger.params.network import Genesis, NetworkParams
from sogdia.simulation.regions import REGIONS
from sogdia.simulation.scenario import Jurisdiction, Scenario
from sogdia.simulation.surroundings import START_S

CHAIN_ID = 0x51D  # nobody signs for it


@dataclass(frozen=True, slots=True)
class Place:
    """Where one honest node stands, and how fast it mines."""

    jurisdiction: str
    region: str
    hashes_per_s: float


def network_params(scenario: Scenario) -> NetworkParams:
    """Return the rules that the scenario's engines follow."""
    plan = scenario.consensus
    return NetworkParams(
        name="simulation",
        chain_id=CHAIN_ID,
        network_id=CHAIN_ID,
        genesis=Genesis(timestamp=START_S),
        consensus=ConsensusParams(
            initial_difficulty=plan.initial_difficulty,
            target_block_interval_ms=plan.target_block_interval_ms,
            difficulty_period=plan.difficulty_period,
            era_epoch_count=plan.era_epoch_count,
            timer_ratio=plan.timer_ratio,
            timer_beta=plan.timer_beta,
            heavy_ratio=plan.heavy_ratio,
            adaptive_beta=plan.adaptive_beta,
        ),
    )


def total_hashes_per_s(scenario: Scenario) -> float:
    """Return the work of all miners, the attackers' included."""
    return scenario.consensus.blocks_per_s * scenario.consensus.initial_difficulty


def place_nodes(scenario: Scenario) -> list[Place]:
    """Return a place for each honest node, jurisdiction by jurisdiction, its miners first."""
    owners = scenario.jurisdictions
    attack = sum(attacker.work for attacker in scenario.attacker) / 100
    honest = total_hashes_per_s(scenario) * (1 - attack)
    work = sum(owner.work for owner in owners if owner.miners)
    places = []
    for owner, count in zip(owners, _share_out(owners, scenario.network.nodes), strict=True):
        regions = owner.regions or REGIONS
        each = honest * owner.work / work / owner.miners if owner.miners else 0.0
        for n in range(count):
            rate = each if n < owner.miners else 0.0
            places.append(Place(owner.name, regions[n % len(regions)], rate))
    return places


def _share_out(owners: tuple[Jurisdiction, ...], nodes: int) -> list[int]:
    """Divide the nodes by share; every jurisdiction has at least its miners."""
    counts = [owner.miners for owner in owners]
    total = sum(owner.nodes for owner in owners)
    for _ in range(nodes - sum(counts)):
        # Whoever is furthest below its share gets the next one; of equals the first.
        lacks = [owner.nodes / total * nodes - n for owner, n in zip(owners, counts, strict=True)]
        counts[lacks.index(max(lacks))] += 1
    return counts


def choose_peers(count: int, outbound: int, chance: random.Random) -> list[list[int]]:
    """Return who is joined with whom, in both directions: each node opens `outbound`."""
    peers: list[list[int]] = [[] for _ in range(count)]
    for node in range(count):
        others = [other for other in range(count) if other != node]
        for other in chance.sample(others, min(outbound, len(others))):
            if other not in peers[node]:
                peers[node].append(other)
                peers[other].append(node)
    return peers


def choose_observers(places: list[Place], count: int) -> list[int]:
    """Return the nodes to ask: from each jurisdiction in turn, the last of its nodes first."""
    by_owner: dict[str, list[int]] = {}
    for index, place in enumerate(places):
        by_owner.setdefault(place.jurisdiction, []).append(index)
    chosen: list[int] = []
    while len(chosen) < min(count, len(places)):
        for nodes in by_owner.values():
            if nodes and len(chosen) < count:
                chosen.append(nodes.pop())
    return chosen
