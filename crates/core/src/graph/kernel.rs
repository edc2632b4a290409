//! The kernel's calls that change it, and those about a view.

use super::blocks::{Blocks, EraPast, TieKey};
use super::clocks::Clocks;
use super::epochs::Epochs;
use super::margins;
use super::pivot::Pivot;
use super::seek::Cursors;
pub use super::seek::ViewToken;
use super::view::View;
use super::{BlockIndex, GraphError, NONE, ORIGIN};

/// Sums of weights stay below this, so that no margin can overflow: |f| <= 2 S + S + W.
const TOTAL_WEIGHT_MAX: i128 = 1 << 120;

/// The Tree-Graph, from an era genesis on.
pub struct Graph {
    pub(super) blocks: Blocks,
    pub(super) clocks: Clocks,
    pub(super) cursors: Cursors,
    pub(super) pivot: Pivot,
    pub(super) epochs: Epochs,
    total_weight: i128,
}

impl Graph {
    /// A graph without blocks; the first one added and activated is the era genesis.
    #[must_use]
    pub fn new(era_epoch_count: u64) -> Self {
        Self {
            blocks: Blocks::new(era_epoch_count.max(1)),
            clocks: Clocks::default(),
            cursors: Cursors::default(),
            pivot: Pivot::new(),
            epochs: Epochs::default(),
            total_weight: 0,
        }
    }

    /// Number of blocks.
    #[must_use]
    pub fn len(&self) -> usize {
        self.blocks.len() - 1
    }

