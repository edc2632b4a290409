"""The `cfx_` methods about blocks: one by one, by epoch, by number."""

from typing import Any

import msgspec

from sogdia.conflux.addresses import encode_address
from sogdia.conflux.backend import HarnessBackend
from sogdia.conflux.errors import InvalidParameter
from sogdia.conflux.keys import core_user_address
from sogdia.conflux.methods.transfers import placed_members, receipt_of
from sogdia.conflux.params import Epoch, EpochName, Flag, Hash, Number
from sogdia.conflux.transfers import CoreTransfer
from sogdia.ledger.consensus.pipeline.header.isolation import measure_work
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.primitives.transaction import CORE_TRANSFER_KIND
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import UINT256_MAX, hex_data, hex_quantity

# A risk in the family's words is a share of 2^256.
RISK_ONE = UINT256_MAX


def get_block_by_hash(
    node: HarnessBackend, hash: Hash, full: Flag = False
) -> dict[str, Any] | None:
    """Return a block of the graph; the flag asks for transactions instead of their hashes."""
    return block_members(node, hash, full=full) if node.parts.consensus.has_block(hash) else None


def get_block_by_epoch(
    node: HarnessBackend, epoch: Epoch, full: Flag = False
) -> dict[str, Any] | None:
    """Return the pivot block of an epoch."""
    pivot = node.parts.consensus.pivot_at(node.epoch_number(epoch))
    return None if pivot is None else block_members(node, pivot, full=full)


def get_block_by_number(
    node: HarnessBackend, number: Number, full: Flag = False
) -> dict[str, Any] | None:
    """Return the block that is executed as the `number`th."""
    found = node.numbers.find(number)
    return None if found is None else block_members(node, found, full=full)


def get_block_by_hash_and_pivot(
    node: HarnessBackend, hash: Hash, pivot: Hash, epoch: Number
) -> dict[str, Any]:
    """Return a block if it is of this epoch, and the epoch of this pivot block."""
    consensus = node.parts.consensus
    if consensus.pivot_at(epoch) != pivot:
        raise InvalidParameter("pivot", "pivot chain assumption failed")
    if not consensus.has_block(hash) or consensus.epoch_of(hash) != epoch:
        raise InvalidParameter("block", "blocks epoch number is not the one assumed")
    return block_members(node, hash, full=True)


def get_blocks_by_epoch(node: HarnessBackend, epoch: Epoch) -> list[str]:
    """Return the blocks of an epoch in the order in which they are executed."""
    return [hex_data(block) for block in _plan(node, epoch).blocks]


def get_skipped_blocks(node: HarnessBackend, epoch: Epoch) -> list[str]:
    """Return the blocks of an epoch that are not executed: they are too many, or of another era."""
    return [hex_data(block) for block in _plan(node, epoch).skipped]


def get_epoch_receipts(
    node: HarnessBackend, epoch: Epoch, with_espace: Flag = False
) -> list[list[dict[str, Any]]] | None:
    """Return the receipts of an epoch's transfers, block by block; null before it is executed."""
    if with_espace:
        raise InvalidParameter("include_eth_receipts", "ask eth_getBlockReceipts for those")
    number = node.epoch_number(epoch)
    if number > node.parts.executor.head()[0]:
        return None
    receipts = []
    for block_hash in node.parts.consensus.epoch_plan(number).blocks:
        found = [receipt_of(node, each) for each in _transfer_hashes(node, block_hash)]
        of_here = hex_data(block_hash)
        receipts.append([each for each in found if each and each["blockHash"] == of_here])
    return receipts


def get_transaction_count(node: HarnessBackend, hash: Hash) -> str | None:
    """Return how many transfers of Core Space a block contains."""
    if not node.parts.consensus.has_block(hash):
        return None
    return hex_quantity(len(_transfer_hashes(node, hash)))


