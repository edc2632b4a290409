"""A pytest plugin: one node for the session, and each test on a chain of its own by snapshot.

Load it with `-p sogdia.testing.plugin`, or `pytest_plugins = ["sogdia.testing.plugin"]`.
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
    snapshot = sogdia_node_process.call("evm_snapshot")
    yield sogdia_node_process
    sogdia_node_process.call("evm_revert", snapshot)
