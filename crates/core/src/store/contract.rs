//! What every engine promises, tested on each of them; and what only the one on disk can break.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::head::HeadRecord;
use super::{
    Batch, Durability, FjallStore, KeyValueStore, MemoryStore, Options, Range, Row, StoreError,
    SyncMode, TableId, Tables,
};

pub(super) const RED: TableId = TableId::new(0);
const BLUE: TableId = TableId::new(1);

/// A directory that is removed when the test ends.
pub(super) struct Directory(pub(super) PathBuf);

impl Directory {
    pub(super) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sogdia-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn tables() -> Tables {
    Tables::new(&["red"], &["blue"]).unwrap()
}

pub(super) fn try_open(path: &Path, sync: SyncMode) -> Result<FjallStore, StoreError> {
    let path = path.to_path_buf();
    FjallStore::open(Options {
        path,
        tables: tables(),
        sync,
        cache_bytes: 1 << 20,
    })
}

pub(super) fn open(path: &Path) -> FjallStore {
    try_open(path, SyncMode::Always).unwrap()
}

/// Runs `check` on each engine.
fn on_each(name: &str, check: impl Fn(&dyn KeyValueStore)) {
    check(&MemoryStore::new(tables()));
    let directory = Directory::new(name);
    check(&open(&directory.0));
}

pub(super) fn put(store: &dyn KeyValueStore, table: TableId, key: &[u8], value: &[u8]) {
    let mut batch = Batch::new();
    batch.put(table, key, value);
    store.commit(batch, Durability::Written).unwrap();
}

fn row(key: &str, value: &str) -> Row {
    (key.as_bytes().to_vec(), value.as_bytes().to_vec())
}

#[test]
fn a_batch_is_seen_in_all_its_tables() {
    on_each("atomic", |store| {
        let mut batch = Batch::new();
        batch.put(RED, "k", "r");
        batch.put(BLUE, "k", "b");
        batch.delete(BLUE, "not there");
        store.commit(batch, Durability::Synced).unwrap();
        assert_eq!(store.get(RED, b"k").unwrap().unwrap(), b"r");
        assert_eq!(store.get(BLUE, b"k").unwrap().unwrap(), b"b");
        assert_eq!(store.get(BLUE, b"not there").unwrap(), None);
        assert_eq!(store.stats().unwrap().commits, 1);
    });
}

#[test]
fn the_last_write_of_a_key_in_a_batch_wins() {
    on_each("last-wins", |store| {
        for _ in 0..20 {
            let mut batch = Batch::new();
            batch.put(RED, "a", "1");
            batch.put(RED, "a", "2");
            batch.put(RED, "gone", "1");
            batch.delete(RED, "gone");
            batch.delete(RED, "back");
            batch.put(RED, "back", "1");
            store.commit(batch, Durability::Written).unwrap();
            assert_eq!(store.get(RED, b"a").unwrap().unwrap(), b"2");
            assert_eq!(store.get(RED, b"gone").unwrap(), None);
            assert_eq!(store.get(RED, b"back").unwrap().unwrap(), b"1");
        }
    });
}

#[test]
fn a_range_is_ordered_bounded_and_can_run_backwards() {
    on_each("range", |store| {
        for key in ["b", "d", "a", "c"] {
            put(store, RED, key.as_bytes(), key.to_uppercase().as_bytes());
        }
        put(store, BLUE, b"bb", b"other table");
        let range = Range::between("b", "d");
        assert_eq!(
            store.range(RED, &range).unwrap(),
            [row("b", "B"), row("c", "C")]
        );
        let backwards = range.clone().reversed().limited(1);
        assert_eq!(store.range(RED, &backwards).unwrap(), [row("c", "C")]);
        assert_eq!(store.range(RED, &Range::prefix(b"")).unwrap().len(), 4);
        assert!(
            store
                .range(RED, &Range::between("d", "b"))
                .unwrap()
                .is_empty()
        );
        assert!(store.range(RED, &range.limited(0)).unwrap().is_empty());
    });
}

#[test]
fn a_prefix_of_the_highest_bytes_reaches_the_end() {
    on_each("prefix", |store| {
        put(store, RED, &[0xff, 0xff], b"last");
        put(store, RED, &[0xff, 0xfe], b"before");
        assert_eq!(
            store
                .range(RED, &Range::prefix(&[0xff, 0xff]))
                .unwrap()
                .len(),
            1
        );
        assert_eq!(store.range(RED, &Range::prefix(&[0xff])).unwrap().len(), 2);
    });
}

#[test]
fn a_snapshot_does_not_move() {
    on_each("snapshot", |store| {
        put(store, RED, b"k", b"before");
        let view = store.snapshot().unwrap();
        put(store, RED, b"k", b"after");
        put(store, BLUE, b"k", b"after");
        assert_eq!(view.get(RED, b"k").unwrap().unwrap(), b"before");
        assert_eq!(view.get(BLUE, b"k").unwrap(), None);
        assert!(view.range(BLUE, &Range::prefix(b"")).unwrap().is_empty());
    });
}

#[test]
fn keys_the_engine_cannot_hold_are_refused_and_nothing_is_written() {
    on_each("keys", |store| {
        for length in [0, 65_536] {
            let mut batch = Batch::new();
            batch.put(RED, "good", "1");
            batch.put(RED, vec![1; length], "1");
            let refused = store.commit(batch, Durability::Written);
            assert_eq!(refused, Err(StoreError::KeyLength { length }));
        }
        assert_eq!(store.get(RED, b"good").unwrap(), None);
        put(store, RED, &[1; 65_535], b"longest");
    });
}

#[test]
fn an_unknown_table_is_refused() {
    on_each("unknown", |store| {
        let unknown = TableId::new(9);
        assert!(matches!(
            store.get(unknown, b"k"),
            Err(StoreError::UnknownTable { .. })
        ));
        assert!(matches!(
            store.tables().id("green"),
            Err(StoreError::UnknownTable { .. })
        ));
        assert_eq!(store.tables().id("blue").unwrap(), BLUE);
    });
}

#[test]
fn rows_are_ingested_in_order_into_an_empty_table_only() {
    on_each("ingest", |store| {
        let unsorted = [row("b", "1"), row("a", "2")];
        let refused = store.ingest_sorted(RED, &mut unsorted.into_iter());
        assert!(matches!(refused, Err(StoreError::Unsorted { .. })));
        assert!(store.range(RED, &Range::prefix(b"")).unwrap().is_empty());
        let sorted = [row("a", "1"), row("b", "2")];
        store
            .ingest_sorted(RED, &mut sorted.clone().into_iter())
            .unwrap();
        assert_eq!(store.range(RED, &Range::prefix(b"")).unwrap(), sorted);
        let again = store.ingest_sorted(RED, &mut sorted.into_iter());
        assert!(matches!(again, Err(StoreError::Unsorted { .. })));
    });
}

#[test]
fn a_closed_store_says_so() {
    on_each("closed", |store| {
        store.close().unwrap();
        store.close().unwrap();
        assert_eq!(store.get(RED, b"k"), Err(StoreError::Closed));
        assert_eq!(
            store.commit(Batch::new(), Durability::Written),
            Err(StoreError::Closed)
        );
    });
}

#[test]
fn what_was_committed_is_there_after_reopening() {
    let directory = Directory::new("reopen");
    let store = open(&directory.0);
    put(&store, RED, b"k", b"v");
    store
        .ingest_sorted(BLUE, &mut [row("a", "1")].into_iter())
        .unwrap();
    drop(store);
    let store = open(&directory.0);
    assert_eq!(store.get(RED, b"k").unwrap().unwrap(), b"v");
    assert_eq!(store.get(BLUE, b"a").unwrap().unwrap(), b"1");
    assert_eq!(store.stats().unwrap().commits, 1);
    put(&store, RED, b"k", b"w");
    assert_eq!(store.stats().unwrap().commits, 2);
}

#[test]
fn a_directory_in_use_is_refused() {
    let directory = Directory::new("locked");
    let store = open(&directory.0);
    let refused = try_open(&directory.0, SyncMode::Always);
    assert_eq!(
        refused.unwrap_err(),
        StoreError::Locked {
            path: directory.0.clone()
        }
    );
    put(&store, RED, b"k", b"still ours");
}

#[test]
fn lost_commits_are_noticed() {
    let directory = Directory::new("lost");
    drop(open(&directory.0));
    let (mut record, claimed) = HeadRecord::load(&directory.0).unwrap();
    assert_eq!(claimed, Some(0));
    record.save(3).unwrap();
    match try_open(&directory.0, SyncMode::Always) {
        Err(StoreError::Damaged { detail, .. }) => {
            assert_eq!(detail, "commits 1 to 3 were on the medium and are gone");
        }
        other => panic!("opened a store that lost commits: {other:?}"),
    }
}

#[test]
fn a_torn_head_record_falls_back_to_the_other_slot() {
    let directory = Directory::new("torn");
    std::fs::create_dir_all(&directory.0).unwrap();
    let mut record = HeadRecord::create(&directory.0).unwrap();
    record.save(1).unwrap();
    record.save(2).unwrap();
    let path = HeadRecord::path(&directory.0);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[12] ^= 1; // 2 was written where 0 had been, in the first slot
    std::fs::write(&path, &bytes).unwrap();
    let (mut record, claimed) = HeadRecord::load(&directory.0).unwrap();
    assert_eq!(claimed, Some(1));
    record.save(5).unwrap();
    assert_eq!(HeadRecord::load(&directory.0).unwrap().1, Some(5));
    std::fs::write(&path, b"").unwrap();
    assert_eq!(HeadRecord::load(&directory.0).unwrap().1, None);
}

#[test]
fn an_interval_syncs_in_the_background() {
    let directory = Directory::new("interval");
    let store = try_open(&directory.0, SyncMode::Interval(Duration::from_millis(5))).unwrap();
    put(&store, RED, b"k", b"v");
    let deadline = Instant::now() + Duration::from_secs(20);
    while store.stats().unwrap().synced_commits == 0 {
        assert!(Instant::now() < deadline, "nothing was synced");
        std::thread::sleep(Duration::from_millis(1));
    }
    store.close().unwrap();
    assert_eq!(HeadRecord::load(&directory.0).unwrap().1, Some(1));
}

#[test]
fn commits_of_many_threads_are_all_there() {
    let directory = Directory::new("threads");
    let store = Arc::new(open(&directory.0));
    std::thread::scope(|scope| {
        for thread in 0..4_u8 {
            let store = Arc::clone(&store);
            scope.spawn(move || {
                for count in 0..50_u8 {
                    put(&*store, RED, &[thread, count], b"v");
                }
            });
        }
    });
    assert_eq!(store.stats().unwrap().synced_commits, 200);
    drop(store);
    assert_eq!(
        open(&directory.0)
            .range(RED, &Range::prefix(b""))
            .unwrap()
            .len(),
        200
    );
}
