//! What is found in a directory that was damaged, or left by a cut: refused, or mended.

use std::path::Path;
use std::time::Duration;

use super::contract::{Directory, RED, open, put, try_open};
use super::head::HeadRecord;
use super::{KeyValueStore, StoreError, SyncMode};

#[test]
fn a_missing_head_record_is_noticed() {
    let directory = Directory::new("headless");
    let store = open(&directory.0);
    put(&store, RED, b"k", b"v");
    drop(store);
    std::fs::remove_file(HeadRecord::path(&directory.0)).unwrap();
    let refused = try_open(&directory.0, SyncMode::Always);
    assert!(matches!(refused, Err(StoreError::Damaged { .. })));
}

#[test]
fn a_creation_cut_short_begins_anew() {
    let directory = Directory::new("unfinished");
    let draft = directory.0.join("engine.new");
    std::fs::create_dir_all(draft.join("keyspaces")).unwrap();
    std::fs::write(draft.join("version"), b"").unwrap();
    std::fs::write(directory.0.join("head.new"), b"").unwrap();
    put(&open(&directory.0), RED, b"k", b"v");
    assert!(!draft.exists());
    assert_eq!(open(&directory.0).get(RED, b"k").unwrap().unwrap(), b"v");
}

/// Writes zeros into the middle of what the last commit put into the journal.
fn tear(directory: &Path, before: u64, after: u64) {
    let journal = directory.join("engine/0.jnl");
    let file = std::fs::OpenOptions::new().write(true).open(journal);
    let zeros = vec![0; usize::try_from((after - before) / 2).unwrap()];
    std::os::unix::fs::FileExt::write_all_at(&file.unwrap(), &zeros, (before + after) / 2 - 64)
        .unwrap();
}

/// Commits `k`, then a large `big` in the middle of which a tear fits, and returns the journal's
/// lengths before and after it.
fn put_big(directory: &Path, sync: SyncMode) -> (u64, u64) {
    let store = try_open(directory, sync).unwrap();
    put(&store, RED, b"k", b"v");
    store.sync().unwrap();
    let length = || {
        let bytes = std::fs::read(directory.join("engine/0.jnl")).unwrap();
        bytes.iter().rposition(|byte| *byte != 0).unwrap() as u64 + 1
    };
    let before = length();
    put(&store, RED, b"big", &[7; 9_000]);
    let after = length();
    // As a cut leaves it: nothing is synced by closing.
    std::mem::forget(store);
    (before, after)
}

#[test]
fn a_batch_whose_middle_is_torn_is_cut_off() {
    let directory = Directory::new("torn");
    let (before, after) = put_big(&directory.0, SyncMode::Interval(Duration::from_secs(3_600)));
    let copy = Directory::new("torn-copy");
    copy_files(&directory.0, &copy.0);
    tear(&copy.0, before, after);
    let store = open(&copy.0);
    assert_eq!(store.get(RED, b"k").unwrap().unwrap(), b"v");
    assert_eq!(store.get(RED, b"big").unwrap(), None);
    put(&store, RED, b"more", b"v");
}

#[test]
fn a_synced_batch_that_is_damaged_is_refused_and_left_as_it_is() {
    let directory = Directory::new("rotten");
    let (before, after) = put_big(&directory.0, SyncMode::Always);
    let copy = Directory::new("rotten-copy");
    copy_files(&directory.0, &copy.0);
    tear(&copy.0, before, after);
    let journal = || std::fs::read(copy.0.join("engine/0.jnl")).unwrap();
    let found = journal();
    let refused = try_open(&copy.0, SyncMode::Always);
    assert!(
        matches!(refused, Err(StoreError::Damaged { detail, .. }) if detail.contains("2 to 2"))
    );
    assert_eq!(journal(), found);
}

#[test]
fn a_table_whose_files_are_gone_or_changed_is_refused() {
    let directory = Directory::new("tables");
    let store = open(&directory.0);
    put(&store, RED, b"k", b"v");
    store.close().unwrap();
    for (name, bytes) in [("current", None), ("v0", None), ("v0", Some(b"else"))] {
        let copy = Directory::new("tables-copy");
        copy_files(&directory.0, &copy.0);
        let file = copy.0.join("engine/keyspaces/1").join(name);
        match bytes {
            None => std::fs::remove_file(file).unwrap(),
            Some(bytes) => std::fs::write(file, bytes).unwrap(),
        }
        let refused = try_open(&copy.0, SyncMode::Always);
        assert!(matches!(refused, Err(StoreError::Damaged { .. })), "{name}");
    }
}

fn copy_files(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_files(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_whole_engine_without_commits_needs_no_head_record() {
    let directory = Directory::new("begun");
    drop(open(&directory.0));
    std::fs::remove_file(HeadRecord::path(&directory.0)).unwrap();
    put(&open(&directory.0), RED, b"k", b"v");
}
