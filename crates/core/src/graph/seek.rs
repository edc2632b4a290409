//! Moving a cursor to the past of a block: which cursor, what enters and what leaves.

use std::collections::BinaryHeap;

use super::BlockIndex;
use super::NONE;
use super::blocks::Blocks;
use super::view::View;

/// Cursors kept: a graph with more branches that grow at once moves them back and forth, which is
/// slower and not wrong. Each costs 88 bytes a block when it is used.
const CURSOR_COUNT: usize = 8;

/// A cursor that served none of so many seeks stands on a branch that nobody extends.
const STALE: u64 = 1_000;

/// Tree steps within which moving a cursor is surely cheaper than using another.
const NEAR: u32 = 16;

const FROM_POSITION: u8 = 1;
const FROM_TARGET: u8 = 2;

/// The cursors and what their moves need.
#[derive(Default)]
pub(super) struct Cursors {
    views: Vec<View>,
    serial: u64,
    /// Scratch: paint per block, all zero between moves.
    paint: Vec<u8>,
}

/// Which cursor a seek moved, and the number of that seek.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewToken {
    /// Number of the cursor.
    pub cursor: usize,
    /// Number of the seek.
    pub serial: u64,
}

impl Cursors {
    /// Bytes that the cursors occupy.
    pub(super) fn size_bytes(&self) -> usize {
        self.views.iter().map(View::size_bytes).sum::<usize>() + self.paint.capacity()
    }

    /// The view of a seek, unless a later one has moved it.
    pub(super) fn view(&mut self, token: ViewToken) -> Option<&mut View> {
        self.views
            .get_mut(token.cursor)
            .filter(|view| view.serial == token.serial)
    }

    /// Moves a cursor to the past of `target` (`NONE`: of a block that does not exist yet), whose
    /// parent and referees are `entries`.
    pub(super) fn seek(
        &mut self,
        target: BlockIndex,
        entries: &[BlockIndex],
        blocks: &Blocks,
    ) -> ViewToken {
        let cursor = self.choose(entries, blocks);
        self.move_to(cursor, target, entries, blocks)
    }

    /// Moves every cursor out of the blocks from `first` on, whose past is that of `tip` and `tip`.
    pub(super) fn leave(&mut self, first: BlockIndex, tip: BlockIndex, blocks: &Blocks) {
        for cursor in 0..self.views.len() {
            let view = &mut self.views[cursor];
            if view.position != NONE && view.position >= first {
                view.position = NONE;
            }
            // A view is closed under past: it holds none of them unless an entry is one.
            if view.entries.iter().any(|entry| *entry >= first) {
                self.move_to(cursor, NONE, &[tip], blocks);
            }
        }
    }

    fn move_to(
        &mut self,
        cursor: usize,
        target: BlockIndex,
        entries: &[BlockIndex],
        blocks: &Blocks,
    ) -> ViewToken {
        self.serial += 1;
        self.paint.resize(blocks.len(), 0);
        if !self.views[cursor].has_stamps(blocks.len()) {
            self.views[cursor] = View::new();
        }
        let view = &mut self.views[cursor];
        view.grow(blocks.len());
        let (entering, inner) = entering(view, entries, blocks, &mut self.paint);
        // A position that enters is in the past of the target, and with it all that is in view.
        if entering.binary_search(&view.position).is_err() {
            for block in leaving(view, &inner, blocks, &mut self.paint) {
                view.remove(block, blocks);
            }
        }
        for block in entering {
            view.add(block, blocks);
        }
        view.position = target;
        view.entries = entries.to_vec();
        view.serial = self.serial;
        ViewToken {
            cursor,
            serial: self.serial,
        }
    }

