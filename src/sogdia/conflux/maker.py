"""Making blocks as a test asks for them, honest or not.

A block of ours chooses parent and referees by the rules; a *fixed* one has those that the test
names, which is how tests make partially invalid blocks. Every block is in the graph, and executed
as far as is wanted, before its hash is returned.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sogdia.ledger.mining.builder import BlockBuilder, TransactionSource, complete_header
from sogdia.ledger.node.parts import Parts
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.errors import SogdiaError
from sogdia.ledger.primitives.transaction import Transaction
from sogdia.ledger.primitives.work import search_work

# What every header refers to before a finality committee has signed anything.
NOTHING_FINAL = bytes(32)
ATTEMPTS_MAX = 1 << 40  # the harness asks for difficulties of at most thousands


class NotBuilt(SogdiaError):
    """The state that the next block must commit to is not executed, so it cannot be built."""

    def __init__(self, height: int) -> None:
        super().__init__(height)
        self.height = height

    def __str__(self) -> str:
        return f"no block can be built on height {self.height}: the state it commits is unknown"


@dataclass(slots=True)
class _Bounded:
    """The pool as the source of a block, with a bound that a test sets for each block."""

    pool: TransactionSource
    count_max: int = 0

    def pack(self, *, gas: int, size: int, count: int, base_price: int) -> list[Transaction]:
        """Choose as the pool does, of no more than `count_max`."""
        count = min(count, self.count_max)
        return self.pool.pack(gas=gas, size=size, count=count, base_price=base_price)


@dataclass(frozen=True, slots=True)
class _Given:
    """A block's transactions as a test gives them."""

    transactions: Sequence[Transaction] = ()

    def pack(self, *, gas: int, size: int, count: int, base_price: int) -> list[Transaction]:
        """Return what was given, whether it fits or not."""
        del gas, size, count, base_price
        return list(self.transactions)


class BlockMaker:
    """Makes blocks. Its calls run on the ledger's thread."""

    def __init__(
        self,
        parts: Parts,
        *,
        author: bytes,
        clock: Callable[[], int],
        random_nonce: Callable[[], int],
    ) -> None:
        """`clock` gives Unix seconds; `random_nonce` the first nonce to try, of 256 bits."""
        self._parts = parts
        self._author = author
        self._clock = clock
        self._random_nonce = random_nonce
        self._bounded = _Bounded(parts.pool)
        self._builder = self._build_from(self._bounded)

    def _build_from(self, source: TransactionSource) -> BlockBuilder:
        parts = self._parts
        return BlockBuilder(
            parts.params.consensus, parts.consensus, source, author=self._author, clock=self._clock
        )

    def make(self, transactions_max: int = 0, changes: Mapping[str, Any] | None = None) -> bytes:
        """Make a block of ours with up to so many of the pool's transactions; return its hash.

        `changes` are header fields that a test wants otherwise.

        Raises:
            NotBuilt: the state that it must commit to is not executed.
            InvalidBlock: what was changed breaks a rule.
        """
        self._bounded.count_max = transactions_max
        return self._make_by(self._builder, changes)

    def make_of(self, transactions: Sequence[Transaction]) -> bytes:
        """Make a block of ours with these transactions; return its hash; raises as `make`."""
        return self._make_by(self._build_from(_Given(transactions)), None)

    def _make_by(self, builder: BlockBuilder, changes: Mapping[str, Any] | None) -> bytes:
        block = builder.build()
        if block is None:
            raise NotBuilt(self._parts.consensus.best_height())
        return self._submit(block, changes or {})

    def make_fixed(
        self,
        parent: bytes,
        referees: Sequence[bytes],
        transactions: Sequence[Transaction] = (),
        *,
        is_adaptive: bool = False,
        difficulty: int | None = None,
        changes: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Make a block of a given parent and referees; return its hash.

        `changes` are header fields that a test wants otherwise; a nonce among them is not searched.

        Raises:
            UnknownParent, UnknownReferee: the graph does not hold it.
            InvalidBlock: the subclass names the rule that the block breaks.
        """
        consensus, params = self._parts.consensus, self._parts.params.consensus
        template = consensus.child_template(
            parent, tuple(referees), is_adaptive=is_adaptive, difficulty=difficulty
        )
        assert template.deferred is not None, "a child's roots fall back to its parent's"
        base_price = None
        if params.has_base_price:
            packed_gas = sum(each.gas_limit for each in transactions)
            base_price = consensus.base_price(parent, (0, packed_gas))
        header = complete_header(
            template,
            template.deferred,
            author=self._author,
            timestamp=self._clock(),
            base_price=base_price,
            transactions=transactions,
        )
        return self._submit(Block(header, tuple(transactions)), changes or {})

    def _submit(self, block: Block, changes: Mapping[str, Any]) -> bytes:
        header = replace(block.header, pos_reference=NOTHING_FINAL, **changes)
        start = self._random_nonce()
        nonce: int = changes.get("nonce", start)
        if header.difficulty > 1 and "nonce" not in changes:
            found = search_work(header.problem_hash, header.difficulty, start, ATTEMPTS_MAX)
            assert found is not None, f"difficulty {header.difficulty} takes {ATTEMPTS_MAX} nonces"
            nonce = found
        solved = Block(replace(header, nonce=nonce), block.transactions)
        self._parts.ledger.submit(solved)
        return solved.hash
