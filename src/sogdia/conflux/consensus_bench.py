"""Graphs in the format of the family's consensus benchmark (protocol §4), by the engine's rules.

`sogdia-consensus-bench FILE...` ends with 1 when a verdict differs. `--randomseed=N`, which the
harness gives, decides between equals there; here both orders of hashes are tried instead.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sogdia.ledger.consensus.api import BlockStatus
from sogdia.ledger.consensus.pipeline.tree_graph import TreeGraph
from sogdia.ledger.consensus.stores.blocks import GraphBlock
from sogdia.ledger.params.consensus import ConsensusParams

DIFFICULTY = 10


@dataclass(frozen=True, slots=True)
class VectorBlock:
    """One line of a file; flags are 1, 0 or -1."""

    valid: int
    timer: int
    adaptive: int
    quality: int
    parent: int
    referees: tuple[int, ...]


def read_vector(path: Path) -> tuple[ConsensusParams, list[VectorBlock]]:
    """Return the parameters and the blocks of a file."""
    lines = (line.split("//")[0].split() for line in path.read_text().splitlines())
    numbers = [[int(word) for word in line] for line in lines if line]
    timer_ratio, timer_beta, adaptive_beta, heavy_ratio, era_epoch_count = numbers[0]
    params = ConsensusParams(
        timer_ratio=timer_ratio,
        timer_beta=timer_beta,
        adaptive_beta=adaptive_beta,
        heavy_ratio=heavy_ratio,
        era_epoch_count=era_epoch_count,
        initial_difficulty=DIFFICULTY,
        difficulty_period=0,
        activation_is_immediate=True,
        adaptive_is_computed=True,
    )
    return params, [_read_block(*line) for line in numbers[1:]]


def _read_block(
    valid: int, timer: int, adaptive: int, quality: int, parent: int, *referees: int
) -> VectorBlock:
    return VectorBlock(valid, timer, adaptive, quality, parent, referees)


def tie_key(index: int, *, descending: bool) -> bytes:
    """Return the hash of block `index`: larger for later blocks, or for earlier ones."""
    return ((1 << 256) - 1 - index if descending else index).to_bytes(32, "big")


def run(path: Path, *, descending: bool, skipped: list[int] | None = None) -> Iterator[str]:
    """Feed the file to the rules and yield a line for every verdict that differs.

    Blocks that are pending or forgotten have no verdict; their numbers are added to `skipped`.
    """
    params, vectors = read_vector(path)
    graph = TreeGraph(params, tie_key(0, descending=descending), difficulty=DIFFICULTY)
    for index, vector in enumerate(vectors, 1):
        graph.insert(
            hash=tie_key(index, descending=descending),
            parent=tie_key(vector.parent, descending=descending),
            referees=[tie_key(referee, descending=descending) for referee in vector.referees],
            difficulty=DIFFICULTY,
            quality=vector.quality * DIFFICULTY,
            is_adaptive=vector.adaptive == 1,
        )
        block = graph.find(tie_key(index, descending=descending))
        if block is None or block.status is BlockStatus.PENDING:
            if skipped is not None:
                skipped.append(index)
            continue
        for name, actual, expected in _compare(block, vector):
            yield f"{path.name}: block {index}: {name} is {actual}, must be {expected}"


def _compare(block: GraphBlock, vector: VectorBlock) -> Iterator[tuple[str, int, int]]:
    is_valid = block.status is BlockStatus.VALID
    checks = [("valid", is_valid, vector.valid)]
    if is_valid:
        checks += [
            ("timer", block.timer is not None, vector.timer),
            ("adaptive", block.is_adaptive, vector.adaptive),
        ]
    for name, actual, expected in checks:
        if expected in (0, 1) and actual != (expected == 1):
            yield name, int(actual), expected


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the files and print what differs; ends the process with 1 if anything does."""
    given = sys.argv[1:] if arguments is None else arguments
    paths = [Path(argument) for argument in given if not argument.startswith("--")]
    differences = [
        line
        for path in paths
        for descending in (False, True)
        for line in run(path, descending=descending)
    ]
    print("\n".join(differences) or f"{len(paths)} files agree")
    sys.exit(1 if differences or not paths else 0)


if __name__ == "__main__":
    main()
