"""The `test_` methods: blocks on demand, and what became of them."""

from collections.abc import Callable
from typing import Any

from sogdia.conflux.backend import HarnessBackend
from sogdia.conflux.maker import NOTHING_FINAL, NotBuilt
from sogdia.conflux.methods.blocks import block_members
from sogdia.conflux.params import Data, Fields, Flag, Hash, Hashes, Number, parse_number
from sogdia.ledger.consensus.api import BlockStatus
from sogdia.ledger.primitives.block import decode_body
from sogdia.ledger.primitives.errors import InvalidBlock, SogdiaError
from sogdia.ledger.primitives.rlp import decode, encode, read_list
from sogdia.ledger.primitives.transaction import Transaction
from sogdia.ledger.rpc.errors import InvalidParams
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import WrongParam, hex_data, parse_hash
from sogdia.ledger.sync.orphans import ORPHAN_LIFE_S

# What a test may ask for in one call: a minute's work.
BLOCKS_MAX = 10_000
# A field of the harness's blame object -> the header's field.
BLAME_FIELDS = {
    "deferredStateRoot": "deferred_state_root",
    "deferredReceiptsRoot": "deferred_receipts_root",
    "deferredLogsBloomHash": "deferred_logs_bloom_hash",
}
# Tests compare with 0 only.
STATUS_NUMBERS = {
    BlockStatus.VALID: 0,
    BlockStatus.PARTIALLY_INVALID: 1,
    BlockStatus.PENDING: 2,
}


def say_hello(node: HarnessBackend) -> str:
    """Return a greeting."""
    del node
    return "Hello, world"


def stop(node: HarnessBackend) -> None:
    """Begin to stop, as after SIGTERM."""
    node.stop()


def get_block_count(node: HarnessBackend) -> int:
    """Return how many blocks have arrived, the first one included."""
    return node.parts.consensus.arrival_count


def get_block_status(node: HarnessBackend, hash: Hash) -> tuple[int, bool]:
    """Return what consensus thinks of a block, and whether its roots and blame are right."""
    consensus = node.parts.consensus
    if not consensus.has_block(hash):
        raise InvalidParams(f"no block {hash.hex()} is here")
    return STATUS_NUMBERS[consensus.status(hash)], consensus.is_state_valid(hash) is True


def get_executed_info(node: HarnessBackend, hash: Hash) -> tuple[str, str]:
    """Return the roots of receipts and state of the epoch of a pivot block."""
    consensus = node.parts.consensus
    epoch = consensus.epoch_of(hash) if consensus.has_block(hash) else None
    roots = None if epoch is None else node.parts.executor.epoch_roots(epoch, hash)
    if roots is None:
        raise InvalidParams(f"{hash.hex()} is no pivot block of an executed epoch")
    return hex_data(roots.receipts_root), hex_data(roots.state_root)


def get_chain(node: HarnessBackend) -> list[dict[str, Any]]:
    """Return the blocks of all epochs since the checkpoint, in the order of execution."""
    consensus = node.parts.consensus
    heights = range(consensus.era_genesis_height, consensus.best_height() + 1)
    return [
        block_members(node, block, full=True)
        for height in heights
        for block in consensus.epoch_plan(height).blocks
    ]


def expire_blocks(node: HarnessBackend, age_s: Number) -> None:
    """Forget blocks that have waited so long for what they refer to."""
    sync = node.network.sync
    sync.orphans.expire(sync.now_s() + ORPHAN_LIFE_S - age_s)


async def generate_empty_blocks(node: HarnessBackend, count: Number) -> list[str]:
    """Make blocks without transactions, one upon the other."""
    if count > BLOCKS_MAX:
        raise InvalidParams(f"{count} blocks at once, limit {BLOCKS_MAX}")
    return [await _made(node, node.maker.make) for _ in range(count)]


async def generate_one_block(
    node: HarnessBackend, transactions_max: Number, size_max: Number
) -> str:
    """Make a block with up to so many of what waits in the pool."""
    del size_max  # the network's own bound holds
    return await _made(node, lambda: node.maker.make(transactions_max))


async def _made(node: HarnessBackend, make: Callable[[], bytes]) -> str:
    """Return the hash of the block that is made on the ledger's thread.

    Raises:
        InvalidParams: it breaks a rule, or builds on what is not here.
    """
    try:
        return hex_data(await node.on_writer(make))
    except (InvalidBlock, NotBuilt) as error:
        raise InvalidParams(f"no such block: {error}") from None


