"""The root of every error that the ledger raises on purpose.

SogdiaError
├── InvalidEncoding      bytes that break the rules of RLP: one subclass per rule, below
├── InvalidTransaction   a transaction that no block may contain: one subclass per rule, below
├── InvalidBlock         a block that is refused (consensus/errors.py has the rules)
├── ExecutionError       the executor cannot do what was asked (execution/errors.py)
└── StorageError         the store refused or failed (storage/errors.py)

Errors carry fields, given by keyword; the words are made of them. Those of the codec have the names
and fields of the core's own (`crates/core/src/codec/error.rs`), which raises them too.
"""

from dataclasses import dataclass


class SogdiaError(Exception):
    """Something was refused or failed, and the fields say what."""


class ExecutionError(SogdiaError):
    """The executor cannot do what was asked."""


class StorageError(SogdiaError):
    """The store refused or failed."""


# --- bytes -----------------------------------------------------------------------------------


@dataclass(eq=False, kw_only=True)
class InvalidEncoding(SogdiaError):
    """Bytes that are not the one encoding of a value; `field` is what was being read."""

    field: str


@dataclass(eq=False, kw_only=True)
class TruncatedInput(InvalidEncoding):
    """An item says it is longer than what is left."""

    needed: int
    available: int

    def __str__(self) -> str:
        """Name both lengths."""
        return f"{self.field}: needs {self.needed} bytes, {self.available} are left"


@dataclass(eq=False, kw_only=True)
class TrailingBytes(InvalidEncoding):
    """Bytes, or items of a list, follow the end of the object."""

    count: int

    def __str__(self) -> str:
        """Say how many."""
        return f"{self.field}: {self.count} bytes follow its end"


class NonCanonicalLength(InvalidEncoding):
    """A length is written longer than needed."""

    def __str__(self) -> str:
        """Name the field."""
        return f"{self.field}: its length is not written in the shortest form"


@dataclass(eq=False, kw_only=True)
class NonCanonicalByte(InvalidEncoding):
    """A byte below 0x80 is wrapped in a length prefix."""

    value: int

    def __str__(self) -> str:
        """Name the byte."""
        return f"{self.field}: byte {self.value:#04x} stands for itself and takes no length prefix"


class NonMinimalInteger(InvalidEncoding):
    """An integer starts with a zero byte."""

    def __str__(self) -> str:
        """Name the field."""
        return f"{self.field}: the integer has leading zero bytes"


class UnexpectedList(InvalidEncoding):
    """A list stands where a string must."""

    def __str__(self) -> str:
        """Name the field."""
        return f"{self.field}: a list stands where a string must"


class UnexpectedString(InvalidEncoding):
    """A string stands where a list must."""

    def __str__(self) -> str:
        """Name the field."""
        return f"{self.field}: a string stands where a list must"


@dataclass(eq=False, kw_only=True)
class WrongLength(InvalidEncoding):
    """A fixed-size field has another size in bytes."""

    expected: int
    actual: int

    def __str__(self) -> str:
        """Name both sizes."""
        return f"{self.field}: is {self.actual} bytes, must be {self.expected}"


@dataclass(eq=False, kw_only=True)
class WrongItemCount(InvalidEncoding):
    """A list has another number of items than its object."""

    expected: int
    actual: int

    def __str__(self) -> str:
        """Name both counts."""
        return f"{self.field}: has {self.actual} items, must have {self.expected}"


@dataclass(eq=False, kw_only=True)
class IntegerTooLarge(InvalidEncoding):
    """An integer is wider than its type."""

    size_bytes: int
    size_bytes_max: int

    def __str__(self) -> str:
        """Name both widths."""
        return f"{self.field}: is {self.size_bytes} bytes, at most {self.size_bytes_max} fit"


@dataclass(eq=False, kw_only=True)
class InvalidFlag(InvalidEncoding):
    """A flag is neither 0 nor 1."""

    value: int

    def __str__(self) -> str:
        """Name the value."""
        return f"{self.field}: is {self.value}, must be 0 or 1"


@dataclass(eq=False, kw_only=True)
class NestingTooDeep(InvalidEncoding):
    """Lists within lists beyond any object of the ledger."""

    depth_max: int

    def __str__(self) -> str:
        """Name the bound."""
        return f"{self.field}: lists are nested deeper than {self.depth_max}"


# --- blocks ----------------------------------------------------------------------------------


class InvalidBlock(SogdiaError):
    """A block that is refused."""


@dataclass(eq=False, kw_only=True)
class MalformedBlock(InvalidBlock):
    """The bytes of a header or block are broken; `reason` says where."""

    reason: InvalidEncoding

    def __str__(self) -> str:
        """Pass on the reason."""
        return f"malformed block: {self.reason}"


# --- transactions ----------------------------------------------------------------------------


class InvalidTransaction(SogdiaError):
    """A transaction that no block may contain."""


@dataclass(eq=False, kw_only=True)
class MalformedTransaction(InvalidTransaction):
    """The bytes are broken; `reason` says which rule and where."""

    reason: InvalidEncoding

    def __str__(self) -> str:
        """Pass on the reason."""
        return f"malformed transaction: {self.reason}"


@dataclass(eq=False, kw_only=True)
class InvalidBlockTransaction(InvalidBlock):
    """A block contains a transaction that no block may contain; `index` counts from 0."""

    index: int
    reason: InvalidTransaction

    def __str__(self) -> str:
        """Name the place and pass on the reason."""
        return f"transaction {self.index} of the block: {self.reason}"


