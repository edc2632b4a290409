//! A binary trie over 256-bit paths, in two arenas.
//!
//! A branch stands only where paths part, and records at which bit (a crit-bit trie), so that a
//! trie of n leaves has n - 1 branches, whatever the order of insertion.
//!
//! * leaf hash: `keccak(0x00 ‖ path ‖ value hash)`
//! * branch hash: `keccak(0x01 ‖ bit (2 bytes) ‖ left ‖ right)`
//! * the root of an empty trie is zero
//!
//! The bit is hashed, so that a branch proves where it stands: following the bits of a path that is
//! absent leads to one certain leaf, which differs, and that is the proof of absence.

use alloy_primitives::B256;

use crate::crypto::keccak256;

/// A reference to a leaf or a branch: the lowest bit tells which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Node(u32);

impl Node {
    const fn leaf(place: u32) -> Self {
        Self(place << 1)
    }
    const fn branch(place: u32) -> Self {
        Self(place << 1 | 1)
    }
    const fn is_branch(self) -> bool {
        self.0 & 1 == 1
    }
    const fn place(self) -> usize {
        (self.0 >> 1) as usize
    }
}

#[derive(Clone, Copy, Debug)]
struct Leaf {
    path: B256,
    value: B256,
}

#[derive(Clone, Copy, Debug)]
struct Branch {
    hash: B256,
    children: [Node; 2],
    bit: u16,
    /// The hash is older than something below.
    is_stale: bool,
}

/// One step of a proof from the leaf up: the branch's bit and the hash on the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The bit of the path that the branch tests.
    pub bit: u16,
    /// The child that is not on the way.
    pub sibling: B256,
}

/// The leaf that a path leads to and the branches above it, from the leaf up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// The leaf's path: another one than asked for if that is absent.
    pub path: B256,
    /// The leaf's value hash.
    pub value: B256,
    /// From the leaf up to the root.
    pub steps: Vec<Step>,
}

/// The trie.
#[derive(Clone, Debug, Default)]
pub struct Trie {
    root: Option<Node>,
    leaves: Vec<Leaf>,
    branches: Vec<Branch>,
    free_leaves: Vec<u32>,
    free_branches: Vec<u32>,
}

/// Bit `bit` of `path`, the most significant first.
const fn bit_of(path: &B256, bit: u16) -> usize {
    (path.0[(bit / 8) as usize] >> (7 - bit % 8) & 1) as usize
}

/// The first bit in which the paths differ.
fn first_difference(a: &B256, b: &B256) -> Option<u16> {
    let byte = a.iter().zip(b.iter()).position(|(x, y)| x != y)?;
    Some(byte as u16 * 8 + (a[byte] ^ b[byte]).leading_zeros() as u16)
}

fn leaf_hash(leaf: &Leaf) -> B256 {
    let mut bytes = [0; 65];
    bytes[1..33].copy_from_slice(leaf.path.as_slice());
    bytes[33..].copy_from_slice(leaf.value.as_slice());
    keccak256(bytes)
}

fn branch_hash(bit: u16, left: &B256, right: &B256) -> B256 {
    let mut bytes = [1; 67];
    bytes[1..3].copy_from_slice(&bit.to_be_bytes());
    bytes[3..35].copy_from_slice(left.as_slice());
    bytes[35..].copy_from_slice(right.as_slice());
    keccak256(bytes)
}

