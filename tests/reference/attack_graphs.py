"""Attacks on the Tree-Graph, drawn by chance: what a strong party would publish, and when.

`graph_shapes` lets miners see more or less of each other. Here somebody aims: at ties, at the
heights where eras end, at the clock, at the lists of referees. Honest miners play along by the
rules of the brute-force twin, so that what is attacked is the graph that they would have made.
"""

import random
from collections.abc import Callable

from tests.reference.graph_shapes import DIFFICULTY, Recipe, tie_key
from tests.reference.tree_graph import ReferenceGraph, members

from sogdia.ledger.params.consensus import ConsensusParams

REFEREES_MAX = 24
LARGEST_KEY = b"\xff" * 32


class Battle:
    """A growing graph, and who has seen what of it."""

    def __init__(self, chance: random.Random, params: ConsensusParams) -> None:
        self.chance = chance
        self.twin = ReferenceGraph(params, tie_key(chance), DIFFICULTY)
        self.recipes: list[Recipe] = []
        self.sight: dict[str, int] = {"a": 1, "b": 1, "secret": 1}
        self.number = 0
        """A number that an attack counts with."""

    # --- what parties do -----------------------------------------------------------------------

    def put(
        self,
        parent: int,
        referees: tuple[int, ...] = (),
        *,
        quality: int | None = None,
        difficulty: int | None = None,
        says_adaptive: bool | None = None,
        key: bytes | None = None,
    ) -> int:
        """Add a block and return its index; what is not given is left to chance.

        `quality` is its work where the difficulty is the initial one, and grows with it.
        """
        chance = self.chance
        if difficulty is None:
            difficulty = self.twin.nodes[parent].owed or DIFFICULTY
        if quality is None:
            quality = DIFFICULTY * self.work()
        recipe = Recipe(
            key=key or tie_key(chance),
            parent=parent,
            referees=tuple(dict.fromkeys(i for i in referees if i != parent))[:REFEREES_MAX],
            quality=quality * difficulty // DIFFICULTY,
            says_adaptive=chance.random() < 0.2 if says_adaptive is None else says_adaptive,
            difficulty=difficulty,
            time=self._time(parent),
        )
        insert(self.twin, recipe)
        self.recipes.append(recipe)
        return len(self.twin.nodes) - 1

    def _time(self, parent: int) -> int:
        if not self.twin.params.difficulty_period:
            return 0
        return self.twin.nodes[parent].time + self.chance.choice((0, 0, 1, 2, 5))

    def work(self) -> int:
        """Return the work of a block in difficulties: most often little."""
        roll = self.chance.random()
        params = self.twin.params
        if roll < 0.2:
            return params.heavy_ratio + self.chance.choice((-1, 0, 0, 1)) or 1
        return max(params.timer_ratio - self.chance.choice((0, 0, 1)), 1) if roll < 0.6 else 1

    def honest(self, who: str, **fields: object) -> int:
        """Let `who` mine by the rules on what it has seen, and see the block."""
        view = self.sight[who] & self.twin.active() | 1
        parent, tips = choose(self.twin, view)
        self.chance.shuffle(tips)
        due = self._due(view, parent) if self.chance.random() < 0.9 else None
        index = self.put(parent, tuple(tips), says_adaptive=due, **fields)  # type: ignore[arg-type]
        self.show(index, who)
        return index

    def _due(self, view: int, parent: int) -> bool:
        node = self.twin.nodes[parent]
        chain = self.twin._chain_from(last_timer(self.twin, view))
        way = self.twin.follow_weight(self.twin.force_confirmed(chain), view)
        trial = type(node)(0, b"", parent, (), 0, node.owed, 0, False, view)
        return self.twin._is_adaptive_due(trial, chain, way)

    def show(self, index: int, *who: str) -> None:
        """Show a block and its past."""
        node = self.twin.nodes[index]
        for name in who:
            self.sight[name] |= node.past | node.bit

    def merge(self, *who: str) -> None:
        """Let the named tell each other everything."""
        everything = 0
        for name in who:
            everything |= self.sight[name]
        for name in who:
            self.sight[name] = everything

    # --- what attackers look at ----------------------------------------------------------------

    def any_block(self, view: int | None = None, *, youngest: int = 0) -> int:
        """Return a block of a view by chance, among the youngest if told so."""
        seen = list(members(self.twin.active() if view is None else view))
        return self.chance.choice(seen[-youngest:])

    def tip(self, who: str) -> int:
        """Return where the pivot chain ends for `who`."""
        return choose(self.twin, self.sight[who] & self.twin.active() | 1)[0]

    def at_era_end(self, who: str) -> int:
        """Return an ancestor of the tip next to the end of an era, or the tip."""
        era = self.twin.params.era_epoch_count
        path = self.twin.path(self.tip(who))
        near = [i for i in path if (self.twin.nodes[i].height + 1) % era <= 2]
        return self.chance.choice(near[-6:] or path[-1:])

    def weight_under(self, index: int) -> int:
        """Return the weight of the subtree of a block among all active ones."""
        return self.twin.subtree_weights(self.twin.active()).get(index, 0)


