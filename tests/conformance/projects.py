"""The projects of `examples/`, each copied to a folder of its own, with packages from a cache."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLES = REPOSITORY / "examples"
INSTALL_S_MAX = 900  # a loaded machine, and a registry far away
# What says which packages are installed, and how.
STATED = ("package.json", "package-lock.json", ".npmrc")


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "sogdia" / "npm"


def node_modules(project: str) -> Path:
    """Return the installed packages of a project; installed once for each set of versions."""
    stated = [EXAMPLES / project / name for name in STATED]
    stated = [path for path in stated if path.exists()]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in stated)).hexdigest()
    folder = _cache_folder() / f"{project}-{digest[:12]}"
    if (folder / "node_modules").is_dir():
        return folder / "node_modules"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        installed = Path(scratch, "project")
        installed.mkdir()
        for path in stated:
            shutil.copy(path, installed)
        # Where optional packages differ from system to system, versions are pinned without a lock.
        is_locked = (EXAMPLES / project / "package-lock.json").exists()
        install = "ci" if is_locked else "install"
        run(["npm", install, "--no-audit", "--no-fund"], installed, {}, INSTALL_S_MAX)
        with suppress(OSError):  # another process was first: its copy serves
            installed.rename(folder)
    return folder / "node_modules"


def copy_project(project: str, folder: Path) -> Path:
    """Return a copy of an example in `folder`, ready to run."""
    target = folder / project
    shutil.copytree(
        EXAMPLES / project,
        target,
        ignore=shutil.ignore_patterns("node_modules", "out", "cache", "broadcast", "artifacts"),
    )
    if (target / "package.json").exists():
        (target / "node_modules").symlink_to(node_modules(project))
    return target


def run(command: list[str], folder: Path, env: dict[str, str], seconds_max: int = 120) -> str:
    """Run a command to its end; return what it printed, or fail with all of it."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", "FORCE_COLOR": "0", **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds_max,
        check=False,
    )
    assert done.returncode == 0, (
        f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    )
    return done.stdout
