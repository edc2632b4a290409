"""What the graph kernel refuses, and that it says which block and why."""

import pytest

from sogdia.ledger.consensus.processes.tree_graph import ORIGIN, Graph


def key(number: int) -> bytes:
    """Return a hash that grows with `number`."""
    return number.to_bytes(32, "big")


def chain(length: int) -> Graph:
    """Return a kernel with an active chain: indices 1 to `length`."""
    graph = Graph(1_000)
    for height in range(length):
        index = graph.add(height if height else ORIGIN, [], height, key(height))
        graph.seek(index)
        graph.activate(index, 1)
    return graph


@pytest.mark.parametrize("index", [ORIGIN, 4, 1 << 31])
def test_an_index_that_was_not_given_out_is_named(index: int) -> None:
    """Whatever is asked about it."""
    graph = chain(3)
    for question in (
        lambda: graph.seek(index),
        lambda: graph.activate(index, 1),
        lambda: graph.is_ancestor(1, index),
        lambda: graph.common_ancestor([1, index]),
        lambda: graph.era(index),
        lambda: graph.subtree_weight(index),
        lambda: graph.future(index),
        lambda: graph.is_in_past(index, 1),
    ):
        with pytest.raises(ValueError, match=f"block {index} does not exist; the graph holds 3"):
            question()


def test_a_view_is_gone_once_a_later_seek_has_moved_it() -> None:
    """An old handle would answer about another block's past."""
    graph = chain(3)
    old = graph.seek(3)
    new = graph.seek(2)
    assert graph.is_heaviest_path(new, 1, 1)
    with pytest.raises(ValueError, match="moved by a later seek"):
        graph.is_heaviest_path(old, 1, 2)


def test_what_has_an_inactive_past_is_neither_seen_nor_counted() -> None:
    """The missing block is named."""
    graph = chain(2)
    held = graph.add(2, [], 2, key(2))
    child = graph.add(held, [], 3, key(3))
    for question in (lambda: graph.seek(child), lambda: graph.activate(child, 1)):
        with pytest.raises(ValueError, match=f"block {child} refers to block {held}"):
            question()
    with pytest.raises(ValueError, match="active already"):
        graph.activate(2, 1)


@pytest.mark.parametrize("weight", [-1, 1 << 120, (1 << 120) - 2])
def test_weights_whose_sums_could_overflow_are_refused(weight: int) -> None:
    """The bound is on the total; what was refused is not counted."""
    graph = chain(2)
    index = graph.add(2, [], 2, key(2))
    with pytest.raises(ValueError, match="negative or lifts the total above"):
        graph.activate(index, weight)
    assert graph.subtree_weight(1) == 2
    graph.activate(index, (1 << 120) - 3)
    assert graph.subtree_weight(1) == (1 << 120) - 1


def test_heights_off_the_pivot_chain_are_refused() -> None:
    """With the span that there is."""
    graph = chain(3)
    for question in (lambda: graph.pivot_at(3), lambda: graph.epoch_order(9)):
        with pytest.raises(ValueError, match="which spans 0 to 2"):
            question()


def test_a_key_must_be_a_hash() -> None:
    """Its length decides ties."""
    with pytest.raises(ValueError, match="32 bytes, not 31"):
        Graph(10).add(ORIGIN, [], 0, bytes(31))


def test_only_marked_timers_have_ticks() -> None:
    """A question about another block is a mistake of the caller."""
    graph = chain(2)
    with pytest.raises(ValueError, match="block 1 is not a marked timer block"):
        graph.last_before(1, 2)
    graph.mark_timer(2, None)
    index = graph.add(2, [], 2, key(2))
    graph.seek(index)
    assert graph.is_timer_in_past(2, index)
    assert graph.last_before(2, index) == 2, "a timer is not in its own past"