    /// Whether there are no blocks.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that the graph occupies.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.blocks.size_bytes()
            + self.clocks.size_bytes()
            + self.cursors.size_bytes()
            + self.pivot.tree.size_bytes()
            + self.epochs.size_bytes()
    }

    /// Adds a block under `parent` (`ORIGIN` when that is gone) and returns its index.
    ///
    /// # Errors
    /// `UnknownBlock` for a parent or referee that was never added, `Full`.
    pub fn add(
        &mut self,
        parent: BlockIndex,
        referees: &[BlockIndex],
        height: u64,
        key: TieKey,
    ) -> Result<BlockIndex, GraphError> {
        self.blocks.add(parent, referees, height, key)
    }

    /// Drops from a list of referees every one that is a tree ancestor of another; the descendant
    /// takes the place of the first.
    ///
    /// # Errors
    /// `UnknownBlock`.
    pub fn distinct_referees(
        &self,
        referees: &[BlockIndex],
    ) -> Result<Vec<BlockIndex>, GraphError> {
        let mut kept: Vec<BlockIndex> = Vec::with_capacity(referees.len());
        for &referee in referees {
            self.blocks.check(referee)?;
            if kept
                .iter()
                .any(|other| self.blocks.is_ancestor(referee, *other))
            {
                continue;
            }
            let place = kept
                .iter()
                .position(|other| self.blocks.is_ancestor(*other, referee));
            kept.retain(|other| !self.blocks.is_ancestor(*other, referee));
            kept.insert(place.unwrap_or(kept.len()), referee);
        }
        Ok(kept)
    }

    /// Moves a cursor to the past of `block`, all of which must be active, and notes what the block
    /// sees: the timers in its past, and the blocks of its era.
    ///
    /// # Errors
    /// `UnknownBlock`, `InactivePast`.
    pub fn seek(&mut self, block: BlockIndex) -> Result<ViewToken, GraphError> {
        self.blocks.check(block)?;
        let entries = self.blocks.predecessors(block).to_vec();
        self.check_active(block, &entries)?;
        let token = self.cursors.seek(block, &entries, &self.blocks);
        let view = self.cursors.view(token).ok_or(GraphError::StaleView)?;
        let era_past = view.era_past(self.blocks.get(block).era);
        self.note(block, &entries, era_past);
        Ok(token)
    }

    /// Notes for a block that was judged before a restart what `seek` would have found.
    ///
    /// # Errors
    /// `UnknownBlock`, `InactivePast`.
    pub fn restore(&mut self, block: BlockIndex, era_past: EraPast) -> Result<(), GraphError> {
        self.blocks.check(block)?;
        let entries = self.blocks.predecessors(block).to_vec();
        self.check_active(block, &entries)?;
        self.note(block, &entries, era_past);
        Ok(())
    }

    fn note(&mut self, block: BlockIndex, entries: &[BlockIndex], era_past: EraPast) {
        let mut clock = 0;
        for &entry in entries {
            let handed_on = self.clocks.handed_on(entry, self.blocks.get(entry).clock);
            clock = self.clocks.join(clock, handed_on);
        }
        let noted = self.blocks.get_mut(block);
        noted.clock = clock;
        noted.era_past = era_past;
    }

    pub(super) fn check_active(
        &self,
        index: BlockIndex,
        past: &[BlockIndex],
    ) -> Result<(), GraphError> {
        match past
            .iter()
            .find(|entry| !self.blocks.get(**entry).is_active)
        {
            Some(&missing) => Err(GraphError::InactivePast { index, missing }),
            None => Ok(()),
        }
    }

    /// Moves a cursor to the past that a block with these references would have.
    ///
    /// # Errors
    /// `UnknownBlock`, `InactivePast`.
    pub fn seek_past_of(&mut self, entries: &[BlockIndex]) -> Result<ViewToken, GraphError> {
        for entry in entries {
            self.blocks.check(*entry)?;
        }
        self.check_active(NONE, entries)?;
        Ok(self.cursors.seek(NONE, entries, &self.blocks))
    }

    fn view(&mut self, token: ViewToken) -> Result<(&mut View, &Blocks), GraphError> {
        let view = self.cursors.view(token).ok_or(GraphError::StaleView)?;
        Ok((view, &self.blocks))
    }

    /// Tells whether every step from `top` to `bottom` takes the heaviest child in the view, and
    /// `bottom` is childless in it.
    ///
    /// # Errors
    /// `UnknownBlock`, `StaleView`.
    pub fn is_heaviest_path(
        &mut self,
        token: ViewToken,
        top: BlockIndex,
        bottom: BlockIndex,
    ) -> Result<bool, GraphError> {
        self.blocks.check(top)?;
        let (view, blocks) = self.view(token)?;
        Ok(view.holds(bottom)
            && view.holds(top)
            && margins::is_heaviest_path(view, top, bottom, blocks))
    }

    /// Follows the heaviest child in the view from `top`, which is in it, to the end.
    ///
    /// # Errors
    /// `UnknownBlock`, `StaleView`.
    pub fn heaviest_tip(
        &mut self,
        token: ViewToken,
        top: BlockIndex,
    ) -> Result<BlockIndex, GraphError> {
        self.blocks.check(top)?;
        let (view, blocks) = self.view(token)?;
        Ok(margins::heaviest_tip(view, top, blocks))
    }

    /// Least margin `2 S(a) - S(parent) + W(parent)` in the view over the blocks below `top` down
    /// to `bottom`; `None` when there are none.
    ///
    /// # Errors
    /// `UnknownBlock`, `StaleView`, `NotAnAncestor`.
    pub fn min_margin(
        &mut self,
        token: ViewToken,
        top: BlockIndex,
        bottom: BlockIndex,
    ) -> Result<Option<i128>, GraphError> {
        for block in [top, bottom] {
            self.blocks.check(block)?;
        }
        let (view, blocks) = self.view(token)?;
        if !blocks.is_ancestor(top, bottom) || !view.holds(bottom) {
            return Err(GraphError::NotAnAncestor {
                ancestor: top,
                block: bottom,
            });
        }
        Ok(view.tree.min_margin(top, bottom, blocks))
    }

    /// Marks a judged block as valid timer, the next after `previous` in its past (`None`: first).
    ///
    /// # Errors
    /// `UnknownBlock`.
    pub fn mark_timer(
        &mut self,
        block: BlockIndex,
        previous: Option<BlockIndex>,
    ) -> Result<(), GraphError> {
        self.blocks.check(block)?;
        self.clocks.mark(
            block,
            self.blocks.get(block).clock,
            previous.unwrap_or(NONE),
        );
        Ok(())
    }

    /// Tells whether the marked `timer` is in the past of the judged `block`.
    ///
    /// # Errors
    /// `UnknownBlock`, `NotATimer`.
    pub fn is_timer_in_past(
        &self,
        timer: BlockIndex,
        block: BlockIndex,
    ) -> Result<bool, GraphError> {
        self.blocks.check(block)?;
        let clock = self.blocks.get(block).clock;
        self.clocks
            .holds(clock, timer)
            .ok_or(GraphError::NotATimer { index: timer })
    }

    /// Deepest ancestor of `block`, or itself, without the marked `timer` in its past; `None` when
    /// all have it.
    ///
    /// # Errors
    /// `UnknownBlock`, `NotATimer`.
    pub fn last_before(
        &self,
        timer: BlockIndex,
        block: BlockIndex,
    ) -> Result<Option<BlockIndex>, GraphError> {
        self.blocks.check(block)?;
        if !self.clocks.is_timer(timer) {
            return Err(GraphError::NotATimer { index: timer });
        }
        let ancestor = self.blocks.deepest_ancestor(block, |candidate| {
            self.clocks.holds(self.blocks.get(candidate).clock, timer) == Some(false)
        });
        Ok((ancestor != ORIGIN).then_some(ancestor))
    }

    /// Gives `block` its weight and counts it from now on; returns the first height at which the
    /// pivot chain changed.
    ///
    /// # Errors
    /// `UnknownBlock`, `InactivePast`, `AlreadyActive`, `WeightOutOfRange`.
    pub fn activate(&mut self, block: BlockIndex, weight: i128) -> Result<Option<u64>, GraphError> {
        self.blocks.check(block)?;
        self.check_active(block, self.blocks.predecessors(block))?;
        if self.blocks.get(block).is_active {
            return Err(GraphError::AlreadyActive { index: block });
        }
        let total = self.total_weight.checked_add(weight);
        let total = total.filter(|total| weight >= 0 && *total < TOTAL_WEIGHT_MAX);
        self.total_weight = total.ok_or(GraphError::WeightOutOfRange { weight })?;
        let activated = self.blocks.get_mut(block);
        activated.weight = weight;
        activated.is_active = true;
        let changed = self.pivot.advance(block, &self.blocks);
        Ok(self.forget_epochs(changed))
    }

    /// Makes the pivot chain pass through the active block `root` and follow weight below it;
    /// returns the first height at which it changed.
    ///
    /// # Errors
    /// `UnknownBlock`, `InactivePast` when the root is not active.
    pub fn move_root(&mut self, root: BlockIndex) -> Result<Option<u64>, GraphError> {
        self.blocks.check(root)?;
        self.check_active(root, &[root])?;
        let changed = self.pivot.move_root(root, &self.blocks);
        Ok(self.forget_epochs(changed))
    }

    /// Forgets the last `count` blocks and tells so, if they end the pivot chain, below its root,
    /// and refer to their parents alone; else changes nothing. Costs what they cost.
    pub fn forget_last(&mut self, count: usize) -> bool {
        let chain = self.pivot.below_root(&self.blocks);
        let (Some(start), Some(first)) = (
            chain.len().checked_sub(count),
            self.blocks.len().checked_sub(count),
        ) else {
            return false;
        };
        let is_chain = (first..).zip(&chain[start..]).all(|(index, block)| {
            let parent = self.blocks.get(*block).parent;
            *block as usize == index && self.blocks.predecessors(*block) == [parent]
        });
        if !is_chain || count == 0 {
            return is_chain;
        }
        let first = chain[start];
        let (tip, height) = (self.blocks.get(first).parent, self.blocks.get(first).height);
        self.cursors.leave(first, tip, &self.blocks);
        self.forget_epochs(Some(height));
        for _ in 0..count {
            let last = self.pivot.tip();
            self.pivot.retreat(&self.blocks);
            self.clocks.unmark(last);
            self.total_weight -= self.blocks.get(last).weight;
            self.blocks.pop();
        }
        self.pivot.descend(&self.blocks);
        true
    }

    fn forget_epochs(&mut self, changed: Option<u64>) -> Option<u64> {
        if let (Some(height), Some((base, _))) = (changed, self.pivot.span()) {
            self.epochs.truncate(height, base);
        }
        changed
    }
}
