"""The seed of everything that tests draw by chance.

It follows from the sources that are committed, so that one version of them is tested with the same
samples wherever it runs: what is red stays red until somebody mends it, and what was green before
it landed is green after. The next version draws others. `SOGDIA_TEST_SEED` names another seed, or
is `random`.
"""

import os
import random
import subprocess
from pathlib import Path

VARIABLE = "SOGDIA_TEST_SEED"
RANDOM = "random"


def choose_seed() -> int:
    """Return the seed of this run, and hand it on to the processes that share the work."""
    named = os.environ.get(VARIABLE) or _of_sources()
    seed = random.SystemRandom().randrange(1 << 32) if named == RANDOM else int(named)
    os.environ[VARIABLE] = str(seed)
    return seed


def _of_sources() -> str:
    here = Path(__file__).parent
    command = ["git", "rev-parse", "HEAD^{tree}"]
    try:
        done = subprocess.run(command, cwd=here, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return RANDOM  # not a clone
    return str(int(done.stdout[:8], 16))


SEED = choose_seed()
