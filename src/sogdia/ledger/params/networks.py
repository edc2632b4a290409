"""The networks that ship with the ledger."""

from sogdia.ledger.params.consensus import ConsensusParams
from sogdia.ledger.params.contracts import DEPLOYER_CONTRACT, HISTORY_CONTRACT
from sogdia.ledger.params.development import (
    DEVELOPMENT_ACCOUNTS,
    DEVELOPMENT_BALANCE_DRIP,
    DEVELOPMENT_CHAIN_ID,
)
from sogdia.ledger.params.execution import ExecutionParams
from sogdia.ledger.params.mempool import MempoolParams
from sogdia.ledger.params.network import Genesis, NetworkParams

GDRIP = 10**9

_DEVELOPMENT_GENESIS = Genesis(
    balances=tuple((account.address, DEVELOPMENT_BALANCE_DRIP) for account in DEVELOPMENT_ACCOUNTS),
    contracts=(HISTORY_CONTRACT, DEPLOYER_CONTRACT),
)

DEVELOPMENT = NetworkParams(
    name="development",
    chain_id=DEVELOPMENT_CHAIN_ID,
    network_id=DEVELOPMENT_CHAIN_ID,
    genesis=_DEVELOPMENT_GENESIS,
    is_eager=True,
    consensus=ConsensusParams(
        initial_difficulty=1,  # any nonce solves it: blocks come when they are wanted
        difficulty_period=0,
        espace_height_period=1,  # a receipt must not wait for a height that is a multiple of five
        # 300 million gas for eSpace hold 14,285 transfers: the largest burst that one block should
        # take, as its execution then lasts about a quarter of a second.
        genesis_gas_limit=600_000_000,
        max_block_size_bytes=3 * 1024 * 1024,  # those 14,285 transfers, with room for call data
        min_base_price=(1 * GDRIP, 1 * GDRIP),  # what the usual development nodes start with
        author_sets_fees=True,
        takes_unsigned=True,
    ),
    execution=ExecutionParams(history_epochs=None, contracts_may_send=True),
    # One user owns the machine and the accounts: scripts send thousands from one sender, and the
    # only limit that protects anybody is the one on memory (100,000 x 1.2 KB = 120 MB).
    mempool=MempoolParams(
        transactions_max=100_000,
        nonce_gap_max=100_000,
        ready_per_sender_max=100_000,
        queued_per_sender_max=2_000,
        contracts_may_send=True,
    ),
)
"""One miner, eager execution, public keys."""

LOCAL_NET = NetworkParams(
    name="local",
    chain_id=DEVELOPMENT_CHAIN_ID + 1,
    network_id=DEVELOPMENT_CHAIN_ID + 1,
    genesis=_DEVELOPMENT_GENESIS,
    consensus=ConsensusParams(
        # A core tries 1.7 million nonces a second: two miners start near the target of two blocks a
        # second, and the adjustment does the rest.
        initial_difficulty=2_000_000,
        min_base_price=(1 * GDRIP, 1 * GDRIP),
    ),
)
"""Several miners on one machine or desk, under the protocol's own rules."""

HARNESS = NetworkParams(
    name="harness",
    chain_id=10,
    network_id=10,
    consensus=ConsensusParams(
        initial_difficulty=4,
        difficulty_period=0,  # the family's test mode never adjusts it
        genesis_gas_limit=30_000_000,
        min_base_price=(1, 1),
        espace_height_period=1,  # transfers of Core Space count against eSpace's share here
    ),
    execution=ExecutionParams(
        takes_core_space=True,
        base_block_reward=7 * 10**18,  # below the height of CIP-40
    ),
    mempool=MempoolParams(
        takes_core_space=True,
        replacement_percent=0,  # the family's: any higher price will do
        ready_per_sender_max=2_000,  # a test sends hundreds from one account
    ),
)
"""The test mode of the family's reference harness."""

NETWORKS = {network.name: network for network in (DEVELOPMENT, LOCAL_NET, HARNESS)}
