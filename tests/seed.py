"""The seed of everything that tests draw by chance.

It follows from the sources, so that one version of them is tested with the same samples wherever it
runs: what is red stays red until somebody mends it, and what was green before it landed is green
after. The next version draws others. `SOGDIA_TEST_SEED` names another seed, or is `random`.
"""

import os
import random
from hashlib import sha256
from pathlib import Path

VARIABLE = "SOGDIA_TEST_SEED"
ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("src", "crates", "tests")
ENDINGS = (".py", ".rs")


def choose_seed() -> int:
    """Return the seed of this run, and hand it on to the processes that share the work."""
    named = os.environ.get(VARIABLE)
    if named == "random":
        seed = random.SystemRandom().randrange(1 << 32)
    else:
        seed = int(named) if named else _seed_of_sources()
    os.environ[VARIABLE] = str(seed)
    return seed


def _seed_of_sources() -> int:
    """Return a number that any change of a source changes; documents do not count."""
    digest = sha256()
    files = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))
    for path in sorted(path for path in files if path.suffix in ENDINGS):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return int.from_bytes(digest.digest()[:4], "big")


SEED = choose_seed()
