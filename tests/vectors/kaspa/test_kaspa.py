"""Ancestry, epochs and anticones of the kernel on another protocol's graphs."""

import gzip
import json
import random
import tomllib
from pathlib import Path

import pytest
from tests.scoreboard import record
from tests.seed import SEED
from tests.vectors.archives import unpack

from sogdia.ledger.consensus.processes.tree_graph import ORIGIN, Graph
from sogdia.ledger.primitives.hashing import keccak256

EXCLUDED = tomllib.loads((Path(__file__).parent / "exclusions.toml").read_text())["excluded"]
ERA = 1 << 40  # one era holds all

# Index of a block -> indices of what it refers to, its parent first; the genesis is 0.
Dag = list[list[int]]


def files(folder: str) -> list[Path]:
    """Return the graphs of one kind."""
    return sorted((unpack("kaspa-dags") / "testing/integration/testdata" / folder).iterdir())


def build(dag: Dag, members: list[int]) -> tuple[Graph, dict[int, int]]:
    """Return a kernel with the active blocks `members`, each of weight 1, and their indices."""
    graph = Graph(ERA)
    indices: dict[int, int] = {}
    heights: dict[int, int] = {}
    for block in members:
        parent = dag[block][0] if dag[block] else None
        heights[block] = 0 if parent is None else heights[parent] + 1
        index = graph.add(
            ORIGIN if parent is None else indices[parent],
            [indices[referee] for referee in dag[block][1:]],
            heights[block],
            keccak256(block.to_bytes(4, "big")),
        )
        indices[block] = index
        graph.seek(index)
        graph.activate(index, 1)
    return graph, indices


def pasts(dag: Dag) -> list[int]:
    """Return the past of every block as the bits of an integer."""
    past: list[int] = []
    for references in dag:
        mask = 0
        for reference in references:
            mask |= past[reference] | 1 << reference
        past.append(mask)
    return past


@pytest.mark.parametrize("path", files("dags"), ids=lambda path: path.stem)
def test_merge_sets_are_epochs(path: Path) -> None:
    """For every block: the graph of its past, its epoch, and the order in it."""
    data = json.loads(path.read_text())
    names = [data["GenesisID"], *(block["ID"] for block in data["Blocks"])]
    number = {name: index for index, name in enumerate(names)}
    dag: Dag = [[]]
    for block in data["Blocks"]:
        selected = block["ExpectedSelectedParent"]
        others = [name for name in block["Parents"] if name != selected]
        dag.append([number[selected], *(number[name] for name in others)])
    past = pasts(dag)
    for block in data["Blocks"]:
        me = number[block["ID"]]
        graph, indices = build(dag, [i for i in range(me + 1) if i == me or past[me] >> i & 1])
        graph.move_root(indices[me])
        span = graph.pivot_span()
        assert span is not None
        epoch = graph.epoch_order(span[1])
        merged = {*block["ExpectedBlues"], *block["ExpectedReds"]} - {
            block["ExpectedSelectedParent"]
        }
        assert set(epoch) == {indices[number[name]] for name in merged} | {indices[me]}
        assert epoch[-1] == indices[me]
        for place, index in enumerate(epoch):
            assert not set(graph.predecessors(index)) & set(epoch[place:])
    count = len(data["Blocks"])
    record("kaspa-dags", ran=count, passed=count, part="merge sets, blocks")


def load(path: Path) -> Dag:
    """Return a large graph."""
    with gzip.open(path) as stream:
        blocks = json.load(stream)
    number = {block["id"]: index for index, block in enumerate(blocks)}
    return [[number[parent] for parent in block["parents"]] for block in blocks]


@pytest.mark.parametrize("path", files("reachability"), ids=lambda path: path.name[:24])
def test_ancestry_and_anticones_of_large_graphs(path: Path) -> None:
    """Random pairs, and all anticones of some epochs; every block has exactly one epoch."""
    dag = load(path)
    past = pasts(dag)
    graph, indices = build(dag, list(range(len(dag))))
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    for _ in range(300):
        a, b = chance.randrange(len(dag)), chance.randrange(len(dag))
        assert graph.is_in_past(indices[a], indices[b]) == bool(past[b] >> a & 1), (a, b)
    span = graph.pivot_span()
    assert span is not None
    placed = [block for height in range(span[1] + 1) for block in graph.epoch_order(height)]
    tip = graph.pivot_at(span[1]) - 1
    assert len(placed) == len(set(placed)) == past[tip].bit_count() + 1
    for height in chance.sample(range(1, span[1] - 10), 20):
        members = graph.epoch_order(height)
        end = graph.pivot_at(height + 10) - 1
        known = past[end] | 1 << end
        for index, weight in zip(
            members, graph.anticone_weights(height, height + 10, members), strict=True
        ):
            me = index - 1
            future = sum(1 << x - 1 for x in placed if past[x - 1] >> me & 1)
            assert weight == (known & ~past[me] & ~future & ~(1 << me)).bit_count()
    record("kaspa-dags", ran=1, passed=1, part="ancestry and anticones, graphs")


def test_nothing_is_skipped_unnoticed() -> None:
    """Both folders are read whole, and no file of the archive lies elsewhere."""
    everything = {path.name for path in unpack("kaspa-dags").rglob("*.json*")}
    assert everything == {path.name for kind in ("dags", "reachability") for path in files(kind)}
    assert len(everything) == 12
    assert set(EXCLUDED) <= everything