    fn choose(&mut self, entries: &[BlockIndex], blocks: &Blocks) -> usize {
        let positioned = self.views.iter().enumerate();
        let ahead = positioned
            .clone()
            .filter(|(_, view)| view.position != NONE && entries.contains(&view.position))
            .max_by_key(|(_, view)| view.size);
        if let Some((cursor, _)) = ahead {
            return cursor;
        }
        let target = entries.first().copied().unwrap_or(NONE);
        let near = positioned
            .filter_map(|(cursor, view)| {
                let from = *view.entries.first()?;
                Some((blocks.distance(from, target)?, cursor))
            })
            .min();
        match near {
            Some((distance, cursor)) if distance <= NEAR => cursor,
            _ if self.views.len() < CURSOR_COUNT => {
                self.views.push(View::new());
                self.views.len() - 1
            }
            _ => self.evict(),
        }
    }

    /// The cursor to take from its branch: a stale one, else the one used last. Branches that grow
    /// in turn would otherwise take from each other exactly the cursor that is needed next.
    fn evict(&self) -> usize {
        let serial = |(_, view): &(usize, &View)| view.serial;
        let oldest = self.views.iter().enumerate().min_by_key(serial);
        let newest = self.views.iter().enumerate().max_by_key(serial);
        let stale = oldest.filter(|(_, view)| view.serial + STALE < self.serial);
        stale.or(newest).map_or(0, |(cursor, _)| cursor)
    }
}

/// What must enter the view, from past to future, and where it touches what is in view.
fn entering(
    view: &View,
    entries: &[BlockIndex],
    blocks: &Blocks,
    paint: &mut [u8],
) -> (Vec<BlockIndex>, Vec<BlockIndex>) {
    let (mut found, mut inner) = (Vec::new(), Vec::new());
    let mut stack = entries.to_vec();
    while let Some(block) = stack.pop() {
        if view.holds(block) {
            inner.push(block);
        } else if paint[block as usize] == 0 {
            paint[block as usize] = FROM_TARGET;
            found.push(block);
            stack.extend(blocks.predecessors(block));
        }
    }
    for block in &found {
        paint[*block as usize] = 0;
    }
    found.sort_unstable();
    (found, inner)
}

/// What must leave the view, from future to past: reached from the position, not from the target.
fn leaving(
    view: &View,
    inner: &[BlockIndex],
    blocks: &Blocks,
    paint: &mut [u8],
) -> Vec<BlockIndex> {
    let mut painter = Painter {
        view,
        paint,
        queue: BinaryHeap::new(),
        undecided: 0,
    };
    let mut touched = Vec::new();
    for block in &view.entries {
        painter.add(*block, FROM_POSITION);
    }
    for block in inner {
        painter.add(*block, FROM_TARGET);
    }
    let mut leaving = Vec::new();
    while painter.undecided > 0 {
        let Some((_, block)) = painter.queue.pop() else {
            break;
        };
        touched.push(block);
        let colour = painter.paint[block as usize];
        if colour == FROM_POSITION {
            painter.undecided -= 1;
            leaving.push(block);
        }
        for predecessor in blocks.predecessors(block) {
            painter.add(*predecessor, colour);
        }
    }
    touched.extend(painter.queue.into_iter().map(|(_, block)| block));
    for block in touched {
        paint[block as usize] = 0;
    }
    leaving
}

struct Painter<'a> {
    view: &'a View,
    paint: &'a mut [u8],
    /// By stamp: everything that refers to a block is popped before it, so its paint is final.
    queue: BinaryHeap<(u32, BlockIndex)>,
    /// Queued blocks that carry only the position's paint.
    undecided: usize,
}

impl Painter<'_> {
    fn add(&mut self, block: BlockIndex, colour: u8) {
        let old = self.paint[block as usize];
        let new = old | colour;
        if old == new {
            return;
        }
        self.paint[block as usize] = new;
        if old == 0 {
            self.queue.push((self.view.stamp(block), block));
        }
        match (old, new) {
            (0, FROM_POSITION) => self.undecided += 1,
            (FROM_POSITION, _) => self.undecided -= 1,
            _ => {}
        }
    }
}
