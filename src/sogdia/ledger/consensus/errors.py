"""Why a block is refused; each names the rule and carries the values.

SogdiaError
├── InvalidBlock
│   ├── DuplicateBlock          stored already
│   ├── UnknownReference
│   │   ├── UnknownParent       fetch it first
│   │   └── UnknownReferee
│   ├── InvalidHeader           the header alone: work, time, references, sizes
│   │   ├── InsufficientWork · DifficultyOutOfRange
│   │   ├── TimestampTooFarAhead
│   │   ├── TooManyReferees · RepeatedReference
│   │   └── WrongCustom · MissingBasePrice · BlameTooLarge
│   ├── InvalidLineage          the header beside its parent
│   │   ├── WrongHeight · TimestampBeforeParent · GasLimitOutOfBounds
│   └── InvalidBody             the transactions, and what the header says of them
│       └── WrongTransactionsRoot · BlockTooLarge · GasOverLimit · WrongBasePrice
├── UnknownBlock
└── UnknownEpoch
"""

from dataclasses import dataclass

from sogdia.ledger.primitives.errors import InvalidBlock, SogdiaError


@dataclass(eq=False, kw_only=True)
class DuplicateBlock(InvalidBlock):
    """The block is stored already."""

    hash: bytes

    def __str__(self) -> str:
        """Name the block."""
        return f"block 0x{self.hash.hex()} is stored already"


@dataclass(eq=False, kw_only=True)
class UnknownReference(InvalidBlock):
    """The block refers to one that is not stored: fetch it, then submit again."""

    missing: bytes

    def __str__(self) -> str:
        """Name what is missing."""
        return f"the block refers to 0x{self.missing.hex()}, which is not here: fetch it first"


class UnknownParent(UnknownReference):
    """The parent is not stored."""


class UnknownReferee(UnknownReference):
    """A referee is not stored."""


class InvalidHeader(InvalidBlock):
    """A header that is wrong whatever it refers to."""


@dataclass(eq=False, kw_only=True)
class InsufficientWork(InvalidHeader):
    """The proof of work does not meet the header's difficulty."""

    difficulty: int
    quality: int

    def __str__(self) -> str:
        """Name both."""
        return (
            f"the proof of work meets difficulty {self.quality}, the header says {self.difficulty}"
        )


@dataclass(eq=False, kw_only=True)
class DifficultyOutOfRange(InvalidHeader):
    """The difficulty is below the network's least one, or beyond what sums of weights can hold."""

    difficulty: int
    lowest: int
    highest: int

    def __str__(self) -> str:
        """Name the range."""
        return f"difficulty {self.difficulty} is not from {self.lowest} to {self.highest}"


@dataclass(eq=False, kw_only=True)
class TimestampTooFarAhead(InvalidHeader):
    """The header is from the future; times in seconds."""

    timestamp: int
    latest: int

    def __str__(self) -> str:
        """Name both times."""
        return f"timestamp {self.timestamp} is later than {self.latest}, the latest accepted now"


@dataclass(eq=False, kw_only=True)
class TooManyReferees(InvalidHeader):
    """More referees than a block may have."""

    count: int
    count_max: int

    def __str__(self) -> str:
        """Name both counts."""
        return f"{self.count} referees, at most {self.count_max} are allowed"


@dataclass(eq=False, kw_only=True)
class RepeatedReference(InvalidHeader):
    """A block is referred to twice: among the referees, or as parent and referee."""

    reference: bytes

    def __str__(self) -> str:
        """Name the repeated block."""
        return f"0x{self.reference.hex()} is referred to twice"


@dataclass(eq=False, kw_only=True)
class WrongCustom(InvalidHeader):
    """The custom field does not begin with the network's rule set, or is too long."""

    custom: tuple[bytes, ...]
    expected: tuple[bytes, ...]
    size_bytes_max: int

    def __str__(self) -> str:
        """Name both."""
        shown, wanted = ([item.hex() for item in items] for items in (self.custom, self.expected))
        return f"custom is {shown}: it must begin with {wanted} and fit {self.size_bytes_max} bytes"


@dataclass(eq=False, kw_only=True)
class MissingBasePrice(InvalidHeader):
    """The header states no base price (CIP-1559)."""

    def __str__(self) -> str:
        """Say so."""
        return "the header states no base price"


