"""What judging and ordering a block costs: the engine's rules on honest graphs and under attack.

    uv run python -m benchmarks.graph [SHAPE ...]

Every shape runs in a process of its own, so that its memory is its own. Blocks arrive one by one;
after each the pivot chain is known. Times are those of the processor, since one thread does all the
work and nothing waits. The limit, in the same process, is the bare kernel: the same
edges and weights without any rule. Memory is what the process grew by, Python's records included;
"kernel" is the compiled part of it.
"""

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.vectors.archives import unpack

from sogdia._core import Graph
from sogdia.conflux.consensus_bench import read_vector
from sogdia.ledger.consensus.pipeline.tree_graph import TreeGraph
from sogdia.ledger.params.consensus import ConsensusParams

ROUNDS = 3
DIFFICULTY = 10
ATTACK_FLOOR = 4_000  # blocks a second
HONEST_FLOOR = 10_000
MEMORY_BYTES_MAX = 1_536

MAIN = ConsensusParams(
    initial_difficulty=DIFFICULTY,
    difficulty_period=0,
    era_epoch_count=1_000_000,  # nothing is forgotten while memory is measured
    adaptive_is_computed=True,
)
TEST = ConsensusParams(
    timer_ratio=3,
    timer_beta=10,
    heavy_ratio=10,
    adaptive_beta=10,
    initial_difficulty=DIFFICULTY,
    difficulty_period=0,
    era_epoch_count=1_000_000,
    activation_is_immediate=True,
    adaptive_is_computed=True,
)

Edges = tuple[int, list[int]]
"""Parent and referees, by position; 0 is the genesis, the next block is 1."""


def honest(count: int) -> Iterator[Edges]:
    """Two blocks a second seen after a second or two: short forks, all referred to."""
    chance = random.Random(1)
    heads, tips, height = [0], {0}, {0: 0}
    for block in range(1, count + 1):
        seen = heads[-1 - chance.randrange(min(3, len(heads)))]
        referees = [tip for tip in tips if tip != seen and tip < block - 2][:10]
        yield seen, referees
        tips -= {seen, *referees}
        tips.add(block)
        height[block] = height[seen] + 1
        if height[block] > height[heads[-1]]:
            heads.append(block)
            heads = heads[-4:]


def siblings(count: int) -> Iterator[Edges]:
    """`count` children of the genesis beside a chain of twice as many, which refers to them."""
    for _ in range(count):
        yield 0, []
    tip = 0
    for block in range(count + 1, 3 * count + 1):
        hidden = block - count
        yield tip, [hidden] if 1 <= hidden <= count and tip else []
        tip = block


def branches(number: int, length: int) -> Iterator[Edges]:
    """Branches from the genesis that grow in turn, and never refer to each other."""
    tips = [0] * number
    block = 0
    for _ in range(length):
        for branch in range(number):
            block += 1
            yield tips[branch], []
            tips[branch] = block


def withheld(length: int) -> Iterator[Edges]:
    """A chain of `length` that nobody saw is released behind an honest one, then referred to."""
    for block in range(length + 200):
        yield block, []
    hidden = 100
    for block in range(length + 200, 2 * length + 200):
        yield hidden, []
        hidden = block + 1
    tip = length + 200
    for block in range(2 * length + 200, 2 * length + 1_200):
        yield tip, [hidden] if tip == length + 200 else []
        tip = block + 1


def one_parent(count: int) -> Iterator[Edges]:
    """`count` children of the genesis, each referring to the one before."""
    for block in range(count):
        yield 0, [block] if block else []


@dataclass(frozen=True, slots=True)
class Shape:
    """A graph to measure, and what it must reach."""

    edges: Callable[[], Iterator[Edges]]
    params: ConsensusParams
    floor: int


SHAPES = {
    "honest, 100,000 (main)": Shape(lambda: honest(100_000), MAIN, HONEST_FLOOR),
    "honest, 100,000 (test)": Shape(lambda: honest(100_000), TEST, HONEST_FLOOR),
    "1,000 siblings beside a chain of 2,000": Shape(lambda: siblings(1_000), TEST, ATTACK_FLOOR),
    "two balanced branches of 5,000 (main)": Shape(lambda: branches(2, 5_000), MAIN, ATTACK_FLOOR),
    "two balanced branches of 5,000 (test)": Shape(lambda: branches(2, 5_000), TEST, ATTACK_FLOOR),
    "withheld chain of 2,000": Shape(lambda: withheld(2_000), TEST, ATTACK_FLOOR),
    "one parent, 20,000 chained (main)": Shape(lambda: one_parent(20_000), MAIN, ATTACK_FLOOR),
    "one parent, 20,000 chained (test)": Shape(lambda: one_parent(20_000), TEST, ATTACK_FLOOR),
    "eight branches of 2,500": Shape(lambda: branches(8, 2_500), TEST, ATTACK_FLOOR),
    "sixteen branches of 1,250": Shape(lambda: branches(16, 1_250), TEST, ATTACK_FLOOR),
}


