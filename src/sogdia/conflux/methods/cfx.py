"""The `cfx_` methods: the graph in the words of Core Space."""

from typing import Any

from sogdia.conflux.addresses import InvalidCoreAddress, decode_address, encode_address
from sogdia.conflux.backend import HarnessBackend
from sogdia.conflux.keys import core_state_address, core_user_address
from sogdia.conflux.params import Epoch, EpochTag, Flag, Hash, Number, Text
from sogdia.ledger.consensus.pipeline.header.isolation import measure_work
from sogdia.ledger.execution.api import Account
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.rpc.errors import InvalidParams
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import UINT256_MAX, hex_data, hex_quantity


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


def get_block_by_hash(
    node: HarnessBackend, hash: Hash, full: Flag = False
) -> dict[str, Any] | None:
    """Return a block of the graph; the flag asks for transactions instead of their hashes."""
    del full  # blocks of this harness hold no transactions of Core Space yet
    if not node.parts.consensus.has_block(hash):
        return None
    return _block(node, hash)


def get_block_by_epoch(
    node: HarnessBackend, epoch: Epoch, full: Flag = False
) -> dict[str, Any] | None:
    """Return the pivot block of an epoch."""
    pivot = node.parts.consensus.pivot_at(node.epoch_number(epoch))
    return None if pivot is None else get_block_by_hash(node, pivot, full)


def get_block_by_number(
    node: HarnessBackend, number: Number, full: Flag = False
) -> dict[str, Any] | None:
    """Return the block that is executed as the `number`th."""
    found = node.numbers.find(number)
    return None if found is None else get_block_by_hash(node, found, full)


def get_blocks_by_epoch(node: HarnessBackend, epoch: Epoch) -> list[str]:
    """Return the blocks of an epoch in the order in which they are executed."""
    plan = node.parts.consensus.epoch_plan(node.epoch_number(epoch))
    return [hex_data(block) for block in plan.blocks]


def get_balance(node: HarnessBackend, address: Text, epoch: Epoch = EpochTag.STATE) -> str:
    """Return what an account of Core Space has, in drip."""
    return hex_quantity(_account(node, address, epoch).balance)


def get_next_nonce(node: HarnessBackend, address: Text, epoch: Epoch = EpochTag.STATE) -> str:
    """Return the nonce of the next transaction of an account of Core Space."""
    return hex_quantity(_account(node, address, epoch).nonce)


def _account(node: HarnessBackend, address: str, epoch: int | EpochTag) -> Account:
    number = node.epoch_number(epoch)
    if number > node.epoch_number(EpochTag.STATE):
        raise InvalidParams(f"State for epoch {number} does not exist")
    try:
        found = decode_address(address, node.parts.params.network_id)
    except InvalidCoreAddress as error:
        raise InvalidParams(str(error)) from None
    return node.parts.executor.account(core_state_address(found), number)


def _waiting(node: HarnessBackend) -> int:
    status = node.parts.pool.status()
    return status.ready + status.queued


def _block(node: HarnessBackend, block_hash: bytes) -> dict[str, Any]:
    consensus = node.parts.consensus
    block, epoch = consensus.block(block_hash), consensus.epoch_of(block_hash)
    number = None
    if epoch is not None:
        blocks = consensus.epoch_plan(epoch).blocks
        if block_hash in blocks:
            number = node.numbers.last_of(epoch) - len(blocks) + 1 + blocks.index(block_hash)
    return _header(node, block.header) | {
        "epochNumber": None if epoch is None else hex_quantity(epoch),
        "blockNumber": None if number is None else hex_quantity(number),
        "size": hex_quantity(block.body_size),
        "transactions": [hex_data(each.hash) for each in block.transactions],
        "gasUsed": None,
    }


def _header(node: HarnessBackend, header: Header) -> dict[str, Any]:
    base_price = header.base_price
    return {
        "hash": hex_data(header.hash),
        "parentHash": hex_data(header.parent),
        "height": hex_quantity(header.height),
        "miner": encode_address(core_user_address(header.author), node.parts.params.network_id),
        "deferredStateRoot": hex_data(header.deferred_state_root),
        "deferredReceiptsRoot": hex_data(header.deferred_receipts_root),
        "deferredLogsBloomHash": hex_data(header.deferred_logs_bloom_hash),
        "blame": hex_quantity(header.blame),
        "transactionsRoot": hex_data(header.transactions_root),
        "timestamp": hex_quantity(header.timestamp),
        "difficulty": hex_quantity(header.difficulty),
        "powQuality": hex_quantity(min(measure_work(header), UINT256_MAX)),
        "adaptive": header.is_adaptive,
        "gasLimit": hex_quantity(header.gas_limit),
        "refereeHashes": [hex_data(referee) for referee in header.referees],
        "nonce": hex_quantity(header.nonce),
        "posReference": None if header.pos_reference is None else hex_data(header.pos_reference),
        "baseFeePerGas": None if base_price is None else hex_quantity(base_price[0]),
        "custom": [hex_data(item) for item in header.custom],
    }


METHODS = (
    Method.of("cfx_clientVersion", client_version),
    Method.of("cfx_getStatus", get_status),
    Method.of("cfx_getBestBlockHash", get_best_block_hash),
    Method.of("cfx_epochNumber", epoch_number),
    Method.of("cfx_getBalance", get_balance),
    Method.of("cfx_getNextNonce", get_next_nonce),
    Method.of("cfx_getBlockByHash", get_block_by_hash),
    Method.of("cfx_getBlockByEpochNumber", get_block_by_epoch),
    Method.of("cfx_getBlockByBlockNumber", get_block_by_number),
    Method.of("cfx_getBlocksByEpoch", get_blocks_by_epoch),
)
