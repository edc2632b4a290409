//! The graph kernel: views, subtree weights, ancestry and anticone weights.
//!
//! It answers questions about the shape of the Tree-Graph and knows no rule: which block is valid,
//! what it weighs and when it counts is decided by the caller, in Python, from these answers.
//!
//! Invariants:
//! - An index is greater than those of everything in the block's past.
//! - A block in a view is active, and a view is closed under past.
//! - Weights never change while a block is active; their sum stays below 2^120.
//! - No answer depends on which cursor serves it, or on the order of arrival.

mod anticone;
mod blocks;
mod clocks;
mod epochs;
mod error;
#[cfg(test)]
mod forget_tests;
mod kernel;
mod link_cut;
mod margins;
mod pivot;
mod queries;
mod seek;
#[cfg(test)]
mod tests;
mod view;

pub use blocks::EraPast;
pub use error::GraphError;
pub use kernel::{Graph, ViewToken};

/// Position of a block in the kernel.
pub type BlockIndex = u32;

/// The virtual block above the era genesis and above every block whose parent is gone.
pub const ORIGIN: BlockIndex = 0;

/// No block.
const NONE: BlockIndex = u32::MAX;
