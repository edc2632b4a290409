//! The link-cut tree and the clocks against plain recomputation.

use proptest::prelude::*;

use super::clocks::Clocks;
use super::link_cut::{LinkCut, Weights};
use super::{BlockIndex, NONE};

/// A tree of which only leaves are added and removed, as in a view.
#[derive(Default)]
struct Plain {
    parents: Vec<Option<usize>>,
    weights: Vec<i128>,
    present: Vec<bool>,
}

impl Weights for Plain {
    fn weight(&self, block: BlockIndex) -> i128 {
        self.weights[block as usize]
    }
}

impl Plain {
    fn path(&self, block: usize) -> Vec<usize> {
        std::iter::successors(Some(block), |x| self.parents[*x]).collect()
    }

    fn subtree(&self, block: usize) -> i128 {
        let present = (0..self.parents.len()).filter(|x| self.present[*x]);
        present
            .filter(|x| self.path(*x).contains(&block))
            .map(|x| self.weights[x])
            .sum()
    }

    fn margin(&self, block: usize) -> Option<i128> {
        let parent = self.parents[block]?;
        Some(2 * self.subtree(block) - self.subtree(parent) + self.weights[parent])
    }

    fn is_leaf(&self, block: usize) -> bool {
        !(0..self.parents.len()).any(|x| self.present[x] && self.parents[x] == Some(block))
    }
}

fn check(tree: &mut LinkCut, plain: &Plain, bottom: usize) -> Result<(), TestCaseError> {
    let path = plain.path(bottom);
    for (steps, &top) in path.iter().enumerate() {
        let below = &path[..steps];
        let margins = || below.iter().filter_map(|x| plain.margin(*x));
        let (t, b) = (index(top), index(bottom));
        prop_assert_eq!(tree.min_margin(t, b, plain), margins().min());
        let mut suspects = tree.suspects(t, b, plain);
        suspects.sort_unstable();
        let mut expected: Vec<_> = below
            .iter()
            .filter(|x| plain.margin(**x).is_some_and(|margin| margin <= 0))
            .map(|x| (index(*x), plain.subtree(*x)))
            .collect();
        expected.sort_unstable();
        prop_assert_eq!(suspects, expected);
        prop_assert_eq!(tree.subtree_weight(t), plain.subtree(top));
    }
    Ok(())
}

fn index(block: usize) -> BlockIndex {
    BlockIndex::try_from(block).expect("a small number")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Every margin, suspect and subtree weight on random paths, between additions and removals.
    #[test]
    fn margins_are_those_of_plain_recomputation(
        steps in prop::collection::vec((any::<prop::sample::Index>(), 0..4_i128, any::<bool>()), 1..40),
    ) {
        let mut tree = LinkCut::default();
        let mut plain = Plain::default();
        for (choice, weight, removes) in steps {
            let count = plain.parents.len();
            let present: Vec<usize> = (0..count).filter(|x| plain.present[*x]).collect();
            if present.is_empty() {
                plain.parents.push(None);
            } else {
                let chosen = present[choice.index(present.len())];
                check(&mut tree, &plain, chosen)?;
                if removes && plain.is_leaf(chosen) && plain.parents[chosen].is_some() {
                    tree.cut(index(chosen), &plain);
                    plain.present[chosen] = false;
                    continue;
                }
                plain.parents.push(Some(chosen));
            }
            plain.weights.push(weight);
            plain.present.push(true);
            tree.grow(count + 1);
            let parent = plain.parents[count].map_or(NONE, index);
            tree.link(index(count), parent, &plain);
        }
    }

    /// Clocks count exactly the timers in the past, over more chains than one trie node holds.
    #[test]
    fn clocks_hold_the_timers_of_the_past(
        edges in prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 1..4), 1..80),
    ) {
        let mut clocks = Clocks::default();
        let mut pasts: Vec<Vec<bool>> = vec![Vec::new()];
        let mut own = vec![0];
        clocks.mark(0, 0, NONE);
        for (number, references) in edges.into_iter().enumerate() {
            let block = number + 1;
            let (mut past, mut clock, mut last) = (vec![false; block], 0, NONE);
            for reference in references {
                let other = reference.index(block);
                past[other] = true;
                for (place, held) in pasts[other].iter().enumerate() {
                    past[place] |= held;
                }
                let handed_on = clocks.handed_on(index(other), own[other]);
                clock = clocks.join(clock, handed_on);
                last = index(other);
            }
            for (timer, held) in past.iter().enumerate() {
                prop_assert_eq!(clocks.holds(clock, index(timer)), Some(*held));
            }
            clocks.mark(index(block), clock, last);
            pasts.push(past);
            own.push(clock);
        }
    }
}
