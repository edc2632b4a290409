"""The first block of a network: everything that two nodes must agree on gives its hash."""

from sogdia.ledger.params.network import NetworkParams
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.hashing import EMPTY_KECCAK, keccak256
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.primitives.rlp import Item, encode, encode_integer
from sogdia.ledger.primitives.roots import merkle_root


def build_genesis(params: NetworkParams) -> Block:
    """Return the first block of a network.

    Its state root commits to the names, balances and contracts it starts from, not to the executed
    state: the block must be known before anything can be executed. Epochs 1 to 5 commit epoch 0's
    own roots.
    """
    allocation: list[Item] = [
        [address, encode_integer(balance)] for address, balance in params.genesis.balances
    ]
    identity: list[Item] = [
        params.name.encode(),
        encode_integer(params.chain_id),
        encode_integer(params.network_id),
        allocation,
    ]
    if params.genesis.contracts:
        identity.append([[address, code] for address, code in params.genesis.contracts])
    header = Header(
        parent=bytes(32),
        height=0,
        timestamp=params.genesis.timestamp,
        author=params.genesis.author,
        transactions_root=merkle_root([]),
        deferred_state_root=keccak256(encode(identity)),
        deferred_receipts_root=EMPTY_KECCAK,
        deferred_logs_bloom_hash=EMPTY_KECCAK,
        blame=0,
        difficulty=params.consensus.initial_difficulty,
        is_adaptive=False,
        gas_limit=params.consensus.genesis_gas_limit,
        base_price=params.consensus.min_base_price if params.consensus.has_base_price else None,
        custom=params.consensus.header_custom,
    )
    return Block(header)
