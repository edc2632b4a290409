"""Run the reference client's files against our node, one after another.

python -m tests.conformance.reference [--record] [FILE...]

Prints a line for each as it ends. Ends with 1 when one ended otherwise than `table.toml` says, and
with 2 when there is nothing to run. `--record` adds the runs to the table and to the page.
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.conformance.reference.harness import CHECKOUT, checkout, run_file
from tests.conformance.reference.table import load, store

HOW_TO = f"""\
The reference client's tests are not here: their licence is the GPL, so they stay outside this
repository. Fetch them once, say where they are, and run again:

    git clone https://github.com/Conflux-Chain/conflux-rust PATH
    git -C PATH checkout 3790f62a7b
    {CHECKOUT}=PATH make conformance-reference

What they import is installed once into a cache; tests/conformance/reference/README.md says more."""
EXIT_DIFFERS, EXIT_NOTHING = 1, 2


def main(arguments: Sequence[str]) -> int:
    """Run the files that are named, all by default; return the exit code."""
    sources, rows = checkout(), load()
    if sources is None or not (sources / "tests").is_dir():
        print(HOW_TO)
        return EXIT_NOTHING
    names = [each for each in arguments if not each.startswith("--")] or list(rows)
    if unknown := [name for name in names if name not in rows]:
        print(f"table.toml does not name {', '.join(unknown)}")
        return EXIT_NOTHING
    differing = []
    for name in names:
        began_at = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="reference-") as folder:
            outcome = run_file(sources, name, Path(folder))
        row, took_s = rows[name], time.monotonic() - began_at
        is_told = outcome.passed == row.must_pass
        word = "passed" if outcome.passed else "failed"
        print(
            f"{name:40} {word} in {took_s:4.0f} s{'' if is_told else ', AND MUST NOT'}", flush=True
        )
        row.ran += 1
        row.passed += outcome.passed
        if not is_told:
            differing.append(name)
            print(outcome.output[-3_000:])
        if "--record" in arguments:
            store(rows)
    print(f"{len(names) - len(differing)} of {len(names)} files ended as table.toml says")
    return EXIT_DIFFERS if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
