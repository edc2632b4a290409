//! A graph that forgot a chain against one that never had it.

use proptest::prelude::*;
use proptest::sample::Index;

use super::{BlockIndex, EraPast, Graph, ORIGIN};

/// A block to add: parent, up to two referees, weight, whether it is a timer.
type Step = (Index, Vec<Index>, i128, bool);

fn steps(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Step>> {
    let referees = prop::collection::vec(any::<Index>(), 0..3);
    prop::collection::vec((any::<Index>(), referees, 1..4_i128, any::<bool>()), count)
}

/// The last timer on the way to the era genesis, as the rules would have it along parents.
fn add(graph: &mut Graph, parent: BlockIndex, referees: &[BlockIndex], step: &Step) {
    let height = heights(graph)[parent as usize] + 1;
    let index = BlockIndex::try_from(graph.len() + 1).unwrap();
    let mut key = [0; 32];
    key[..4].copy_from_slice(&index.wrapping_mul(2_654_435_761).to_le_bytes());
    assert_eq!(graph.add(parent, referees, height, key), Ok(index));
    graph.seek(index).unwrap();
    if step.3 {
        let timers: Vec<_> = (1..index)
            .filter(|b| graph.is_timer_in_past(*b, index) == Ok(true))
            .collect();
        graph.mark_timer(index, timers.last().copied()).unwrap();
    }
    graph.activate(index, step.2).unwrap();
}

fn heights(graph: &Graph) -> Vec<u64> {
    let mut heights = vec![0, 0];
    for block in 2..=BlockIndex::try_from(graph.len()).unwrap() {
        let parent = graph.predecessors(block).unwrap()[0];
        heights.push(heights[parent as usize] + 1);
    }
    heights
}

fn grow(graph: &mut Graph, steps: &[Step]) {
    for step in steps {
        let count = graph.len();
        let parent = BlockIndex::try_from(step.0.index(count) + 1).unwrap();
        let mut referees: Vec<_> = step
            .1
            .iter()
            .map(|each| BlockIndex::try_from(each.index(count) + 1).unwrap())
            .filter(|each| *each != parent)
            .collect();
        referees.dedup();
        add(graph, parent, &referees, step);
    }
}

fn extend(graph: &mut Graph, steps: &[Step]) {
    for step in steps {
        let (_, highest) = graph.pivot_span().unwrap();
        let tip = graph.pivot_at(highest).unwrap();
        add(graph, tip, &[], step);
    }
}

fn begin() -> Graph {
    let mut graph = Graph::new(5);
    graph.add(ORIGIN, &[], 0, [1; 32]).unwrap();
    graph.restore(1, EraPast::default()).unwrap();
    graph.activate(1, 1).unwrap();
    graph
}

/// All that the two say, which must be the same.
fn compare(a: &mut Graph, b: &mut Graph) -> Result<(), TestCaseError> {
    prop_assert_eq!(a.len(), b.len());
    let span = a.pivot_span();
    prop_assert_eq!(span, b.pivot_span());
    let (lowest, highest) = span.unwrap();
    for height in lowest..=highest {
        prop_assert_eq!(a.pivot_at(height), b.pivot_at(height));
        let order = a.epoch_order(height).unwrap().to_vec();
        prop_assert_eq!(order.as_slice(), b.epoch_order(height).unwrap());
    }
    let count = BlockIndex::try_from(a.len()).unwrap();
    for block in 1..=count {
        prop_assert_eq!(a.successors(block), b.successors(block));
        prop_assert_eq!(a.subtree_weight(block), b.subtree_weight(block));
        prop_assert_eq!(a.heaviest_sibling(block), b.heaviest_sibling(block));
        prop_assert_eq!(a.era(block), b.era(block));
        prop_assert_eq!(a.epoch_of(block), b.epoch_of(block));
        let views = (
            a.seek_past_of(&[block]).unwrap(),
            b.seek_past_of(&[block]).unwrap(),
        );
        prop_assert_eq!(
            a.min_margin(views.0, 1, block),
            b.min_margin(views.1, 1, block)
        );
        prop_assert_eq!(a.heaviest_tip(views.0, 1), b.heaviest_tip(views.1, 1));
        for timer in 1..=count {
            prop_assert_eq!(
                a.is_timer_in_past(timer, block),
                b.is_timer_in_past(timer, block)
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Before and after both grow on, with forks below and above what was forgotten.
    #[test]
    fn what_was_forgotten_leaves_no_trace(
        below in steps(0..12), chain in steps(0..12), again in steps(0..6), above in steps(0..8),
    ) {
        let (mut graph, mut plain) = (begin(), begin());
        grow(&mut graph, &below);
        grow(&mut plain, &below);
        for chain in [&chain, &again] {
            extend(&mut graph, chain);
            prop_assert!(graph.forget_last(chain.len()));
            compare(&mut graph, &mut plain)?;
        }
        grow(&mut graph, &above);
        grow(&mut plain, &above);
        compare(&mut graph, &mut plain)?;
    }

    /// What is no chain, or reaches the root of the pivot chain, is refused and nothing changes.
    #[test]
    fn only_a_chain_is_forgotten(steps in steps(1..12), count in 0..14_usize) {
        let (mut graph, mut plain) = (begin(), begin());
        grow(&mut graph, &steps);
        grow(&mut plain, &steps);
        let last = BlockIndex::try_from(graph.len()).unwrap();
        let mut tail = last;
        let mut length = 0;
        let (_, highest) = graph.pivot_span().unwrap();
        while tail > 1
            && u64::try_from(length).unwrap() <= highest
            && graph.pivot_at(highest - u64::try_from(length).unwrap()) == Ok(tail)
            && graph.predecessors(tail).unwrap().len() == 1
        {
            tail -= 1;
            length += 1;
        }
        let is_refused = !graph.forget_last(count);
        prop_assert_eq!(is_refused, count > length);
        if is_refused {
            compare(&mut graph, &mut plain)?;
        }
    }
}
