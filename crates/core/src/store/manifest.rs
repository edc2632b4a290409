//! What is verified of the engine's own files before it is let at them.
//!
//! Each table of the engine is a folder with a number for its name. In it `current` names the file
//! of the table's state, `v…`, and carries its checksum. The engine trusts both: it panics at some
//! damaged states, and it removes a folder without `current` as one whose making was cut short,
//! with all its rows. So a list of the folders that were whole stands beside the engine.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use xxhash_rust::xxh3::xxh3_128;

use super::error::{Doing, from_io};
use super::{StoreError, StoreResult};

const LIST: &str = "tables";
const FOLDERS: &str = "engine/keyspaces";
const CURRENT: &str = "current";
const CURRENT_BYTES: usize = 25; // number of the state: 8, checksum: 16, its kind: 1

/// Refuses an engine whose folders are not those that were listed, or whose states are damaged.
///
/// # Errors
/// `StoreError::Damaged`, `ReadFailed`.
pub(super) fn verify(path: &Path) -> StoreResult<()> {
    let reading = |error| from_io(&error, path, Doing::Reading);
    let damaged = |detail| {
        let path = path.to_path_buf();
        Err(StoreError::Damaged { path, detail })
    };
    let whole = whole_folders(path).map_err(reading)?;
    let listed = match fs::read_to_string(path.join(LIST)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(reading(error)),
    };
    if let Some(lost) = listed.lines().find(|line| !whole.contains(*line)) {
        return damaged(format!("{FOLDERS}/{lost}/{CURRENT} is missing"));
    }
    for folder in &whole {
        let place = path.join(FOLDERS).join(folder);
        let current = fs::read(place.join(CURRENT)).map_err(reading)?;
        let Some((number, checksum)) = parse(&current) else {
            return damaged(format!("{FOLDERS}/{folder}/{CURRENT} is unreadable"));
        };
        let name = format!("v{number}");
        match fs::read(place.join(&name)) {
            Ok(state) if xxh3_128(&state) == checksum => {}
            Ok(_) => return damaged(format!("{FOLDERS}/{folder}/{name} is not what was written")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return damaged(format!("{FOLDERS}/{folder}/{name} is missing"));
            }
            Err(error) => return Err(reading(error)),
        }
    }
    Ok(())
}

/// Lists the folders as they are, on the medium, unless they are listed so.
pub(super) fn list(path: &Path) -> io::Result<()> {
    let mut text = String::new();
    for folder in whole_folders(path)? {
        text.push_str(&folder);
        text.push('\n');
    }
    let place = path.join(LIST);
    if fs::read(&place).is_ok_and(|listed| listed == text.as_bytes()) {
        return Ok(());
    }
    let draft = path.join("tables.new");
    let mut file = File::create(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(draft, place)?;
    File::open(path)?.sync_all()
}

/// The folders whose making was finished.
fn whole_folders(path: &Path) -> io::Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(path.join(FOLDERS))? {
        let entry = entry?;
        if entry.path().join(CURRENT).exists() {
            found.insert(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(found)
}

fn parse(current: &[u8]) -> Option<(u64, u128)> {
    let current: &[u8; CURRENT_BYTES] = current.try_into().ok()?;
    let (number, rest) = current.split_first_chunk::<8>()?;
    let (checksum, _kind) = rest.split_first_chunk::<16>()?;
    Some((u64::from_le_bytes(*number), u128::from_le_bytes(*checksum)))
}
