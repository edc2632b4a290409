"""The `cfx_` methods about the chain as a whole, and the prices on it."""

from typing import Any

from sogdia.conflux.backend import HarnessBackend
from sogdia.conflux.errors import NotBuilt
from sogdia.conflux.params import Epoch, EpochTag, Fields
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import UINT64_MAX, hex_data, hex_quantity

# What is offered where nobody competes; wallets that see 0 warn.
LEAST_PRICE_DRIP = 10**9
TRANSFER_GAS = 21_000


def client_version(node: HarnessBackend) -> str:
    """Return name and version of this program."""
    return node.client_version


def get_status(node: HarnessBackend) -> dict[str, str]:
    """Return which chain this is and how far it is."""
    params, tip = node.parts.params, node.epoch_number(EpochTag.MINED)
    return {
        "bestHash": hex_data(node.parts.consensus.best_block()),
        "chainId": hex_quantity(params.network_id),
        "networkId": hex_quantity(params.network_id),
        "ethereumSpaceChainId": hex_quantity(params.chain_id),
        "epochNumber": hex_quantity(tip),
        "blockNumber": hex_quantity(node.numbers.last_of(tip)),
        "latestState": hex_quantity(node.epoch_number(EpochTag.STATE)),
        "latestConfirmed": hex_quantity(node.epoch_number(EpochTag.CONFIRMED)),
        "latestCheckpoint": hex_quantity(node.epoch_number(EpochTag.CHECKPOINT)),
        "latestFinalized": hex_quantity(node.epoch_number(EpochTag.FINALIZED)),
        "pendingTxNumber": hex_quantity(_waiting(node)),
    }


def get_best_block_hash(node: HarnessBackend) -> str:
    """Return the tip of the pivot chain."""
    return hex_data(node.parts.consensus.best_block())


def epoch_number(node: HarnessBackend, epoch: Epoch = EpochTag.MINED) -> str:
    """Return the number of an epoch."""
    return hex_quantity(node.epoch_number(epoch))


def get_gas_price(node: HarnessBackend) -> str:
    """Return a price, in drip per gas, at which a transfer is taken."""
    consensus = node.parts.consensus
    base_price = consensus.header(consensus.best_block()).base_price
    return hex_quantity(max(LEAST_PRICE_DRIP, 0 if base_price is None else base_price[0]))


def get_priority_fee(node: HarnessBackend) -> str:
    """Return a price above the base price, in drip per gas, at which a transfer is taken."""
    del node
    return hex_quantity(LEAST_PRICE_DRIP)


def estimate(
    node: HarnessBackend, request: Fields, epoch: Epoch = EpochTag.STATE
) -> dict[str, str]:
    """Return what a transfer will need; what calls or makes a contract is not run here."""
    node.executed_epoch(epoch)
    if request.get("to") is None or request.get("data") not in (None, "0x"):
        raise NotBuilt("cfx_estimateGasAndCollateral", "Core Space has no contracts on this node")
    gas = hex_quantity(TRANSFER_GAS)
    return {"gasLimit": gas, "gasUsed": gas, "storageCollateralized": hex_quantity(0)}


def get_pool_status(node: HarnessBackend) -> dict[str, Any]:
    """Return how many transactions wait, and of how many accounts one could be packed now."""
    most = UINT64_MAX
    ready = node.parts.pool.pack(gas=most, size=most, count=_waiting(node), base_price=0)
    return {
        "deferred": hex_quantity(_waiting(node)),
        "ready": hex_quantity(len({each.sender for each in ready})),
        "received": hex_quantity(_waiting(node)),
        "unexecuted": hex_quantity(_waiting(node)),
    }


async def clear_pool(node: HarnessBackend) -> None:
    """Forget every transaction that waits."""
    pool = node.parts.pool

    def clear() -> None:
        ready, queued = pool.content()
        pool.drop(each.hash for each in (*ready, *queued))

    await node.on_writer(clear)


def _waiting(node: HarnessBackend) -> int:
    status = node.parts.pool.status()
    return status.ready + status.queued


METHODS = (
    Method.of("cfx_clientVersion", client_version),
    Method.of("cfx_getStatus", get_status),
    Method.of("cfx_getBestBlockHash", get_best_block_hash),
    Method.of("cfx_epochNumber", epoch_number),
    Method.of("cfx_gasPrice", get_gas_price),
    Method.of("cfx_maxPriorityFeePerGas", get_priority_fee),
    Method.of("cfx_estimateGasAndCollateral", estimate),
    Method.of("txpool_status", get_pool_status),
    Method.of("debug_clearTxPool", clear_pool),
)
