//! The blocks, their edges and their ancestry in the parent tree.
//!
//! - `ORIGIN` is the parent of the era genesis and of every block whose parent lies before it; it
//!   is in nobody's past.
//! - `jump` is a skew-binary pointer: any ancestor is reached in a logarithmic number of steps.

use super::link_cut::Weights;
use super::{BlockIndex, GraphError, NONE, ORIGIN};

/// What decides between two subtrees of equal weight: the block hash, larger wins.
pub(super) type TieKey = [u8; 32];

pub(super) struct Block {
    pub(super) parent: BlockIndex,
    jump: BlockIndex,
    depth: u32,
    pub(super) height: u64,
    first_child: BlockIndex,
    next_sibling: BlockIndex,
    predecessors_end: u32,
    first_successor: u32,
    pub(super) key: TieKey,
    pub(super) weight: i128,
    /// Weight and number of the blocks of the same era in the past.
    pub(super) era_past: EraPast,
    /// The era genesis that the block descends from.
    pub(super) era: BlockIndex,
    pub(super) clock: u32,
    pub(super) is_active: bool,
}

/// Blocks of one era in the past of something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EraPast {
    /// Sum of their weights.
    pub weight: i128,
    /// Their number.
    pub count: u32,
}

struct Successor {
    block: BlockIndex,
    next: u32,
}

/// The arena of blocks.
pub(super) struct Blocks {
    blocks: Vec<Block>,
    predecessors: Vec<BlockIndex>,
    successors: Vec<Successor>,
    era_epoch_count: u64,
}

impl Weights for Blocks {
    fn weight(&self, block: BlockIndex) -> i128 {
        self.get(block).weight
    }
}

impl Blocks {
    /// An arena that holds only `ORIGIN`.
    pub(super) fn new(era_epoch_count: u64) -> Self {
        let origin = Block {
            parent: ORIGIN,
            jump: ORIGIN,
            depth: 0,
            height: 0,
            first_child: NONE,
            next_sibling: NONE,
            predecessors_end: 0,
            first_successor: NONE,
            key: [0; 32],
            weight: 0,
            era_past: EraPast::default(),
            era: ORIGIN,
            clock: 0,
            is_active: true,
        };
        Self {
            blocks: vec![origin],
            predecessors: Vec::new(),
            successors: Vec::new(),
            era_epoch_count,
        }
    }

    pub(super) fn get(&self, block: BlockIndex) -> &Block {
        &self.blocks[block as usize]
    }

    pub(super) fn get_mut(&mut self, block: BlockIndex) -> &mut Block {
        &mut self.blocks[block as usize]
    }

    /// Number of indices given out, `ORIGIN` among them.
    pub(super) fn len(&self) -> usize {
        self.blocks.len()
    }

    /// Bytes that blocks and edges occupy.
    pub(super) fn size_bytes(&self) -> usize {
        self.blocks.capacity() * size_of::<Block>()
            + self.predecessors.capacity() * size_of::<BlockIndex>()
            + self.successors.capacity() * size_of::<Successor>()
    }

    /// Checks that `block` was given out and is not `ORIGIN`.
    pub(super) fn check(&self, block: BlockIndex) -> Result<(), GraphError> {
        if block != ORIGIN && (block as usize) < self.blocks.len() {
            return Ok(());
        }
        Err(GraphError::UnknownBlock {
            index: block,
            count: self.blocks.len() - 1,
        })
    }

    /// Adds a block under `parent` that refers to `referees`, all of them present.
    pub(super) fn add(
        &mut self,
        parent: BlockIndex,
        referees: &[BlockIndex],
        height: u64,
        key: TieKey,
    ) -> Result<BlockIndex, GraphError> {
        let index = BlockIndex::try_from(self.blocks.len())
            .ok()
            .filter(|index| *index != NONE);
        let index = index.ok_or(GraphError::Full)?;
        for predecessor in referees.iter().chain(&[parent]) {
            if *predecessor != ORIGIN {
                self.check(*predecessor)?;
            }
        }
        let first = (parent != ORIGIN).then_some(parent);
        for predecessor in first.into_iter().chain(referees.iter().copied()) {
            self.predecessors.push(predecessor);
            let next = self.get(predecessor).first_successor;
            self.successors.push(Successor { block: index, next });
            let edge = u32::try_from(self.successors.len() - 1).map_err(|_| GraphError::Full)?;
            self.get_mut(predecessor).first_successor = edge;
        }
        let era = self.era_below(parent);
        self.blocks.push(Block {
            parent,
            jump: self.jump_below(parent),
            depth: self.get(parent).depth + 1,
            height,
            first_child: NONE,
            next_sibling: self.get(parent).first_child,
            predecessors_end: u32::try_from(self.predecessors.len())
                .map_err(|_| GraphError::Full)?,
            first_successor: NONE,
            key,
            weight: 0,
            era_past: EraPast::default(),
            era,
            clock: 0,
            is_active: false,
        });
        self.get_mut(parent).first_child = index;
        Ok(index)
    }

    /// Forgets the last block, to which nothing refers and which refers to its parent alone.
    pub(super) fn pop(&mut self) {
        let (Some(block), Some(edge)) = (self.blocks.pop(), self.successors.pop()) else {
            return;
        };
        self.predecessors.pop();
        let parent = self.get_mut(block.parent);
        parent.first_successor = edge.next;
        parent.first_child = block.next_sibling;
    }

