"""The store against a dictionary, on both engines, and over reopening."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sogdia._core import Store
from sogdia.ledger.storage.errors import (
    ForeignProcess,
    InvalidKey,
    InvalidTable,
    StoreClosed,
)

TABLES = ["red", "blue"]


def open_store(path: Path) -> Store:
    return Store.open(path, TABLES, sync_interval_ms=5, cache_bytes=1 << 20)


@pytest.fixture(params=["memory", "disk"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "memory":
        return Store.memory(TABLES)
    return open_store(tmp_path / "store")


def check_equal(store: Store, model: dict[str, dict[bytes, bytes]]) -> None:
    """The store holds the model's rows, forwards, backwards and one by one."""
    for table, rows in model.items():
        ordered = sorted(rows.items())
        assert store.range(table) == ordered
        assert store.range(table, reverse=True) == ordered[::-1]
        keys = [*rows, b"\xfe not there"]
        assert store.get_many(table, keys) == [rows.get(key) for key in keys]
        for low in list(rows)[:3]:
            for high in list(rows)[-3:]:
                want = [row for row in ordered if low <= row[0] < high]
                assert store.range(table, low, high) == want
                assert store.range(table, low, high, limit=1) == want[:1]


keys = st.binary(min_size=1, max_size=3)
changes = st.tuples(st.sampled_from(TABLES), keys, st.none() | st.binary(max_size=40))
batches = st.lists(st.lists(changes, max_size=12), max_size=8)


def apply(
    batch: list[tuple[str, bytes, bytes | None]], model: dict[str, dict[bytes, bytes]]
) -> None:
    for table, key, value in batch:
        if value is None:
            model[table].pop(key, None)
        else:
            model[table][key] = value


@given(batches)
def test_the_memory_store_is_a_dictionary(
    batches: list[list[tuple[str, bytes, bytes | None]]],
) -> None:
    """Random batches with repeated keys, deletions and empty ones."""
    store = Store.memory(TABLES)
    model: dict[str, dict[bytes, bytes]] = {table: {} for table in TABLES}
    for batch in batches:
        store.commit(batch)
        apply(batch, model)
        check_equal(store, model)


@settings(max_examples=25, deadline=None)
@given(before=batches, after=batches)
def test_the_disk_store_is_a_dictionary_that_survives_reopening(
    tmp_path_factory: pytest.TempPathFactory,
    before: list[list[tuple[str, bytes, bytes | None]]],
    after: list[list[tuple[str, bytes, bytes | None]]],
) -> None:
    """The same batches, a reopening, and more batches."""
    path = tmp_path_factory.mktemp("store")
    model: dict[str, dict[bytes, bytes]] = {table: {} for table in TABLES}
    for part in (before, after):
        store = open_store(path)
        check_equal(store, model)
        for batch in part:
            store.commit(batch)
            apply(batch, model)
        check_equal(store, model)
        store.close()


def test_a_wrong_table_or_key_is_refused_and_nothing_is_written(store: Store) -> None:
    """The good row of the same batch is not written either."""
    with pytest.raises(InvalidTable, match="there is no table green"):
        store.commit([("red", b"k", b"v"), ("green", b"k", b"v")])
    with pytest.raises(InvalidKey, match="65536"):
        store.commit([("red", b"k", b"v"), ("red", bytes(65_536), b"v")])
    with pytest.raises(InvalidTable):
        store.get("green", b"k")
    assert store.get("red", b"k") is None


@pytest.mark.parametrize("names", [["a", "a"], ["A"], [""], ["a/b"], ["_number"[:0]]])
def test_a_malformed_list_of_tables_is_refused(names: list[str]) -> None:
    """Names become directory names."""
    with pytest.raises(InvalidTable):
        Store.memory(names)


def test_a_closed_store_says_so(store: Store) -> None:
    """Closing twice is no error."""
    store.close()
    store.close()
    for use in (
        lambda: store.get("red", b"k"),
        lambda: store.commit([("red", b"k", b"v")]),
        store.stats,
    ):
        with pytest.raises(StoreClosed):
            use()


def test_stats_count_commits_and_rows(store: Store) -> None:
    """The numbers that `/metrics` shows."""
    store.commit([("red", b"k", b"v"), ("red", b"l", b"v")], synced=True)
    stats = store.stats()
    assert stats["commits"] == stats["synced_commits"] == 1
    assert stats["tables"]["red"] == 2


def _in_child(work: Callable[[], bool]) -> bool:
    """Run `work` in a forked child; return whether it returned true."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if work() else 1)
        finally:
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    """The child would write the journal of its parent, without the engine's threads."""
    store = open_store(tmp_path)
    store.commit([("red", b"k", b"v")])

    def refused() -> bool:
        nonlocal store
        try:
            store.commit([("red", b"k", b"child")])
        except ForeignProcess as error:
            ok = error.used_by == os.getpid() and error.opened_by == os.getppid()
            del store  # the engine's destructor would wait for threads that are not there
            return ok
        return False

    assert _in_child(refused)
    assert store.get("red", b"k") == b"v"
    store.commit([("red", b"k", b"w")])