@dataclass(eq=False, kw_only=True)
class BlameTooLarge(InvalidHeader):
    """The header blames more ancestors than it has."""

    blame: int
    height: int

    def __str__(self) -> str:
        """Name both."""
        return f"blame {self.blame} at height {self.height}: there are not so many ancestors"


class InvalidLineage(InvalidBlock):
    """A header that does not go with its parent."""


@dataclass(eq=False, kw_only=True)
class WrongHeight(InvalidLineage):
    """The height is not that of the parent and one."""

    height: int
    expected: int

    def __str__(self) -> str:
        """Name both."""
        return f"height is {self.height}, must be {self.expected}"


@dataclass(eq=False, kw_only=True)
class TimestampBeforeParent(InvalidLineage):
    """The timestamp is earlier than the parent's; seconds."""

    timestamp: int
    parent_timestamp: int

    def __str__(self) -> str:
        """Name both."""
        return f"timestamp {self.timestamp} is before the parent's, {self.parent_timestamp}"


@dataclass(eq=False, kw_only=True)
class GasLimitOutOfBounds(InvalidLineage):
    """The gas limit moved too far from the parent's, or is below the least one."""

    gas_limit: int
    lowest: int
    highest: int

    def __str__(self) -> str:
        """Name the bounds."""
        return f"gas limit {self.gas_limit} is not from {self.lowest} to {self.highest}"


class InvalidBody(InvalidBlock):
    """Transactions that do not go with the header."""


@dataclass(eq=False, kw_only=True)
class WrongTransactionsRoot(InvalidBody):
    """The header commits other transactions."""

    root: bytes
    expected: bytes

    def __str__(self) -> str:
        """Name both."""
        return (
            f"transactions root is 0x{self.root.hex()}, of the body it is 0x{self.expected.hex()}"
        )


@dataclass(eq=False, kw_only=True)
class BlockTooLarge(InvalidBody):
    """The transactions take more bytes than a block may have."""

    size_bytes: int
    size_bytes_max: int

    def __str__(self) -> str:
        """Name both sizes."""
        return f"the transactions take {self.size_bytes} bytes, at most {self.size_bytes_max} fit"


@dataclass(eq=False, kw_only=True)
class GasOverLimit(InvalidBody):
    """The transactions of a space ask for more gas than the block may offer it."""

    space: str
    gas: int
    gas_max: int

    def __str__(self) -> str:
        """Name space and sums."""
        return f"{self.space} transactions ask for {self.gas} gas, the block offers {self.gas_max}"


@dataclass(eq=False, kw_only=True)
class WrongBasePrice(InvalidBody):
    """The header states another base price than parent and packed gas give; drip per gas."""

    base_price: tuple[int, int]
    expected: tuple[int, int]

    def __str__(self) -> str:
        """Name both."""
        return f"base prices are {self.base_price}, must be {self.expected}"


@dataclass(eq=False, kw_only=True)
class UnknownBlock(SogdiaError):
    """No block of this hash is stored."""

    hash: bytes

    def __str__(self) -> str:
        """Name the hash."""
        return f"block 0x{self.hash.hex()} is not stored"


@dataclass(eq=False, kw_only=True)
class UnknownEpoch(SogdiaError):
    """The graph holds no such epoch: it lies above the tip, or before the checkpoint."""

    number: int
    lowest: int
    highest: int

    def __str__(self) -> str:
        """Name the epochs that it holds."""
        return f"epoch {self.number} is not held: the graph has {self.lowest} to {self.highest}"


@dataclass(eq=False, kw_only=True)
class RewindTooDeep(SogdiaError):
    """A development chain cannot return to before its checkpoint, nor to what has not been."""

    count: int
    least: int
    most: int

    def __str__(self) -> str:
        """Name the block counts that it can return to."""
        return (
            f"cannot return to the first {self.count} blocks: "
            f"{self.least} to {self.most} can be returned to, the rest is settled for good"
        )


@dataclass(eq=False, kw_only=True)
class StateNotExecuted(SogdiaError):
    """The answer depends on the roots of an epoch that execution has not reached."""

    number: int

    def __str__(self) -> str:
        """Name the epoch."""
        return f"this depends on the state committed up to epoch {self.number}: execute it first"
