"""Graphs of thousands of blocks, in the shapes of attacks, against plain sums over sets.

The brute-force twin judges hundreds of blocks. Here the verdicts are taken as given, and what
follows from them is computed again: timer chains, weights, pivot chain, epochs and anticones.
"""

import random
from collections.abc import Callable
from heapq import heapify, heappop, heappush

import pytest
from tests.seed import SEED

from sogdia.ledger.consensus.pipeline.tree_graph import TreeGraph
from sogdia.ledger.consensus.processes.force_confirmation import force_confirmed
from sogdia.ledger.consensus.processes.weights import compute_weight
from sogdia.ledger.consensus.stores.blocks import GraphBlock
from sogdia.ledger.params.consensus import ConsensusParams

DIFFICULTY = 10
PARAMS = ConsensusParams(
    timer_ratio=3,
    timer_beta=10,
    heavy_ratio=10,
    adaptive_beta=10,
    era_epoch_count=50_000,
    initial_difficulty=DIFFICULTY,
    difficulty_period=0,
    activation_is_immediate=True,
    adaptive_is_computed=True,
)
Place = tuple[int, list[int]]
"""Parent and referees, by number; 0 is the genesis."""


def siblings(_: random.Random, number: int, count: int) -> Place:
    """A third of the blocks are children of one block; a chain twice as long goes on beside it."""
    edge = count // 3
    return (1, []) if 1 < number <= edge else (max(number - 1, 0) if number != edge + 1 else 1, [])


def balanced(chance: random.Random, number: int, _: int) -> Place:
    """Two branches of equal length, which refer to each other now and then."""
    own = max(number - 2, 0)
    return own, [number - 1] if number > 2 and chance.random() < 0.02 else []


def withheld(chance: random.Random, number: int, count: int) -> Place:
    """Two chains from the genesis, one after the other, and blocks that refer to both ends."""
    edge = count // 2
    if number == edge:
        return 0, []
    others = [edge - 1] if number > edge and chance.random() < 0.01 else []
    return number - 1, others


def one_parent(_: random.Random, number: int, __: int) -> Place:
    """Children of the genesis, each referring to the one before."""
    return 0, [number - 1] if number > 1 else []


def branches(chance: random.Random, number: int, _: int) -> Place:
    """Twelve branches, more than there are cursors, in turn and joined now and then."""
    others = {number - chance.randint(1, 11) for _ in range(3)} if chance.random() < 0.05 else set()
    return max(number - 12, 0), [other for other in others if other > 0]


def orphans(chance: random.Random, number: int, _: int) -> Place:
    """A chain, with blocks on old blocks that are referred to later."""
    if chance.random() < 0.3:
        return chance.randrange(number), []
    others = chance.sample(range(number), min(number, 2)) if chance.random() < 0.3 else []
    return number - 1, [other for other in others if other != number - 1]


def wide(chance: random.Random, number: int, _: int) -> Place:
    """Anticones of a hundred blocks."""
    seen = max(number - 100, 0)
    parent = max(0, seen - chance.randint(0, 20))
    others = {max(0, seen - chance.randint(0, 150)) for _ in range(4)}
    return parent, sorted(others - {parent})


SHAPES: tuple[Callable[[random.Random, int, int], Place], ...] = (
    siblings,
    balanced,
    withheld,
    one_parent,
    branches,
    orphans,
    wide,
)


