"""Every method that this node can serve, by group. A group's module lists its own."""

from typing import Any

from sogdia.ledger.rpc import local, net, sogdia, txpool, web3
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.debug import traces
from sogdia.ledger.rpc.dev import accounts as dev_accounts
from sogdia.ledger.rpc.dev import metadata, mining, snapshots
from sogdia.ledger.rpc.eth import (
    accounts,
    blocks,
    calls,
    chain,
    fees,
    filters,
    logs,
    proofs,
    state,
    submit,
    transactions,
)
from sogdia.ledger.rpc.method import Method, MethodTable
from sogdia.ledger.rpc.openrpc import openrpc_document

ETH = (accounts, blocks, calls, chain, fees, filters, logs, proofs, state, submit, transactions)


DEVELOPMENT = (dev_accounts, metadata, mining, snapshots, traces)


def served_methods(version: str, *, is_development: bool, is_local: bool = False) -> MethodTable:
    """Return the methods that a node serves to everybody who reaches its port.

    `version` is the node's own, for the description of the methods that `rpc_discover` gives.
    """
    groups = [group.METHODS for group in (*ETH, net, sogdia, txpool, web3)]
    if is_development:
        groups += [group.METHODS for group in DEVELOPMENT]
    if is_local:
        groups.append(local.METHODS)
    document = openrpc_document(MethodTable(groups), version)

    def discover(node: Backend) -> dict[str, Any]:
        """Return this description: every method, its parameters, what it returns."""
        del node
        return document

    return MethodTable([*groups, (Method.of("rpc_discover", discover),)])
