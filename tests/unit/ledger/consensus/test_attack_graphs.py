"""The engine's rules and their brute-force twin agree under attack, in any order of delivery.

The blocks of an attack are delivered as they were made, or in another order in which references
come first; the engine is stopped on the way and goes on from its rows. After every few blocks all
verdicts, the pivot chain, the epochs and the weights are compared.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from heapq import heapify, heappop, heappush

import pytest
from tests.reference.attack_graphs import ATTACKS, fight, insert
from tests.reference.graph_shapes import DIFFICULTY, Recipe, random_params
from tests.reference.tree_graph import ReferenceGraph, members
from tests.seed import SEED
from tests.unit.ledger.consensus.compare import differences

from sogdia.ledger.consensus.api import BlockStatus
from sogdia.ledger.consensus.pipeline.commit import ERAS, graph_changes
from sogdia.ledger.consensus.pipeline.graph import GraphChange
from sogdia.ledger.consensus.pipeline.resume import resume
from sogdia.ledger.consensus.pipeline.tree_graph import TreeGraph
from sogdia.ledger.consensus.processes.anticone_penalty import anticone_weights, cut_height
from sogdia.ledger.consensus.processes.epochs import plan_epoch
from sogdia.ledger.consensus.queries.template import choose_place
from sogdia.ledger.consensus.stores.blocks import GraphBlock
from sogdia.ledger.params.consensus import ConsensusParams
from sogdia.ledger.storage.tables import graph, progress

ORDERS = ("as made", "random", "newest first", "some late")
BLOCKS = 70


class Duel:
    """The engine with its rows on one side, the twin on the other."""

    def __init__(self, params: ConsensusParams, genesis: bytes) -> None:
        self.params = params
        self.twin = ReferenceGraph(params, genesis, DIFFICULTY)
        self.graph = TreeGraph(params, genesis, difficulty=DIFFICULTY)
        self.disk: dict[tuple[str, bytes], bytes] = {}
        self.graph.state.era_genesis.arrival = 0
        self._store(GraphChange(block=self.graph.state.era_genesis, moved_eras=True))

    def _store(self, change: GraphChange) -> None:
        for table, key, value in graph_changes(change, self.graph.state):
            if value is None:
                self.disk.pop((table, key), None)
            else:
                self.disk[table, key] = value

    def deliver(self, recipe: Recipe) -> GraphChange:
        """Insert a block on both sides; its references are numbers of deliveries."""
        nodes = self.twin.nodes
        insert(self.twin, recipe)
        change = self.graph.insert(
            hash=recipe.key,
            parent=nodes[recipe.parent].key,
            referees=[nodes[referee].key for referee in recipe.referees],
            difficulty=recipe.difficulty,
            quality=recipe.quality,
            is_adaptive=recipe.says_adaptive,
            timestamp=recipe.time,
            height=nodes[recipe.parent].height + 1,
            arrival=len(nodes) - 1,
        )
        self._store(change)
        return change

    def restart(self) -> None:
        """Go on with what the rows say."""
        table = sorted(
            (key, row) for (name, key), row in self.disk.items() if name == graph.TABLE.name
        )
        eras = self.disk[progress.TABLE.name, progress.put(ERAS, b"")[1]]
        numbered = ((int.from_bytes(key, "big"), row) for key, row in table)
        self.graph = TreeGraph.resume(resume(self.params, numbered, eras))

    def differences(self) -> Iterator[str]:
        """Yield what the two conclude differently."""
        yield from differences(self.graph, self.twin)
        covered = 0
        for i in members(self.twin.active()):
            covered |= self.twin.nodes[i].past
        ends = {self.twin.nodes[i].key for i in members(self.twin.active() & ~covered)}
        if set(self.graph.state.terminals) != {key for key in ends if self.graph.find(key)}:
            yield "terminals differ"

    def plans(self) -> Iterator[str]:
        """Yield where the two execute or penalise differently."""
        twin, graph, bound = self.twin, self.graph.state.graph, self.params.epoch_block_bound
        chain, epochs = twin.pivot_chain(), twin.epochs()
        lowest, highest = self.graph.pivot_span()
        for height in range(lowest + 1, highest + 1):
            own = [i for i in epochs[height] if twin.era(i) == twin.era(chain[height])][-bound:]
            executed, _ = plan_epoch(height, graph, self.params)
            hashes = [block.hash for block in self.graph.state.blocks.at_all(executed)]
            if hashes != [twin.nodes[i].key for i in own]:
                yield f"epoch {height} executes {len(executed)}, not {len(own)}"
            elif (cut := cut_height(height, self.params)) <= highest:
                expected = [twin.anticone_weight(i, chain[cut]) for i in own]
                if anticone_weights(height, executed, graph, self.params) != expected:
                    yield f"the anticones of epoch {height} do not weigh {expected}"

    def mine(self, chance: random.Random) -> None:
        """Deliver a block on the engine's own template, which both must call valid."""
        place = choose_place(self.graph)
        assert len(place.referees) <= self.params.referee_bound
        owed = place.parent.child_difficulty
        recipe = Recipe(
            key=chance.randbytes(32),
            parent=self._number(place.parent),
            referees=tuple(map(self._number, place.referees)),
            quality=owed * self.params.timer_ratio,
            says_adaptive=place.is_adaptive,
            difficulty=owed,
        )
        block = self.deliver(recipe).block  # the graph may have forgotten it by now
        assert block is not None and block.status is BlockStatus.VALID
        assert self.twin.nodes[-1].is_valid

    def _number(self, block: GraphBlock) -> int:
        return next(node.index for node in self.twin.nodes if node.key == block.hash)


