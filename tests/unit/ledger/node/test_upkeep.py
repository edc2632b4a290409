"""Checking, measuring, copying, exporting, importing and pruning a kept ledger."""

import resource
from pathlib import Path

import pytest
from tests.unit.ledger.node.chains import give, ledger, mine, roots, transfer

from sogdia.ledger.execution.errors import MissingHistory
from sogdia.ledger.node.config import DEVELOPMENT_PROFILE, load_config
from sogdia.ledger.node.errors import ReplayDiffers
from sogdia.ledger.node.parts import Parts, identity_of
from sogdia.ledger.node.upkeep.check import check_blocks, check_everything
from sogdia.ledger.node.upkeep.errors import (
    ArchiveCutOff,
    ArchiveDamaged,
    BlockDamaged,
    BlockRefused,
    CannotPrune,
    ForeignArchive,
    NotAnArchive,
    UnknownArchive,
)
from sogdia.ledger.node.upkeep.pruning import prune
from sogdia.ledger.node.upkeep.sizes import table_sizes
from sogdia.ledger.node.upkeep.transfer import Imported, export_blocks, import_blocks
from sogdia.ledger.storage.errors import DestinationNotEmpty, StoreFull
from sogdia.ledger.storage.tables import bodies, headers


def grow(parts: Parts, count: int = 30) -> None:
    """Mine `count` blocks, each third with a transfer, and a lost branch that is merged."""
    for nonce in range(count // 3):
        assert parts.pool.add([transfer(parts, nonce=nonce)]) == [None]
        mine(parts, count=3)


def check_whole(parts: Parts, scratch: Path) -> tuple[int, int]:
    """Return what a full check of `parts` found."""
    config = load_config({}, {}, directory=scratch, profile=DEVELOPMENT_PROFILE)
    found = check_everything(config, parts, scratch)
    return found.blocks, found.epochs


def test_a_whole_ledger_passes_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """Every block and every epoch; the scratch folder is gone."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with ledger(tmp_path) as parts:
        grow(parts)
        assert check_blocks(parts) == 31
        assert check_whole(parts, scratch) == (31, 30)
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("table", [headers.TABLE.name, bodies.TABLE.name])
@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_a_damaged_block_is_named(tmp_path: Path, table: str, damage: str) -> None:
    """The planted defects: one bit, or a row that is not there."""
    with ledger(tmp_path) as parts:
        grow(parts, 6)
        store, block = parts.database.store, parts.consensus.pivot_at(4)
        row = store.get(table, block)
        assert row is not None
        spoilt = None if damage == "gone" else row[:-1] + bytes([row[-1] ^ 1])
        store.commit([(table, block, spoilt)])
        with pytest.raises(BlockDamaged, match=f"0x{block.hex()}.*table {table}"):
            check_blocks(parts)


def test_a_state_that_no_block_explains_is_found_by_executing(tmp_path: Path) -> None:
    """The blocks are whole; an edit changed a balance."""
    from sogdia.ledger.execution.api import AccountOverride

    with ledger(tmp_path) as parts:
        grow(parts, 6)
        parts.executor.editor.edit({bytes(20): AccountOverride(balance=7)})
        assert check_blocks(parts) == 7
        with pytest.raises(ReplayDiffers, match="epoch 6"):
            check_whole(parts, tmp_path)


def test_an_export_imports_to_the_same_roots_and_again_to_nothing(tmp_path: Path) -> None:
    """Two branches, merged; the second import finds everything there."""
    archive = tmp_path / "blocks"
    with ledger(tmp_path / "a") as ours, ledger(tmp_path / "b") as theirs:
        give(theirs, mine(ours))
        side = mine(theirs, author=2)
        grow(ours)
        give(ours, side)
        mine(ours)
        assert export_blocks(ours, archive) == 33
        whole = roots(ours)
    with ledger(tmp_path / "c") as parts:
        assert import_blocks(parts, archive) == Imported(taken=33, known=0)
        assert roots(parts) == whole
        assert import_blocks(parts, archive) == Imported(taken=0, known=33)


def test_an_import_that_is_cut_off_goes_on_with_the_whole_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every place of the file: an error that says so, and then the rest."""
    monkeypatch.setattr("sogdia.ledger.node.upkeep.block_archive.FRAME_BYTES", 2_000)
    archive, part = tmp_path / "blocks", tmp_path / "part"
    with ledger(tmp_path / "a") as parts:
        grow(parts)
        export_blocks(parts, archive)
        whole = roots(parts)
    data = archive.read_bytes()
    with ledger(tmp_path / "b") as parts:
        reached = 0
        for end in range(10, len(data), len(data) // 20):
            part.write_bytes(data[:end])
            with pytest.raises(ArchiveCutOff, match="is cut off after block"):
                import_blocks(parts, part)
            assert parts.executor.head()[0] >= reached
            reached = parts.executor.head()[0]
        assert 0 < reached <= 30
        assert import_blocks(parts, archive) == Imported(taken=30 - reached, known=reached)
        assert roots(parts) == whole


def test_every_damaged_byte_of_an_archive_is_an_error(tmp_path: Path) -> None:
    """No byte can change without an error of ours, and what was taken in is a valid ledger."""
    archive = tmp_path / "blocks"
    with ledger(tmp_path / "a") as parts:
        grow(parts, 6)
        export_blocks(parts, archive)
    data = archive.read_bytes()
    refusals = (ArchiveCutOff, ArchiveDamaged, BlockRefused, ForeignArchive, NotAnArchive)
    with ledger(tmp_path / "b") as parts:
        for place in range(0, len(data), 29):
            archive.write_bytes(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])
            with pytest.raises((*refusals, UnknownArchive)):
                import_blocks(parts, archive)
        archive.write_bytes(data)
        came = import_blocks(parts, archive)
        assert came.taken + came.known == 6


def test_an_archive_of_another_ledger_is_refused(tmp_path: Path) -> None:
    """By its chain id; nothing is taken in."""
    archive = tmp_path / "blocks"
    with ledger(tmp_path / "a", **{"node.chain_id": 77}) as parts:
        grow(parts, 3)
        export_blocks(parts, archive)
    with ledger(tmp_path / "b") as parts:
        with pytest.raises(ForeignArchive, match="chain_id is 77"):
            import_blocks(parts, archive)
        assert parts.executor.head()[0] == 0


def test_a_copy_of_a_ledger_in_use_is_that_moment(tmp_path: Path) -> None:
    """What is mined afterwards is not in it; it opens as any data directory."""
    with ledger(tmp_path) as parts:
        grow(parts, 9)
        parts.database.copy_to(tmp_path / "copy" / "data", identity_of(parts.params))
        then = roots(parts)
        mine(parts, count=3)
        with ledger(tmp_path / "copy") as copy:
            assert roots(copy) == then
            assert check_whole(copy, tmp_path) == (10, 9)
            mine(copy)
        with pytest.raises(DestinationNotEmpty):
            parts.database.copy_to(tmp_path / "copy" / "data", identity_of(parts.params))


def test_a_copy_that_found_no_room_is_removed(tmp_path: Path) -> None:
    """A limit on file sizes stands for the full medium; with room, the same folder takes a copy."""
    place = tmp_path / "copy" / "data"
    with ledger(tmp_path) as parts:
        grow(parts, 3)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, limits[1]))
        try:
            with pytest.raises(StoreFull, match="make room"):
                parts.database.copy_to(place, identity_of(parts.params))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert list(place.iterdir()) == []
        parts.database.copy_to(place, identity_of(parts.params))
        with ledger(tmp_path / "copy") as copy:
            assert roots(copy) == roots(parts)


