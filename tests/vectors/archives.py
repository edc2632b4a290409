"""Unpack the outside test data once, into a cache beside nothing of ours.

The archives are not part of this repository: some are under licences that may be read here but not
shipped. They lie in `../shared/vectors` beside the checkout, or where `SOGDIA_VECTORS` says.
"""

import hashlib
import json
import os
import tarfile
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


class MissingVectors(Exception):
    """An archive of outside test data is not where it must be, or is not what it must be."""


def archive_folder() -> Path:
    """Return the folder that holds the archives and their MANIFEST.json."""
    return Path(os.environ.get("SOGDIA_VECTORS", REPOSITORY.parent / "shared" / "vectors"))


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "sogdia" / "vectors"


def origin(suite: str) -> dict[str, object]:
    """Return repository, commit, licence, bytes, sha256 and file count of `suite`."""
    manifest: dict[str, dict[str, object]] = json.loads(
        (archive_folder() / "MANIFEST.json").read_text()
    )
    return manifest[suite]


def unpack(suite: str) -> Path:
    """Return a folder with the files of `suite`, unpacked on first use.

    Raises:
        MissingVectors: the archive is absent or its SHA-256 differs from the manifest's.
    """
    archive = archive_folder() / f"{suite}.tar.xz"
    if not archive.is_file():
        raise MissingVectors(f"{archive} is missing: put the archives there or set SOGDIA_VECTORS")
    expected = str(origin(suite)["sha256"])
    folder = _cache_folder() / f"{suite}-{expected[:12]}"
    if folder.is_dir():
        return folder
    actual = hashlib.sha256(archive.read_bytes()).hexdigest()
    if actual != expected:
        raise MissingVectors(f"{archive} has SHA-256 {actual}, the manifest says {expected}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        target = Path(scratch) / "files"
        with tarfile.open(archive) as tar:
            tar.extractall(target, filter="data")
        try:
            target.rename(folder)
        except OSError:
            if not folder.is_dir():  # another process may have been first: then its copy serves
                raise
    return folder
