"""Runs one file of the reference client's tests against our programs."""

import os
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
CHECKOUT = "SOGDIA_REFERENCE_CHECKOUT"
PYTHON = "SOGDIA_REFERENCE_PYTHON"
PORTS = 160  # of one run: 25 nodes, and five more ports for each
GIVE_UP_S = 900
PROGRAMS = {
    "sogdia-conflux": "sogdia.conflux.program",
    "pos-genesis-tool": "sogdia.conflux.genesis_tool",
    "sogdia-consensus-bench": "sogdia.conflux.consensus_bench",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a file ended, and what it printed."""

    passed: bool
    output: str


def checkout() -> Path | None:
    """Return where the reference client's sources are, None when nobody said."""
    given = os.environ.get(CHECKOUT)
    return None if given is None else Path(given)


def harness_python() -> Path:
    """Return an interpreter that has the harness's packages; makes one when none is named."""
    given = os.environ.get(PYTHON)
    if given is not None:
        return Path(given)
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    folder = cache / "sogdia" / "reference"
    wanted = (HERE / "requirements.txt").read_text()
    done = folder / "installed.txt"
    if not (done.exists() and done.read_text() == wanted):
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "-r"]
        subprocess.run([*pip, str(HERE / "requirements.txt")], check=True)
        done.write_text(wanted)
    return folder / "bin" / "python"


def write_programs(folder: Path) -> None:
    """Put our programs where the harness looks for them: beside one another."""
    folder.mkdir()
    for name, module in PROGRAMS.items():
        program = folder / name
        program.write_text(f"#!{sys.executable}\nfrom {module} import main\n\nmain()\n")
        program.chmod(0o755)


def free_ports() -> int:
    """Return the first of `PORTS` ports that nobody uses now."""
    for first in range(20_000, 32_000, PORTS):
        if all(_is_free(port) for port in range(first, first + PORTS)):
            return first
    raise AssertionError("no free range of ports below 32,000")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def run_file(tests: Path, name: str, folder: Path) -> Outcome:
    """Run `name`_test.py of the folder `tests`; what it leaves behind goes under `folder`."""
    programs = folder / "programs"
    write_programs(programs)
    command = [str(harness_python()), str(tests / f"{name}_test.py")]
    if name != "ghast_consensus":
        command += [
            f"--conflux-binary={programs / 'sogdia-conflux'}",
            f"--port-min={free_ports()}",
            f"--tmpdir={folder / 'nodes'}",
            "--randomseed=1",
        ]
    ended = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "CONFLUX_BENCH": str(programs / "sogdia-consensus-bench")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=GIVE_UP_S,
        check=False,
    )
    return Outcome(ended.returncode == 0, ended.stdout.decode(errors="replace"))
