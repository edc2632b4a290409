"""Random Tree-Graphs of the shapes that matter: honest, partitioned, withheld, and attacks.

A shape is a rule for who sees what and who cheats. The blocks are made on the brute-force twin, so
that honest miners choose the parents that the rules demand.
"""

import random
from dataclasses import dataclass

from tests.reference.tree_graph import ReferenceGraph, members

from sogdia.ledger.params.consensus import ConsensusParams

SHAPES = ("honest", "forked", "withheld", "siblings", "balanced", "orphans", "random")
DIFFICULTY = 10


@dataclass(frozen=True, slots=True)
class Recipe:
    """A block before it has a place in anybody's list; references are indices, 0 the genesis."""

    key: bytes
    parent: int
    referees: tuple[int, ...]
    quality: int
    says_adaptive: bool
    difficulty: int = DIFFICULTY
    time: int = 0


def random_params(chance: random.Random, *, immediate: bool = True) -> ConsensusParams:
    """Return small parameters; the heavy ratio is never below the timer ratio."""
    timer_ratio = chance.choice((1, 2, 3))
    return ConsensusParams(
        timer_ratio=timer_ratio,
        timer_beta=chance.choice((1, 2, 3, 5, 10)),
        adaptive_beta=chance.choice((1, 3, 5, 10, 50)),
        heavy_ratio=timer_ratio + chance.choice((0, 1, 3, 7)),
        era_epoch_count=chance.choice((10, 20, 50_000)),
        initial_difficulty=DIFFICULTY,
        difficulty_period=0,
        activation_is_immediate=immediate,
        adaptive_is_computed=chance.random() < 0.7,
    )


def tie_key(chance: random.Random) -> bytes:
    """Return a hash that comes before or after the others by chance."""
    return chance.randbytes(32)


def grow(
    chance: random.Random, params: ConsensusParams, shape: str, count: int
) -> tuple[ReferenceGraph, list[Recipe]]:
    """Return a graph of `count` blocks beside the genesis, and how to make it again."""
    graph = ReferenceGraph(params, tie_key(chance), DIFFICULTY)
    world = _World(chance, graph, shape)
    recipes = []
    for _ in range(count):
        recipe = world.next_block()
        graph.insert(
            key=recipe.key,
            parent=recipe.parent,
            referees=recipe.referees,
            difficulty=DIFFICULTY,
            quality=recipe.quality,
            says_adaptive=recipe.says_adaptive,
        )
        world.show(len(graph.nodes) - 1)
        recipes.append(recipe)
    return graph, recipes


class _World:
    """Miners, each with the set of blocks that it has seen."""

    def __init__(self, chance: random.Random, graph: ReferenceGraph, shape: str) -> None:
        self.chance = chance
        self.graph = graph
        self.shape = shape
        groups = {"honest": 1, "withheld": 2, "balanced": 2}.get(shape, chance.randint(2, 4))
        self.views = [1] * groups
        self.maker = 0
        self.cheat = {"honest": 0.0, "random": 0.5, "orphans": 0.15}.get(shape, 0.05)
        self.merge = {"honest": 1.0, "withheld": 0.01, "balanced": 0.03}.get(shape, 0.1)

    def next_block(self) -> Recipe:
        """Let one miner make a block on what it has seen."""
        self.maker = self.chance.randrange(len(self.views))
        view = self.views[self.maker] & self.graph.active() | 1
        if self.chance.random() < self.cheat:
            parent, referees = self._cheat(view)
        elif self.shape == "siblings" and self.chance.random() < 0.5:
            parent, referees = min(members(view), key=lambda i: abs(i - 5)), ()
        else:
            parent, referees = self._honest(view)
        return Recipe(
            key=tie_key(self.chance),
            parent=parent,
            referees=referees,
            quality=DIFFICULTY * self._quality(),
            says_adaptive=self.chance.random() < 0.2,
        )

    def _quality(self) -> int:
        roll = self.chance.random()
        heavy, timer = self.graph.params.heavy_ratio, self.graph.params.timer_ratio
        return heavy if roll < 0.15 else timer if roll < 0.5 else 1

    def _tips(self, view: int) -> list[int]:
        covered = 0
        for i in members(view):
            covered |= self.graph.nodes[i].past
        return list(members(view & ~covered))

    def _honest(self, view: int) -> tuple[int, tuple[int, ...]]:
        timers = [n for n in map(self.graph.nodes.__getitem__, members(view))
                  if self.graph.is_timer(n.index)]  # fmt: skip
        last = max(timers, key=lambda n: (n.timer_total + n.difficulty, n.key), default=None)
        chain = self.graph._chain_from(None if last is None else last.index)
        parent = self.graph.follow_weight(self.graph.force_confirmed(chain), view)[-1]
        tips = [i for i in self._tips(view) if i != parent]
        self.chance.shuffle(tips)
        return parent, tuple(tips[:6])

    def _cheat(self, view: int) -> tuple[int, tuple[int, ...]]:
        seen = list(members(view))
        parent = self.chance.choice(seen if self.shape == "orphans" else seen[-12:])
        past = self.graph.nodes[parent].past | 1 << parent
        others = [i for i in seen if not past >> i & 1]
        count = min(len(others), self.chance.choice((0, 0, 1, 1, 2, 3)))
        return parent, tuple(self.chance.sample(others, count))

    def show(self, index: int) -> None:
        """Show a new block to its maker, and sometimes let groups tell each other everything."""
        node = self.graph.nodes[index]
        self.views[self.maker] |= node.past | node.bit
        if self.chance.random() < self.merge:
            a, b = (self.chance.randrange(len(self.views)) for _ in range(2))
            self.views[a] = self.views[b] = self.views[a] | self.views[b]
