//! Epochs executed on revm.
