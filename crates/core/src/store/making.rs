//! Making an engine: in memory first, because the engine syncs some 400 times while it makes tables.
//!
//! * **M1** An engine appears under its name when it is whole and on the medium: a power cut leaves
//!   the name off, or leads it to an engine that is whole.
//! * **M2** What an earlier attempt left is removed: nothing was ever committed to it.
//!
//! On a busy medium 400 syncs are seconds. What they make is some fifty small files: made where a
//! sync costs nothing, copied, and synced together.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Files in memory on Linux; elsewhere, or where it is closed to us or full (a container may have a
/// few KiB of it), an engine is made in its place.
const MEMORY: &str = "/dev/shm";
/// Syncs that wait at once: the file system writes its own journal once for all of them.
const SYNCS_AT_ONCE: usize = 8;
const PIECE_BYTES: usize = 64 * 1024;

/// Makes a directory at `draft` by `make`, brings it to the medium, and names it `place`.
///
/// # Errors
/// What `make` returns; `failed` of what the operating system says.
pub(super) fn make_whole<E>(
    draft: &Path,
    place: &Path,
    make: impl Fn(&Path) -> Result<(), E>,
    failed: impl Fn(io::Error) -> E,
) -> Result<(), E> {
    if draft.exists() {
        fs::remove_dir_all(draft).map_err(&failed)?;
    }
    let memory = MemoryDirectory::new().map(|memory| (memory.0.join("engine"), memory));
    match memory.filter(|(engine, _)| make(engine).is_ok()) {
        Some((engine, _held)) => copy_tree(&engine, draft).map_err(&failed)?,
        None => make(draft)?,
    }
    sync_tree(draft).map_err(&failed)?;
    fs::rename(draft, place).map_err(&failed)?;
    sync_file(&place.join("..")).map_err(&failed)
}

/// Brings a file, or the names in a directory, to the medium.
pub(super) fn sync_file(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// A directory in memory that nobody else can enter, removed when it is dropped.
struct MemoryDirectory(PathBuf);

impl MemoryDirectory {
    fn new() -> Option<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(MEMORY).join(format!("sogdia-{}-{number}", std::process::id()));
        // One that is there already is not ours: a process that had our number left it, or worse.
        let made = DirBuilder::new().mode(0o700).create(&path);
        made.is_ok().then_some(Self(path))
    }
}

impl Drop for MemoryDirectory {
    fn drop(&mut self) {
        // Best effort: what is left is small, and gone with the next boot.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            copy_sparse(&entry.path(), &target)?;
        }
    }
    Ok(())
}

/// Copies a file without its holes: the journal has 64 MiB of them.
fn copy_sparse(from: &Path, to: &Path) -> io::Result<()> {
    let (mut source, mut target) = (File::open(from)?, File::create_new(to)?);
    let about = source.metadata()?;
    target.set_len(about.len())?;
    if about.blocks() == 0 {
        return Ok(());
    }
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let count = source.read(&mut piece)?;
        if count == 0 {
            return Ok(());
        }
        if piece[..count].iter().all(|byte| *byte == 0) {
            target.seek(SeekFrom::Current(count as i64))?;
        } else {
            target.write_all(&piece[..count])?;
        }
    }
}

/// Brings everything below `directory` to the medium, and the names of it.
fn sync_tree(directory: &Path) -> io::Result<()> {
    let mut paths = vec![directory.to_path_buf()];
    let mut listed = 0;
    while listed < paths.len() {
        if paths[listed].is_dir() {
            for entry in fs::read_dir(&paths[listed])? {
                paths.push(entry?.path());
            }
        }
        listed += 1;
    }
    let share = paths.len().div_ceil(SYNCS_AT_ONCE);
    std::thread::scope(|scope| {
        let shares: Vec<_> = paths
            .chunks(share)
            .map(|share| scope.spawn(move || share.iter().try_for_each(|path| sync_file(path))))
            .collect();
        shares.into_iter().try_for_each(|share| {
            let panicked = || io::Error::other("a sync panicked");
            share.join().unwrap_or_else(|_| Err(panicked()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract::Directory;

    #[test]
    fn what_does_not_fit_in_memory_is_made_in_its_place() {
        let directory = Directory::new("no-memory");
        fs::create_dir_all(&directory.0).unwrap();
        let (draft, place) = (directory.0.join("draft"), directory.0.join("place"));
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        let make = |path: &Path| {
            if path.starts_with(MEMORY) {
                return Err(full());
            }
            fs::create_dir(path)?;
            fs::write(path.join("file"), b"whole")
        };
        make_whole(&draft, &place, make, |error| error).unwrap();
        assert_eq!(fs::read(place.join("file")).unwrap(), b"whole");
    }
}
