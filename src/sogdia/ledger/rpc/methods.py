"""Every method that this node can serve, by group. A group's module lists its own."""

from sogdia.ledger.rpc import net, sogdia, txpool, web3
from sogdia.ledger.rpc.eth import (
    accounts,
    blocks,
    calls,
    chain,
    fees,
    filters,
    logs,
    state,
    submit,
    transactions,
)
from sogdia.ledger.rpc.method import MethodTable

ETH = (accounts, blocks, calls, chain, fees, filters, logs, state, submit, transactions)


def public_methods() -> MethodTable:
    """Return the methods that are safe to serve to everybody."""
    return MethodTable(group.METHODS for group in (*ETH, net, sogdia, txpool, web3))
