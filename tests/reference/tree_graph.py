"""The Tree-Graph rules by brute force, from protocol §3 alone: the kernel's slow twin.

Every answer is computed from the whole past of a block, a set held as the bits of an integer. It
shares no code with the engine, and keeps all blocks: what a checkpoint settles is only marked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from sogdia.ledger.params.consensus import ConsensusParams


@dataclass(slots=True)
class Node:
    """One block; `past` has bit i set when block i is in its past."""

    index: int
    key: bytes
    parent: int | None
    referees: tuple[int, ...]
    height: int
    difficulty: int
    quality: int
    says_adaptive: bool
    past: int
    time: int = 0
    owed: int = 0
    """The difficulty that its children must have; known once it is judged."""
    is_active: bool = False
    is_wanted: bool = False
    """Not pending: the stable genesis was once in its past, or in that of one referring to it."""
    is_judged: bool = False
    is_valid: bool = False
    is_adaptive: bool = False
    timer_total: int = 0
    last_timer: int | None = None

    @property
    def bit(self) -> int:
        """The node in a set of nodes."""
        return 1 << self.index


def members(mask: int) -> Iterable[int]:
    """Yield the indices in a set, from small to large."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class ReferenceGraph:
    """All blocks, judged as they come."""

    def __init__(self, params: ConsensusParams, genesis_key: bytes, difficulty: int) -> None:
        self.params = params
        genesis = Node(0, genesis_key, None, (), 0, difficulty, 0, False, 0)
        genesis.is_active = genesis.is_judged = genesis.is_valid = True
        genesis.owed = params.initial_difficulty
        self.nodes = [genesis]
        self.stable = self.era_genesis = 0
        self.dropped = 0
        """What the checkpoint has settled or forgotten: all but the future of the era genesis."""

    # --- insertion and activation (§3.4) -------------------------------------------------------

    def insert(
        self,
        *,
        key: bytes,
        parent: int,
        referees: tuple[int, ...],
        difficulty: int,
        quality: int,
        says_adaptive: bool = False,
        time: int = 0,
    ) -> Node:
        """Add a block, judge what can be judged, and activate what may count."""
        height = self.nodes[parent].height + 1
        live = [i for i in (parent, *referees) if not self.dropped >> i & 1]
        past = 0
        for other in live:
            past |= self.nodes[other].past | self.nodes[other].bit
        node = Node(
            len(self.nodes), key, parent if parent in live else None,
            tuple(i for i in referees if i in live), height, difficulty, quality, says_adaptive,
            past, time,
        )  # fmt: skip
        self.nodes.append(node)
        if not live:
            self.dropped |= node.bit
        self._settle()
        while self._move_stable():
            self._settle()
        return node

    def _settle(self) -> None:
        self._ask_for_verdicts()
        while self._judge_next() or self._release_next():
            pass

    def _judge_next(self) -> bool:
        for node in self.nodes:
            is_kept = not self.dropped & node.bit
            if is_kept and not node.is_judged and node.is_wanted and self._has_active_past(node):
                self._judge(node)
                if node.is_valid or self.params.activation_is_immediate:
                    node.is_active = True
                return True
        return False

    def _ask_for_verdicts(self) -> None:
        stable = 1 << self.stable
        for node in self.nodes:
            if not node.is_wanted:
                node.is_wanted = any(
                    other.past & stable and (other is node or other.past & node.bit)
                    for other in self.nodes[node.index :]
                )

    def _has_active_past(self, node: Node) -> bool:
        return all(self.nodes[i].is_active for i in members(node.past))

    def _release_next(self) -> bool:
        chain = self.timer_chain()
        for node in self.nodes:
            if node.is_judged and not node.is_active:
                ticks = self._ticks_seen(node.last_timer, chain)
                if not self.dropped & node.bit and ticks + self.params.timer_beta <= len(chain):
                    node.is_active = True
                    return True
        return False

    def _ticks_seen(self, last: int | None, chain: list[int]) -> int:
        if last is None:
            return 0
        if self.dropped >> last & 1:
            return len(self._chain_from(last))
        return self._ticks(last, chain) + (last in chain)

    # --- weights (§3.2) ------------------------------------------------------------------------

    def weight(self, index: int) -> int:
        """Return the weight of a block."""
        node = self.nodes[index]
        if not node.is_active or self.era_genesis not in self.path(index):
            return 0
        if not node.is_adaptive:
            return node.difficulty
        is_heavy = node.quality >= self.params.heavy_ratio * node.difficulty
        return self.params.heavy_ratio * node.difficulty if is_heavy else 0

    def subtree_weights(self, within: int) -> dict[int, int]:
        """Return the subtree weight of every block in the set `within`, restricted to it."""
        weights = {i: self.weight(i) for i in members(within)}
        for i in sorted(weights, reverse=True):
            parent = self.nodes[i].parent
            if parent is not None and parent in weights:
                weights[parent] += weights[i]
        return weights

    def children(self, index: int, within: int) -> list[int]:
        """Return the children of a block in the set `within`."""
        return [i for i in members(within) if self.nodes[i].parent == index]

    def follow_weight(self, start: int, within: int) -> list[int]:
        """Return the chain of heaviest children in `within` from `start` on."""
        weights = self.subtree_weights(within)
        chain = [start]
        while children := self.children(chain[-1], within):
            chain.append(max(children, key=lambda i: (weights[i], self.nodes[i].key)))
        return chain

    # --- ancestry ------------------------------------------------------------------------------

    def path(self, index: int) -> list[int]:
        """Return the tree path from the genesis to a block."""
        path = []
        step: int | None = index
        while step is not None:
            path.append(step)
            step = self.nodes[step].parent
        return path[::-1]

    def common_ancestor(self, indices: list[int]) -> int:
        """Return the deepest block that all of `indices` descend from or are."""
        paths = [self.path(i) for i in indices]
        common = 0
        for step in zip(*paths, strict=False):
            if len(set(step)) > 1:
                break
            common = step[0]
        return common

    # --- timer chain and force confirmation (§3.3) ---------------------------------------------

    def is_timer(self, index: int) -> bool:
        """Tell whether a block is a valid timer block."""
        node = self.nodes[index]
        is_worked = node.quality >= self.params.timer_ratio * node.difficulty
        return index != 0 and node.is_valid and is_worked

    def _distinct_referees(self, node: Node) -> list[int]:
        kept: list[int] = []
        for referee in node.referees:
            if not any(referee in self.path(other) for other in kept):
                above = [other for other in kept if other in self.path(referee)]
                place = kept.index(above[0]) if above else len(kept)
                kept = [other for other in kept if other not in above]
                kept.insert(place, referee)
        return kept

    def _note_timers(self, node: Node) -> None:
        best: tuple[int, bytes] = (-1, b"")
        first = () if node.parent is None else (node.parent,)
        for i in (*first, *self._distinct_referees(node)):
            other = self.nodes[i]
            own = other.difficulty if self.is_timer(i) else 0
            if (other.timer_total + own, other.key) > best:
                best = (other.timer_total + own, other.key)
                node.timer_total = other.timer_total + own
                node.last_timer = i if self.is_timer(i) else other.last_timer

    def _chain_from(self, last: int | None) -> list[int]:
        chain = []
        while last is not None:
            chain.append(last)
            last = self.nodes[last].last_timer
        return chain[::-1]

    def timer_chain(self) -> list[int]:
        """Return the timer chain of all active blocks."""
        timers = [n for n in self.nodes if n.is_active and self.is_timer(n.index)]
        if not timers:
            return []
        best = max(timers, key=lambda n: (n.timer_total + n.difficulty, n.key))
        return self._chain_from(best.index)

    def _ticks(self, index: int, chain: list[int]) -> int:
        seen = self.nodes[index].past | self.dropped
        return sum(1 for timer in chain if seen >> timer & 1)

    def force_confirmed(self, chain: list[int]) -> int:
        """Return the block that a timer chain has settled: the era genesis or one below it."""
        beta, length = self.params.timer_beta, len(chain)
        confirmed = self.era_genesis
        for end in range(beta - 1, length - beta):
            run = chain[end - beta + 1 : end + 1]
            if any(self.dropped >> timer & 1 for timer in run):
                continue
            common = self.common_ancestor(run)
            if (
                self.era_genesis in self.path(common)
                and self.nodes[common].height > self.nodes[confirmed].height
            ):
                confirmed = common
        return confirmed

    # --- verdicts (§3.4) -----------------------------------------------------------------------

    def _judge(self, node: Node) -> None:
        self._note_timers(node)
        chain = self._chain_from(node.last_timer)
        confirmed = self.force_confirmed(chain)
        node.is_judged = True
        node.is_adaptive = node.says_adaptive
        node.owed = self.difficulty_below(node)
        if not node.past >> confirmed & 1:
            return
        way = self.follow_weight(confirmed, node.past)
        if node.parent != way[-1] or node.difficulty != self.nodes[way[-1]].owed:
            return
        due = self._is_adaptive_due(node, chain, way)
        if self.params.adaptive_is_computed:
            node.is_adaptive = due
        node.is_valid = node.is_adaptive == due

    def _is_adaptive_due(self, node: Node, chain: list[int], way: list[int]) -> bool:
        weights = self.subtree_weights(node.past)
        for above, block in pairwise(way):
            age = len(chain) - self._ticks(block, chain)
            lead = 2 * weights[block] - weights[above] + self.weight(above)
            is_undecided = lead < self.params.adaptive_beta * node.difficulty
            if age >= self.params.timer_beta and is_undecided:
                return True
        return False

    def difficulty_below(self, node: Node) -> int:
        """Return what the children of a block owe (§3.8, ADR 0024): of its period count the
        blocks of its own era. What lies beside the era genesis is never valid, whatever it owes."""
        params, path = self.params, self.path(node.index)
        if self.era_genesis not in path or node.parent is None or not params.difficulty_period:
            return params.initial_difficulty
        before = self.nodes[node.parent].owed
        if node.height % params.difficulty_period:
            return before
        *_, start = path[: -params.difficulty_period]
        added = (node.past | node.bit) & ~(self.nodes[start].past | self.nodes[start].bit)
        count = sum(self.era(i) == self.era(node.index) for i in members(added))
        times = [self.nodes[i].time for i in path[-params.difficulty_period :]]
        span_us = max(max(times) - min(times), 1) * 1_000_000
        measured = before * params.target_block_interval_ms * 1_000 * (count - 1) // span_us
        smoothed = before // 5 * 4 + measured // 5
        bounded = min(max(smoothed, before // 2), before + before // 2)
        return max(bounded, params.initial_difficulty)

    # --- pivot chain, order (§3.5) -------------------------------------------------------------

    def active(self) -> int:
        """Return the set of active blocks."""
        return sum(node.bit for node in self.nodes if node.is_active)

    def pivot_chain(self) -> list[int]:
        """Return the pivot chain from the genesis to the tip."""
        confirmed = self.force_confirmed(self.timer_chain())
        return self.path(confirmed)[:-1] + self.follow_weight(confirmed, self.active())

    def epochs(self) -> list[list[int]]:
        """Return the epochs of the pivot chain, each in its order."""
        done = 0
        epochs = []
        for pivot in self.pivot_chain():
            node = self.nodes[pivot]
            epochs.append(self._order((node.past | node.bit) & ~done, pivot))
            done |= node.past | node.bit
        return epochs

    def _order(self, epoch: int, pivot: int) -> list[int]:
        order: list[int] = []
        left = set(members(epoch))
        while left:
            free = [i for i in left if not any(self._refers(j, i) for j in left)]
            last = max(free, key=lambda i: self.nodes[i].key)
            assert order or last == pivot
            order.append(last)
            left.remove(last)
        return order[::-1]

    def _refers(self, a: int, b: int) -> bool:
        return b == self.nodes[a].parent or b in self.nodes[a].referees

    def anticone_weight(self, index: int, cut: int) -> int:
        """Return the weight of the anticone of a block in the past of `cut` or `cut` itself."""
        node, end = self.nodes[index], self.nodes[cut]
        anticone = [
            i
            for i in members(end.past | end.bit)
            if i != index and not node.past >> i & 1 and not self.nodes[i].past >> index & 1
        ]
        return sum(self.weight(i) for i in anticone if self.era(i) == self.era(index))

    # --- eras (§3.8) ---------------------------------------------------------------------------

    def era(self, index: int) -> int | None:
        """Return the era genesis that a block descends from, None for the genesis."""
        count = self.params.era_epoch_count
        above = [i for i in self.path(index)[:-1] if self.nodes[i].height % count == 0]
        return above[-1] if above else None

    def _move_stable(self) -> bool:
        count = self.params.era_epoch_count
        chain = self.pivot_chain()
        confirmed = self.path(self.force_confirmed(self.timer_chain()))
        moved = False
        while True:
            height = self.nodes[self.stable].height + count
            if len(chain) - 1 < height + count or chain[height] not in confirmed:
                break
            self.stable = chain[height]
            moved = True
        candidates = self.checkpoint_candidates() if moved else []
        if candidates and candidates[-1] != self.era_genesis:
            self.era_genesis = candidates[-1]
            bit = 1 << self.era_genesis
            outside = [n for n in self.nodes if not n.past & bit and n.index != self.era_genesis]
            self.dropped = sum(node.bit for node in outside)
        return moved

    def checkpoint_candidates(self) -> list[int]:
        """Return the era blocks below the stable genesis that may be the era genesis, low first."""
        stable = self.nodes[self.stable]
        settled = self.force_confirmed(self._chain_from(stable.last_timer))
        chain = self.timer_chain()
        found = []
        # Heights are compared across branches, so what is settled may lie beside the stable block.
        for index in self.path(self.common_ancestor([settled, self.stable])):
            node = self.nodes[index]
            is_era_block = node.height % self.params.era_epoch_count == 0
            is_era_block &= node.height >= self.nodes[self.era_genesis].height
            beside = any(
                timer != index and not (node.past | self.dropped) >> timer & 1
                and not self.nodes[timer].past >> index & 1
                for timer in chain
            )  # fmt: skip
            if is_era_block and node.height < stable.height and not beside:
                found.append(index)
        return found
