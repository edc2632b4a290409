"""Processes that outlive the command that started them, known by number and beginning.

P1  A number alone proves nothing: it may have been given to another process. A process is ours
    when the moment it began is the one that was noted.
P2  A command that was killed between starting a process and noting it leaves one that is found
    by the file it was started with.
"""

import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec

END_S_MAX = 10.0  # a node promises to stop within 5 s; then it is killed
POLL_S = 0.02


class Process(msgspec.Struct, frozen=True):
    """A process: its number, and when it began, in ticks since the machine did."""

    number: int
    began: int


def find_process(number: int) -> Process | None:
    """Return the process that has this number now; one that ended and is not reaped counts not."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else Process(number, int(fields[19]))


def is_running(process: Process) -> bool:
    """Return whether it still runs (P1)."""
    return find_process(process.number) == process


def spawn_node(config: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start `sogdia node` in a session of its own: a Ctrl-C at the terminal does not reach it."""
    program = Path(sys.executable).with_name("sogdia")
    # A variable meant for one node of the user's must not change all of these.
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("SOGDIA_")}
    with log.open("ab") as stream:
        return subprocess.Popen(
            [str(program), "node", "--config", str(config), "--log-format", "json"],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
            env=inherited,
        )


def end_processes(processes: list[Process], *, at_once: bool = False) -> None:
    """End processes and return when they are gone: asked first, killed after `END_S_MAX`."""
    asked = signal.SIGKILL if at_once else signal.SIGTERM
    for process in processes:
        _send(process, asked)
    end = time.monotonic() + END_S_MAX
    while any(map(is_running, processes)):
        if time.monotonic() > end:
            for process in processes:
                _send(process, signal.SIGKILL)
        time.sleep(POLL_S)


def _send(process: Process, number: signal.Signals) -> None:
    if is_running(process):
        try:
            os.kill(process.number, number)
        except ProcessLookupError:
            return


def find_strays(folder: Path) -> list[Process]:
    """Return the processes that were started with a file below `folder` (P2)."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue  # ended meanwhile, or another user's
        if not _is_started_below(words, folder):
            continue
        process = find_process(int(entry.name))
        if process is not None:
            found.append(process)
    return found


def _is_started_below(words: list[bytes], folder: Path) -> bool:
    beginning = os.fsencode(folder) + b"/"
    return any(
        word == b"--config" and following.startswith(beginning)
        for word, following in itertools.pairwise(words)
    )
