"""Building the next block: what the graph decides, filled from the pool.

    B1  Every packed transaction can pay the base price that the block itself states.
    B2  The block fits gas, size and the space of its height.
    B3  No block is built that its own node would refuse as one from the future: after a clock was
        put back, nothing is built until it has come near the parent's time again.

The base price of a block follows from what it packs, and what it may pack follows from the base
price. So the lowest possible price is tried first: most often the block is not full, and it holds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sogdia.ledger.consensus.api import BlockTemplate, Consensus, DeferredRoots
from sogdia.ledger.params.consensus import ConsensusParams
from sogdia.ledger.primitives.block import Block, Body, transactions_root
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.primitives.transaction import Transaction

MIN_TRANSACTION_GAS = 21_000  # what any transaction costs: bounds how many fit


class TransactionSource(Protocol):
    """Where a block's transactions come from: the pool."""

    def pack(self, *, gas: int, size: int, count: int, base_price: int) -> list[Transaction]:
        """Choose transactions, best first, within gas, bytes and count, that pay `base_price`."""


@dataclass(slots=True)
class BlockChoices:
    """What the author of a block decides; `None` leaves a value to the rules.

    Only a network whose `author_sets_fees` takes blocks with another gas limit or base price.
    """

    author: bytes
    gas_limit: int | None = None
    base_price: int | None = None
    """Drip per gas of eSpace."""


class BlockBuilder:
    """Builds blocks without their work. It asks consensus and pool, so it runs where they do."""

    def __init__(
        self,
        params: ConsensusParams,
        consensus: Consensus,
        source: TransactionSource,
        *,
        author: bytes,
        clock: Callable[[], int],
    ) -> None:
        """`author` is paid for the blocks; `clock` gives Unix seconds."""
        self._params = params
        self._consensus = consensus
        self._source = source
        self.choices = BlockChoices(author)
        self._clock = clock

    def build(self) -> Block | None:
        """Return the next block, its nonce 0.

        None while the state it must commit to is unknown, or its parent is from the future (B3).
        """
        template = self._consensus.block_template()
        deferred, now_s = template.deferred, self._clock()
        if deferred is None or template.timestamp_min > now_s + self._params.future_drift_s:
            return None
        if self.choices.gas_limit is not None:
            template = replace(template, gas_limit=self.choices.gas_limit)
        base_price, transactions = self._fill(template)
        header = complete_header(
            template,
            deferred,
            author=self.choices.author,
            timestamp=now_s,
            base_price=base_price if self._params.has_base_price else None,
            transactions=transactions,
        )
        return Block(header, transactions)

    def _fill(self, template: BlockTemplate) -> tuple[tuple[int, int], Body]:
        """Return base prices and transactions that agree with each other."""
        consensus = self._consensus
        _, gas = consensus.space_gas_limits(template.height, template.gas_limit)
        if self.choices.base_price is not None:
            prices = (template.parent_base_price[0], self.choices.base_price)
            return prices, self._pack(gas, prices[1])
        empty_price = consensus.base_price(template.parent, (0, 0))
        if gas < MIN_TRANSACTION_GAS:
            return empty_price, Body()
        for assumed in (empty_price, template.parent_base_price, template.base_price_max):
            transactions = self._pack(gas, assumed[1])
            packed_gas = sum([transaction.gas_limit for transaction in transactions])
            actual = consensus.base_price(template.parent, (0, packed_gas))
            # What was chosen pays what was assumed.
            if actual[1] <= assumed[1] or all(
                transaction.max_fee_per_gas >= actual[1] for transaction in transactions
            ):
                return actual, transactions
        raise AssertionError("what pays the price of a full block pays that of any block")

    def _pack(self, gas: int, base_price: int) -> Body:
        packed = self._source.pack(
            gas=gas,
            size=self._params.max_block_size_bytes,
            count=gas // MIN_TRANSACTION_GAS,
            base_price=base_price,
        )
        return Body(packed)


def complete_header(
    template: BlockTemplate,
    deferred: DeferredRoots,
    *,
    author: bytes,
    timestamp: int,
    base_price: tuple[int, int] | None,
    transactions: Sequence[Transaction],
) -> Header:
    """Return the header of a block on `template`, its nonce 0; no earlier than its parent."""
    return Header(
        parent=template.parent,
        height=template.height,
        timestamp=max(timestamp, template.timestamp_min),
        author=author,
        transactions_root=transactions_root(transactions),
        deferred_state_root=deferred.state_root,
        deferred_receipts_root=deferred.receipts_root,
        deferred_logs_bloom_hash=deferred.logs_bloom_hash,
        blame=deferred.blame,
        difficulty=template.difficulty,
        is_adaptive=template.is_adaptive,
        gas_limit=template.gas_limit,
        referees=template.referees,
        base_price=base_price,
        custom=template.custom,
    )
