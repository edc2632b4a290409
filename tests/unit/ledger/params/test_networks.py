"""The networks that ship, and the values that no network may have."""

from dataclasses import replace
from typing import Any

import pytest

from sogdia.ledger.params.execution import ExecutionParams
from sogdia.ledger.params.mempool import MempoolParams
from sogdia.ledger.params.network import CHAIN_ID_MAX, NetworkParams
from sogdia.ledger.params.networks import DEVELOPMENT, HARNESS, LOCAL_NET, NETWORKS


def test_networks_are_told_apart_by_name_and_chain() -> None:
    """A transaction of one is none of another."""
    assert set(NETWORKS) == {"development", "local", "harness"}
    assert all(name == network.name for name, network in NETWORKS.items())
    assert len({network.chain_id for network in NETWORKS.values()}) == len(NETWORKS)


def test_the_development_network_answers_at_once_and_takes_a_burst() -> None:
    """Every height carries eSpace, nothing is mined for long, and one sender may send thousands."""
    rules = DEVELOPMENT.consensus
    assert DEVELOPMENT.is_eager
    assert (rules.espace_height_period, rules.initial_difficulty, rules.difficulty_period) == (
        1,
        1,
        0,
    )
    assert rules.genesis_gas_limit * rules.espace_gas_percent // 100 // 21_000 == 14_285
    assert DEVELOPMENT.mempool.ready_per_sender_max >= 20_000
    assert len(DEVELOPMENT.genesis.balances) == 10


def test_networks_of_several_miners_keep_the_protocols_own_rules() -> None:
    """The limits against strangers too; the harness's pool is the family's."""
    for network in (LOCAL_NET, HARNESS):
        assert not network.is_eager
        assert network.consensus.max_block_size_bytes == 200 * 1024
    assert LOCAL_NET.consensus.espace_height_period == 5
    assert LOCAL_NET.mempool == MempoolParams()


@pytest.mark.parametrize("chain_id", [0, -1, CHAIN_ID_MAX + 1])
def test_a_chain_id_must_fit_a_signature(chain_id: int) -> None:
    """The words name the value."""
    with pytest.raises(ValueError, match=str(chain_id)):
        NetworkParams(name="x", chain_id=chain_id, network_id=1)


@pytest.mark.parametrize(
    ("params", "change"),
    [
        (MempoolParams(), {"transactions_max": 0}),
        (MempoolParams(), {"replacement_percent": -1}),
        (MempoolParams(), {"min_tip": -1}),
        (ExecutionParams(), {"snapshot_epochs": -1}),
        (DEVELOPMENT, {"network_id": -1}),
    ],
)
def test_values_without_a_meaning_are_refused(params: Any, change: dict[str, Any]) -> None:
    """The words name the field."""
    (name,) = change
    with pytest.raises(ValueError, match=name):
        replace(params, **change)
