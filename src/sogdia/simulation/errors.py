"""What can be wrong with a simulation before it runs.

SogdiaError
└── SimulationError
    ├── InvalidScenario    a value of the scenario file, with what is permitted
    ├── UnreadableScenario the file is not there, or is no TOML
    └── MissingLibrary     an extra that this needs is not installed
"""

from dataclasses import dataclass

from sogdia.ledger.primitives.errors import SogdiaError


class SimulationError(SogdiaError):
    """A simulation cannot be run, and the fields say why."""


@dataclass(eq=False, kw_only=True)
class InvalidScenario(SimulationError):
    """A key of a scenario has a value that it cannot have."""

    file: str
    key: str
    """Dotted, as `network.nodes` or `attacker[0].kind`."""
    problem: str
    permitted: str

    def __str__(self) -> str:
        """Name the file, the key, the value and what may stand there."""
        return f"{self.file}: {self.key} {self.problem}; permitted: {self.permitted}"


@dataclass(eq=False, kw_only=True)
class UnreadableScenario(SimulationError):
    """The file cannot be read as TOML."""

    file: str
    detail: str

    def __str__(self) -> str:
        """Name the file and the reason."""
        return f"{self.file}: {self.detail}; give a TOML file such as scenarios/five-nodes.toml"


@dataclass(eq=False, kw_only=True)
class MissingLibrary(SimulationError):
    """An optional library is not installed."""

    library: str
    purpose: str
    install: str

    def __str__(self) -> str:
        """Say what it is for and how to get it."""
        return f"{self.purpose} needs {self.library}, which is not installed: {self.install}"
