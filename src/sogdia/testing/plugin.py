"""A pytest plugin: one node for the session, and each test on a chain of its own by snapshot.

Installed with the package; `sogdia_node` and `sogdia_in_process` are there without being asked for.
"""

from collections.abc import Iterator

import pytest

from sogdia.testing.node import DevelopmentNode, run_node


@pytest.fixture(scope="session")
def sogdia_node_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevelopmentNode]:
    """A development node that the session's tests share; use `sogdia_node` instead."""
    with run_node(tmp_path_factory.mktemp("sogdia")) as node:
        yield node


@pytest.fixture
def sogdia_node(sogdia_node_process: DevelopmentNode) -> Iterator[DevelopmentNode]:
    """A running development node; what the test does to its chain is taken back afterwards.

    Mining modes, the author of blocks and impersonations are settings, and stay as they were set.
    """
    yield from _isolated(sogdia_node_process)


@pytest.fixture(scope="session")
def sogdia_node_thread(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevelopmentNode]:
    """A node in this process that the session's tests share; use `sogdia_in_process` instead."""
    from sogdia.testing.in_process import run_in_process

    with run_in_process(tmp_path_factory.mktemp("sogdia")) as node:
        yield node


@pytest.fixture
def sogdia_in_process(sogdia_node_thread: DevelopmentNode) -> Iterator[DevelopmentNode]:
    """A development node inside this process, isolated as `sogdia_node`."""
    yield from _isolated(sogdia_node_thread)


def _isolated(node: DevelopmentNode) -> Iterator[DevelopmentNode]:
    snapshot = node.call("evm_snapshot")
    yield node
    node.call("evm_revert", snapshot)
