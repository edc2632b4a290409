"""The `debug_` methods that the harness waits by."""

from sogdia.conflux.backend import HarnessBackend
from sogdia.ledger.rpc.method import Method


def current_sync_phase(node: HarnessBackend) -> str:
    """Return what the node is doing, by the family's name for it."""
    return node.network.sync.phase.value


METHODS = (Method.of("debug_currentSyncPhase", current_sync_phase),)
