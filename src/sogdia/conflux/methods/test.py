"""The `test_` methods: blocks on demand, peers on demand."""

from typing import Any

from sogdia.conflux.backend import HarnessBackend
from sogdia.conflux.keys import node_id_in
from sogdia.conflux.params import (
    Bytes,
    Data,
    Fields,
    Flag,
    Hash,
    Hashes,
    Number,
    Text,
    parse_number,
)
from sogdia.ledger.network.transport import Address
from sogdia.ledger.primitives.block import decode_body
from sogdia.ledger.rpc.errors import InvalidParams
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import WrongParam, hex_data, parse_hash

# What a test may ask for in one call: a minute's work.
BLOCKS_MAX = 10_000
# A field of the harness's blame object -> the header's field.
BLAME_FIELDS = {
    "deferredStateRoot": "deferred_state_root",
    "deferredReceiptsRoot": "deferred_receipts_root",
    "deferredLogsBloomHash": "deferred_logs_bloom_hash",
}


def get_node_id(node: HarnessBackend, challenge: Bytes) -> list[int]:
    """Sign a challenge with this node's key, so that the caller learns it."""
    return list(node.key.sign(challenge))


def get_block_count(node: HarnessBackend) -> int:
    """Return how many blocks have arrived, the first one included."""
    return node.parts.consensus.arrival_count


async def generate_empty_blocks(node: HarnessBackend, count: Number) -> list[str]:
    """Make blocks without transactions, one upon the other."""
    if count > BLOCKS_MAX:
        raise InvalidParams(f"{count} blocks at once, limit {BLOCKS_MAX}")
    made = []
    for _ in range(count):
        made.append(hex_data(await node.on_writer(lambda: node.maker.make(is_empty=True))))
    return made


async def generate_one_block(
    node: HarnessBackend, transactions_max: Number, size_max: Number
) -> str:
    """Make a block with what waits in the pool; the network's own bounds hold for it."""
    del size_max
    return hex_data(await node.on_writer(lambda: node.maker.make(is_empty=transactions_max == 0)))


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
    if transactions_max or pos_reference is not None:
        raise InvalidParams("a fixed block is empty here and has no finality reference")
    return hex_data(
        await node.on_writer(
            lambda: node.maker.make_fixed(
                parent, referees, is_adaptive=adaptive, difficulty=difficulty
            )
        )
    )


async def generate_custom_block(
    node: HarnessBackend,
    parent: Hash,
    referees: Hashes,
    transactions: Data,
    adaptive: Flag = False,
) -> str:
    """Make a block of this parent, these referees and these raw transactions."""
    body = decode_body(transactions, node.parts.params.chain_id)
    return hex_data(
        await node.on_writer(
            lambda: node.maker.make_fixed(parent, referees, body, is_adaptive=adaptive)
        )
    )


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
    is_empty = transactions_max == 0
    return hex_data(
        await node.on_writer(lambda: node.maker.make(is_empty=is_empty, changes=changes))
    )


def add_node(node: HarnessBackend, node_id: Text, address: Text) -> None:
    """Join a node and stay joined with it."""
    del node_id  # told by its hello
    node.network.peers.keep(_address(address))


def remove_node(node: HarnessBackend, node_id: Text, address: Text) -> bool:
    """Stay joined with a node no longer, whoever of the two dialled."""
    was_joined = node.network.peers.release(_address(address))
    for joined in list(node.network.peers.joined.values()):
        if _node_id(joined.session.hello.agent) == node_id:
            joined.session.end("removed by its operator")
            was_joined = True
    return was_joined


def get_peer_info(node: HarnessBackend) -> list[dict[str, Any]]:
    """Return the peers that this node is joined with."""
    return [
        {
            "nodeid": _node_id(joined.session.hello.agent),
            "addr": str(joined.address),
            "caps": [["cfx", 3]],
            "protocols": [["cfx", 3]],
        }
        for joined in node.network.peers.joined.values()
    ]


def _node_id(agent: str) -> str:
    node_id = node_id_in(agent)
    return hex_data(b"" if node_id is None else node_id)


def _address(text: str) -> Address:
    try:
        return Address.parse(text)
    except ValueError as error:
        raise InvalidParams(f"{text!r} is no IP:PORT: {error}") from None


METHODS = (
    Method.of("test_getNodeId", get_node_id),
    Method.of("test_getBlockCount", get_block_count),
    Method.of("test_generateEmptyBlocks", generate_empty_blocks),
    Method.of("test_generateOneBlock", generate_one_block),
    Method.of("test_generateFixedBlock", generate_fixed_block),
    Method.of("test_generateCustomBlock", generate_custom_block),
    Method.of("test_generateBlockWithBlameInfo", generate_block_with_blame),
    Method.of("test_addNode", add_node),
    Method.of("test_removeNode", remove_node),
    Method.of("test_getPeerInfo", get_peer_info),
)
