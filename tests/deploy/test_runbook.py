"""Every error that ends a node or a `sogdia db` command has its place in the runbook."""

import importlib
from pathlib import Path

import pytest

from sogdia.ledger.execution.errors import AlreadyInitialised, DamagedState
from sogdia.ledger.node.errors import NodeError
from sogdia.ledger.primitives.errors import SogdiaError, StorageError
from sogdia.ledger.storage.errors import ForeignProcess, InvalidRequest, StoreClosed

RUNBOOK = Path(__file__).resolve().parents[2] / "docs" / "runbook.md"
# Mistakes of the program that calls the store: no operator meets them.
OF_THE_CALLER = (InvalidRequest, ForeignProcess, StoreClosed)

for module in ("node.errors", "node.upkeep.errors", "storage.errors", "execution.errors"):
    importlib.import_module(f"sogdia.ledger.{module}")


def leaves(root: type[SogdiaError]) -> list[type[SogdiaError]]:
    """Return the errors under `root` that are raised themselves."""
    found = root.__subclasses__()
    return [leaf for child in found for leaf in leaves(child)] if found else [root]


STOPPING = [
    error
    for error in [*leaves(NodeError), *leaves(StorageError), AlreadyInitialised, DamagedState]
    if not issubclass(error, OF_THE_CALLER)
]


@pytest.mark.parametrize("error", STOPPING, ids=lambda error: error.__name__)
def test_an_error_that_stops_a_node_has_a_section(error: type[SogdiaError]) -> None:
    """Named in the line under a heading, with the exit code or the command."""
    assert f"`{error.__name__}`" in RUNBOOK.read_text(), (
        f"docs/runbook.md knows no {error.__name__}"
    )


def test_the_errors_are_found() -> None:
    """The list is not empty by an accident of imports."""
    assert {"StoreFull", "PortInUse", "ArchiveCutOff"} <= {error.__name__ for error in STOPPING}