    /// Era of a child of `parent`: a block that opens an era belongs itself to the one before.
    fn era_below(&self, parent: BlockIndex) -> BlockIndex {
        if parent == ORIGIN {
            return ORIGIN;
        }
        let Block { height, era, .. } = *self.get(parent);
        if height % self.era_epoch_count == 0 {
            parent
        } else {
            era
        }
    }

    fn jump_below(&self, parent: BlockIndex) -> BlockIndex {
        let once = self.get(parent).jump;
        let twice = self.get(once).jump;
        let [start, middle, end] = [parent, once, twice].map(|block| self.get(block).depth);
        if start - middle == middle - end {
            twice
        } else {
            parent
        }
    }

    /// Parent and referees, the parent first; without a parent that is gone.
    pub(super) fn predecessors(&self, block: BlockIndex) -> &[BlockIndex] {
        let start = match block {
            ORIGIN => 0,
            _ => self.get(block - 1).predecessors_end,
        };
        &self.predecessors[start as usize..self.get(block).predecessors_end as usize]
    }

    /// Blocks that have `block` as parent or referee, the latest first.
    pub(super) fn successors(&self, block: BlockIndex) -> impl Iterator<Item = BlockIndex> {
        let mut edge = self.get(block).first_successor;
        std::iter::from_fn(move || {
            let successor = self.successors.get(edge as usize)?;
            edge = successor.next;
            Some(successor.block)
        })
    }

    /// Blocks whose parent is `block`, the latest first, active or not.
    pub(super) fn children(&self, block: BlockIndex) -> impl Iterator<Item = BlockIndex> {
        let mut child = self.get(block).first_child;
        std::iter::from_fn(move || {
            let present = (child != NONE).then_some(child)?;
            child = self.get(present).next_sibling;
            Some(present)
        })
    }

    /// Ancestor of `block`, or itself, at `depth`, which is not greater than its own.
    fn at_depth(&self, block: BlockIndex, depth: u32) -> BlockIndex {
        let mut block = block;
        while self.get(block).depth > depth {
            let Block { jump, parent, .. } = *self.get(block);
            block = if self.get(jump).depth >= depth {
                jump
            } else {
                parent
            };
        }
        block
    }

    /// Ancestor of `block`, or itself, at `height`; `None` when there is none.
    pub(super) fn ancestor_at(&self, block: BlockIndex, height: u64) -> Option<BlockIndex> {
        let Block {
            height: own, depth, ..
        } = *self.get(block);
        let up = u32::try_from(own.checked_sub(height)?).ok()?;
        let ancestor = self.at_depth(block, depth.checked_sub(up)?);
        (ancestor != ORIGIN).then_some(ancestor)
    }

    /// Tells whether `ancestor` is `block` or above it in the parent tree.
    pub(super) fn is_ancestor(&self, ancestor: BlockIndex, block: BlockIndex) -> bool {
        let depth = self.get(ancestor).depth;
        depth <= self.get(block).depth && self.at_depth(block, depth) == ancestor
    }

    /// Deepest common ancestor in the parent tree, or `ORIGIN`.
    pub(super) fn common_ancestor(&self, a: BlockIndex, b: BlockIndex) -> BlockIndex {
        let depth = self.get(a).depth.min(self.get(b).depth);
        let (mut a, mut b) = (self.at_depth(a, depth), self.at_depth(b, depth));
        while a != b {
            let (x, y) = (self.get(a), self.get(b));
            // Equal depths have pointers of equal length, so both move to equal depths again.
            (a, b) = if x.jump == y.jump {
                (x.parent, y.parent)
            } else {
                (x.jump, y.jump)
            };
        }
        a
    }

    /// Tree steps from `a` to `b`; `None` when one of them is no block.
    pub(super) fn distance(&self, a: BlockIndex, b: BlockIndex) -> Option<u32> {
        if a == NONE || b == NONE {
            return None;
        }
        let above = self.get(self.common_ancestor(a, b)).depth;
        Some((self.get(a).depth - above) + (self.get(b).depth - above))
    }

    /// Deepest ancestor of `block`, or itself, for which `holds` is true; it must be true for
    /// `ORIGIN`, and for the parent of every block for which it is.
    pub(super) fn deepest_ancestor(
        &self,
        block: BlockIndex,
        holds: impl Fn(BlockIndex) -> bool,
    ) -> BlockIndex {
        let mut block = block;
        while block != ORIGIN && !holds(block) {
            let Block { jump, parent, .. } = *self.get(block);
            // A jump to where it holds may have passed deeper ones.
            block = if jump == ORIGIN || holds(jump) {
                parent
            } else {
                jump
            };
        }
        block
    }

    /// Tells whether `block` is in the past of `of`.
    ///
    /// Searches backwards through what is younger than `block`: for rare questions only.
    pub(super) fn is_in_past(&self, block: BlockIndex, of: BlockIndex) -> bool {
        if block == of {
            return false;
        }
        if self.is_ancestor(block, of) {
            return true;
        }
        let mut seen = std::collections::HashSet::new();
        let mut stack = vec![of];
        while let Some(x) = stack.pop() {
            for &predecessor in self.predecessors(x) {
                if predecessor == block {
                    return true;
                }
                if predecessor > block && seen.insert(predecessor) {
                    stack.push(predecessor);
                }
            }
        }
        false
    }

    /// Tells whether the child `a` is heavier than its sibling `b`, by weight and then by hash.
    pub(super) fn is_heavier(&self, a: (i128, BlockIndex), b: (i128, BlockIndex)) -> bool {
        (a.0, &self.get(a.1).key) > (b.0, &self.get(b.1).key)
    }
}
