//! The head record: what the store must still hold when it is opened again.
//!
//! The engine cuts its journal at the first batch it cannot read, and cannot tell a batch torn by a
//! crash from one that was on the medium and has been damaged since; everything after it would be
//! gone without a word. So each batch carries a number, and beside the engine stands the number of
//! the last one that was *synced*. A store that opens below it has lost acknowledged commits.
//!
//! The record itself is not synced: it may come back older than it was, which only weakens the
//! claim. Two slots in two sectors are written in turn, so that a torn write leaves the other.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use alloy_primitives::keccak256;

const MAGIC: [u8; 8] = *b"sogdhead";
const SLOT_BYTES: usize = 24; // magic, number, checksum: 8 bytes each
const SLOT_DISTANCE: u64 = 4_096; // a page: two slots never share the unit that a medium tears

/// The open file of the head record.
#[derive(Debug)]
pub(super) struct HeadRecord {
    file: File,
    writes: u64,
}

impl HeadRecord {
    /// Where the record of the store at `directory` is.
    pub(super) fn path(directory: &Path) -> PathBuf {
        directory.join("head")
    }

    /// Makes a record that claims nothing, and brings it to the medium.
    pub(super) fn create(directory: &Path) -> io::Result<Self> {
        let draft = directory.join("head.new");
        let file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .read(true)
            .write(true)
            .open(&draft)?;
        file.set_len(SLOT_DISTANCE + SLOT_BYTES as u64)?;
        let mut record = Self { file, writes: 0 };
        record.save(0)?;
        record.file.sync_all()?;
        // Under its name it is never seen without its bytes.
        fs::rename(draft, Self::path(directory))?;
        File::open(directory)?.sync_all()?;
        Ok(record)
    }

    /// Opens the record and returns what it claims; `None` when neither slot is whole.
    pub(super) fn load(directory: &Path) -> io::Result<(Self, Option<u64>)> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(Self::path(directory))?;
        let slots = [read_slot(&file, 0)?, read_slot(&file, 1)?];
        // Write next where the older number is.
        let writes = u64::from(slots[0] >= slots[1]);
        Ok((Self { file, writes }, slots.into_iter().flatten().max()))
    }

    /// Claims that the batch `number` and all before it are on the medium.
    pub(super) fn save(&mut self, number: u64) -> io::Result<()> {
        let mut slot = [0_u8; SLOT_BYTES];
        slot[..8].copy_from_slice(&MAGIC);
        slot[8..16].copy_from_slice(&number.to_be_bytes());
        let checksum = keccak256(&slot[..16]);
        slot[16..].copy_from_slice(&checksum[..8]);
        self.file
            .write_all_at(&slot, (self.writes % 2) * SLOT_DISTANCE)?;
        self.writes += 1;
        Ok(())
    }
}

fn read_slot(file: &File, place: u64) -> io::Result<Option<u64>> {
    let mut slot = [0_u8; SLOT_BYTES];
    match file.read_exact_at(&mut slot, place * SLOT_DISTANCE) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let (claim, checksum) = slot.split_at(16);
    let is_whole = claim.starts_with(&MAGIC) && keccak256(claim)[..8] == *checksum;
    let number = claim[8..]
        .try_into()
        .map(u64::from_be_bytes)
        .unwrap_or_default();
    Ok(is_whole.then_some(number))
}
