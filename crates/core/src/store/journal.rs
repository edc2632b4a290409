//! Cutting what a power cut tore off the end of the engine's journal.
//!
//! The engine drops an unfinished batch at the end by itself. But a medium writes the pieces of a
//! batch in any order: when both ends of it are there and the middle is not, or pieces of it follow
//! a gap, the engine takes it for damage and does not open. So the journal is cut before, behind
//! its last whole batch. Nothing that was synced can be behind that, and what the journal still
//! holds is compared with the head record *before* anything is cut: damage is left as it is.
//!
//! A batch, little-endian: `1 count:4 seqno:8`, then items
//! `2 kind:1 compression:1 table:8 key_len:2 len:4 stored_len:4 key value` or `4 table:8`, then
//! `3 xxh3-of-the-items:8 "FJL" 3`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3;

const END_MAGIC: [u8; 4] = *b"FJL\x03";
/// Where the table of batches' numbers keeps that of the last one.
pub(super) const NUMBER_KEY: &[u8] = b"last";
/// The engine numbers its tables as they are made, and the one of batches' numbers is the first.
const NUMBER_TABLE_ID: u64 = 1;
const READ_BYTES: usize = 1 << 16;

/// What the newest journal holds.
pub(super) struct Tail {
    path: PathBuf,
    length: u64,
    /// Behind the last whole batch.
    whole: u64,
    /// The number of the last whole batch, if one is there.
    pub(super) number: Option<u64>,
}

impl Tail {
    /// Reads the newest journal in `engine`; `None` when there is none.
    pub(super) fn read(engine: &Path) -> io::Result<Option<Self>> {
        let Some(path) = newest(engine)? else {
            return Ok(None);
        };
        let file = File::open(&path)?;
        let length = file.metadata()?.len();
        let mut reader = Reader {
            bytes: BufReader::with_capacity(READ_BYTES, file),
            left: length,
            hash: Xxh3::new(),
            number: None,
        };
        let (mut whole, mut number) = (0, None);
        while reader.is_batch()? {
            whole = length - reader.left;
            number = reader.number.or(number);
        }
        Ok(Some(Self {
            path,
            length,
            whole,
            number,
        }))
    }

    /// Cuts what is behind the last whole batch.
    pub(super) fn cut(&self) -> io::Result<()> {
        if self.whole == self.length {
            return Ok(());
        }
        let file = OpenOptions::new().write(true).open(&self.path)?;
        file.set_len(self.whole)?;
        file.sync_all()
    }
}

fn newest(engine: &Path) -> io::Result<Option<PathBuf>> {
    let mut found = None;
    for entry in fs::read_dir(engine)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let number = name.and_then(|name| name.strip_suffix(".jnl")?.parse::<u64>().ok());
        if let Some(number) = number {
            found = found.max(Some((number, path)));
        }
    }
    Ok(found.map(|(_, path)| path))
}

struct Reader {
    bytes: BufReader<File>,
    left: u64,
    /// Of the items of the batch that is read.
    hash: Xxh3,
    number: Option<u64>,
}

impl Reader {
    /// Reads a batch; tells whether a whole one was there.
    fn is_batch(&mut self) -> io::Result<bool> {
        self.number = None;
        let Some(start) = self.take::<13>()? else {
            return Ok(false);
        };
        if start[0] != 1 {
            return Ok(false);
        }
        self.hash.reset();
        for _ in 0..number(&start[1..5]) {
            if !self.is_item()? {
                return Ok(false);
            }
        }
        let expected = self.hash.digest();
        let Some(end) = self.take::<13>()? else {
            return Ok(false);
        };
        Ok(end[0] == 3 && end[1..9] == expected.to_le_bytes() && end[9..] == END_MAGIC)
    }

    fn is_item(&mut self) -> io::Result<bool> {
        match self.take::<1>()? {
            Some([4]) => Ok(self.take::<8>()?.is_some()),
            Some([2]) => {
                let Some(head) = self.take::<20>()? else {
                    return Ok(false);
                };
                let (_, head) = head.split_at(2);
                let (table, head) = head.split_at(8);
                let (key, head) = head.split_at(2);
                let (_, value) = head.split_at(4);
                self.is_row(number(table), number(key), number(value))
            }
            _ => Ok(false),
        }
    }

    fn is_row(&mut self, table: u64, key_bytes: u64, value_bytes: u64) -> io::Result<bool> {
        if table == NUMBER_TABLE_ID && key_bytes == NUMBER_KEY.len() as u64 && value_bytes == 8 {
            let Some(key) = self.take::<{ NUMBER_KEY.len() }>()? else {
                return Ok(false);
            };
            let Some(value) = self.take::<8>()? else {
                return Ok(false);
            };
            if key == NUMBER_KEY {
                self.number = Some(u64::from_be_bytes(value));
            }
            return Ok(true);
        }
        self.skip(key_bytes + value_bytes)
    }

    /// Reads `N` bytes; `None` when so many are not left.
    fn take<const N: usize>(&mut self) -> io::Result<Option<[u8; N]>> {
        let mut piece = [0; N];
        if self.left < N as u64 {
            return Ok(None);
        }
        self.bytes.read_exact(&mut piece)?;
        self.left -= N as u64;
        self.hash.update(&piece);
        Ok(Some(piece))
    }

    fn skip(&mut self, mut count: u64) -> io::Result<bool> {
        if self.left < count {
            return Ok(false);
        }
        self.left -= count;
        let mut piece = [0; 4_096];
        while count > 0 {
            let size = usize::try_from(count).map_or(piece.len(), |count| count.min(piece.len()));
            self.bytes.read_exact(&mut piece[..size])?;
            self.hash.update(&piece[..size]);
            count -= size as u64;
        }
        Ok(true)
    }
}

/// The value of up to eight bytes.
fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |value, byte| value << 8 | u64::from(*byte))
}