class Sums:
    """What follows from edges and verdicts."""

    def __init__(self, graph: TreeGraph, keys: list[bytes], places: list[Place]) -> None:
        self.keys, self.places = keys, places
        found = [graph.find(key) for key in keys]
        self.blocks = [block for block in found if block is not None]
        assert len(self.blocks) == len(keys), "nothing is forgotten"
        self.pasts = [0]
        for parent, referees in places[1:]:
            past = 0
            for other in (parent, *referees):
                past |= self.pasts[other] | 1 << other
            self.pasts.append(past)
        self.weights = [compute_weight(block, PARAMS) for block in self.blocks]
        self.subtrees = list(self.weights)
        self.children: list[list[int]] = [[] for _ in keys]
        for number in range(len(keys) - 1, 0, -1):
            self.subtrees[places[number][0]] += self.subtrees[number]
            self.children[places[number][0]].append(number)

    def timer_end(self, number: int) -> tuple[int, bytes | None]:
        """Return sum and last timer of the chain that a block hands on."""
        block = self.blocks[number]
        if block.timer is not None:
            return block.timer_difficulty + block.difficulty, block.hash
        return block.timer_difficulty, last_timer(block)

    def check_timers(self) -> None:
        """Hold the timer chain in each past to the best that its predecessors hand on."""
        for number, (parent, referees) in enumerate(self.places[1:], 1):
            above = [other for other in referees if not self._is_above_another(other, referees)]
            ends = [(*self.timer_end(other), self.keys[other]) for other in (parent, *above)]
            total, last, _ = max(ends, key=lambda end: (end[0], end[2]))
            block = self.blocks[number]
            assert (block.timer_difficulty, last_timer(block)) == (total, last), number

    def _is_above_another(self, number: int, others: list[int]) -> bool:
        return any(number in self.path(other)[:-1] for other in others)

    def path(self, number: int) -> list[int]:
        """Return the blocks from the genesis down to a block."""
        path = [number]
        while path[-1]:
            path.append(self.places[path[-1]][0])
        return path[::-1]

    def pivot(self, root: int) -> list[int]:
        """Return the pivot chain through `root`."""
        chain = self.path(root)
        while below := self.children[chain[-1]]:
            chain.append(max(below, key=lambda each: (self.subtrees[each], self.keys[each])))
        return chain

    def order(self, members: set[int]) -> list[int]:
        """Return an epoch's blocks in order."""
        waits = dict.fromkeys(members, 0)
        edges = {n: {self.places[n][0], *self.places[n][1]} - {n} for n in members}
        for targets in edges.values():
            for target in targets & members:
                waits[target] += 1
        free = [(self._descending(number), number) for number in members if not waits[number]]
        heapify(free)
        placed = []
        while free:
            _, number = heappop(free)
            placed.append(number)
            for target in edges[number] & members:
                waits[target] -= 1
                if not waits[target]:
                    heappush(free, (self._descending(target), target))
        return placed[::-1]

    def _descending(self, number: int) -> int:
        return -int.from_bytes(self.keys[number], "big")

    def anticone(self, number: int, cut: int) -> int:
        """Return the weight of a block's anticone in the past of `cut`, or `cut` itself."""
        seen = self.pasts[cut] | 1 << cut
        beside = (
            each
            for each in range(1, cut + 1)
            if seen >> each & 1
            and each != number
            and not self.pasts[number] >> each & 1
            and not self.pasts[each] >> number & 1
        )
        return sum(self.weights[each] for each in beside)


def last_timer(block: GraphBlock) -> bytes | None:
    """Return the hash of the last timer in a block's past."""
    last = block.last_timer
    return None if last is None or last.block is None else last.block.hash


def check(seed: str, shape: Callable[[random.Random, int, int], Place], count: int) -> None:
    """Grow one graph, asking about epochs on the way, and compare."""
    chance = random.Random(f"{seed} {shape.__name__}")
    keys = [chance.randbytes(32) for _ in range(count + 1)]
    places: list[Place] = [(0, [])]
    graph = TreeGraph(PARAMS, keys[0], difficulty=DIFFICULTY)
    for number in range(1, count + 1):
        places.append(shape(chance, number, count))
        graph.insert(
            hash=keys[number],
            parent=keys[places[-1][0]],
            referees=[keys[other] for other in places[-1][1]],
            difficulty=DIFFICULTY,
            quality=DIFFICULTY * chance.choice((1, 1, 1, 2, 3, 10)),
            is_adaptive=chance.random() < 0.1,
        )
        if chance.random() < 0.2:
            graph.epoch(graph.pivot_span()[1])  # the order is kept, and must be mended later
    sums = Sums(graph, keys, places)
    sums.check_timers()
    numbers = {key: number for number, key in enumerate(keys)}
    root = force_confirmed(graph.state.timer_chain.tip, graph.state.era_genesis)
    chain = sums.pivot(numbers[root.hash])
    assert [graph.pivot_at(height).hash for height in range(len(chain))] == [
        keys[number] for number in chain
    ]
    done = 0
    for height, pivot in enumerate(chain):
        whole = sums.pasts[pivot] | 1 << pivot
        members = {n for n in range(pivot + 1) if (whole & ~done) >> n & 1}
        done |= whole
        order = [numbers[block.hash] for block in graph.epoch(height)]
        assert order == sums.order(members), (seed, shape.__name__, height)
        if chance.random() < 20 / len(chain) and 0 < height < len(chain) - 10:
            sample = chance.sample(order, min(len(order), 5))
            indices = [sums.blocks[number].index for number in sample]
            weights = graph.state.graph.anticone_weights(height, height + 10, indices)
            assert weights == [sums.anticone(n, chain[height + 10]) for n in sample]
    for number in chance.sample(range(1, count + 1), 50):
        weight = graph.state.graph.subtree_weight(sums.blocks[number].index)
        assert weight == sums.subtrees[number], (seed, shape.__name__, number)


@pytest.mark.parametrize("shape", SHAPES)
def test_hundreds_of_blocks(shape: Callable[[random.Random, int, int], Place]) -> None:
    """A sample; the seed is printed with a failure."""
    print(f"seed {SEED}")
    check(str(SEED), shape, 500)


@pytest.mark.full
@pytest.mark.parametrize("shape", SHAPES)
def test_thousands_of_blocks(shape: Callable[[random.Random, int, int], Place]) -> None:
    """Ten graphs of two thousand blocks."""
    print(f"seed {SEED}")
    for number in range(10):
        check(f"{SEED} {number}", shape, 2_000)
