"""The folder of one network: its plan, its processes, its cut lines, and a folder for each node.

network.json            the plan
lines.json              groups of nodes between which lines are cut; absent while all are whole
lock                    held while a command changes something
nodes/NAME/node.toml    settings of the node
nodes/NAME/node.log     what it said
nodes/NAME/process.json the process, while one was started
nodes/NAME/identity     its identity towards its peers, once it has run
nodes/NAME/data/        its ledger
"""

import contextlib
import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from sogdia.local_network.errors import AlreadyThere, NotThere
from sogdia.local_network.plan import NetworkPlan
from sogdia.local_network.processes import Process

T = TypeVar("T")


class NetworkFolder:
    """One network's folder; what is not there is `None`."""

    def __init__(self, path: Path) -> None:
        """The folder need not be there yet."""
        self.path = path

    @property
    def name(self) -> str:
        """The network's name."""
        return self.path.name

    def node(self, name: str) -> Path:
        """Return the folder of a node."""
        return self.path / "nodes" / name

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the network against other commands; a command that was killed holds nothing.

        Raises:
            AlreadyThere: another command holds it.
        """
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.path / "lock").open("a") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AlreadyThere(self.name, "is being changed by another command") from None
            yield

    def plan(self) -> NetworkPlan:
        """Return the plan.

        Raises:
            NotThere: there is none.
        """
        plan = self._read(self.path / "network.json", NetworkPlan)
        if plan is None:
            raise NotThere(self.name)
        return plan

    def keep_plan(self, plan: NetworkPlan) -> None:
        """Write the plan."""
        self._write(self.path / "network.json", plan)

    def groups(self) -> list[list[str]] | None:
        """Return the groups between which lines are cut."""
        return self._read(self.path / "lines.json", list[list[str]])

    def keep_groups(self, groups: list[list[str]] | None) -> None:
        """Write the groups between which lines are cut; `None` when none is."""
        if groups is None:
            (self.path / "lines.json").unlink(missing_ok=True)
        else:
            self._write(self.path / "lines.json", groups)

    def process(self, name: str) -> Process | None:
        """Return the process that was last started for a node."""
        return self._read(self.node(name) / "process.json", Process)

    def keep_process(self, name: str, process: Process | None) -> None:
        """Write the process of a node; `None` when it was ended."""
        if process is None:
            (self.node(name) / "process.json").unlink(missing_ok=True)
        else:
            self._write(self.node(name) / "process.json", process)

    def identity(self, name: str) -> str | None:
        """Return a node's identity, as hex."""
        return self._read(self.node(name) / "identity", str)

    def keep_identity(self, name: str, identity: str) -> None:
        """Write a node's identity."""
        self._write(self.node(name) / "identity", identity)

    def discard(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _write(self, path: Path, value: object) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: a command may be killed at any instant.
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as draft:
            draft.write(msgspec.json.encode(value))
        Path(draft.name).rename(path)

    def _read(self, path: Path, kind: type[T]) -> T | None:
        try:
            return msgspec.json.decode(path.read_bytes(), type=kind)
        except FileNotFoundError:
            return None
