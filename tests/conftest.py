"""For every test: a seed, the recursion limit of a fresh interpreter, a word on what did not run.

Libraries that tests use as oracles import `py_ecc`, which sets it to 100,000; the node never does
(`sogdia.eth_accounts`), and deep input must be met as it would be there.
"""

import random
import sys
from collections.abc import Iterator

_limit = sys.getrecursionlimit()

import py_ecc  # noqa: E402, F401
import pytest  # noqa: E402
from tests.seed import SEED, VARIABLE  # noqa: E402

sys.setrecursionlimit(_limit)

NOT_RUN = "NOT RUN"  # what begins the reason of a skip that nobody should overlook


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Let Hypothesis draw from the seed too, unless the command line names one for it."""
    if config.getoption("--hypothesis-seed", None) is None:
        config.option.hypothesis_seed = str(SEED)


@pytest.fixture(autouse=True)
def _draw_from_the_seed(request: pytest.FixtureRequest) -> Iterator[None]:
    random.seed(f"{SEED} {request.node.nodeid}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how the samples are drawn again, and what did not run for want of something."""
    terminalreporter.write_line(f"seed {SEED}: {VARIABLE}={SEED} draws the same samples")
    reports = terminalreporter.stats.get("skipped", [])
    reasons = [report.longrepr[2] for report in reports if isinstance(report.longrepr, tuple)]
    loud = [reason.partition(NOT_RUN)[2] for reason in reasons if NOT_RUN in reason]
    for reason in sorted(set(loud)):
        terminalreporter.write_line(f"{NOT_RUN}{reason} ({loud.count(reason)} tests)", red=True)
