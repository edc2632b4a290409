"""A development ledger's own parts without mining tasks or ports, and ways to make it grow."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sogdia.ledger.execution.api import EpochRoots
from sogdia.ledger.mining.builder import BlockBuilder
from sogdia.ledger.node.config import DEVELOPMENT_PROFILE, load_config
from sogdia.ledger.node.parts import Parts, build_parts, network_params
from sogdia.ledger.node.self_test import sign_transfer
from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.transaction import Transaction, decode_transaction

SENDER, OTHER = DEVELOPMENT_ACCOUNTS[:2]
NOW = 1_700_000_000


@contextmanager
def ledger(directory: Path, **settings: object) -> Iterator[Parts]:
    """The parts of a development ledger in `directory`, without mining or ports."""
    config = load_config(settings, {}, directory=directory, profile=DEVELOPMENT_PROFILE)
    parts = build_parts(config, network_params(config), directory / "data", lambda: NOW)
    with parts.database:
        yield parts


def mine(parts: Parts, *, author: int = 1, count: int = 1) -> list[Block]:
    """Mine and submit blocks from the pool."""
    builder = BlockBuilder(
        parts.params.consensus,
        parts.consensus,
        parts.pool,
        author=bytes([author]) * 20,
        clock=lambda: NOW,
    )
    blocks = []
    for _ in range(count):
        block = builder.build()
        assert block is not None
        parts.ledger.submit(block)
        blocks.append(block)
    return blocks


def transfer(parts: Parts, nonce: int, value: int = 1) -> Transaction:
    """Return a transfer of the first account to the second."""
    raw = sign_transfer(
        SENDER,
        OTHER.address,
        value,
        nonce=nonce,
        gas_price=10**11,
        chain_id=parts.params.chain_id,
    )
    return decode_transaction(raw, parts.params.chain_id)


def give(parts: Parts, blocks: list[Block]) -> None:
    """Submit blocks as they come from a peer: from their bytes."""
    for block in blocks:
        parts.ledger.submit(Block.decode(block.encode(), parts.params.chain_id))


def roots(parts: Parts) -> list[EpochRoots | None]:
    """Return the roots of all executed epochs."""
    return [parts.executor.epoch_roots(n) for n in range(parts.executor.head()[0] + 1)]