def test_pruning_keeps_what_the_settings_say_and_undo(tmp_path: Path) -> None:
    """State is readable from then on, blocks and receipts stay, and roots do not change."""
    with ledger(tmp_path) as parts:
        grow(parts, 90)
        with pytest.raises(CannotPrune, match="keeps every state"):
            prune(parts)
        rows = {size.name: size.rows for size in table_sizes(parts.database)}
        whole = roots(parts)
    with ledger(tmp_path, **{"history.epochs": 64}) as parts:
        assert prune(parts) == 26
        assert prune(parts) == 26
        assert roots(parts) == whole
        left = {size.name: size.rows for size in table_sizes(parts.database)}
        assert left["state_history"] < rows["state_history"]
        assert left["bodies"] == rows["bodies"]
        parts.executor.account(bytes(20), at=26)
        with pytest.raises(MissingHistory, match="26"):
            parts.executor.account(bytes(20), at=25)
        mine(parts)


def test_keeping_an_archive_is_a_setting(tmp_path: Path) -> None:
    """The word stands for every state, in files and in the environment."""
    config = load_config({"history.epochs": "archive"}, {}, directory=tmp_path)
    assert config["history.epochs"] == "archive"
    named = {"SOGDIA_HISTORY_EPOCHS": "archive"}
    assert load_config({}, named, directory=tmp_path)["history.epochs"] == "archive"
