"""The rules that are formulas, at their bounds."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.ledger.consensus.processes.anticone_penalty import cut_height, penalised_reward
from sogdia.ledger.consensus.processes.base_price import next_base_price, next_price
from sogdia.ledger.consensus.processes.blame import blame_vector_root, votes_rightly
from sogdia.ledger.consensus.processes.confirmation_meter import Lead, reversal_risk
from sogdia.ledger.consensus.processes.difficulty import adjust_difficulty
from sogdia.ledger.consensus.processes.eras import era_end
from sogdia.ledger.consensus.processes.gas_limit import (
    choose_gas_limit,
    gas_limit_bounds,
    space_gas_limits,
)
from sogdia.ledger.consensus.processes.rewards import Merit, compute_reward
from sogdia.ledger.params.consensus import ConsensusParams
from sogdia.ledger.primitives.hashing import keccak256

MAIN = ConsensusParams()


@pytest.mark.parametrize(
    ("packed", "expected"),
    [(0, 875), (25, 938), (50, 1_000), (75, 1_062), (100, 1_125), (1_000, 1_125)],
)
def test_the_base_price_moves_by_an_eighth_at_most(packed: int, expected: int) -> None:
    """Target 50 of 100: price 1,000 goes down or up by the distance, in integer steps."""
    assert next_price(1_000, packed_gas=packed, gas_limit=100, floor=1) == expected


def test_the_base_price_moves_at_least_by_one_and_keeps_its_floor() -> None:
    """A price of 1 would otherwise never rise again."""
    assert next_price(1, packed_gas=51, gas_limit=100, floor=1) == 2
    assert next_price(1, packed_gas=0, gas_limit=100, floor=1) == 1
    assert next_price(5, packed_gas=50, gas_limit=100, floor=7) == 7


def test_espace_prices_rest_at_heights_that_carry_no_espace() -> None:
    """Only heights divisible by five move them."""
    prices = (2_000_000_000, 40_000_000_000)
    for height in range(1, 11):
        core, espace = next_base_price(
            prices, packed_gas=(0, 0), height=height, gas_limit=60_000_000, params=MAIN
        )
        assert core == 1_750_000_000
        assert espace == (35_000_000_000 if height % 5 == 0 else prices[1])


def test_gas_limits_of_the_spaces() -> None:
    """54 of 60 million for Core Space, 30 for eSpace at every fifth height (CIP-1559)."""
    assert space_gas_limits(10, 60_000_000, MAIN) == (54_000_000, 30_000_000)
    assert space_gas_limits(11, 60_000_000, MAIN) == (54_000_000, 0)


@given(st.integers(1, 1 << 60))
def test_a_gas_limit_moves_by_less_than_one_in_1024(parent: int) -> None:
    """And an honest choice is always allowed."""
    lowest, highest = gas_limit_bounds(parent, MAIN)
    assert lowest <= choose_gas_limit(parent, MAIN) <= highest
    assert 0 <= highest - parent < max(parent // 1024, 1)
    assert 0 <= parent - lowest < max(parent // 1024, 1)


def test_difficulty_is_smoothed_and_bounded() -> None:
    """CIP-86: 0.8 D + 0.2 D', from half to one and a half of D, never below the initial one."""
    params = ConsensusParams(initial_difficulty=1_000)
    d = 1_000_000
    # 251 blocks in 125 s are two a second: D' = D.
    assert adjust_difficulty(d, block_count=251, span_s=125, params=params) == d
    assert adjust_difficulty(d, block_count=501, span_s=125, params=params) == 1_200_000
    assert adjust_difficulty(d, block_count=9_999, span_s=1, params=params) == 1_500_000
    assert adjust_difficulty(d, block_count=1, span_s=125, params=params) == 800_000
    assert adjust_difficulty(1_000, block_count=1, span_s=9, params=params) == 1_000
    assert adjust_difficulty(d, block_count=251, span_s=0, params=params) == 1_500_000


def test_eras_end_at_multiples() -> None:
    """The block at a multiple is the last of an era (ADR 0025)."""
    assert [era_end(height, 10) for height in (1, 9, 10, 11, 20)] == [10, 10, 10, 20, 20]
    params = ConsensusParams(era_epoch_count=100, difficulty_period=0)
    assert [cut_height(epoch, params) for epoch in (1, 90, 91, 100, 101)] == [
        11, 100, 100, 100, 111,
    ]  # fmt: skip


