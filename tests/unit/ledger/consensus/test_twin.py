"""The engine's rules and their brute-force twin agree on random graphs of every shape."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference.graph_shapes import DIFFICULTY, SHAPES, Recipe, grow, random_params
from tests.reference.tree_graph import ReferenceGraph
from tests.seed import SEED
from tests.unit.ledger.consensus.compare import differences, feed

GRAPHS_PER_SHAPE = 12
BLOCKS = 90


def compare(seed: object, shape: str, *, immediate: bool, count: int = BLOCKS) -> None:
    """Grow one graph and compare everything, block by block and at the end."""
    chance = random.Random(str(seed))
    params = random_params(chance, immediate=immediate)
    twin, recipes = grow(chance, params, shape, count)
    graph = feed(twin, recipes, range(len(recipes)))
    assert not list(differences(graph, twin)), (seed, shape, params)


@pytest.mark.parametrize("immediate", [True, False], ids=["immediate", "delayed"])
@pytest.mark.parametrize("shape", SHAPES)
def test_verdicts_pivot_and_order_agree(shape: str, immediate: bool) -> None:
    """Seeded graphs; the seed is printed with a failure."""
    print(f"seed {SEED}")
    for number in range(GRAPHS_PER_SHAPE):
        compare((SEED, number), shape, immediate=immediate)


@given(st.integers(0, 1 << 48), st.sampled_from(SHAPES), st.booleans(), st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_hypothesis_finds_no_difference(seed: int, shape: str, immediate: bool, count: int) -> None:
    """Hypothesis shrinks the number of blocks of a graph that differs."""
    compare(seed, shape, immediate=immediate, count=count)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_order_of_arrival_does_not_matter(shape: str) -> None:
    """The same blocks in another topological order give the same verdicts, pivot and order."""
    print(f"seed {SEED}")
    for number in range(6):
        chance = random.Random(f"{SEED} {number} {shape}")
        params = random_params(chance)
        twin, recipes = grow(chance, params, shape, BLOCKS)
        if params.era_epoch_count < BLOCKS:
            continue  # what is pending depends on when the stable genesis moved
        graph = feed(twin, recipes, shuffled(chance, recipes))
        assert not list(differences(graph, twin)), (SEED, number, shape)


def shuffled(chance: random.Random, recipes: list[Recipe]) -> list[int]:
    """Return the positions of `recipes` in a random order in which references come first."""
    order: list[int] = []
    done = {0}
    left = set(range(len(recipes)))
    while left:
        ready = [i for i in left if {recipes[i].parent, *recipes[i].referees} <= done]
        chosen = chance.choice(sorted(ready))
        order.append(chosen)
        done.add(chosen + 1)
        left.remove(chosen)
    return order


@pytest.mark.full
@pytest.mark.parametrize("shape", SHAPES)
def test_many_large_graphs_agree(shape: str) -> None:
    """The soak: 200 graphs of 300 blocks per shape."""
    print(f"seed {SEED}")
    for number in range(200):
        compare((SEED, "soak", number), shape, immediate=number % 2 == 0, count=300)


# --- tests of the test ---------------------------------------------------------------------------


def twin_without(defect: str) -> type[ReferenceGraph]:
    """Return a twin with one rule broken."""

    class Broken(ReferenceGraph):
        def weight(self, index: int) -> int:
            weight = super().weight(index)
            return DIFFICULTY if defect == "weights" and weight == 0 else weight

        def force_confirmed(self, chain: list[int]) -> int:
            return 0 if defect == "force confirmation" else super().force_confirmed(chain)

        def _is_adaptive_due(self, *args: object) -> bool:
            return defect != "adaptive" and super()._is_adaptive_due(*args)  # type: ignore[arg-type]

        def _order(self, epoch: int, pivot: int) -> list[int]:
            order = super()._order(epoch, pivot)
            return [*sorted(order[:-1]), pivot] if defect == "order" else order

    return Broken


@pytest.mark.parametrize("defect", ["weights", "force confirmation", "adaptive", "order"])
def test_a_broken_rule_is_found(defect: str) -> None:
    """Each planted defect shows as a difference within a few graphs."""
    for number in range(60):
        chance = random.Random(f"planted {number}")
        params = random_params(chance)
        twin, recipes = grow(chance, params, SHAPES[number % len(SHAPES)], 60)
        broken = twin_without(defect)(params, twin.nodes[0].key, DIFFICULTY)
        for recipe in recipes:
            broken.insert(
                key=recipe.key,
                parent=recipe.parent,
                referees=recipe.referees,
                difficulty=DIFFICULTY,
                quality=recipe.quality,
                says_adaptive=recipe.says_adaptive,
            )
        graph = feed(twin, recipes, range(len(recipes)))
        if list(differences(graph, broken)):
            return
    pytest.fail(f"no graph shows the defect in {defect}")
