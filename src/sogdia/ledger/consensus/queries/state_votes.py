"""Which blocks committed the right state, and which voted rightly on those that did not.

B1  Whether a block's roots are right depends on its ancestors only; it is computed once.
B2  A checkpoint changes no verdict: that on the era genesis, from which others follow, is kept.
"""

import struct
from collections.abc import Callable

from sogdia.ledger.consensus.api import DeferredRoots, EpochRoots, RootsReader
from sogdia.ledger.consensus.pipeline.tree_graph import TreeGraph
from sogdia.ledger.consensus.processes.blame import deferred_epoch, deferred_roots, votes_rightly
from sogdia.ledger.consensus.stores.blocks import GraphBlock
from sogdia.ledger.consensus.stores.chain_store import HeaderReader
from sogdia.ledger.params.consensus import ConsensusParams

ANCHOR_PERIOD = 1_000  # heights between two notes for a restart, which then judges so many headers
WRONG_HELD_MAX = 64  # blocks at heights of eras that committed wrong roots: a few are in the graph
_WRONG = struct.Struct(">32sI")
VERDICTS_HELD_MAX = 65_536  # three eras of pivot blocks; what falls out is computed again


class StateVotes:
    """Judges the deferred roots of stored blocks by what execution found."""

    def __init__(
        self,
        params: ConsensusParams,
        graph: Callable[[], TreeGraph],
        headers: HeaderReader,
        roots: RootsReader,
    ) -> None:
        self._params = params
        self._graph = graph
        self._headers = headers
        self._roots = roots
        self._verdicts: dict[bytes, bool] = {}
        self.anchor: bytes | None = None
        """A block with right roots from which a restart goes on, instead of from the era
        genesis."""
        self.anchor_height = 0
        self.wrong: dict[bytes, int] = {}
        """Blocks that committed wrong roots and may become the era genesis, and how many in a row
        there were up to each: nobody can judge the era genesis and its ancestors again."""

    def resume(self, anchor: GraphBlock) -> None:
        """Take it that `anchor`, noted before the last stop, committed right roots."""
        self._verdicts[anchor.hash] = True
        self.anchor, self.anchor_height = anchor.hash, anchor.height

    def resume_wrong(self, rows: bytes) -> None:
        """Go on with `wrong` as `wrong_rows` gave it before the last stop."""
        self.wrong = dict(_WRONG.iter_unpack(rows))

    def wrong_rows(self) -> bytes:
        """Return `wrong` as it is noted for a restart."""
        return b"".join(_WRONG.pack(block, count) for block, count in self.wrong.items())

    def forget_anchor(self) -> None:
        """Do without the anchor, whose block is gone: verdicts on its ancestors stand (B1)."""
        self.anchor, self.anchor_height = None, 0

    def expected(self, parent: GraphBlock) -> DeferredRoots | None:
        """Return what a child of `parent`, a pivot block, must commit.

        None while an epoch that it depends on is not executed.
        """
        owed = self._true_roots(parent.height + 1)
        if owed is None:
            return None
        vector = [owed]
        block = parent
        while not (is_valid := self.is_valid(block)):
            if is_valid is None:
                return None
            # At the era genesis: it, and the wrong ones in a row before it, which are forgotten.
            count = 1 if block.parent else self.wrong.get(block.hash, 1)
            for height in range(block.height, block.height - count, -1):
                blamed = self._true_roots(height)
                if blamed is None:
                    return None
                vector.append(blamed)
            if block.parent is None:
                break
            block = block.parent
        return deferred_roots(vector)

    def expected_of_child(self, parent: GraphBlock) -> DeferredRoots | None:
        """Return what a child of `parent`, any block, must commit.

        None while what it depends on is not executed, as it never is beside the pivot chain.
        """
        owed = deferred_epoch(parent.height + 1, self._params.deferred_epochs)
        return self.expected(parent) if self._is_executed_at(parent, owed) else None

    def is_valid(self, block: GraphBlock) -> bool | None:
        """Tell whether the roots and the blame of `block` are right; None if not yet known.

        Known for pivot blocks, and for those that left the pivot chain above what they commit to;
        never for those beside the era genesis, whose ancestors are forgotten.
        """
        if not block.is_inside:
            return None
        unknown = []
        step = block
        while step.hash not in self._verdicts and step.parent is not None:
            unknown.append(step)
            step = step.parent
        for step in reversed(unknown):
            if self._judge(step) is None:
                return None
        return self._verdicts.get(block.hash, block.hash not in self.wrong)

    def votes_rightly(self, block: GraphBlock) -> bool | None:
        """Tell whether `block` says the truth about the state; None if not yet known."""
        fork = self._leaves_pivot_at(block)
        if fork is block:
            return self.is_valid(block)
        tree = self._graph().state

        def blame_at(height: int) -> int:
            index = tree.graph.ancestor_at(block.index, height)
            assert index is not None, "between the block and where it left the pivot chain"
            return self._headers.header(tree.blocks.at(index).hash).blame

        def is_right_at(height: int) -> bool | None:
            index = tree.graph.ancestor_at(fork.index, height)
            if index is not None:
                return self.is_valid(tree.blocks.at(index))
            root = tree.era_genesis  # before it the wrong ones in a row are known, no others
            return root.height - height >= self.wrong.get(root.hash, 0)

        return votes_rightly(
            height=block.height,
            blame=self._headers.header(block.hash).blame,
            fork_height=fork.height,
            is_right_at=is_right_at,
            blame_at=blame_at,
        )

    def _judge(self, block: GraphBlock) -> bool | None:
        """Judge `block`, whose parent has been."""
        assert block.parent is not None, "the era genesis is not judged"
        if not self._is_executed_for(block):
            return None
        expected = self.expected(block.parent)
        if expected is None:
            return None
        header = self._headers.header(block.hash)
        verdict = expected == DeferredRoots(
            state_root=header.deferred_state_root,
            receipts_root=header.deferred_receipts_root,
            logs_bloom_hash=header.deferred_logs_bloom_hash,
            blame=header.blame,
        )
        self._verdicts[block.hash] = verdict
        if len(self._verdicts) > VERDICTS_HELD_MAX:
            for old in list(self._verdicts)[: VERDICTS_HELD_MAX // 2]:
                del self._verdicts[old]
        if not verdict and block.height % self._params.era_epoch_count == 0:
            self.wrong[block.hash] = expected.blame + 1
            if len(self.wrong) > WRONG_HELD_MAX:
                del self.wrong[next(iter(self.wrong))]
        if verdict and block.height >= self.anchor_height + ANCHOR_PERIOD:
            self.anchor_height, self.anchor = block.height, block.hash
        return verdict

    def _is_executed_for(self, block: GraphBlock) -> bool:
        """Tell whether the epoch that `block` commits to is one of the present pivot chain."""
        return self._is_executed_at(
            block, deferred_epoch(block.height, self._params.deferred_epochs)
        )

    def _is_executed_at(self, block: GraphBlock, owed: int) -> bool:
        """Tell whether the ancestor of `block` at height `owed` is on the pivot chain."""
        tree = self._graph()
        lowest, highest = tree.pivot_span()
        if owed < lowest:
            return True
        index = tree.state.graph.ancestor_at(block.index, owed)
        return owed <= highest and index == tree.pivot_at(owed).index

    def _leaves_pivot_at(self, block: GraphBlock) -> GraphBlock:
        tree = self._graph()
        common = tree.state.graph.common_ancestor([block.index, tree.tip().index])
        return tree.state.era_genesis if common is None else tree.state.blocks.at(common)

    def _true_roots(self, height: int) -> EpochRoots | None:
        """Return what a block at `height` on the pivot chain owes: what execution found there.

        Not what it found on another pivot chain, which it has yet to take back.
        """
        owed = deferred_epoch(height, self._params.deferred_epochs)
        tree = self._graph()
        lowest, highest = tree.pivot_span()
        pivot = tree.pivot_at(owed).hash if lowest <= owed <= highest else None
        return self._roots.epoch_roots(owed, pivot)
