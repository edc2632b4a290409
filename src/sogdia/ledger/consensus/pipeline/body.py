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
from sogdia.ledger.primitives.transaction import measure_body, validate_limits


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
    _validate_gas(block, parent, params, gas=_measure_gas(block, params))


def _validate_size(block: Block, params: NetworkParams) -> None:
    if block.body_size > params.consensus.max_block_size_bytes:
        raise BlockTooLarge(
            size_bytes=block.body_size, size_bytes_max=params.consensus.max_block_size_bytes
        )


def _measure_gas(block: Block, params: NetworkParams) -> int:
    """Return the gas limits' sum, once each transaction has kept the bounds of its own."""
    most, takes_core = params.execution.transaction_gas_max, params.execution.takes_core_space
    _, gas, breach = measure_body(block.transactions, most, takes_core)
    if breach is not None:
        try:
            validate_limits(
                block.transactions[breach], gas_limit_max=most, takes_core_space=takes_core
            )
        except InvalidTransaction as reason:
            raise InvalidBlockTransaction(index=breach, reason=reason) from reason
    return gas


def _validate_gas(block: Block, parent: Header, params: NetworkParams, *, gas: int) -> None:
    header = block.header
    packed = (0, gas)
    limits = space_gas_limits(header.height, header.gas_limit, params.consensus)
    for space, used, gas_max in zip(("Core Space", "eSpace"), packed, limits, strict=True):
        if used > gas_max:
            raise GasOverLimit(space=space, gas=used, gas_max=gas_max)
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
