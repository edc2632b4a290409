"""Opening a data directory: what is accepted, what is refused, and in which words."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sogdia.ledger.storage import tables
from sogdia.ledger.storage.database import Database, SyncMode
from sogdia.ledger.storage.errors import (
    DirectoryLocked,
    ForeignDirectory,
    StoreDamaged,
    UnknownFormat,
    WriteFailed,
    WrongNetwork,
)
from sogdia.ledger.storage.identity import FORMAT, Identity
from sogdia.ledger.storage.tables import headers

OURS = Identity(network="development", chain_id=7, genesis=bytes(31) + b"\x01")


def open_ours(path: Path, identity: Identity = OURS) -> Database:
    return Database.open(path, identity, sync=SyncMode.INTERVAL)


def everything_in(path: Path) -> dict[str, bytes]:
    return {str(f.relative_to(path)): f.read_bytes() for f in path.rglob("*") if f.is_file()}


def test_what_was_written_is_there_after_reopening(tmp_path: Path) -> None:
    """A second opening of the same ledger."""
    with open_ours(tmp_path / "new" / "data") as database:
        database.store.commit([headers.put(b"h" * 32, b"header")])
    with open_ours(tmp_path / "new" / "data") as database:
        assert headers.Headers(database.store).find(b"h" * 32) == b"header"


@pytest.mark.parametrize(
    ("other", "field"),
    [
        (Identity("main", 7, OURS.genesis), "network"),
        (Identity("development", 8, OURS.genesis), "chain id"),
        (Identity("development", 7, bytes(32)), "genesis"),
    ],
)
def test_another_ledger_is_refused(tmp_path: Path, other: Identity, field: str) -> None:
    """Mixing two ledgers in one directory would destroy both."""
    open_ours(tmp_path).close()
    before = everything_in(tmp_path)
    with pytest.raises(WrongNetwork, match=f"whose {field} is .*--fresh") as refused:
        open_ours(tmp_path, other)
    assert refused.value.field == field
    assert everything_in(tmp_path) == before


@pytest.mark.parametrize("format_", [FORMAT - 1, FORMAT + 1])
def test_another_format_is_refused_and_left_as_it_was(tmp_path: Path, format_: int) -> None:
    """What another version wrote may mean something else; the words say how to move on."""
    open_ours(tmp_path).close()
    path = tmp_path / "ledger.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": format_}))
    before = everything_in(tmp_path)
    words = f"of format {format_}, and this version reads {FORMAT}: .*db export.*db import"
    with pytest.raises(UnknownFormat, match=words):
        open_ours(tmp_path)
    assert everything_in(tmp_path) == before


@pytest.mark.parametrize("content", [b"", b"{", b'{"format": "x"}', b"[]"])
def test_an_unreadable_identity_is_damage(tmp_path: Path, content: bytes) -> None:
    """It is never overwritten."""
    open_ours(tmp_path).close()
    (tmp_path / "ledger.json").write_bytes(content)
    with pytest.raises(StoreDamaged, match=r"ledger\.json"):
        open_ours(tmp_path)
    assert (tmp_path / "ledger.json").read_bytes() == content


def test_a_missing_identity_beside_a_store_is_damage(tmp_path: Path) -> None:
    """Somebody took the file away; whose store this is cannot be known."""
    open_ours(tmp_path).close()
    (tmp_path / "ledger.json").unlink()
    with pytest.raises(StoreDamaged, match="is missing"):
        open_ours(tmp_path)


def test_a_directory_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """A mistyped path must not become a database."""
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ForeignDirectory, match=r"thesis\.txt"):
        open_ours(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["thesis.txt"], "left as it was"


def test_a_file_in_the_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    """The operating system's words are kept."""
    (tmp_path / "data").write_text("")
    with pytest.raises(WriteFailed, match="File exists"):
        open_ours(tmp_path / "data")


def test_a_directory_in_use_names_the_process(tmp_path: Path) -> None:
    """From another process, as it happens in life."""
    program = (
        "import sys; from pathlib import Path\n"
        "from tests.unit.ledger.storage.test_database import open_ours\n"
        "database = open_ours(Path(sys.argv[1])); print('open', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(DirectoryLocked, match=f"in use by process {holder.pid}:") as refused:
            open_ours(tmp_path)
        assert refused.value.process == holder.pid
        holder.kill()
    open_ours(tmp_path).close()


def test_lost_commits_are_damage(tmp_path: Path) -> None:
    """The journal is cut where a bad medium would make the engine cut it: in silence."""
    with open_ours(tmp_path) as database:
        for number in range(50):
            database.store.commit([headers.put(bytes([number]) * 32, b"h" * 100)], synced=True)
    journals = sorted((tmp_path / "store" / "engine").glob("*.jnl"))
    content = bytearray(journals[-1].read_bytes())
    middle = content.index(bytes([25]) * 32)
    content[middle - 60 :] = bytes(len(content) - middle + 60)
    journals[-1].write_bytes(content)
    with pytest.raises(StoreDamaged, match="were on the medium and are gone"):
        open_ours(tmp_path)


def test_table_names_are_distinct_and_described() -> None:
    """Each table says what it holds and who writes it."""
    names = [table.name for table in tables.ALL]
    assert len(set(names)) == len(names)
    assert all(table.key and table.value and table.writer for table in tables.ALL)


def test_discarding_removes_the_ledger_and_nothing_else(tmp_path: Path) -> None:
    """Another ledger can then begin in the same place."""
    open_ours(tmp_path).close()
    (tmp_path / "notes.txt").write_text("mine")
    Database.discard(tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert not (tmp_path / "store").exists()
    Database.discard(tmp_path / "absent")


def test_discarding_refuses_a_directory_of_somebody_else_or_in_use(tmp_path: Path) -> None:
    """--fresh with a mistyped directory must not remove it."""
    shop = tmp_path / "shop"
    (shop / "store").mkdir(parents=True)
    with pytest.raises(ForeignDirectory, match="'store'"):
        Database.discard(shop)
    assert (shop / "store").exists()
    assert [each.name for each in shop.iterdir()] == ["store"]
    with open_ours(tmp_path / "data"), pytest.raises(DirectoryLocked):
        Database.discard(tmp_path / "data")


def test_discarding_refuses_a_ledger_of_another_network(tmp_path: Path) -> None:
    """`sogdia up --fresh` over the directory of a node that others rely on."""
    open_ours(tmp_path).close()
    with pytest.raises(WrongNetwork, match="network is"):
        Database.discard(tmp_path, network="another")
    open_ours(tmp_path).close()
    Database.discard(tmp_path, network=OURS.network)
    assert not (tmp_path / "store").exists()
