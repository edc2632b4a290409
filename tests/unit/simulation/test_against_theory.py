"""Simulated figures against those that can be computed by hand."""

import pytest
from tests.unit.simulation.runs import simulate

from sogdia.ledger.consensus.processes.difficulty import adjust_difficulty
from sogdia.ledger.params.consensus import ConsensusParams

MINERS = 10
NEAR = {"access_ms": 0, "nodes": MINERS, "outbound": MINERS - 1, "bandwidth_mbit_s": 1000.0}
EUROPE = {"miners": MINERS, "regions": ["europe"]}


@pytest.mark.parametrize("delay_ms", [40, 190])
def test_the_fork_rate_is_what_delay_and_rate_make_it(delay_ms: int) -> None:
    """After the first block of a height the others mine beside it for a delay d: of the blocks a
    share x / (1 + x) is off the pivot chain, where x = rate x d x (1 - 1 / miners)."""
    result = simulate(
        duration_s=600,
        observers={"nodes": 1},
        network=NEAR | {"extra_delay_ms": delay_ms},
        consensus={"initial_difficulty": 50, "difficulty_period": 0},
        jurisdiction=[EUROPE],
    )
    delay_s = (delay_ms + 10 + 1) / 1000  # the region's 10 ms, and a millisecond to judge
    x = result.blocks.per_s * delay_s * (1 - 1 / MINERS)
    expected = 100 * x / (1 + x)
    assert result.blocks.off_pivot_percent == pytest.approx(expected, rel=0.15)
    assert result.propagation.to_90_percent.median == pytest.approx(delay_s, rel=0.05)


def test_the_difficulty_follows_four_times_the_work() -> None:
    """Step by step as the rule computes it from the rate that the steps before make."""
    hash_rate, period = 8.0 * 200, 100
    result = simulate(
        duration_s=240,
        network=NEAR,
        consensus={
            "blocks_per_s": 8.0, "initial_difficulty": 200, "difficulty_period": period,
        },
        jurisdiction=[EUROPE],
    )  # fmt: skip
    simulated = [difficulty for _, difficulty in result.series["difficulty"]]
    assert simulated[0] == 200
    expected = 200.0
    for step in simulated[1:8]:
        # A period of n blocks lasts n difficulties over the hashes a second.
        count = 10_000
        expected = adjust_difficulty(
            int(expected),
            block_count=count,
            span_s=int(count * expected / hash_rate),
            params=ConsensusParams(initial_difficulty=200),
        )
        assert step == pytest.approx(expected, rel=0.12)
    assert simulated[-1] > 600  # 800 is where two blocks a second are made


@pytest.mark.parametrize("per_s", [1.0, 2.0])
def test_confirmation_takes_what_the_meter_demands(per_s: float) -> None:
    """With few forks the lead is all blocks since but those of the last 20 s, which are set against
    it: risk 1e-8 needs (20 s x rate + 21) / 0.65 blocks."""
    result = simulate(
        duration_s=300,
        observers={"nodes": 1},
        network=NEAR,
        consensus={
            "blocks_per_s": per_s, "initial_difficulty": 50, "difficulty_period": 0,
        },
        jurisdiction=[EUROPE],
    )  # fmt: skip
    rate = result.blocks.per_s
    expected = (20 * rate + 21) / 0.65 / rate
    assert result.confirmation.median == pytest.approx(expected, rel=0.06)


def test_duplicates_are_the_blocks_that_did_not_know_each_other() -> None:
    """Miners who take the first that wait pack the same where they do not know of each other;
    those who take any of many hardly do."""
    common = {"size_bytes": 3200, "per_s": 640.0}  # 64 a block: a lot is one transaction
    forks = {
        packing: simulate(
            duration_s=120,
            observers={"nodes": 1},
            consensus={"initial_difficulty": 50, "difficulty_period": 0},
            network=NEAR | {"extra_delay_ms": 300},
            jurisdiction=[EUROPE],
            transactions=common | {"packing": packing},
        )
        for packing in ("ordered", "own")
    }
    ordered, some = forks["ordered"], forks["own"]
    assert ordered.blocks.off_pivot_percent > 25
    # Whoever finds a second block within the delay packs what the first one did.
    assert ordered.throughput.duplicate_percent > 0.8 * ordered.blocks.off_pivot_percent
    assert some.throughput.duplicate_percent < 5
    assert some.throughput.executed_per_s > 1.3 * ordered.throughput.executed_per_s