def reordered(chance: random.Random, recipes: list[Recipe], order: str) -> list[Recipe]:
    """Return the blocks in another order of delivery, references renumbered accordingly."""
    late = {i for i in range(1, len(recipes) + 1) if order == "some late" and chance.random() < 0.1}
    urgency = {
        i: {"as made": i, "newest first": -i, "some late": i + len(recipes) * (i in late)}.get(
            order, chance.random()
        )
        for i in range(1, len(recipes) + 1)
    }
    waits_for: dict[int, set[int]] = {}
    heirs: dict[int, list[int]] = {}
    for i, recipe in enumerate(recipes, 1):
        waits_for[i] = {recipe.parent, *recipe.referees} - {0}
        for other in waits_for[i]:
            heirs.setdefault(other, []).append(i)
    ready = [(urgency[i], i) for i, others in waits_for.items() if not others]
    heapify(ready)
    places = {0: 0}
    delivered: list[Recipe] = []
    while ready:
        _, i = heappop(ready)
        places[i] = len(places)
        made = recipes[i - 1]
        delivered.append(
            Recipe(
                key=made.key,
                parent=places[made.parent],
                referees=tuple(places[other] for other in made.referees),
                quality=made.quality,
                says_adaptive=made.says_adaptive,
                difficulty=made.difficulty,
                time=made.time,
            )
        )
        for heir in heirs.get(i, ()):
            waits_for[heir].remove(i)
            if not waits_for[heir]:
                heappush(ready, (urgency[heir], heir))
    return delivered


def compare(seed: str, attack: str, count: int = BLOCKS, *, adjusted: bool = False) -> None:
    """Fight one battle, and compare it as it was and in another order; `adjusted` says that the
    difficulty moves."""
    chance = random.Random(f"{seed} {attack}")
    params = replace(
        random_params(chance, immediate=chance.random() < 0.4),
        epoch_block_bound=chance.choice((1, 3, 200)),
        anticone_penalty_upper_epochs=chance.choice((2, 10)),
    )
    if adjusted:
        params = replace(
            params,
            difficulty_period=chance.choice((2, 5, 10)),
            target_block_interval_ms=chance.choice((500, 1_500, 4_000)),
            referee_bound=chance.choice((1, 2, 200)),
        )
    genesis, recipes = fight(chance, params, attack, count)
    for order in ("as made", chance.choice(ORDERS[1:])):
        duel = Duel(params, genesis)
        for recipe in reordered(chance, recipes, order):
            duel.deliver(recipe)
            if chance.random() < 0.04:
                duel.restart()
            if chance.random() < 0.06:
                assert not list(duel.differences()), (seed, attack, order, len(duel.twin.nodes))
        assert not list(duel.differences()), (seed, attack, order, params)
        assert not list(duel.plans()), (seed, attack, order, params)
        for _ in range(3):
            duel.mine(chance)
        duel.restart()
        assert not list(duel.differences()), (seed, attack, order, params, "after mining")


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacked_graphs_agree_in_any_order_and_over_restarts(attack: str) -> None:
    """A sample; the seed is printed with a failure."""
    print(f"seed {SEED}")
    for number in range(2):
        compare(f"{SEED} {number}", attack, adjusted=number == 1)


def test_pending_blocks_count_when_the_stable_genesis_moves_to_their_branch() -> None:
    """Found by chance: a longer timer chain overturned settled blocks, and nobody referred to
    those that waited on its branch."""
    compare("1873998609 1", "balance")


def test_a_template_may_be_forgotten_with_its_branch() -> None:
    """Found by chance: the next block lets held ones count, whose timer chain is longer."""
    compare("soak 188987164358180", "balance", 160)


@pytest.mark.full
@pytest.mark.timeout(14_400)
@pytest.mark.parametrize("attack", ATTACKS)
def test_many_attacked_graphs_agree(attack: str) -> None:
    """Three hundred of each attack."""
    print(f"seed {SEED}")
    for number in range(300):
        adjusted = number % 2 == 1
        compare(f"{SEED} soak {number}", attack, count=60 + number % 7 * 30, adjusted=adjusted)
