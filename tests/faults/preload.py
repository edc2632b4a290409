"""Small libraries in C that stand before the C library of a process (`LD_PRELOAD`)."""

import subprocess
from pathlib import Path


def build_preload(folder: Path, source: str) -> Path:
    """Compile `source` into a library in `folder`; return its path.

    Raises:
        subprocess.CalledProcessError: gcc, of the system packages, refused it.
    """
    (folder / "preload.c").write_text(source)
    target = folder / "preload.so"
    command = ["gcc", "-O1", "-shared", "-fPIC", "-o", str(target), "preload.c", "-ldl"]
    subprocess.run(command, cwd=folder, check=True)
    return target
