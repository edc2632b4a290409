"""Shares of work over nodes, and groups of a partition."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sogdia.local_network.errors import InvalidGroups, InvalidWork, UnknownNode
from sogdia.local_network.plan import NetworkPlan, NodePlan, divide, parse_groups, parse_work
from sogdia.local_network.processes import Process, find_process, find_strays, is_running

CASE = "cn=67,kz=15,ru=10,ch=8"
PLAN = NetworkPlan("t", 1e5, tuple(NodePlan(*each, 1, 2) for each in divide(parse_work(CASE), 5)))


def test_work_is_divided_as_it_was_said() -> None:
    """W1 and W2: the fifth node goes to the largest share per node."""
    assert [name for name, _, _ in divide(parse_work(CASE), 4)] == ["cn", "kz", "ru", "ch"]
    divided = divide(parse_work("a=6.7,b=1.5,c=1.0,d=0.8"), 6)
    assert [(name, round(share, 4)) for name, _, share in divided] == [
        ("a-1", 0.2233),
        ("a-2", 0.2233),
        ("a-3", 0.2233),
        ("b", 0.15),
        ("c", 0.1),
        ("d", 0.08),
    ]
    assert sum(share for _, _, share in divided) == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cn", "is no NAME=SHARE"),
        ("cn=1,cn=2", "twice"),
        ("cn=x", "is no number"),
        ("cn=0", "must be positive"),
        ("cn=inf", "must be positive"),
        ("C N=3", "is no NAME=SHARE"),
    ],
)
def test_work_that_cannot_be_is_refused(text: str, words: str) -> None:
    """With what is wrong and how it is written."""
    with pytest.raises(InvalidWork, match=words):
        parse_work(text)


def test_nodes_must_be_enough() -> None:
    """One for each jurisdiction."""
    with pytest.raises(InvalidWork, match="4 to 64 nodes, and 3 were"):
        divide(parse_work(CASE), 3)


def test_groups_name_nodes_or_jurisdictions_and_the_rest_is_one_more() -> None:
    """cn has two nodes here."""
    assert parse_groups(PLAN, "cn") == [["cn-1", "cn-2"], ["kz", "ru", "ch"]]
    assert parse_groups(PLAN, "cn-1,kz|ru") == [["cn-1", "kz"], ["ru"], ["cn-2", "ch"]]
    with pytest.raises(UnknownNode, match=r"no node 'xx'; there are cn-1, cn-2"):
        parse_groups(PLAN, "xx")
    with pytest.raises(InvalidGroups, match="kz is in two"):
        parse_groups(PLAN, "kz|kz")
    with pytest.raises(InvalidGroups, match="parts nothing"):
        parse_groups(PLAN, "cn,kz,ru,ch")


def test_the_least_difficulty_leaves_room_to_fall() -> None:
    """Two blocks a second from 100,000 hashes need 50,000."""
    assert PLAN.difficulty == 6_250


def test_a_process_is_known_by_its_beginning(tmp_path: Path) -> None:
    """P1 and P2: a number alone proves nothing; what nobody noted is found by its file."""
    own = find_process(os.getpid())
    assert own is not None
    assert is_running(own)
    assert not is_running(Process(own.number, own.began + 1))
    config = tmp_path / "nodes" / "a" / "node.toml"
    sleep = "import time; time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", sleep, "--config", str(config)])
    try:
        while not (found := find_strays(tmp_path)):
            time.sleep(0.01)
        assert [process.number for process in found] == [child.pid]
        assert find_strays(tmp_path / "nodes" / "b") == []
    finally:
        child.kill()
        child.wait()
    assert not is_running(found[0])
