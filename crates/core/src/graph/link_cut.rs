//! A link-cut tree that keeps subtree weights and the margin of every child over its siblings.
//!
//! For a block `a` with parent `g` the margin is `f(a) = 2 S(a) - S(g) + W(g)`, where `S` is the
//! weight of a subtree and `W` of one block. It is the lead of `a` over all its siblings together:
//! if it is positive, `a` is the heaviest child.
//!
//! - A solid path is a splay tree ordered by depth; `add` is owed to both `s` and `f` below it.
//! - `f` is right for every block that does not head its solid path. Weight that arrives below a
//!   sibling changes the margin only of heads, so a head's is computed when its path is joined.

use super::{BlockIndex, NONE};

#[derive(Clone)]
struct Node {
    s: i128,
    f: i128,
    min: i128,
    add: i128,
    up: BlockIndex,
    left: BlockIndex,
    right: BlockIndex,
}

const ABSENT: Node = Node {
    s: 0,
    f: 0,
    min: 0,
    add: 0,
    up: NONE,
    left: NONE,
    right: NONE,
};

/// Weight of one block, by index.
pub(super) trait Weights {
    fn weight(&self, block: BlockIndex) -> i128;
}

/// Trees of blocks under their parents, with subtree weights.
#[derive(Default)]
pub(super) struct LinkCut {
    nodes: Vec<Node>,
}

impl LinkCut {
    /// Makes room for blocks below `count`.
    pub(super) fn grow(&mut self, count: usize) {
        if self.nodes.len() < count {
            self.nodes.resize(count, ABSENT);
        }
    }

    /// Bytes that the nodes occupy.
    pub(super) fn size_bytes(&self) -> usize {
        self.nodes.capacity() * size_of::<Node>()
    }

    fn at(&mut self, x: BlockIndex) -> &mut Node {
        &mut self.nodes[x as usize]
    }

    fn node(&self, x: BlockIndex) -> &Node {
        &self.nodes[x as usize]
    }

    fn is_root(&self, x: BlockIndex) -> bool {
        let up = self.node(x).up;
        up == NONE || (self.node(up).left != x && self.node(up).right != x)
    }

    fn push(&mut self, x: BlockIndex) {
        let Node {
            add, left, right, ..
        } = *self.node(x);
        if add == 0 {
            return;
        }
        for child in [left, right] {
            if child != NONE {
                self.owe(child, add);
            }
        }
        self.at(x).add = 0;
    }

    fn owe(&mut self, x: BlockIndex, weight: i128) {
        let node = self.at(x);
        node.s += weight;
        node.f += weight;
        node.min += weight;
        node.add += weight;
    }

    fn pull(&mut self, x: BlockIndex) {
        let Node { left, right, f, .. } = *self.node(x);
        let mut min = f;
        for child in [left, right] {
            if child != NONE {
                min = min.min(self.node(child).min);
            }
        }
        self.at(x).min = min;
    }

    /// Lifts `x` over its parent in the splay tree; both have been pushed.
    fn rotate(&mut self, x: BlockIndex) {
        let p = self.node(x).up;
        let g = self.node(p).up;
        if !self.is_root(p) {
            if self.node(g).left == p {
                self.at(g).left = x;
            } else {
                self.at(g).right = x;
            }
        }
        let moved;
        if self.node(p).left == x {
            moved = self.node(x).right;
            self.at(p).left = moved;
            self.at(x).right = p;
        } else {
            moved = self.node(x).left;
            self.at(p).right = moved;
            self.at(x).left = p;
        }
        if moved != NONE {
            self.at(moved).up = p;
        }
        self.at(p).up = x;
        self.at(x).up = g;
        self.pull(p);
    }

