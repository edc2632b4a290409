"""One node for the tests that leave it as usable as they found it."""

from collections.abc import Iterator

import pytest
from tests.conformance.spawned import SpawnedNode, spawned_node
from tests.conformance.witness import Witness, witnessed


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpawnedNode]:
    """A development node, shared by a session."""
    with spawned_node(tmp_path_factory.mktemp("node")) as spawned:
        yield spawned


@pytest.fixture
def witness(node: SpawnedNode) -> Iterator[Witness]:
    """The shared node behind a witness that judges every answer."""
    with witnessed(node.url) as judged:
        yield judged
