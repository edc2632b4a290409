"""The loop reads what the ledger's thread is changing: every answer is that of one state.

The truth is what another engine says after each block of the same sequence, asked in the writer's
own thread; the reader must never get anything else, least of all a mixture of two.
"""

import random
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from tests.unit.ledger.sync.nodes import Node

from sogdia.ledger.consensus.api import Consensus
from sogdia.ledger.network.memory import MemoryNetwork
from sogdia.ledger.network.messages import EpochHashes, GetEpochHashes, GetPast, Headers, Status
from sogdia.ledger.node.exclusive import exclusive
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.sync.ancestry import locator
from sogdia.ledger.sync.answers import find_answer, status

STEM, BRANCH = 10, 150  # longer than what an outlook has for itself


def new_nodes(count: int) -> list[Node]:
    """Return nodes that nobody joins: this file submits by hand."""
    network = MemoryNetwork(random.Random(1))
    return [Node(number + 1, network, random.Random(number)) for number in range(count)]


def reorganising_sequence() -> list[Block]:
    """Return a stem and two branches, of which now one and now the other is the heavier."""
    one, other = new_nodes(2)
    stem = one.mine(STEM)
    for block in stem:
        other.ledger.submit(block)
    left, right = one.mine(BRANCH), other.mine(BRANCH)
    order, branches = [*stem, left[0]], (right, left)
    taken = [0, 1]
    while min(taken) < BRANCH:
        for side, branch in enumerate(branches):
            fresh = branch[taken[side] : taken[side] + 2]
            taken[side] += len(fresh)
            order += fresh
    return order


def pivots(consensus: Consensus) -> list[bytes]:
    """Return the pivot chain from the checkpoint on."""
    heights = range(consensus.era_genesis_height, consensus.best_height() + 1)
    return [hash_ for height in heights if (hash_ := consensus.pivot_at(height)) is not None]


def expected_locator(chain: list[bytes]) -> tuple[bytes, ...]:
    """Return the tip, then the blocks 1, 3, 7, 15 ... below it, and the checkpoint."""
    places = [len(chain) - 2**n for n in range(20)]
    return (*(chain[place] for place in places if place > 0), chain[0])


@dataclass
class Truths:
    """What may be answered: what was so after some block."""

    epochs: set[object] = field(default_factory=set)
    locators: set[object] = field(default_factory=set)
    places: set[object] = field(default_factory=set)

    def note(self, consensus: Consensus) -> None:
        """Add the present state of an engine that nobody changes meanwhile."""
        heights = range(STEM + BRANCH + 2)
        best = consensus.best_height()
        plans = [consensus.epoch_plan(height) for height in heights if height <= best]
        epochs = [(*plan.skipped, *plan.blocks) for plan in plans]
        self.epochs.add((*epochs, *[()] * (len(heights) - len(epochs))))
        self.locators.add(expected_locator(pivots(consensus)))
        self.places.add((consensus.best_block(), best, tuple(consensus.terminals())))


def writing(node: Node, blocks: list[Block]) -> threading.Thread:
    """Return a thread that submits blocks as the ledger's does, a few at a time."""

    def submit() -> None:
        for start in range(0, len(blocks), 5):
            node.ledger.submit_all(blocks[start : start + 5])

    return threading.Thread(target=submit)


@contextmanager
def eager_switching() -> Iterator[None]:
    """Let threads take turns as often as the interpreter can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def read_while_writing(node: Node, blocks: list[Block], read: Callable[[], object]) -> set[object]:
    """Return everything that `read` answered until all blocks were in."""
    node.consensus.outlook()
    writer = writing(node, blocks)
    answers = {read()}
    with eager_switching():
        writer.start()
        try:
            while writer.is_alive():
                answers.add(read())
        finally:
            writer.join()
    answers.add(read())
    return answers


@pytest.fixture(scope="module")
def blocks() -> list[Block]:
    """A sequence that reorganises with every other block."""
    return reorganising_sequence()


@pytest.fixture(scope="module")
def truths(blocks: list[Block]) -> Truths:
    """What another engine says after each block."""
    (node,) = new_nodes(1)
    truths = Truths()
    truths.note(node.consensus)
    reorganisations = 0
    for block in blocks:
        tip = node.consensus.best_block()
        node.ledger.submit(block)
        reorganisations += node.consensus.best_block() == block.hash != tip != block.header.parent
        truths.note(node.consensus)
    assert reorganisations > BRANCH // 2
    return truths


def test_epochs_that_are_served_are_those_of_one_state(blocks: list[Block], truths: Truths) -> None:
    """A peer that is served a mixture would be told of a chain that nobody ever had."""
    (node,) = new_nodes(1)
    question = GetEpochHashes(1, list(range(STEM + BRANCH + 2)))

    def read() -> object:
        answer = find_answer(node.consensus, question)
        assert isinstance(answer, EpochHashes)
        return tuple(map(tuple, answer.epochs))

    assert read_while_writing(node, blocks, read) <= truths.epochs


def test_a_locator_is_that_of_one_state(blocks: list[Block], truths: Truths) -> None:
    """It is read while the tip may fall below the height just read."""
    (node,) = new_nodes(1)
    found = read_while_writing(node, blocks, lambda: tuple(locator(node.consensus.outlook())))
    assert found <= truths.locators


def test_a_status_is_that_of_one_state(blocks: list[Block], truths: Truths) -> None:
    """Tip, height and terminals belong together."""
    (node,) = new_nodes(1)

    def read() -> object:
        told: Status = status(node.consensus.outlook())
        return told.best, told.best_height, tuple(told.terminals)

    assert read_while_writing(node, blocks, read) <= truths.places


def test_a_standing_is_that_of_one_state(blocks: list[Block], truths: Truths) -> None:
    """What status and metrics show, from the node's own consensus, which they ask on any thread."""
    (node,) = new_nodes(1)
    shared = exclusive(node.consensus)
    node.ledger.consensus = shared

    def read() -> object:
        standing = shared.standing()
        assert standing.confirmed_height <= standing.best_height
        return standing.best_block, standing.best_height, standing.terminals

    assert read_while_writing(node, blocks, read) <= truths.places


def test_what_is_here_can_be_served_at_once(blocks: list[Block]) -> None:
    """A block is in the graph before it is in the store; whoever is told that it is here asks."""
    (node,) = new_nodes(1)
    hashes = [block.hash for block in blocks]
    place = 0

    def read() -> object:
        nonlocal place
        while place < len(hashes) and node.consensus.has_block(hashes[place]):
            assert node.consensus.header(hashes[place]).hash == hashes[place]
            assert node.consensus.body_bytes(hashes[place])
            place += 1
        return place

    read_while_writing(node, blocks, read)
    assert place == len(blocks)


def test_a_past_is_told_without_gaps(blocks: list[Block]) -> None:
    """Each header that is told follows those before it, whatever the writer does meanwhile."""
    (node,) = new_nodes(1)
    tips = [block.hash for block in blocks]
    genesis = node.consensus.genesis
    by_bytes = {block.header.encode(): block for block in blocks}

    def read() -> object:
        answer = find_answer(node.consensus, GetPast(1, tips[-256:], [genesis], 512))
        assert isinstance(answer, Headers)
        before = {genesis}
        for raw in answer.headers:
            block = by_bytes[raw]
            assert block.header.parent in before
            assert before.issuperset(block.header.referees)
            before.add(block.hash)
        return len(answer.headers)

    assert len(blocks) in read_while_writing(node, blocks, read)