    /// Brings `x` to the root of its splay tree, with nothing owed above or at it.
    fn splay(&mut self, x: BlockIndex) {
        while !self.is_root(x) {
            let p = self.node(x).up;
            if self.is_root(p) {
                self.push(p);
                self.push(x);
                self.rotate(x);
                break;
            }
            let g = self.node(p).up;
            self.push(g);
            self.push(p);
            self.push(x);
            let straight = (self.node(g).left == p) == (self.node(p).left == x);
            self.rotate(if straight { p } else { x });
            self.rotate(x);
        }
        self.push(x);
        self.pull(x);
    }

    /// Brings the shallowest block of the path of `x` to the root of its splay tree.
    fn splay_head(&mut self, x: BlockIndex) -> BlockIndex {
        let mut head = x;
        self.push(head);
        while self.node(head).left != NONE {
            head = self.node(head).left;
            self.push(head);
        }
        self.splay(head);
        head
    }

    /// Makes the path from the tree's root down to `x` solid, with `x` at the splay root.
    fn access(&mut self, x: BlockIndex, weights: &impl Weights) {
        let mut lower = NONE;
        let mut v = x;
        while v != NONE {
            self.splay(v);
            if lower != NONE {
                lower = self.splay_head(lower);
                let margin = 2 * self.node(lower).s - self.node(v).s + weights.weight(v);
                self.at(lower).f = margin;
                self.pull(lower);
            }
            self.at(v).right = lower;
            self.pull(v);
            lower = v;
            v = self.node(v).up;
        }
        self.splay(x);
    }

    /// Adds `weight` to every subtree that holds `x`.
    pub(super) fn path_add(&mut self, x: BlockIndex, weight: i128, weights: &impl Weights) {
        self.access(x, weights);
        self.owe(x, weight);
    }

    /// Adds the leaf `x` under `parent` (`NONE`: as a root of its own).
    pub(super) fn link(&mut self, x: BlockIndex, parent: BlockIndex, weights: &impl Weights) {
        *self.at(x) = Node {
            up: parent,
            ..ABSENT
        };
        let weight = weights.weight(x);
        if weight != 0 {
            self.path_add(x, weight, weights);
        }
    }

    /// Removes the leaf `x` and its weight.
    pub(super) fn cut(&mut self, x: BlockIndex, weights: &impl Weights) {
        self.path_add(x, -weights.weight(x), weights);
        self.push(x);
        let above = self.node(x).left;
        if above != NONE {
            self.at(above).up = NONE;
        }
        *self.at(x) = ABSENT;
    }

    /// Weight of the subtree of `x`.
    pub(super) fn subtree_weight(&mut self, x: BlockIndex) -> i128 {
        self.splay(x);
        self.node(x).s
    }

    /// Least margin on the path from below `top` to `bottom`; `None` when the two are the same.
    ///
    /// `top` is an ancestor of `bottom`, or `bottom` itself.
    pub(super) fn min_margin(
        &mut self,
        top: BlockIndex,
        bottom: BlockIndex,
        weights: &impl Weights,
    ) -> Option<i128> {
        let below = self.path_below(top, bottom, weights);
        (below != NONE).then(|| self.node(below).min)
    }

    /// Blocks on the path from below `top` to `bottom` that may not outweigh their siblings
    /// together: margin at most 0, with the weight of their subtrees.
    pub(super) fn suspects(
        &mut self,
        top: BlockIndex,
        bottom: BlockIndex,
        weights: &impl Weights,
    ) -> Vec<(BlockIndex, i128)> {
        let mut found = Vec::new();
        let below = self.path_below(top, bottom, weights);
        let mut stack = vec![below];
        while let Some(x) = stack.pop() {
            if x == NONE || self.node(x).min > 0 {
                continue;
            }
            self.push(x);
            let Node {
                s, f, left, right, ..
            } = *self.node(x);
            if f <= 0 {
                found.push((x, s));
            }
            stack.extend([left, right]);
        }
        found
    }

    /// Splay root of the path from below `top` to `bottom`.
    fn path_below(
        &mut self,
        top: BlockIndex,
        bottom: BlockIndex,
        weights: &impl Weights,
    ) -> BlockIndex {
        self.access(bottom, weights);
        self.splay(top);
        self.node(top).right
    }
}
