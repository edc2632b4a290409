"""The judgement of a drill, on statements written by hand: each kind of loss must be told."""

from xml.etree import ElementTree

from sogdia.local_network.work_ban.chart import Panel, Series, draw
from sogdia.local_network.work_ban.load import Sent
from sogdia.local_network.work_ban.verdict import (
    FinalLedger,
    Place,
    broken_statements,
    find_disagreement,
    summarise,
    undone_transactions,
    waiting_times,
)
from sogdia.local_network.work_ban.witness import Statement

FINAL = FinalLedger({1: ("0xa", ("t1",)), 2: ("0xb", ("t2", "t3")), 3: ("0xc", ("t4",))})
OTHER = FinalLedger({1: ("0xa", ("t1",)), 2: ("0xb", ("t3", "t2")), 3: ("0xc", ("t4",))})


def stated(epoch: int, pivot: str, *transactions: str, alerts: tuple[str, ...] = ()) -> Statement:
    return Statement("kz", epoch, pivot, transactions, 100.0, alerts)


def test_statements_that_hold_everywhere_are_not_broken() -> None:
    """And one that a single node contradicts is."""
    statements = [stated(1, "0xa", "t1"), stated(2, "0xb", "t2", "t3")]
    assert broken_statements(statements, {"kz": FINAL, "ru": FINAL}) == []
    assert broken_statements(statements, {"kz": FINAL, "ru": OTHER}) == statements[1:]
    assert find_disagreement({"kz": FINAL, "ru": FINAL}, 3) is None
    assert find_disagreement({"kz": FINAL, "ru": OTHER}, 3) == 2
    assert find_disagreement({"kz": FINAL, "ru": OTHER}, 1) is None


def test_what_was_undone_is_told_with_where_it_is_now() -> None:
    """Moved, gone, beyond the end, and in the same place under a statement that broke otherwise."""
    statements = [
        stated(2, "0xz", "t4", "gone", alerts=("work-fell",)),
        stated(9, "0xy", "t1"),
    ]
    broken = broken_statements(statements, {"kz": FINAL})
    assert broken == statements
    told = {each.hash: each for each in undone_transactions(broken, FINAL)}
    assert told["t4"].now == Place(3, "0xc", 0)
    assert told["t4"].warned
    assert told["t4"].nodes == ("kz",)
    assert told["gone"].now is None
    assert told["t1"].stated == Place(9, "0xy", 0)
    assert not told["t1"].warned


def test_waiting_is_counted_at_the_node_that_was_sent_to() -> None:
    """From sending to that node's first statement; what it never stated is counted as sent."""
    sent = [
        Sent("t1", "kz", 60.0, "before"),
        Sent("t2", "kz", 90.0, "ban"),
        Sent("t3", "cn", 90.0, "ban"),
    ]
    statements = [stated(1, "0xa", "t1"), stated(2, "0xb", "t2", "t3")]
    times = waiting_times(sent, statements)
    assert times == {"t1": 40.0, "t2": 10.0}
    rows = {(row.phase, row.side): row for row in summarise(sent, times, ["cn"])}
    assert rows["before", "staying"].median_s == 40.0
    assert (rows["ban", "banned"].sent, rows["ban", "banned"].confirmed) == (1, 0)
    assert rows["ban", "banned"].median_s is None


def test_the_picture_is_well_formed_and_holds_every_series() -> None:
    """Even with nothing to draw."""
    line = Series("a < b", [(0.0, 1.0), (5.0, 3.0)])
    dots = Series("dots", [(1.0, 2.0)], is_line=False)
    root = ElementTree.fromstring(draw("t", [Panel("p", [line, dots])], [(2.0, "ban")]))
    kinds = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert (kinds.count("polyline"), kinds.count("circle")) == (1, 1)
    ElementTree.fromstring(draw("empty", [Panel("p", [Series("none", [])])], []))
