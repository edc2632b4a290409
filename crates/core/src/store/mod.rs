//! The embedded key-value engine behind one small trait.
