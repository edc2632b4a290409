"""For every test: the recursion limit of a fresh interpreter, and a word on what did not run.

Libraries that tests use as oracles import `py_ecc`, which sets it to 100,000; the node never does
(`sogdia.eth_accounts`), and deep input must be met as it would be there.
"""

import sys

_limit = sys.getrecursionlimit()

import py_ecc  # noqa: E402, F401
import pytest  # noqa: E402

sys.setrecursionlimit(_limit)

NOT_RUN = "NOT RUN"  # what begins the reason of a skip that nobody should overlook


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud what did not run because something outside the repository is not here."""
    reports = terminalreporter.stats.get("skipped", [])
    reasons = [report.longrepr[2] for report in reports if isinstance(report.longrepr, tuple)]
    loud = [reason.partition(NOT_RUN)[2] for reason in reasons if NOT_RUN in reason]
    for reason in sorted(set(loud)):
        terminalreporter.write_line(f"{NOT_RUN}{reason} ({loud.count(reason)} tests)", red=True)
