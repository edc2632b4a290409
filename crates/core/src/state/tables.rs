//! The core's own tables; every store is opened with these first, so that their numbers are fixed.

/// The names, in the order of their numbers.
pub const NAMES: [&str; 0] = [];