ERA_CASE = "era-case1, 10,000, with 16 checkpoints"
ERA_CASE_FLOOR = 20_000


def _load(name: str) -> tuple[ConsensusParams, list[Edges], list[int], int]:
    """Return parameters, edges, work and floor of a graph to measure."""
    if name == ERA_CASE:
        path = next(unpack("ghast-vectors").rglob("era-case1.in"))
        params, vectors = read_vector(path)
        edges = [(vector.parent, list(vector.referees)) for vector in vectors]
        return params, edges, [vector.quality * DIFFICULTY for vector in vectors], ERA_CASE_FLOOR
    shape = SHAPES[name]
    made = list(shape.edges())
    chance = random.Random(7)
    work = [DIFFICULTY * _quality(chance, shape.params) for _ in made]
    return shape.params, made, work, shape.floor


def _key(block: int) -> bytes:
    """Return a hash that wins every tie against earlier ones: balanced branches then take the pivot
    chain from each other with every block, which is the worst for whoever keeps it."""
    return block.to_bytes(32, "big")


def measure(name: str) -> dict[str, float]:
    """Run one shape through the rules and through the bare kernel, in this process."""
    params, edges, qualities, floor = _load(name)
    keys = [_key(block) for block in range(len(edges) + 1)]
    resident = _resident_bytes()
    start = time.process_time()
    graph = TreeGraph(params, keys[0], difficulty=DIFFICULTY)
    for block, (parent, referees) in enumerate(edges, 1):
        graph.insert(
            hash=keys[block],
            parent=keys[parent],
            referees=[keys[referee] for referee in referees],
            difficulty=DIFFICULTY,
            quality=qualities[block - 1],
            is_adaptive=False,
        )
    with_rules = time.process_time() - start
    grown = _resident_bytes() - resident

    start = time.process_time()
    kernel = Graph(params.era_epoch_count)
    heights = [0] * (len(edges) + 1)
    kernel.activate(kernel.add(0, [], 0, keys[0]), DIFFICULTY)
    for block, (parent, referees) in enumerate(edges, 1):
        heights[block] = heights[parent] + 1
        index = kernel.add(
            parent + 1, [referee + 1 for referee in referees], heights[block], keys[block]
        )
        kernel.activate(index, DIFFICULTY)
    bare = time.process_time() - start
    return {
        "blocks": len(edges),
        "rate": len(edges) / with_rules,
        "share": bare / with_rules,
        "bytes": grown / len(edges),
        "kernel_bytes": graph.state.graph.size_bytes() / len(edges),
        "floor": floor,
    }


def _quality(chance: random.Random, params: ConsensusParams) -> int:
    """Return work in difficulties, distributed as work is: above q with chance 1 / q."""
    return min(int(1 / (1 - chance.random())), 100 * params.heavy_ratio)


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def main(names: list[str]) -> int:
    """Measure the shapes and print a table; return 1 if a floor is missed."""
    print("| shape | blocks/s (range) | of the bare kernel | bytes a block | kernel's |")
    print("|---|---|---|---|---|")
    missed = 0
    for name in names or [ERA_CASE, *SHAPES]:
        rounds = [_in_a_process(name) for _ in range(ROUNDS)]
        rates = sorted(result["rate"] for result in rounds)
        shares = sorted(result["share"] for result in rounds)
        grown = max(result["bytes"] for result in rounds)
        print(
            f"| {name} | {rates[1]:,.0f} ({rates[0]:,.0f}–{rates[-1]:,.0f}) | {shares[1]:.2f} "
            f"| {grown:,.0f} | {rounds[0]['kernel_bytes']:,.0f} |",
            flush=True,
        )
        missed |= rates[1] < rounds[0]["floor"] or grown > MEMORY_BYTES_MAX
    return int(missed)


def _in_a_process(name: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.graph", "--measure", name]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(sys.argv[2])))
    else:
        sys.exit(main(sys.argv[1:]))
