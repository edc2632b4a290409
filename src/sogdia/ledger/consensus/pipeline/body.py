"""Rules about a block's transactions, and about what its header says of them."""

from sogdia.ledger.consensus.errors import (
    BlockTooLarge,
    GasOverLimit,
    WrongBasePrice,
    WrongTransactionsRoot,
)
from sogdia.ledger.consensus.processes.base_price import next_base_price
from sogdia.ledger.consensus.processes.gas_limit import space_gas_limits
from sogdia.ledger.params.network import NetworkParams
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.errors import InvalidBlockTransaction, InvalidTransaction
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.primitives.transaction import validate_limits


def validate_body(block: Block, parent: Header, params: NetworkParams) -> None:
    """Check the transactions of `block`, whose header passed and has `parent`.

    Raises:
        InvalidBody: the subclass is the rule.
        InvalidBlockTransaction: a transaction that no block may contain.
    """
    _validate_size(block, params)
    root = block.transactions_root
    if root != block.header.transactions_root:
        raise WrongTransactionsRoot(root=block.header.transactions_root, expected=root)
    _validate_transactions(block, params)
    _validate_gas(block, parent, params)


def _validate_size(block: Block, params: NetworkParams) -> None:
    if block.body_size > params.consensus.max_block_size_bytes:
        raise BlockTooLarge(
            size_bytes=block.body_size, size_bytes_max=params.consensus.max_block_size_bytes
        )


def _validate_transactions(block: Block, params: NetworkParams) -> None:
    for index, transaction in enumerate(block.transactions):
        try:
            validate_limits(
                transaction,
                gas_limit_max=params.execution.transaction_gas_max,
                takes_core_space=params.execution.takes_core_space,
            )
        except InvalidTransaction as reason:
            raise InvalidBlockTransaction(index=index, reason=reason) from reason


def _validate_gas(block: Block, parent: Header, params: NetworkParams) -> None:
    header = block.header
    packed = (0, sum(transaction.gas_limit for transaction in block.transactions))
    limits = space_gas_limits(header.height, header.gas_limit, params.consensus)
    for space, gas, gas_max in zip(("Core Space", "eSpace"), packed, limits, strict=True):
        if gas > gas_max:
            raise GasOverLimit(space=space, gas=gas, gas_max=gas_max)
    if params.consensus.author_sets_fees or not params.consensus.has_base_price:
        return
    assert header.base_price is not None, "checked in isolation"
    assert parent.base_price is not None, "checked when the parent was accepted"
    expected = next_base_price(
        parent.base_price,
        packed_gas=packed,
        height=header.height,
        gas_limit=header.gas_limit,
        params=params.consensus,
    )
    if header.base_price != expected:
        raise WrongBasePrice(base_price=header.base_price, expected=expected)
