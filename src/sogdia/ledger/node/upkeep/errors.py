"""Why work on a kept ledger ends.

UpkeepError
├── BlockDamaged            a kept block is not what its hash says, or is missing
├── CannotPrune             the settings keep everything
└── ArchiveError
    ├── UnreadableArchive   the operating system cannot read or write the file
    ├── NotAnArchive        it begins otherwise
    ├── UnknownArchive      another version wrote it
    ├── ForeignArchive      it holds another ledger
    ├── ArchiveDamaged      a frame is not what its digest says
    ├── ArchiveCutOff       it ends before its end
    └── BlockRefused        a rule refuses a block of it
"""

from pathlib import Path

from sogdia.ledger.node.errors import NodeError


class UpkeepError(NodeError):
    """Work on a kept ledger cannot go on; what was done is kept."""


class BlockDamaged(UpkeepError):
    """A kept block is not what its hash says."""

    def __init__(self, *, number: int, hash: bytes, table: str, detail: str) -> None:
        super().__init__(number, hash)
        self.number = number
        self.hash = hash
        self.table = table
        self.detail = detail

    def __str__(self) -> str:
        return (
            f"block 0x{self.hash.hex()} (arrival {self.number}) is damaged in table {self.table}: "
            f"{self.detail}. Keep a copy of the directory, then restore a backup, or begin a new "
            "one and let it catch up from peers"
        )


class CannotPrune(UpkeepError):
    """The settings keep everything."""

    def __str__(self) -> str:
        return (
            "history.epochs is `archive`, which keeps every state: name how many epochs to keep "
            "with --keep, and set history.epochs to the same, or the node will keep all again"
        )


class ArchiveError(UpkeepError):
    """A file of exported blocks cannot be used."""

    def __init__(self, *, path: Path) -> None:
        super().__init__(path)
        self.path = path


class UnreadableArchive(ArchiveError):
    """The operating system cannot read or write the file."""

    def __init__(self, *, path: Path, detail: str) -> None:
        super().__init__(path=path)
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.path} cannot be read or written: {self.detail}"


class NotAnArchive(ArchiveError):
    """The file begins otherwise."""

    def __str__(self) -> str:
        return f"{self.path} is not a file of `sogdia db export`: its first bytes are others"


class UnknownArchive(ArchiveError):
    """Another version of this program wrote the file."""

    def __init__(self, *, path: Path, found: int, expected: int) -> None:
        super().__init__(path=path)
        self.found = found
        self.expected = expected

    def __str__(self) -> str:
        return (
            f"{self.path} is of version {self.found}, and this program reads {self.expected}: "
            "export again with this program, or import with the one that wrote it"
        )


class ForeignArchive(ArchiveError):
    """The file holds another ledger."""

    def __init__(self, *, path: Path, field: str, found: str, expected: str) -> None:
        super().__init__(path=path)
        self.field = field
        self.found = found
        self.expected = expected

    def __str__(self) -> str:
        return (
            f"{self.path} holds a ledger whose {self.field} is {self.found}, and the data "
            f"directory's is {self.expected}: choose another file or another directory; a new one "
            "is begun for the network that --network names"
        )


class ArchiveDamaged(ArchiveError):
    """A frame of the file is not what its digest says."""

    def __init__(self, *, path: Path, blocks: int, detail: str) -> None:
        super().__init__(path=path)
        self.blocks = blocks
        self.detail = detail

    def __str__(self) -> str:
        return (
            f"{self.path} is damaged after block {self.blocks:,}: {self.detail}. The blocks before "
            "it are imported; import a whole copy of the file to go on from there"
        )


class ArchiveCutOff(ArchiveError):
    """The file ends before its end."""

    def __init__(self, *, path: Path, blocks: int) -> None:
        super().__init__(path=path)
        self.blocks = blocks

    def __str__(self) -> str:
        return (
            f"{self.path} is cut off after block {self.blocks:,}. These blocks are imported; "
            "import a whole copy of the file to go on from there"
        )


class BlockRefused(ArchiveError):
    """A rule refuses a block of the file."""

    def __init__(self, *, path: Path, number: int, reason: Exception) -> None:
        super().__init__(path=path)
        self.number = number
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: block {self.number:,} is refused: {self.reason}"
