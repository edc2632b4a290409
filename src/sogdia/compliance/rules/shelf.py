"""Find packs on disk: the ones that ship, and a user's own folders."""

from collections.abc import Iterable
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from sogdia.compliance.rules.errors import PackMalformed, PackUnreadable, Place
from sogdia.compliance.rules.loading import load_pack
from sogdia.compliance.rules.pack import Pack
from sogdia.compliance.rules.source import Source
from sogdia.compliance.rules.vocabulary import Vocabulary, extended, shipped

# An alliance of states and their versions over decades, not a file system walked by mistake.
PACKS_MAX = 1_000

WORDS = "vocabulary.toml"
# packs/<authority>/<version>: words lie beside the authorities, two above a pack.
LEVELS_UP = 2


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


def load_packs(folders: Iterable[Path]) -> list[Pack]:
    """Load every pack at or below the folders, and what those packs are decided with.

    That is the versions that they end or that end them, looked for beside each pack, and the
    authorities that their vectors are heard beside. A `vocabulary.toml` up to two folders above a
    pack adds words for all. Raises a PackError; then none is loaded.
    """
    paths = list(dict.fromkeys(p.resolve() for folder in folders for p in find_packs(folder)))
    vocabulary = find_words(paths)
    packs: list[Pack] = []
    for path in paths:  # grows while it is walked
        pack = load_pack(path, vocabulary)
        packs.append(pack)
        known = {_head(known) for known in paths}
        paths.extend(p for p in _company(path, pack) if _head(p) not in known)
    return packs


def find_words(folders: Iterable[Path]) -> Vocabulary:
    """Return the shipped vocabulary with the words declared beside the packs in `folders`.

    Raises PackMalformed when a file of words is not one.
    """
    ours = shipped_folder().resolve()
    files = {
        above.resolve() / WORDS
        for folder in folders
        for above in list(folder.resolve().parents)[:LEVELS_UP]
        if (above / WORDS).is_file() and above.resolve() != ours
    }
    if not files:
        return shipped()
    ordered = sorted(files)
    try:
        return extended([Source.read(file).text for file in ordered])
    except ValueError as error:
        names = ", ".join(map(str, ordered))
        raise PackMalformed(Place(ordered[0]), f"cannot add words from {names}: {error}") from None


def _company(folder: Path, pack: Pack) -> list[Path]:
    """Return the folders of the versions in one succession with `pack`, and of those it is
    heard beside. What cannot be read is no version of anybody."""
    ended = {ending.version for ending in pack.endings}
    found: list[Path] = []
    for file in sorted(folder.parent.glob("*/pack.toml")):
        authority, version = _head(file.parent)
        linked = version in ended or pack.version in _ends(file)
        if authority == pack.authority and version != pack.version and linked:
            found.append(file.parent)
    for name in sorted({authority for vector in pack.vectors for authority in vector.beside}):
        beside = sorted(folder.parent.parent.glob(f"{name}/*/pack.toml"))
        found += [file.parent for file in beside if _head(file.parent)[0] == name]
    return found


def _read_head(file: Path) -> dict[str, Any]:
    try:
        return _read_at(file, file.stat().st_mtime_ns)
    except (PackUnreadable, OSError):
        return {}


@lru_cache(maxsize=PACKS_MAX)  # each pack looks at all that lie beside it
def _read_at(file: Path, mtime_ns: int) -> dict[str, Any]:
    del mtime_ns  # part of the key: a file that was edited is read again
    return Source.read(file).data


def _head(folder: Path) -> tuple[object, object]:
    head = _read_head(folder / "pack.toml").get("pack")
    return (head.get("authority"), head.get("version")) if isinstance(head, dict) else (None, None)


def _ends(file: Path) -> set[str]:
    data = _read_head(file)
    tables = [
        rows for name in ("supersedes", "repeals") if isinstance(rows := data.get(name), list)
    ]
    return {str(row.get("version")) for rows in tables for row in rows if isinstance(row, dict)}


def load_shipped() -> list[Pack]:
    """Load the packs that ship with the package: cn, kz-nb, kz-aifc, ru, ch and hk."""
    return load_packs([shipped_folder()])
