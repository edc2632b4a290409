"""Every method that this node can serve, by group. A group's module lists its own."""

import functools
from collections.abc import Sequence
from typing import Any

from sogdia.ledger.rpc import local, net, ots, sogdia, trace, txpool, web3
from sogdia.ledger.rpc.admin import backups, peers
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.debug import raw, traces
from sogdia.ledger.rpc.dev import accounts as dev_accounts
from sogdia.ledger.rpc.dev import blocks as dev_blocks
from sogdia.ledger.rpc.dev import metadata, mining, reorganising, snapshots, tokens
from sogdia.ledger.rpc.dev import state as dev_state
from sogdia.ledger.rpc.eth import (
    accounts,
    blocks,
    call_many,
    calls,
    chain,
    fees,
    filters,
    fork,
    logs,
    proofs,
    simulate,
    state,
    submit,
    transactions,
)
from sogdia.ledger.rpc.explain import method as explain
from sogdia.ledger.rpc.method import Method, MethodTable
from sogdia.ledger.rpc.openrpc import openrpc_document
from sogdia.ledger.rpc.trace import replay

ETH = (
    accounts,
    blocks,
    call_many,
    calls,
    chain,
    fees,
    filters,
    fork,
    logs,
    proofs,
    simulate,
    state,
    submit,
    transactions,
)


# What may cost a node much or tell strangers much: on the guarded socket, and on development chains
# for everybody.
GUARDED = (explain, ots, peers, raw, replay, trace, traces)

DEVELOPMENT = (
    dev_accounts,
    dev_blocks,
    dev_state,
    metadata,
    mining,
    reorganising,
    snapshots,
    tokens,
)


def served_methods(
    version: str,
    *,
    is_development: bool,
    is_local: bool = False,
    is_guarded: bool = False,
    namespaces: Sequence[str] = ("*",),
) -> MethodTable:
    """Return the methods that a node serves: all that exist on its port, or on its guarded socket.

    `version` is the node's own, for the description of the methods that `rpc_discover` gives.
    """
    groups = [group.METHODS for group in (*ETH, net, sogdia, txpool, web3)]
    if is_development:
        groups += [group.METHODS for group in DEVELOPMENT]
    if is_local:
        groups.append(local.METHODS)
    if is_local and not is_guarded:
        groups.append(peers.METHODS)  # for those whose settings name `admin`
    if is_development or is_guarded:
        groups += [group.METHODS for group in GUARDED]
    if is_guarded:
        groups.append(backups.METHODS)
    served = MethodTable(groups).only(namespaces)
    describing = _describing(served, version).only(namespaces)
    return MethodTable([served, describing])


def _describing(served: MethodTable, version: str) -> MethodTable:
    """Return the methods that tell what is served."""
    document = functools.cache(lambda: openrpc_document(served, version))

    def discover(node: Backend) -> dict[str, Any]:
        """Return this description: every method, its parameters, what it returns."""
        del node
        return document()

    def modules(node: Backend) -> dict[str, str]:
        """Return the namespaces that are served here; every version is 1.0."""
        del node
        return {each.name.partition("_")[0]: "1.0" for each in served}

    return MethodTable([(Method.of("rpc_discover", discover), Method.of("rpc_modules", modules))])
