//! The "simple MPT": the root over a list that a header carries for transactions and receipts.
//!
//! A trie of 16 branches over the big-endian index, all keys of one length. A node is
//! `keccak('n' ‖ 16 children ‖ ['v' value])` with `keccak("")` for a missing child; a compressed
//! path of n nibbles wraps it in `keccak((128 + 64·odd + n mod 63) ‖ path ‖ node)`. When all keys
//! share their first nibble, the root is the child under it.

use std::sync::LazyLock;

use alloy_primitives::{B256, b256};
use keccak_asm::{Digest, Keccak256};

use super::keccak256;

/// Root of an empty list, and the hash of a missing child: keccak("").
pub const EMPTY: B256 = b256!("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");

const BRANCHES: usize = 16;
/// 'n' and the children.
const NODE_BYTES: usize = 1 + BRANCHES * 32;
/// What every leaf begins with, absorbed: three of its five blocks are the same in all leaves.
static LEAF_START: LazyLock<Keccak256> = LazyLock::new(|| {
    let mut hasher = Keccak256::new();
    hasher.update(node_bytes(&[EMPTY; BRANCHES]));
    hasher
});

/// Root over `values`, where the key of a value is its index.
pub fn merkle_root<V: AsRef<[u8]>>(values: &[V]) -> B256 {
    let Some(last) = values.len().checked_sub(1) else {
        return EMPTY;
    };
    let trie = Trie {
        values,
        nibbles: 2 * key_bytes(last),
    };
    let children = trie.children(0, values.len(), 0);
    if children[1..].iter().all(|child| *child == EMPTY) {
        return children[0];
    }
    keccak256(node_bytes(&children))
}

/// Bytes of the shortest key that fits the largest index; one at least.
fn key_bytes(last: usize) -> usize {
    let bits = usize::BITS - last.leading_zeros();
    (bits as usize).div_ceil(8).max(1)
}

struct Trie<'a, V> {
    values: &'a [V],
    nibbles: usize,
}

impl<V: AsRef<[u8]>> Trie<'_, V> {
    fn nibble(&self, index: usize, depth: usize) -> u8 {
        ((index >> (4 * (self.nibbles - 1 - depth))) & 0xf) as u8
    }

    /// Hashes of the 16 children at `depth` of the node that holds the indexes `from..to`.
    fn children(&self, from: usize, to: usize, depth: usize) -> [B256; BRANCHES] {
        let mut children = [EMPTY; BRANCHES];
        let span = 1_usize << (4 * (self.nibbles - 1 - depth));
        let mut start = from;
        while start < to {
            let end = to.min((start / span + 1) * span);
            children[usize::from(self.nibble(start, depth))] = self.subtree(start, end, depth + 1);
            start = end;
        }
        children
    }

    /// Hash of the indexes `from..to`, which share their first `depth` nibbles.
    fn subtree(&self, from: usize, to: usize, depth: usize) -> B256 {
        // Keys are consecutive numbers: what the first and the last share, all share.
        let mut branch = depth;
        while branch < self.nibbles && self.nibble(from, branch) == self.nibble(to - 1, branch) {
            branch += 1;
        }
        let node = if branch == self.nibbles {
            leaf_hash(self.values[from].as_ref())
        } else {
            keccak256(node_bytes(&self.children(from, to, branch)))
        };
        let path: Vec<u8> = (depth..branch)
            .map(|step| self.nibble(from, step))
            .collect();
        path_hash(&path, depth, node)
    }
}

fn node_bytes(children: &[B256; BRANCHES]) -> [u8; NODE_BYTES] {
    let mut bytes = [b'n'; NODE_BYTES];
    for (place, child) in bytes[1..].chunks_exact_mut(32).zip(children) {
        place.copy_from_slice(child.as_slice());
    }
    bytes
}

fn leaf_hash(value: &[u8]) -> B256 {
    let mut hasher = LEAF_START.clone();
    hasher.update(b"v");
    hasher.update(value);
    B256::from(<[u8; 32]>::from(hasher.finalize()))
}

/// Wraps `node` in the nibbles of its compressed path, which starts at `depth`.
fn path_hash(path: &[u8], depth: usize, node: B256) -> B256 {
    if path.is_empty() {
        return node;
    }
    let odd = depth % 2;
    let mut buffer = vec![128 + 64 * odd as u8 + (path.len() % 63) as u8];
    // Half a byte that does not belong to the path is zero.
    buffer.resize(1 + (odd + path.len()).div_ceil(2), 0);
    for (step, nibble) in path.iter().enumerate() {
        let position = odd + step;
        buffer[1 + position / 2] |= if position.is_multiple_of(2) {
            nibble << 4
        } else {
            *nibble
        };
    }
    buffer.extend_from_slice(node.as_slice());
    keccak256(&buffer)
}