def insert(twin: ReferenceGraph, recipe: Recipe) -> None:
    """Insert one block into the twin."""
    twin.insert(
        key=recipe.key,
        parent=recipe.parent,
        referees=recipe.referees,
        difficulty=recipe.difficulty,
        quality=recipe.quality,
        says_adaptive=recipe.says_adaptive,
        time=recipe.time,
    )


def last_timer(twin: ReferenceGraph, view: int) -> int | None:
    """Return the end of the timer chain among the blocks of a view."""
    timers = [twin.nodes[i] for i in members(view) if twin.is_timer(i)]
    best = max(timers, key=lambda n: (n.timer_total + n.difficulty, n.key), default=None)
    return None if best is None else best.index


def choose(twin: ReferenceGraph, view: int) -> tuple[int, list[int]]:
    """Return the parent that an honest miner chooses in a view, and the other tips."""
    chain = twin._chain_from(last_timer(twin, view))
    parent = twin.follow_weight(twin.force_confirmed(chain), view)[-1]
    covered = 0
    for i in members(view):
        covered |= twin.nodes[i].past
    return parent, [i for i in members(view & ~covered) if i != parent]


# --- attacks: each is one move -------------------------------------------------------------------


def balance(battle: Battle) -> None:
    """Two halves of the miners are kept apart, and the lighter one is helped to a tie."""
    if len(battle.twin.nodes) < 3:
        left, right = (battle.put(0, quality=DIFFICULTY, says_adaptive=False) for _ in range(2))
        battle.show(left, "a", "secret")
        battle.show(right, "b", "secret")
        return
    battle.honest(battle.chance.choice("ab"))
    if battle.weight_under(1) != battle.weight_under(2):
        side = "a" if battle.weight_under(1) < battle.weight_under(2) else "b"
        key = battle.chance.choice((LARGEST_KEY[:-4] + battle.chance.randbytes(4), None))
        battle.show(battle.put(battle.tip(side), says_adaptive=False, key=key), side)
    if battle.chance.random() < 0.04:
        battle.merge("a", "b")