@dataclass(eq=False, kw_only=True)
class UnknownTransactionType(InvalidTransaction):
    """The first byte names no type that this ledger takes (EIP-2718)."""

    kind: int

    def __str__(self) -> str:
        """Name the type."""
        return f"transaction type {self.kind:#04x} is unknown: 0, 1, 2 and 4 are taken"


@dataclass(eq=False, kw_only=True)
class WrongChainId(InvalidTransaction):
    """Signed for another chain (EIP-155)."""

    expected: int
    actual: int

    def __str__(self) -> str:
        """Name both chains."""
        return f"signed for chain {self.actual}, this is chain {self.expected}"


@dataclass(eq=False, kw_only=True)
class InvalidSignatureV(InvalidTransaction):
    """`v` of a legacy transaction is neither 27, 28 nor at least 35."""

    v: int

    def __str__(self) -> str:
        """Name the value."""
        return f"v is {self.v}: it must be 27, 28 or at least 35"


@dataclass(eq=False, kw_only=True)
class InvalidYParity(InvalidTransaction):
    """`y_parity` of a typed transaction is neither 0 nor 1."""

    y_parity: int

    def __str__(self) -> str:
        """Name the value."""
        return f"y_parity is {self.y_parity}: it must be 0 or 1"


@dataclass(eq=False, kw_only=True)
class SignatureOutOfRange(InvalidTransaction):
    """`r` or `s` (named by `field`) is zero or not below the order of the curve."""

    field: str
    value: int

    def __str__(self) -> str:
        """Name the value."""
        return f"{self.field} is {self.value:#x}: must be above 0 and below secp256k1's order"


@dataclass(eq=False, kw_only=True)
class HighS(InvalidTransaction):
    """`s` lies above half the order, so that a second signature exists (EIP-2)."""

    s: int

    def __str__(self) -> str:
        """Name the value."""
        return f"s is {self.s:#x}: it lies above half the order of secp256k1"


class UnrecoverableSignature(InvalidTransaction):
    """No public key belongs to the signature."""

    def __str__(self) -> str:
        """Say so."""
        return "no public key belongs to the signature"


@dataclass(eq=False, kw_only=True)
class NonceOverflow(InvalidTransaction):
    """The nonce could not be followed by another (EIP-2681)."""

    nonce: int

    def __str__(self) -> str:
        """Name the nonce."""
        return f"nonce {self.nonce} is not below 2^64 - 1"


@dataclass(eq=False, kw_only=True)
class GasLimitOverflow(InvalidTransaction):
    """The gas limit does not fit 64 bits."""

    gas_limit: int

    def __str__(self) -> str:
        """Name the limit."""
        return f"gas limit {self.gas_limit} does not fit 64 bits"


@dataclass(eq=False, kw_only=True)
class FeeOverflow(InvalidTransaction):
    """Gas limit times price does not fit 256 bits: nobody can own that much."""

    gas_limit: int
    fee_per_gas: int

    def __str__(self) -> str:
        """Name both factors."""
        return f"{self.gas_limit} gas at {self.fee_per_gas} a unit does not fit 256 bits"


@dataclass(eq=False, kw_only=True)
class TipAboveCap(InvalidTransaction):
    """The priority fee exceeds the fee cap (EIP-1559)."""

    tip: int
    cap: int

    def __str__(self) -> str:
        """Name both."""
        return f"max priority fee per gas {self.tip} is above max fee per gas {self.cap}"


class EmptyAuthorizationList(InvalidTransaction):
    """A set-code transaction without authorisations (EIP-7702)."""

    def __str__(self) -> str:
        """Say so."""
        return "a set-code transaction needs at least one authorisation"


class CreateInSetCode(InvalidTransaction):
    """A set-code transaction that creates a contract (EIP-7702)."""

    def __str__(self) -> str:
        """Say so."""
        return "a set-code transaction cannot create a contract: give it a recipient"


@dataclass(eq=False, kw_only=True)
class IntrinsicGasTooLow(InvalidTransaction):
    """The gas limit is below what is charged before anything runs (EIP-2, 2930, 3860, 7702)."""

    gas_limit: int
    needed: int

    def __str__(self) -> str:
        """Name both."""
        return f"gas limit {self.gas_limit} is below the intrinsic gas {self.needed}"


@dataclass(eq=False, kw_only=True)
class FloorGasTooLow(InvalidTransaction):
    """The gas limit is below the floor of its call data (EIP-7623)."""

    gas_limit: int
    needed: int

    def __str__(self) -> str:
        """Name both."""
        return f"gas limit {self.gas_limit} is below the call data's floor {self.needed}"


@dataclass(eq=False, kw_only=True)
class InitcodeTooLarge(InvalidTransaction):
    """The code that creates a contract is too long (EIP-3860); sizes in bytes."""

    size: int
    size_max: int

    def __str__(self) -> str:
        """Name both sizes."""
        return f"init code is {self.size} bytes, at most {self.size_max} are allowed"


@dataclass(eq=False, kw_only=True)
class GasLimitTooHigh(InvalidTransaction):
    """The gas limit is above what one transaction may ask for (EIP-7825)."""

    gas_limit: int
    gas_limit_max: int

    def __str__(self) -> str:
        """Name both."""
        return f"gas limit {self.gas_limit} is above {self.gas_limit_max}, the most for one"
