"""Counts the outcomes of an outside suite that pytest itself runs, for the scoreboard."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.scoreboard import record


class Tally:
    """The outcomes of the tests below one folder."""

    def __init__(self, folder: Path, suite: str, note: str = "") -> None:
        self.folder = folder
        self._suite = suite
        self._note = note
        self._outcomes: Counter[str] = Counter()

    def owns(self, item: pytest.Item) -> bool:
        """Tell whether a test is of this suite."""
        return self.folder in item.path.parents

    def count(self, item: pytest.Item, report: Any) -> None:
        """Count a test once: how its call ended, or that it could not even begin."""
        if not self.owns(item) or (report.when != "call" and report.passed):
            return
        if report.when == "teardown":
            return
        is_expected = hasattr(report, "wasxfail") and not report.passed
        self._outcomes["excluded" if is_expected else report.outcome] += 1

    def record(self) -> None:
        """Write the row of this suite, if any of it ran."""
        counts = self._outcomes
        if counts:
            record(
                self._suite,
                ran=counts["passed"] + counts["failed"],
                passed=counts["passed"],
                excluded=counts["excluded"] + counts["skipped"],
                note=self._note,
            )
