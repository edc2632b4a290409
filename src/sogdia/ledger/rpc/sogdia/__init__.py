"""The `sogdia_` methods: what Ethereum's words hide of a Tree-Graph."""

from typing import Any

from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.eth.epochs import find_epoch, latest_epoch
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import Epoch, Hash, Tag, hex_data, hex_quantity
from sogdia.ledger.sync.phases import Progress, SyncPhase


def get_epoch(node: Backend, epoch: Epoch = Tag.LATEST) -> dict[str, Any] | None:
    """Return an epoch: its pivot, its blocks in the order they execute, those that were skipped."""
    number = find_epoch(node, epoch)
    if number is None:
        return None
    plan = node.consensus.epoch_plan(number)
    return {
        "number": hex_quantity(number),
        "pivot": hex_data(plan.pivot),
        "blocks": [hex_data(block) for block in plan.blocks],
        "skipped": [hex_data(block) for block in plan.skipped],
        "confirmationRisk": _risk(node, number),
    }


def get_block(node: Backend, hash: Hash) -> dict[str, Any] | None:
    """Return a block of the graph: its edges, its status, its blame, the epoch it executes in."""
    if not node.consensus.has_block(hash):
        return None
    header, context = node.consensus.header(hash), node.consensus.context(hash)
    epoch, state_valid = context.epoch, node.consensus.is_state_valid(hash)
    return {
        "hash": hex_data(hash),
        "parent": hex_data(header.parent),
        "referees": [hex_data(referee) for referee in header.referees],
        "height": hex_quantity(header.height),
        "author": hex_data(header.author),
        "timestamp": hex_quantity(header.timestamp),
        "difficulty": hex_quantity(header.difficulty),
        "isAdaptive": header.is_adaptive,
        "isTimer": context.is_timer,
        "isHeavy": context.is_heavy,
        "status": context.status.value,
        "isActive": context.is_active,
        "blame": hex_quantity(header.blame),
        # null while the epoch that the header commits to has not been executed here.
        "isStateValid": state_valid,
        "deferredStateRoot": hex_data(header.deferred_state_root),
        "deferredReceiptsRoot": hex_data(header.deferred_receipts_root),
        "deferredLogsBloomHash": hex_data(header.deferred_logs_bloom_hash),
        "gasLimit": hex_quantity(header.gas_limit),
        "epoch": None if epoch is None else hex_quantity(epoch),
        "isPivot": context.is_pivot,
    }


def get_confirmation_risk(node: Backend, epoch: Epoch = Tag.LATEST) -> str | None:
    """Return the risk that an epoch is ever reversed, as decimal text between 0 and 1."""
    number = find_epoch(node, epoch)
    return None if number is None else _risk(node, number)


def get_status(node: Backend) -> dict[str, Any]:
    """Return where the ledger stands: tip, executed and confirmed epochs, eras, terminals."""
    executed = latest_epoch(node)  # it follows the tip: read after it, it could be beyond
    standing = node.consensus.standing()
    return {
        "chainId": hex_quantity(node.chain_id),
        "genesis": hex_data(node.consensus.genesis),
        "bestBlock": hex_data(standing.best_block),
        "bestHeight": hex_quantity(standing.best_height),
        "executedEpoch": hex_quantity(executed),
        "confirmedEpoch": hex_quantity(standing.confirmed_height),
        "stableHeight": hex_quantity(standing.stable_height),
        "eraGenesis": hex_data(standing.era_genesis),
        "eraGenesisHeight": hex_quantity(standing.era_genesis_height),
        "oldestKeptState": hex_quantity(node.executor.oldest_kept()),
        "terminals": [hex_data(terminal) for terminal in standing.terminals],
        # What everybody should know before relying on this node, empty when all is well.
        "alerts": [
            {
                "code": alert.code,
                "message": alert.message,
                "since": hex_quantity(alert.since),
                "details": {name: hex_quantity(value) for name, value in alert.details.items()},
            }
            for alert in node.alerts()
        ],
        "peers": hex_quantity(node.peer_count()),
        "sync": sync_status(node.sync_progress()),
    }


def sync_status(progress: Progress | None) -> dict[str, Any]:
    """Return the phase by the protocol family's name and, while catching up, how far it is."""
    if progress is None:
        return {"phase": SyncPhase.NORMAL.value}
    left_s = progress.remaining_s
    return {
        "phase": progress.phase.value,
        "height": hex_quantity(progress.height),
        "targetHeight": hex_quantity(progress.highest_height),
        "blocksPerSecond": round(progress.blocks_per_s, 1),
        "remainingSeconds": None if left_s is None else round(left_s),
    }


def current_sync_phase(node: Backend) -> str:
    """Return the phase of sync by the protocol family's name."""
    progress = node.sync_progress()
    return SyncPhase.NORMAL.value if progress is None else progress.phase.value


def _risk(node: Backend, number: int) -> str:
    return f"{float(node.consensus.confirmation_risk(number)):.3g}"


METHODS = (
    Method.of("sogdia_getEpoch", get_epoch),
    Method.of("sogdia_getBlock", get_block),
    Method.of("sogdia_getConfirmationRisk", get_confirmation_risk),
    Method.of("sogdia_getStatus", get_status),
    Method.of("debug_currentSyncPhase", current_sync_phase),
)
