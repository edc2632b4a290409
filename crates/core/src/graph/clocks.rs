//! How much of the timer forest lies in the past of a block: persistent vector clocks.
//!
//! Timer blocks are cut into chains along their timer parents. The past of a block holds a prefix
//! of every chain, so one count per chain says which timers it holds. The counts are a 16-ary trie
//! that shares what two blocks have in common: flat vectors would grow with the square of the
//! number of forks.

use std::collections::HashMap;

use super::{BlockIndex, NONE};

const FAN_OUT: usize = 16;
const BITS: u32 = FAN_OUT.trailing_zeros();

/// Handle of a clock; 0 is the empty one.
pub(super) type Clock = u32;

#[derive(Clone, PartialEq, Eq)]
struct Node {
    /// 0: slots hold counts. Otherwise they hold nodes of a lower level.
    level: u32,
    slots: [u32; FAN_OUT],
}

struct Timer {
    chain: u32,
    /// Number of timers of the chain up to and with this one.
    count: u32,
    /// The timer before it on the chain; `NONE` for the first.
    previous: BlockIndex,
    /// The clock of a block that refers to this timer and nothing else.
    clock: Clock,
}

/// The timer chains, and the clocks over them.
pub(super) struct Clocks {
    nodes: Vec<Node>,
    timers: HashMap<BlockIndex, Timer>,
    /// Last timer of every chain.
    ends: Vec<BlockIndex>,
}

impl Default for Clocks {
    fn default() -> Self {
        let empty = Node {
            level: 0,
            slots: [0; FAN_OUT],
        };
        Self {
            nodes: vec![empty],
            timers: HashMap::new(),
            ends: Vec::new(),
        }
    }
}

impl Clocks {
    /// Bytes that the tries occupy.
    pub(super) fn size_bytes(&self) -> usize {
        self.nodes.capacity() * size_of::<Node>()
            + self.timers.capacity() * (size_of::<Timer>() + size_of::<BlockIndex>())
    }

    /// Tells whether `block` was marked as a timer.
    pub(super) fn is_timer(&self, block: BlockIndex) -> bool {
        self.timers.contains_key(&block)
    }

    /// Marks `block`, whose own clock is `clock`, as the successor of the timer `previous`.
    pub(super) fn mark(&mut self, block: BlockIndex, clock: Clock, previous: BlockIndex) {
        let end = self
            .timers
            .get(&previous)
            .map(|timer| (timer.chain, timer.count));
        let (chain, count) = match end {
            Some((chain, count)) if self.ends[chain as usize] == previous => (chain, count + 1),
            _ => {
                self.ends.push(NONE);
                (
                    u32::try_from(self.ends.len() - 1).expect("fewer chains than blocks"),
                    1,
                )
            }
        };
        let previous = std::mem::replace(&mut self.ends[chain as usize], block);
        let single = self.single(chain, count);
        let clock = self.join(clock, single);
        self.timers.insert(
            block,
            Timer {
                chain,
                count,
                previous,
                clock,
            },
        );
    }

    /// Forgets that `block`, the timer that was marked last, is one. Its clocks stay: a few nodes.
    pub(super) fn unmark(&mut self, block: BlockIndex) {
        if let Some(timer) = self.timers.remove(&block) {
            self.ends[timer.chain as usize] = timer.previous;
            if timer.previous == NONE && timer.chain as usize + 1 == self.ends.len() {
                self.ends.pop();
            }
        }
    }

    /// The clock that `block`, whose own is `clock`, hands to blocks that refer to it.
    pub(super) fn handed_on(&self, block: BlockIndex, clock: Clock) -> Clock {
        self.timers.get(&block).map_or(clock, |timer| timer.clock)
    }

    /// Tells whether the timer lies in the past that `clock` counts; `None` if it is no timer.
    pub(super) fn holds(&self, clock: Clock, timer: BlockIndex) -> Option<bool> {
        let timer = self.timers.get(&timer)?;
        Some(self.count(clock, timer.chain) >= timer.count)
    }

    fn count(&self, clock: Clock, chain: u32) -> u32 {
        let mut node = clock;
        let mut rest = u64::from(chain);
        while node != 0 {
            let Node { level, slots } = &self.nodes[node as usize];
            let slot = rest >> (BITS * level);
            if slot >= FAN_OUT as u64 {
                return 0;
            }
            if *level == 0 {
                return slots[slot as usize];
            }
            rest &= (1 << (BITS * level)) - 1;
            node = slots[slot as usize];
        }
        0
    }

    fn store(&mut self, node: Node) -> Clock {
        self.nodes.push(node);
        u32::try_from(self.nodes.len() - 1).expect("a trie node takes 68 bytes: memory ends first")
    }

    /// The clock that counts `count` timers of `chain` and none of any other.
    fn single(&mut self, chain: u32, count: u32) -> Clock {
        let mut level = 0;
        while u64::from(chain) >> (BITS * (level + 1)) != 0 {
            level += 1;
        }
        let mut value = count;
        for step in 0..=level {
            let slot = (chain >> (BITS * step)) as usize % FAN_OUT;
            let mut slots = [0; FAN_OUT];
            slots[slot] = value;
            value = self.store(Node { level: step, slots });
        }
        value
    }

    /// The larger count of every chain.
    pub(super) fn join(&mut self, a: Clock, b: Clock) -> Clock {
        if a == b || b == 0 {
            return a;
        }
        if a == 0 {
            return b;
        }
        let (mut high, mut low) = (a, b);
        if self.nodes[high as usize].level < self.nodes[low as usize].level {
            (high, low) = (low, high);
        }
        let old = self.nodes[high as usize].clone();
        let mut joined = old.clone();
        let other = self.nodes[low as usize].clone();
        if old.level > other.level {
            joined.slots[0] = self.join(old.slots[0], low);
        } else if old.level == 0 {
            for (slot, value) in joined.slots.iter_mut().zip(other.slots) {
                *slot = (*slot).max(value);
            }
        } else {
            for (slot, node) in joined.slots.iter_mut().zip(other.slots) {
                *slot = self.join(*slot, node);
            }
        }
        if joined == old {
            high
        } else if joined == other {
            low
        } else {
            self.store(joined)
        }
    }
}
