"""Runs one file of the reference client's tests against our programs."""

import os
import shutil
import signal
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
INTEGRATION = "integration/"  # of the pytest suite, which wants to be run from the checkout
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


def _command(sources: Path, name: str, folder: Path) -> list[str]:
    """Return what runs a file of the checkout, with our programs in `folder`."""
    program, nodes = folder / "programs" / "sogdia-conflux", folder / "nodes"
    if name.startswith(INTEGRATION):
        file = sources / "integration_tests" / "tests" / f"{name.removeprefix(INTEGRATION)}_test.py"
        return [
            *(str(harness_python()), "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)),
            f"--conflux-binary={program}",
            f"--conflux-port-min={free_ports()}",
            f"--conflux-tmpdir={nodes}",
        ]
    command = [str(harness_python()), str(sources / "tests" / f"{name}_test.py")]
    if name == "ghast_consensus":
        return command  # it starts no node, and takes no options
    return [
        *command,
        f"--conflux-binary={program}",
        f"--port-min={free_ports()}",
        f"--tmpdir={nodes}",
        "--randomseed=1",
    ]


def run_file(sources: Path, name: str, folder: Path) -> Outcome:
    """Run `name`_test.py of the checkout; what it leaves behind goes under `folder`."""
    programs = folder / "programs"
    write_programs(programs)
    environment = {**os.environ, "CONFLUX_BENCH": str(programs / "sogdia-consensus-bench")}
    # Eight nodes that compile every module anew take a minute to start.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with subprocess.Popen(
        _command(sources, name, folder),
        cwd=sources if name.startswith(INTEGRATION) else folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as running:
        try:
            output, _ = running.communicate(timeout=GIVE_UP_S)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)  # its nodes too
            output, _ = running.communicate()
            output += f"given up after {GIVE_UP_S} s".encode()
    return Outcome(running.returncode == 0, output.decode(errors="replace"))
