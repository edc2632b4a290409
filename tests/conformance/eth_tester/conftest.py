"""Counts eth-tester's tests for the scoreboard."""

from pathlib import Path
from typing import Any

import pytest
from tests.conformance.tally import Tally

TALLY = Tally(Path(__file__).parent, "eth-tester backend", "PyPI eth-tester, BaseTestBackendDirect")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Count how each test ended."""
    report = yield
    TALLY.count(item, report)
    return report


def pytest_sessionfinish() -> None:
    """Write the row of this suite, if it ran."""
    TALLY.record()