def late_release(battle: Battle) -> None:
    """A chain is grown in secret from an old block, and shown when it is about an era long."""
    battle.honest("a")
    if battle.chance.random() < 0.7:
        battle.honest("secret")
    era = min(battle.twin.params.era_epoch_count, 20)
    battle.number += 1
    if battle.number > battle.chance.randint(era // 2, 3 * era):
        battle.number = 0
        battle.sight["a"] |= battle.sight["secret"]
        start = battle.at_era_end("a")
        node = battle.twin.nodes[start]
        battle.sight["secret"] = node.past | node.bit


def spam(battle: Battle) -> None:
    """Every other block breaks a rule: parent, flag or difficulty. Honest ones refer to them."""
    battle.honest("a")
    seen = battle.sight["a"]
    parent = battle.tip("a")
    broken = battle.chance.choice(("parent", "flag", "difficulty", "old"))
    if broken == "parent":
        index = battle.put(battle.any_block(seen, youngest=8), (parent,))
    elif broken == "flag":
        index = battle.put(parent, says_adaptive=True)
    elif broken == "difficulty":
        index = battle.put(parent, difficulty=DIFFICULTY * battle.chance.choice((2, 7)))
    else:
        index = battle.put(battle.any_block(seen), (battle.any_block(youngest=5),))
    battle.show(index, "a")


def siblings(battle: Battle) -> None:
    """Many children of one old block, each referring to the one before, or to nobody."""
    era = min(battle.twin.params.era_epoch_count, 20)
    path = battle.twin.path(battle.tip("a"))
    parent = path[min(len(path) - 1, battle.chance.choice((1, era - 1, era, era + 1)))]
    latest = len(battle.twin.nodes) - 1
    refers = battle.chance.choice(((), (latest,)))
    for _ in range(battle.chance.randint(1, 4)):
        index = battle.put(parent, refers)
        refers = (index,)
        battle.show(index, "secret")
    battle.honest("a")
    if battle.chance.random() < 0.15:
        battle.merge("a", "secret")


def clock_race(battle: Battle) -> None:
    """Two parties race with timer blocks alone; joins name the chains in either order."""
    work = DIFFICULTY * battle.twin.params.timer_ratio
    for side in ("a", "b"):
        if battle.chance.random() < 0.8:
            battle.honest(side, quality=work)
    if battle.chance.random() < 0.3:
        ends = [battle.tip("a"), battle.tip("b"), battle.any_block(youngest=6)]
        battle.chance.shuffle(ends)
        index = battle.put(ends[0], tuple(ends[1:]), quality=battle.chance.choice((work, 1)))
        battle.show(index, *battle.chance.sample(("a", "b"), battle.chance.randint(0, 2)))
    if battle.chance.random() < 0.08:
        battle.merge("a", "b")


def stuffing(battle: Battle) -> None:
    """Referees that are in the past anyway: of the parent, of each other, in any order."""
    battle.honest(battle.chance.choice("ab"))
    seen = list(members(battle.twin.active()))
    count = min(len(seen), battle.chance.randint(1, REFEREES_MAX))
    others = battle.chance.sample(seen, count)
    parent = battle.tip(battle.chance.choice("ab"))
    if battle.chance.random() < 0.5:
        others += battle.twin.path(parent)[:-1][-3:] + battle.twin.path(others[0])[-3:]
        battle.chance.shuffle(others)
    index = battle.put(parent, tuple(others))
    battle.show(index, *battle.chance.sample(("a", "b"), battle.chance.randint(0, 2)))


def flip_flop(battle: Battle) -> None:
    """Of two branches the lighter one always gets the next block, so that the pivot jumps."""
    fork = battle.twin.path(battle.tip("a"))[0] if battle.number == 0 else battle.number
    children = battle.twin.children(fork, battle.twin.active())
    if len(children) < 2:
        battle.show(battle.put(fork, says_adaptive=False), "a")
        return
    lighter = min(children, key=battle.weight_under)
    below = battle.twin.follow_weight(lighter, battle.twin.active())
    parent = below[-1] if battle.chance.random() < 0.9 else battle.chance.choice(below)
    battle.show(battle.put(parent, says_adaptive=False), "a")
    if battle.chance.random() < 0.2:
        battle.honest("a")
    if battle.chance.random() < 0.03:
        battle.number = battle.at_era_end("a")


def old_roots(battle: Battle) -> None:
    """Blocks on blocks that are long settled, referred to much later."""
    battle.honest("a")
    if battle.chance.random() < 0.5:
        kept = battle.twin.path(battle.tip("a"))[:12]
        parent = battle.chance.choice([*kept, battle.any_block()])
        battle.number = battle.put(parent, (battle.number,) if battle.chance.random() < 0.5 else ())
    if battle.chance.random() < 0.1:
        battle.show(battle.put(battle.tip("a"), (battle.number,)), "a")


def undecided(battle: Battle) -> None:
    """The lead stays around the bound under which blocks are adaptive, with lies about it."""
    for side in ("a", "b"):
        battle.honest(side, quality=DIFFICULTY * battle.work())
    if battle.chance.random() < 0.3:
        says = battle.chance.random() < 0.5
        index = battle.put(battle.tip("b"), (battle.tip("a"),), says_adaptive=says)
        battle.show(index, "a", "b")


def era_ends(battle: Battle) -> None:
    """Forks at the heights around the end of an era, each two eras long at most."""
    battle.honest("a")
    battle.number -= 1
    if battle.number <= 0:
        node = battle.twin.nodes[battle.at_era_end("a")]
        battle.sight["secret"] = node.past | node.bit
        battle.number = battle.chance.randint(2, 2 * min(battle.twin.params.era_epoch_count, 20))
    for _ in range(battle.chance.choice((1, 1, 2))):
        battle.honest("secret")
    if battle.chance.random() < 0.1:
        battle.merge("a", "secret")


ATTACKS: dict[str, Callable[[Battle], None]] = {
    attack.__name__: attack
    for attack in (
        balance,
        late_release,
        spam,
        siblings,
        clock_race,
        stuffing,
        flip_flop,
        old_roots,
        undecided,
        era_ends,
    )
}


def fight(
    chance: random.Random, params: ConsensusParams, attack: str, count: int
) -> tuple[bytes, list[Recipe]]:
    """Return the key of the genesis, and how to make the at least `count` blocks of an attack."""
    battle = Battle(chance, params)
    while len(battle.recipes) < count:
        ATTACKS[attack](battle)
    return battle.twin.nodes[0].key, battle.recipes
