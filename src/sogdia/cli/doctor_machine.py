"""What `sogdia doctor` sees of the machine: folder, lock, room, port, clock, open files."""

import ctypes
import ctypes.util
import os
import resource
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from sogdia.cli.exits import Exit
from sogdia.cli.findings import Finding, Level
from sogdia.cli.running import code_of
from sogdia.ledger.node.config import Config, ledger_dir
from sogdia.ledger.node.endpoint import Endpoint
from sogdia.ledger.node.errors import NodeError
from sogdia.ledger.node.listening import probe_port
from sogdia.ledger.primitives.errors import StorageError
from sogdia.ledger.storage.database import verify_unlocked
from sogdia.ledger.storage.errors import DirectoryLocked
from sogdia.ledger.storage.identity import holds_ledger

MIB = 1 << 20
# Below the first a node stops soon; below the second a busy day may fill it.
ROOM_MIB_LEAST, ROOM_MIB_ENOUGH = 256, 4_096
# Files of the store, the log, the listener and the interpreter, roughly.
OWN_FILES = 256

# From <sys/timex.h>: the kernel's own word on whether somebody keeps its clock right.
STATUS_OFFSET, MAXERROR_OFFSET = 40, 24
UNSYNCHRONISED = 0x40
TIMEX_BYTES = 512


def look_at_all(
    config: Config, environment: Mapping[str, str], nodes: Sequence[Endpoint]
) -> list[Finding]:
    """Return what there is to say about the machine for a node of these settings."""
    folder = ledger_dir(config, environment)
    return [
        data_folder(folder),
        lock(folder, nodes),
        room(folder),
        port(config["rpc.host"], config["rpc.port"], nodes),
        clock(),
        open_files(config),
    ]


def _nearest(folder: Path) -> Path:
    """Return the folder, or the first above it that exists."""
    return next(each for each in (folder, *folder.parents) if each.exists())


def data_folder(folder: Path) -> Finding:
    """Look whether the data directory can be written, or made."""
    there = _nearest(folder.absolute())
    if not there.is_dir():
        found, todo = f"{there} is a file", "Choose a directory with --data-dir."
    elif not os.access(there, os.R_OK | os.W_OK | os.X_OK):
        found = f"{there} cannot be written by user {os.geteuid()}"
        todo = "Give that user the directory, or choose another one with --data-dir."
    else:
        kept = holds_ledger(folder)
        words = "holds a ledger" if kept else "holds no ledger yet"
        return Finding("data directory", Level.OK, f"{folder} {words}")
    return Finding("data directory", Level.PROBLEM, found, todo, Exit.FAILED)


def lock(folder: Path, nodes: Sequence[Endpoint]) -> Finding:
    """Look who has the ledger open."""
    try:
        verify_unlocked(folder)
    except DirectoryLocked as error:
        for node in nodes:
            if node.process == error.process:
                found = f"held by the node at {node.rpc}, process {node.process}"
                return Finding("lock", Level.OK, found)
        todo = "" if error.process is None else f"See what that is: ps -p {error.process}"
        return Finding("lock", Level.PROBLEM, str(error), todo, Exit.LOCKED)
    except StorageError as error:
        return Finding("lock", Level.PROBLEM, str(error), code=Exit.FAILED)
    return Finding("lock", Level.OK, "free")


def room(folder: Path) -> Finding:
    """Look how much can be written where the ledger is kept."""
    free = shutil.disk_usage(_nearest(folder.absolute())).free // MIB
    found = f"{free:,} MiB free at {folder}"
    if free < ROOM_MIB_LEAST:
        todo = f"Make room, {ROOM_MIB_ENOUGH:,} MiB at best: a node stops when it cannot write."
        return Finding("room", Level.PROBLEM, found, todo, Exit.FAILED)
    if free < ROOM_MIB_ENOUGH:
        todo = "Make room, or keep less history: `sogdia db stats`, `sogdia db prune`."
        return Finding("room", Level.WARNING, found, todo)
    return Finding("room", Level.OK, found)


def port(host: str, number: int, nodes: Sequence[Endpoint]) -> Finding:
    """Look whether a node could listen on its port, or does."""
    if number == 0:
        return Finding("port", Level.OK, "any free one")
    for node in nodes:
        if node.rpc.endswith(f":{number}"):
            return Finding("port", Level.OK, f"{host}:{number} is of process {node.process}, ours")
    try:
        probe_port(host, number)
    except NodeError as error:
        return Finding("port", Level.PROBLEM, str(error), code=code_of(error))
    return Finding("port", Level.OK, f"{host}:{number} is free")


def clock() -> Finding:
    """Ask the kernel whether somebody keeps its clock right."""
    status, error_us = kernel_clock()
    if status is None:
        return Finding("clock", Level.OK, "whether it is kept right is not known on this system")
    if status & UNSYNCHRONISED:
        todo = "Run a time service (chrony, systemd-timesyncd): peers refuse blocks of the future."
        return Finding("clock", Level.WARNING, "nobody keeps this machine's clock right", todo)
    return Finding("clock", Level.OK, f"kept right, within {error_us / 1_000:,.0f} ms")


def kernel_clock() -> tuple[int | None, int]:
    """Return the kernel's status bits and greatest error, µs; no bits where it has no such call."""
    libc = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
    if not hasattr(libc, "adjtimex") or ctypes.sizeof(ctypes.c_long) != 8:
        return None, 0
    answer = ctypes.create_string_buffer(TIMEX_BYTES)  # modes 0: only read
    if libc.adjtimex(answer) < 0:
        return None, 0
    status = int.from_bytes(answer.raw[STATUS_OFFSET : STATUS_OFFSET + 4], "little")
    error_us = int.from_bytes(answer.raw[MAXERROR_OFFSET : MAXERROR_OFFSET + 8], "little")
    return status, error_us


def open_files(config: Config) -> Finding:
    """Compare how many files may be open with what the settings may take."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    peers = config["network.inbound"] + config["network.outbound"]
    peers = peers if config["network.enabled"] else 0
    needed = config["rpc.connections"] + peers + OWN_FILES
    found = f"{soft:,} may be open, {needed:,} is the most that is needed"
    if soft != resource.RLIM_INFINITY and soft < needed:
        todo = f"`ulimit -n {needed}` before the start, or fewer rpc.connections."
        return Finding("open files", Level.WARNING, found, todo)
    return Finding("open files", Level.OK, found)
