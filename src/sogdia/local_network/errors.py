"""What can go wrong with a network on this machine.

LocalNetworkError
├── InvalidWork        shares that cannot be divided over the nodes
├── UnknownNode        a name that no node has
├── InvalidGroups      groups of a partition that overlap or part nothing
├── NotThere           no network of that name, or its nodes do not run
├── AlreadyThere       a network of that name runs, or another command works on it
├── NodeEnded          a node ended instead of becoming ready
├── NodeSilent         nobody answers at a node's port
└── NodeRefused        a node answered with an error
"""

from dataclasses import dataclass
from pathlib import Path


class LocalNetworkError(Exception):
    """The root of what can go wrong with a network on this machine."""


@dataclass(eq=False)
class InvalidWork(LocalNetworkError):
    """Shares of work that cannot be divided over the nodes."""

    work: str
    reason: str

    def __str__(self) -> str:
        return f"work {self.work!r}: {self.reason}; write shares as cn=67,kz=15,ru=10,ch=8"


@dataclass(eq=False)
class UnknownNode(LocalNetworkError):
    """A name that no node and no jurisdiction of the network has."""

    name: str
    known: tuple[str, ...]

    def __str__(self) -> str:
        return f"there is no node {self.name!r}; there are {', '.join(self.known)}"


@dataclass(eq=False)
class InvalidGroups(LocalNetworkError):
    """Groups that part nothing, or a node that is in two."""

    groups: str
    reason: str

    def __str__(self) -> str:
        return f"groups {self.groups!r}: {self.reason}; write them as A,B|C,D"


@dataclass(eq=False)
class NotThere(LocalNetworkError):
    """There is no such network."""

    name: str

    def __str__(self) -> str:
        return f"there is no network {self.name!r}: start one with `sogdia network up`"


@dataclass(eq=False)
class AlreadyThere(LocalNetworkError):
    """A network of that name runs, or another command works on it."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"network {self.name!r} {self.reason}"


@dataclass(eq=False)
class NodeEnded(LocalNetworkError):
    """A node ended, or did not become ready in time; the end of its log says why."""

    name: str
    log: Path
    words: str

    def __str__(self) -> str:
        return f"node {self.name} did not become ready: {self.words}\nits log is {self.log}"


@dataclass(eq=False)
class NodeSilent(LocalNetworkError):
    """Nobody answers at a node's port."""

    url: str
    reason: str

    def __str__(self) -> str:
        return f"no node answers at {self.url}: {self.reason}"


@dataclass(eq=False)
class NodeRefused(LocalNetworkError):
    """A node answered with an error."""

    method: str
    message: str

    def __str__(self) -> str:
        return f"{self.method}: {self.message}"
