//! Who is heaviest in a view: the questions of the parent and adaptive rules.

use super::BlockIndex;
use super::blocks::Blocks;
use super::view::View;

/// Tells whether from `top` down to `bottom` every step takes the heaviest child in the view, and
/// `bottom` has no child in it.
///
/// A block with a positive margin outweighs all its siblings together. Every other one halves what
/// is left of the weight above it, so few are compared sibling by sibling.
pub(super) fn is_heaviest_path(
    view: &mut View,
    top: BlockIndex,
    bottom: BlockIndex,
    blocks: &Blocks,
) -> bool {
    if view.child_count(bottom) != 0 || !blocks.is_ancestor(top, bottom) {
        return false;
    }
    let suspects = view.tree.suspects(top, bottom, blocks);
    suspects.into_iter().all(|(suspect, weight)| {
        blocks.children(blocks.get(suspect).parent).all(|sibling| {
            sibling == suspect || !view.holds(sibling) || {
                let other = view.tree.subtree_weight(sibling);
                blocks.is_heavier((weight, suspect), (other, sibling))
            }
        })
    })
}

/// Follows the heaviest child in the view from `top` to the end.
pub(super) fn heaviest_tip(view: &mut View, top: BlockIndex, blocks: &Blocks) -> BlockIndex {
    let mut tip = top;
    loop {
        let mut best = None;
        for child in blocks.children(tip) {
            if view.holds(child) {
                let candidate = (view.tree.subtree_weight(child), child);
                best = match best {
                    Some(holder) if !blocks.is_heavier(candidate, holder) => Some(holder),
                    _ => Some(candidate),
                };
            }
        }
        match best {
            Some((_, child)) => tip = child,
            None => return tip,
        }
    }
}