impl Trie {
    /// How many leaves there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.leaves.len() - self.free_leaves.len()
    }

    /// Whether there is no leaf.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// The value hash at `path`.
    #[must_use]
    pub fn get(&self, path: &B256) -> Option<B256> {
        let leaf = &self.leaves[self.descend(path)?.place()];
        (leaf.path == *path).then_some(leaf.value)
    }

    /// Sets the leaf at `path`; returns the value hash it had.
    pub fn insert(&mut self, path: B256, value: B256) -> Option<B256> {
        let Some(nearest) = self.descend(&path) else {
            self.root = Some(self.new_leaf(path, value));
            return None;
        };
        let found = self.leaves[nearest.place()];
        let Some(bit) = first_difference(&path, &found.path) else {
            self.mark_stale(&path, u16::MAX);
            return Some(std::mem::replace(
                &mut self.leaves[nearest.place()].value,
                value,
            ));
        };
        let (above, below) = self.mark_stale(&path, bit);
        let leaf = self.new_leaf(path, value);
        let children = if bit_of(&path, bit) == 0 {
            [leaf, below]
        } else {
            [below, leaf]
        };
        let branch = self.new_branch(Branch {
            hash: B256::ZERO,
            children,
            bit,
            is_stale: true,
        });
        self.relink(above, &path, branch);
        None
    }

    /// Removes the leaf at `path`, if there is one; returns its value hash.
    pub fn remove(&mut self, path: B256) -> Option<B256> {
        let leaf = self.descend(&path)?;
        let value = self.get(&path)?;
        let (mut above, mut parent) = (None, None);
        let mut node = self.root?;
        while node.is_branch() {
            above = parent;
            parent = Some(node);
            let branch = &mut self.branches[node.place()];
            branch.is_stale = true;
            node = branch.children[bit_of(&path, branch.bit)];
        }
        self.free_leaves.push(leaf.place() as u32);
        match parent {
            None => self.root = None,
            Some(parent) => {
                let branch = self.branches[parent.place()];
                let sibling = branch.children[1 - bit_of(&path, branch.bit)];
                self.free_branches.push(parent.place() as u32);
                self.relink(above, &path, sibling);
            }
        }
        Some(value)
    }

    /// The root, after hashing what has changed.
    pub fn root(&mut self) -> B256 {
        self.root.map_or(B256::ZERO, |node| self.rehash(node))
    }

    /// Where `path` leads: its own leaf, or the one that proves its absence. `None` if empty.
    ///
    /// The root must have been taken since the last change.
    #[must_use]
    pub fn walk(&self, path: &B256) -> Option<Walk> {
        let mut node = self.root?;
        let mut steps = Vec::new();
        while node.is_branch() {
            let branch = &self.branches[node.place()];
            debug_assert!(!branch.is_stale, "the root is taken before proofs are");
            let side = bit_of(path, branch.bit);
            let sibling = self.hash_of(branch.children[1 - side]);
            steps.push(Step {
                bit: branch.bit,
                sibling,
            });
            node = branch.children[side];
        }
        steps.reverse();
        let leaf = self.leaves[node.place()];
        Some(Walk {
            path: leaf.path,
            value: leaf.value,
            steps,
        })
    }

    /// All leaves in path order.
    #[must_use]
    pub fn sorted(&self) -> Vec<(B256, B256)> {
        let mut sorted = Vec::with_capacity(self.len());
        let mut stack: Vec<Node> = self.root.into_iter().collect();
        while let Some(node) = stack.pop() {
            if node.is_branch() {
                let [left, right] = self.branches[node.place()].children;
                stack.push(right);
                stack.push(left);
            } else {
                let leaf = &self.leaves[node.place()];
                sorted.push((leaf.path, leaf.value));
            }
        }
        sorted
    }

    /// The leaf that the bits of `path` lead to.
    fn descend(&self, path: &B256) -> Option<Node> {
        let mut node = self.root?;
        while node.is_branch() {
            let branch = &self.branches[node.place()];
            node = branch.children[bit_of(path, branch.bit)];
        }
        Some(node)
    }

    /// Marks the branches on the way of `path` that test a bit before `end`; returns the last of
    /// them and the node that follows it.
    fn mark_stale(&mut self, path: &B256, end: u16) -> (Option<Node>, Node) {
        let mut above = None;
        let mut node = self.root.expect("the trie is not empty: a leaf was found");
        while node.is_branch() {
            let branch = &mut self.branches[node.place()];
            if branch.bit > end {
                break;
            }
            branch.is_stale = true;
            above = Some(node);
            node = branch.children[bit_of(path, branch.bit)];
        }
        (above, node)
    }

    fn relink(&mut self, above: Option<Node>, path: &B256, node: Node) {
        match above {
            None => self.root = Some(node),
            Some(above) => {
                let branch = &mut self.branches[above.place()];
                branch.children[bit_of(path, branch.bit)] = node;
            }
        }
    }

    fn new_leaf(&mut self, path: B256, value: B256) -> Node {
        let leaf = Leaf { path, value };
        if let Some(place) = self.free_leaves.pop() {
            self.leaves[place as usize] = leaf;
            return Node::leaf(place);
        }
        self.leaves.push(leaf);
        Node::leaf(self.leaves.len() as u32 - 1)
    }

    fn new_branch(&mut self, branch: Branch) -> Node {
        if let Some(place) = self.free_branches.pop() {
            self.branches[place as usize] = branch;
            return Node::branch(place);
        }
        self.branches.push(branch);
        Node::branch(self.branches.len() as u32 - 1)
    }

    fn hash_of(&self, node: Node) -> B256 {
        if node.is_branch() {
            self.branches[node.place()].hash
        } else {
            leaf_hash(&self.leaves[node.place()])
        }
    }

    /// The depth of the recursion is at most 256: each branch below tests a later bit.
    fn rehash(&mut self, node: Node) -> B256 {
        if !node.is_branch() {
            return leaf_hash(&self.leaves[node.place()]);
        }
        let branch = self.branches[node.place()];
        if !branch.is_stale {
            return branch.hash;
        }
        let left = self.rehash(branch.children[0]);
        let right = self.rehash(branch.children[1]);
        let hash = branch_hash(branch.bit, &left, &right);
        let branch = &mut self.branches[node.place()];
        branch.hash = hash;
        branch.is_stale = false;
        hash
    }
}

/// The root that a walk leads to.
#[must_use]
pub fn root_of(walk: &Walk) -> B256 {
    let leaf = leaf_hash(&Leaf {
        path: walk.path,
        value: walk.value,
    });
    walk.steps.iter().fold(leaf, |hash, step| {
        if bit_of(&walk.path, step.bit) == 0 {
            branch_hash(step.bit, &hash, &step.sibling)
        } else {
            branch_hash(step.bit, &step.sibling, &hash)
        }
    })
}

#[cfg(test)]
mod tests;
