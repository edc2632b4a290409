"""Find packs on disk: the ones that ship, and a user's own folders."""

from collections.abc import Iterable
from importlib import resources
from pathlib import Path

from sogdia.compliance.rules.errors import PackUnreadable, Place
from sogdia.compliance.rules.loading import load_pack
from sogdia.compliance.rules.pack import Pack
from sogdia.compliance.rules.vocabulary import Vocabulary

# An alliance of states and their versions over decades, not a file system walked by mistake.
PACKS_MAX = 1_000


def shipped_folder() -> Path:
    """Return the folder of the packs that ship with the package."""
    with resources.as_file(resources.files("sogdia.compliance") / "packs") as folder:
        return folder


def find_packs(folder: Path) -> list[Path]:
    """Return every pack folder at or below `folder`, in order.

    Raises PackUnreadable when there is none.
    """
    found = sorted(path.parent for path in folder.rglob("pack.toml"))
    if not found:
        raise PackUnreadable(Place(folder), "holds no pack.toml")
    if len(found) > PACKS_MAX:
        raise PackUnreadable(Place(folder), f"holds {len(found)} packs, the limit is {PACKS_MAX}")
    return found


def load_packs(folders: Iterable[Path], vocabulary: Vocabulary | None = None) -> list[Pack]:
    """Load every pack at or below the folders. Raises a PackError; then none is loaded."""
    return [load_pack(path, vocabulary) for folder in folders for path in find_packs(folder)]


def load_shipped() -> list[Pack]:
    """Load the packs that ship with the package: cn, kz-nb, kz-aifc, ru, ch and hk."""
    return load_packs([shipped_folder()])