def test_rewards_follow_the_square_of_the_anticone() -> None:
    """Half the bound takes a quarter; the bound takes all, and the fees too."""
    base = 7 * 10**18
    half = penalised_reward(base, anticone_weight=500, epoch_difficulty=10, ratio=100)
    assert half == base - base // 4
    merit = Merit(is_valid=True, votes_rightly=True, anticone_weight=0, quality=10)
    assert compute_reward(merit, base, epoch_difficulty=10, params=MAIN) == (base, True)
    for anticone, expected in ((999, True), (1_000, False)):
        crowded = Merit(is_valid=True, votes_rightly=True, anticone_weight=anticone, quality=10)
        assert compute_reward(crowded, base, epoch_difficulty=10, params=MAIN)[1] is expected
    cheap = Merit(is_valid=True, votes_rightly=True, anticone_weight=0, quality=9)
    assert compute_reward(cheap, base, epoch_difficulty=10, params=MAIN) == (0, True)
    for lie in (
        Merit(is_valid=False, votes_rightly=True, anticone_weight=0, quality=10),
        Merit(is_valid=True, votes_rightly=False, anticone_weight=0, quality=10),
    ):
        assert compute_reward(lie, base, epoch_difficulty=10, params=MAIN) == (0, False)


def test_a_blame_vector_chains_the_true_roots() -> None:
    """keccak(R_i + keccak(R_(i-1) + R_(i-2))); a single root stands for itself."""
    roots = [bytes([number]) * 32 for number in range(3)]
    assert blame_vector_root(roots[:1]) == roots[0]
    assert blame_vector_root(roots) == keccak256(roots[0] + keccak256(roots[1] + roots[2]))


@pytest.mark.parametrize(
    ("blames", "fork_height", "trusted", "wrong"),
    [
        ({9: 0, 8: 0}, 7, 7, ()),  # trusts 8, which trusts 7
        ({9: 1}, 7, 7, ()),  # blames 8, trusts 7
        ({9: 2}, 7, 6, (7,)),  # blames 8 and 7, trusts 6
        ({9: 0, 8: 1}, 7, 6, (7,)),  # trusts 8, which blames 7 and trusts 6
        ({9: 4}, 7, 4, (5, 6, 7)),  # blames 8 to 5, trusts 4
    ],
)
def test_a_vote_off_the_pivot_chain_is_about_all_that_it_passes(
    blames: dict[int, int], fork_height: int, trusted: int, wrong: tuple[int, ...]
) -> None:
    """It is right exactly if all that it blames is wrong and what it trusts is right."""

    def vote(verdicts: dict[int, bool]) -> bool | None:
        return votes_rightly(
            height=9,
            blame=blames[9],
            fork_height=fork_height,
            is_right_at=lambda height: verdicts.get(height, True),
            blame_at=blames.__getitem__,
        )

    truth = {trusted: True} | dict.fromkeys(wrong, False)
    assert vote(truth) is True
    for height in truth:
        assert vote(truth | {height: not truth[height]}) is False, height


def test_nobody_can_rightly_blame_the_first_block() -> None:
    """And what is not executed yet leaves the vote open."""
    vote: dict[str, Any] = {"height": 9, "blame": 9, "fork_height": 7, "blame_at": {}.__getitem__}
    assert votes_rightly(is_right_at=lambda height: height == 0, **vote) is False
    assert votes_rightly(is_right_at=lambda height: None if height == 6 else False, **vote) is None


def test_the_risk_falls_with_the_lead() -> None:
    """With 100 blocks made since, leads of 48, 53 and 58 blocks pass the three steps."""

    def risk(lead: int) -> Fraction:
        weights = {"total": 1_000, "past": 0, "heaviest_sibling": 0, "recent": 0, "difficulty": 10}
        return reversal_risk(Lead(subtree=(lead - 1) * 10, **weights))

    assert risk(47) == Fraction(9, 10)
    assert risk(48) == Fraction(1, 10_000)
    assert risk(53) == Fraction(1, 1_000_000)
    assert risk(58) == Fraction(1, 100_000_000)
    unseen = Lead(total=1_000, subtree=570, heaviest_sibling=0, past=0, recent=10, difficulty=10)
    assert reversal_risk(unseen) == Fraction(1, 1_000_000), "what lately arrived counts against"
