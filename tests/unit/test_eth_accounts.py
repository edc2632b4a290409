"""The recursion limit survives the import of `eth_account`."""

import subprocess
import sys


def test_signing_leaves_the_recursion_limit_alone() -> None:
    """In an interpreter of its own; the plain import does change it, or this module can go."""
    show = "import sys; print(sys.getrecursionlimit())"
    limits = [
        subprocess.run(
            [sys.executable, "-c", f"{first}{show}"], check=True, capture_output=True, text=True
        ).stdout
        for first in ("", "import sogdia.eth_accounts; ", "import eth_account; ")
    ]
    assert limits[0] == limits[1] != limits[2]