def _body(node: HarnessBackend, transactions: bytes) -> tuple[Transaction, ...]:
    try:
        return decode_body(transactions, node.parts.params.chain_id)
    except InvalidBlock as error:
        raise InvalidParams(f"no such transactions: {error}") from None


async def generate_fixed_block(  # noqa: PLR0917  the harness's own order
    node: HarnessBackend,
    parent: Hash,
    referees: Hashes,
    transactions_max: Number,
    adaptive: Flag = False,
    difficulty: Number | None = None,
    pos_reference: Hash | None = None,
) -> str:
    """Make an empty block of this parent and these referees, by the rules or not."""
    if transactions_max or pos_reference not in (None, NOTHING_FINAL):
        raise InvalidParams("a fixed block is empty here, and no committee has signed anything")
    return await _made(
        node,
        lambda: node.maker.make_fixed(
            parent, referees, is_adaptive=adaptive, difficulty=difficulty
        ),
    )


async def generate_custom_block(
    node: HarnessBackend,
    parent: Hash,
    referees: Hashes,
    transactions: Data,
    adaptive: Flag = False,
) -> str:
    """Make a block of this parent, these referees and these raw transactions."""
    body = _body(node, transactions)
    return await _made(
        node,
        lambda: node.maker.make_fixed(parent, referees, body, is_adaptive=adaptive),
    )


async def generate_timed_block(  # noqa: PLR0917  the harness's own order
    node: HarnessBackend,
    parent: Hash,
    referees: Hashes,
    transactions: Data,
    nonce: Number,
    timestamp: Number,
    adaptive: Flag = False,
) -> str:
    """Make a block as `test_generateCustomBlock` does, of this nonce and time.

    Raises:
        InvalidBlock: the nonce does not solve it.
    """
    body = _body(node, transactions)
    changes = {"nonce": nonce, "timestamp": timestamp}
    return await _made(
        node,
        lambda: node.maker.make_fixed(
            parent, referees, body, is_adaptive=adaptive, changes=changes
        ),
    )


async def generate_block_with_transactions(
    node: HarnessBackend, transactions: Data, adaptive: Flag = False, padding: Number = 0
) -> str:
    """Make a block of ours with these transactions, whether the pool would take them or not."""
    if adaptive or padding:
        raise InvalidParams("the graph decides what is adaptive, and transactions are not padded")
    body = _body(node, _as_body(transactions))
    return await _made(node, lambda: node.maker.make_of(body))


def _as_body(transactions: bytes) -> bytes:
    """Return a list of transactions, each a list, as a body has them: each a byte string."""
    try:
        items = read_list(decode(transactions, "transactions"), "transactions")
    except SogdiaError as error:
        raise InvalidParams(f"no such transactions: {error}") from None
    return encode([each if isinstance(each, bytes) else encode(each) for each in items])


async def generate_block_with_blame(
    node: HarnessBackend, transactions_max: Number, size_max: Number, blame: Fields
) -> str:
    """Make a block that blames what it should not, or commits to roots that are wrong."""
    del size_max
    changes: dict[str, Any] = {}
    try:
        if (count := blame.get("blame")) is not None:
            changes["blame"] = parse_number(count)
        for name, field in BLAME_FIELDS.items():
            if (root := blame.get(name)) is not None:
                changes[field] = parse_hash(root)
    except WrongParam as wrong:
        raise InvalidParams(f"blame info: {wrong}") from None
    return await _made(node, lambda: node.maker.make(transactions_max, changes))


METHODS = (
    Method.of("test_sayHello", say_hello),
    Method.of("test_stop", stop),
    Method.of("test_getBlockCount", get_block_count),
    Method.of("test_getBlockStatus", get_block_status),
    Method.of("test_getExecutedInfo", get_executed_info),
    Method.of("test_getChain", get_chain),
    Method.of("test_expireBlockGc", expire_blocks),
    Method.of("test_generateEmptyBlocks", generate_empty_blocks),
    Method.of("test_generateOneBlock", generate_one_block),
    Method.of("test_generateFixedBlock", generate_fixed_block),
    Method.of("test_generateCustomBlock", generate_custom_block),
    Method.of("test_generateBlockWithFakeTxs", generate_block_with_transactions),
    Method.of("test_generateBlockWithNonceAndTimestamp", generate_timed_block),
    Method.of("test_generateBlockWithBlameInfo", generate_block_with_blame),
)
