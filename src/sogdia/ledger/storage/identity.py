"""Which ledger a data directory holds: a small file beside the store, read before it is opened."""

import os
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

import msgspec

from sogdia.ledger.storage.errors import ForeignDirectory, StoreDamaged, UnknownFormat, WrongNetwork

# Raised when one program could misread what another writes. 2: transactions are kept once, in rows
# of their blocks, and receipts name them there.
FORMAT = 2
FILE_NAME = "ledger.json"
LEFT_BY_NOBODY = frozenset(("lock",))  # whose removal loses nothing
OUR_FILES = frozenset((FILE_NAME, f"{FILE_NAME}.new", "lock", "store"))


@dataclass(frozen=True, slots=True)
class Identity:
    """The ledger that a directory is for. `genesis` is the hash of its first block."""

    network: str
    chain_id: int
    genesis: bytes


class _File(msgspec.Struct):
    format: int
    network: str = ""
    chain_id: int = 0
    genesis: str = ""


def holds_ledger(directory: Path) -> bool:
    """Tell whether a ledger is kept in `directory`, whichever."""
    return (directory / FILE_NAME).exists()


def verify_identity(directory: Path, identity: Identity) -> None:
    """Check that `directory` is for `identity`, or claim it when it is empty.

    Raises:
        ForeignDirectory: it holds other files and no ledger.
        WrongNetwork: it holds another ledger.
        UnknownFormat: it was written by another version.
        StoreDamaged: the file that says so cannot be read.
    """
    path = directory / FILE_NAME
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        _refuse_foreign(directory)
        claim(directory, identity)
        return
    try:
        found = msgspec.json.decode(content, type=_File)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise StoreDamaged(path=directory, detail=f"{FILE_NAME}: {error}") from error
    if found.format != FORMAT:
        raise UnknownFormat(path=directory, found=str(found.format), expected=str(FORMAT))
    for field, have, want in (
        ("network", found.network, identity.network),
        ("chain id", str(found.chain_id), str(identity.chain_id)),
        ("genesis", found.genesis, f"0x{identity.genesis.hex()}"),
    ):
        if have != want:
            raise WrongNetwork(path=directory, field=field, found=have, expected=want)


def verify_own(directory: Path, known: Set[str] = OUR_FILES) -> None:
    """Check, before anything is made in it, that `directory` holds a ledger or only `known` files.

    Raises:
        ForeignDirectory: it holds other files and no ledger.
    """
    if directory.exists() and not (directory / FILE_NAME).exists():
        _refuse_strangers(directory, known)


def remove_ledger(directory: Path, network: str | None = None) -> None:
    """Remove the ledger in `directory`; what else lies there stays.

    Raises:
        ForeignDirectory: there are files, and none says that a ledger is here.
        WrongNetwork: it is a ledger of another network than `network`.
    """
    if not (directory / FILE_NAME).exists():
        verify_own(directory, LEFT_BY_NOBODY)
        return
    if network is not None:
        _refuse_other_network(directory, network)
    # The store first: without the file that names it, what is left would look like damage.
    if (directory / "store").exists():
        import shutil  # with three archive formats, and seldom needed

        shutil.rmtree(directory / "store")
    (directory / FILE_NAME).unlink(missing_ok=True)


def _refuse_other_network(directory: Path, network: str) -> None:
    try:
        found = msgspec.json.decode((directory / FILE_NAME).read_bytes(), type=_File).network
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return  # damaged: to begin anew is what is left
    if found != network:
        raise WrongNetwork(path=directory, field="network", found=found, expected=network)


def _refuse_foreign(directory: Path) -> None:
    _refuse_strangers(directory)
    if (directory / "store").exists():
        # The file is written before the store is made, so someone took it away.
        raise StoreDamaged(path=directory, detail=f"{FILE_NAME} is missing")


def _refuse_strangers(directory: Path, known: Set[str] = OUR_FILES) -> None:
    strangers = sorted({entry.name for entry in directory.iterdir()} - known)
    if strangers:
        raise ForeignDirectory(path=directory, found=strangers[0])


def claim(directory: Path, identity: Identity) -> None:
    """Write that `directory` holds the ledger `identity`; on the medium when this returns."""
    path = directory / FILE_NAME
    file = _File(FORMAT, identity.network, identity.chain_id, f"0x{identity.genesis.hex()}")
    draft = path.with_name(f"{FILE_NAME}.new")
    with draft.open("wb") as stream:
        stream.write(msgspec.json.format(msgspec.json.encode(file), indent=2) + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    draft.rename(path)
    folder = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
