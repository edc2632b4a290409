//! The core's tables. They come first in every store, so that their numbers are constants.

use crate::store::TableId;

/// Their names on disk, in the order of their numbers.
pub const NAMES: [&str; 12] = [
    "execution_head",
    "state",
    "state_history",
    "code",
    "epoch_changes",
    "epochs",
    "epoch_receipts",
    "transaction_index",
    "snapshot_buckets",
    "snapshot_undo",
    "snapshot_hashes",
    "bodies",
];

/// One row: the last executed epoch (`state::view::Head`). Written by every epoch.
pub const HEAD: TableId = TableId::new(0);
/// state key -> latest value.
pub const STATE: TableId = TableId::new(1);
/// length of key, state key, epoch (8 bytes) -> the value before that epoch, empty if absent.
pub const HISTORY: TableId = TableId::new(2);
/// code hash -> code. Content-addressed: an undone deployment may leave its code behind.
pub const CODE: TableId = TableId::new(3);
/// epoch (8 bytes) -> its change record (`state::change`).
pub const CHANGES: TableId = TableId::new(4);
/// epoch (8 bytes) -> what is kept of it besides transactions (`evm::record`).
pub const EPOCHS: TableId = TableId::new(5);
/// epoch (8 bytes), chunk (4 bytes) -> receipts (`evm::receipt`).
pub const RECEIPTS: TableId = TableId::new(6);
/// first 16 bytes of a transaction hash -> where it was executed (`evm::executor::Location`).
pub const INDEX: TableId = TableId::new(7);
/// bucket (2 bytes) -> its entries, window merges included (`state::commitment::snapshot`).
pub const BUCKETS: TableId = TableId::new(8);
/// window (8 bytes), bucket (2 bytes) -> the entries that merging the window replaced.
pub const BUCKET_UNDO: TableId = TableId::new(9);
/// window (8 bytes) -> hashes of the buckets that are not empty, as of that window.
pub const BUCKET_HASHES: TableId = TableId::new(10);
/// block hash, from the second row on with its number (2 bytes) -> transactions (`evm::body`).
/// Written by whoever accepts a block.
pub const BODIES: TableId = TableId::new(11);
