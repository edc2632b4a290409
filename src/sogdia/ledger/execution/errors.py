"""What execution refuses.

ExecutionError
├── NotInitialised        anything before the genesis state is written
├── AlreadyInitialised    another genesis than the store holds
├── MissingHistory        the state of an epoch that is not kept, or not executed yet
├── WrongEpoch            an epoch that does not follow the head
├── UndoTooDeep           an undo past what the change records reach
├── TooManyLogs           a log query with more results than its limit
├── InvalidCall           a call that no epoch could contain
├── InvalidTracer         options that no tracer takes
└── DamagedState          the store contradicts itself; the node must stop
"""

from dataclasses import dataclass

from sogdia.ledger.primitives.errors import ExecutionError


@dataclass
class NotInitialised(ExecutionError):
    """Nothing was executed yet."""

    def __str__(self) -> str:
        return "no genesis state is stored: write one before anything is executed or read"


@dataclass
class AlreadyInitialised(ExecutionError):
    """The store holds the state of another genesis allocation."""

    stored_root: bytes
    given_root: bytes

    def __str__(self) -> str:
        return (
            f"the store holds genesis state root 0x{self.stored_root.hex()}, the given allocation "
            f"has 0x{self.given_root.hex()}: use another data directory or the same genesis"
        )


@dataclass
class MissingHistory(ExecutionError):
    """The state of `epoch` was asked for, and only `oldest` to `newest` are kept."""

    epoch: int
    oldest: int
    newest: int

    def __str__(self) -> str:
        return (
            f"the state of epoch {self.epoch} is not kept: this node has epochs {self.oldest} to "
            f"{self.newest}; ask for one of those, or run a node that keeps more history"
        )


@dataclass
class WrongEpoch(ExecutionError):
    """Epoch `given` was handed in where only `expected` can follow."""

    given: int
    expected: int

    def __str__(self) -> str:
        return f"epoch {self.given} cannot be executed: the next one is {self.expected}"


@dataclass
class UndoTooDeep(ExecutionError):
    """An undo to `epoch` was asked for, and change records reach back to `oldest` only."""

    epoch: int
    oldest: int

    def __str__(self) -> str:
        return (
            f"epoch {self.epoch} cannot be returned to: undo reaches back to {self.oldest}; "
            "rebuild the state from a checkpoint or from genesis"
        )


@dataclass
class TooManyLogs(ExecutionError):
    """More than `limit` logs match; those of epochs up to `complete_to` are fewer."""

    limit: int
    complete_to: int

    def __str__(self) -> str:
        return (
            f"query returned more than {self.limit} results: narrow it, for example to epochs up "
            f"to {self.complete_to}"
        )


@dataclass
class InvalidCall(ExecutionError):
    """A call that no epoch could contain; `reason` is in the words Ethereum clients use."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass
class InvalidTracer(ExecutionError):
    """Options that no tracer takes; `reason` says which."""

    reason: str

    def __str__(self) -> str:
        return f"no tracer takes these options: {self.reason}"


@dataclass
class DamagedState(ExecutionError):
    """The store contradicts itself, or the virtual machine failed: the node must stop."""

    detail: str

    def __str__(self) -> str:
        return (
            f"{self.detail}; stop the node, check the data directory, and restore a backup or "
            "start from an empty one"
        )
