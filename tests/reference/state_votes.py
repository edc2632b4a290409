"""Blame, votes on the state, anticones and rewards by brute force, from protocol §3.6 and §3.7.

A ledger of plain sums over all blocks that were ever published. Verdicts, pivot chain and executed
blocks are what the engine says; what follows from them is computed again, with nothing remembered.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from tests.reference.simple_mpt import keccak256
from tests.reference.work import pow_hash, pow_quality

from sogdia.ledger.params.consensus import ConsensusParams
from sogdia.ledger.primitives.header import Header


@dataclass(frozen=True, slots=True)
class Roots:
    """Roots of one epoch."""

    state_root: bytes
    receipts_root: bytes
    logs_bloom_hash: bytes


def roots_of(pivot: bytes) -> Roots:
    """Return what the execution of the epoch of a pivot block is made to find."""
    return Roots(*(keccak256(bytes([kind]) + pivot) for kind in range(3)))


def committed(own: Roots, blamed: Sequence[Roots]) -> tuple[bytes, ...]:
    """Return the roots of a header that blames the ancestors that owed `blamed`, nearest first."""

    def fold(values: list[bytes]) -> bytes:
        first, *rest = values
        return keccak256(first + fold(rest)) if rest else first

    vector = [own, *blamed]
    return (
        fold([each.state_root for each in vector]),
        fold([each.receipts_root for each in vector]),
        fold([each.logs_bloom_hash for each in vector]),
    )


@dataclass(frozen=True)
class Earned:
    """What a block earns before fees, and whether it shares them."""

    anticone: int
    reward: int
    shares_fees: bool


class Book:
    """All blocks by hash, in the order of publication."""

    def __init__(self, params: ConsensusParams, genesis: Header) -> None:
        self.params = params
        self.genesis = genesis.hash
        self.headers = {genesis.hash: genesis}
        self.pasts: dict[bytes, set[bytes]] = {genesis.hash: set()}

    def add(self, header: Header) -> None:
        """Add a published block."""
        self.headers[header.hash] = header
        references = (header.parent, *header.referees)
        self.pasts[header.hash] = set(references).union(*(self.pasts[i] for i in references))

    def ancestor(self, block: bytes, height: int) -> bytes:
        """Return the ancestor of a block, or itself, at a height."""
        while self.headers[block].height > height:
            block = self.headers[block].parent
        return block

    def owed(self, block: bytes) -> Roots:
        """Return the roots that a block owes: those of its own ancestor some epochs before."""
        height = self.headers[block].height - self.params.deferred_epochs
        return roots_of(self.ancestor(block, max(height, 0)))

    def due(self, block: bytes) -> tuple[tuple[bytes, ...], int]:
        """Return roots and blame that a block must carry."""
        blamed = []
        step = self.headers[block].parent
        while not self.is_right(step):
            blamed.append(self.owed(step))
            step = self.headers[step].parent
        return committed(self.owed(block), blamed), len(blamed)

    @cached_property
    def _verdicts(self) -> dict[bytes, bool]:
        return {self.genesis: True}

    def is_right(self, block: bytes) -> bool:
        """Tell whether the roots and the blame of a block are right (§3.6)."""
        path = []
        while block not in self._verdicts:
            path.append(block)
            block = self.headers[block].parent
        for block in reversed(path):
            header = self.headers[block]
            says = (
                header.deferred_state_root,
                header.deferred_receipts_root,
                header.deferred_logs_bloom_hash,
            )
            self._verdicts[block] = (says, header.blame) == self.due(block)
        return self._verdicts[block]

    def votes_rightly(self, block: bytes, pivot: Callable[[int], bytes]) -> bool:
        """Tell whether a block says the truth about the pivot chain's roots (ADR 0028)."""
        header = self.headers[block]
        if pivot(header.height) == block:
            return self.is_right(block)
        fork = block
        while pivot(self.headers[fork].height) != fork:
            fork = self.headers[fork].parent
        fork_height = self.headers[fork].height
        trusted = header.height - header.blame - 1
        while trusted > fork_height:
            trusted = trusted - self.headers[self.ancestor(block, trusted)].blame - 1
        if trusted < 0:
            return False
        blamed = [pivot(height) for height in range(trusted + 1, fork_height + 1)]
        return self.is_right(pivot(trusted)) and not any(map(self.is_right, blamed))

    def era(self, block: bytes) -> bytes:
        """Return the era block that a block descends from."""
        height = self.headers[block].height
        count = self.params.era_epoch_count
        return self.ancestor(block, max(height - 1, 0) // count * count)

    def weight(self, block: bytes) -> int:
        """Return the weight of a block that counts (§3.2)."""
        header = self.headers[block]
        if not header.is_adaptive:
            return header.difficulty
        is_heavy = self.quality(block) >= self.params.heavy_ratio * header.difficulty
        return self.params.heavy_ratio * header.difficulty if is_heavy else 0

    def quality(self, block: bytes) -> int:
        """Return the difficulty that a block's work meets."""
        header = self.headers[block]
        return pow_quality(pow_hash(header.problem_hash, header.nonce), header.nonce)

    def earned(
        self, block: bytes, *, is_valid: bool, epoch: int, pivot: Callable[[int], bytes]
    ) -> Earned:
        """Return what an executed block of `epoch` earns of 10^18 (§3.7)."""
        count = self.params.era_epoch_count
        last = -(-epoch // count) * count
        cut = pivot(min(epoch + self.params.anticone_penalty_upper_epochs, last))
        seen = self.pasts[cut] | {cut}
        beside = [
            each
            for each in seen - self.pasts[block] - {block}
            if block not in self.pasts[each] and self.era(each) == self.era(block)
        ]
        anticone = sum(map(self.weight, beside))
        difficulty = self.headers[pivot(epoch)].difficulty
        ratio = self.params.anticone_penalty_ratio
        if not is_valid or not self.votes_rightly(block, pivot) or anticone >= ratio * difficulty:
            return Earned(anticone, 0, False)
        if self.quality(block) < difficulty:
            return Earned(anticone, 0, True)
        base = 10**18
        lost = base * anticone // difficulty * anticone // difficulty // ratio // ratio
        return Earned(anticone, base - lost, True)
