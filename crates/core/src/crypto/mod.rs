//! Hashing, signatures and work, in batches.