def get_risk(node: HarnessBackend, hash: Hash) -> str | None:
    """Return the bound of the risk that a block is reversed, as a share of 2^256."""
    consensus = node.parts.consensus
    epoch = consensus.epoch_of(hash) if consensus.has_block(hash) else None
    if epoch is None:
        return None
    return hex_quantity(int(consensus.confirmation_risk(epoch) * 10**18) * RISK_ONE // 10**18)


def get_rewards(node: HarnessBackend, epoch: Epoch) -> list[dict[str, str]]:
    """Return what the blocks of an epoch earned, once it was paid."""
    parts, number = node.parts, node.epoch_number(epoch)
    paid_at = number + parts.params.consensus.reward_epochs
    if not number or paid_at > parts.executor.head()[0]:
        raise InvalidParameter("epoch", f"the rewards of epoch {number} are not calculated yet")
    inputs = parts.consensus.reward_inputs(number, parts.params.execution.base_block_reward)
    sharing = [each.hash for each in inputs if each.shares_fees]
    fees = dict(parts.executor.fee_shares(number, sharing)[0])
    return [
        {
            "blockHash": hex_data(each.hash),
            "author": encode_address(core_user_address(each.author), parts.params.network_id),
            "totalReward": hex_quantity(each.base_reward + fees.get(each.hash, 0)),
            "baseReward": hex_quantity(each.base_reward),
            "txFee": hex_quantity(fees.get(each.hash, 0)),
        }
        for each in inputs
    ]


def get_transactions_by_epoch(node: HarnessBackend, epoch: Epoch) -> list[dict[str, Any]]:
    """Return the transfers of an epoch, in the order of their blocks."""
    blocks = _plan(node, epoch).blocks
    return [each for block in blocks for each in get_transactions_by_block(node, block)]


def get_transactions_by_block(node: HarnessBackend, hash: Hash) -> list[dict[str, Any]]:
    """Return the transfers of a block."""
    return [
        {"space": "native", "nativeTransaction": each, "ethTransaction": None}
        for each in _transfers(node, node.parts.consensus.block(hash))
    ]


def block_members(node: HarnessBackend, block_hash: bytes, *, full: bool) -> dict[str, Any]:
    """Return a block of the graph as the family shows it."""
    consensus = node.parts.consensus
    block, epoch = consensus.block(block_hash), consensus.epoch_of(block_hash)
    number = None
    if epoch is not None:
        blocks = consensus.epoch_plan(epoch).blocks
        if block_hash in blocks:
            number = node.numbers.last_of(epoch) - len(blocks) + 1 + blocks.index(block_hash)
    hashes = [each.hash for each in block.transactions if each.kind == CORE_TRANSFER_KIND]
    shown: list[Any] = [hex_data(each) for each in hashes]
    return _header(node, block.header) | {
        "epochNumber": None if epoch is None else hex_quantity(epoch),
        "blockNumber": None if number is None else hex_quantity(number),
        "size": hex_quantity(block.body_size),
        "transactions": _transfers(node, block) if full else shown,
        "gasUsed": _gas_used(node, block_hash, hashes, epoch),
    }


def _gas_used(
    node: HarnessBackend, block_hash: bytes, transfers: list[bytes], epoch: int | None
) -> str | None:
    if epoch is None or epoch > node.parts.executor.head()[0]:
        return None
    used = 0
    for transaction_hash in transfers:
        place = node.parts.executor.locate(transaction_hash)
        receipt = node.parts.executor.receipt_json(transaction_hash)
        if place is not None and receipt is not None and place.block == block_hash:
            used += int(msgspec.json.decode(receipt)["gasUsed"], 16)
    return hex_quantity(used)


def _plan(node: HarnessBackend, epoch: EpochName) -> Any:
    return node.parts.consensus.epoch_plan(node.epoch_number(epoch))


def _transfer_hashes(node: HarnessBackend, block_hash: bytes) -> list[bytes]:
    transactions = node.parts.consensus.block(block_hash).transactions
    return [each.hash for each in transactions if each.kind == CORE_TRANSFER_KIND]


def _transfers(node: HarnessBackend, block: Block) -> list[dict[str, Any]]:
    """Return the transfers of a block, placed where they were executed if it was here."""
    of_here, network_id = hex_data(block.hash), node.parts.params.network_id
    shown = []
    for each in block.transactions:
        if each.kind == CORE_TRANSFER_KIND:
            placed = placed_members(node, each.hash)
            if placed["blockHash"] != of_here:
                placed = dict.fromkeys(placed)
            shown.append(CoreTransfer.read(each.raw).members(network_id) | placed)
    return shown


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
    Method.of("cfx_getBlockByHash", get_block_by_hash),
    Method.of("cfx_getBlockByEpochNumber", get_block_by_epoch),
    Method.of("cfx_getBlockByBlockNumber", get_block_by_number),
    Method.of("cfx_getBlockByHashWithPivotAssumption", get_block_by_hash_and_pivot),
    Method.of("cfx_getBlocksByEpoch", get_blocks_by_epoch),
    Method.of("cfx_getSkippedBlocksByEpoch", get_skipped_blocks),
    Method.of("cfx_getEpochReceipts", get_epoch_receipts),
    Method.of("cfx_getBlockTransactionCountByHash", get_transaction_count),
    Method.of("cfx_getConfirmationRiskByHash", get_risk),
    Method.of("cfx_getBlockRewardInfo", get_rewards),
    Method.of("debug_getTransactionsByEpoch", get_transactions_by_epoch),
    Method.of("debug_getTransactionsByBlock", get_transactions_by_block),
)
