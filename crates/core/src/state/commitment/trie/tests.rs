use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn hash(byte: u8, low: u8) -> B256 {
    let mut bytes = [0; 32];
    bytes[0] = byte;
    bytes[31] = low;
    B256::from(bytes)
}

fn build(leaves: &BTreeMap<(u8, u8), u8>) -> Trie {
    let mut trie = Trie::default();
    for ((high, low), value) in leaves {
        trie.insert(hash(*high, *low), hash(*value, 1));
    }
    trie
}

proptest! {
    #[test]
    fn the_root_depends_on_the_leaves_alone(
        leaves in proptest::collection::btree_map(any::<(u8, u8)>(), any::<u8>(), 0..60),
        others in proptest::collection::btree_set(any::<(u8, u8)>(), 0..30),
    ) {
        let expected = build(&leaves).root();
        let mut trie = Trie::default();
        for (high, low) in &others {
            trie.insert(hash(*high, *low), hash(7, 7));
        }
        trie.root();
        for ((high, low), value) in leaves.iter().rev() {
            trie.insert(hash(*high, *low), hash(*value, 1));
        }
        for key in others.iter().filter(|key| !leaves.contains_key(*key)) {
            prop_assert!(trie.remove(hash(key.0, key.1)).is_some());
        }
        prop_assert_eq!(trie.root(), expected);
        prop_assert_eq!(trie.len(), leaves.len());
    }

    #[test]
    fn a_walk_proves_what_is_there_and_what_is_not(
        leaves in proptest::collection::btree_map(any::<(u8, u8)>(), any::<u8>(), 1..60),
        asked in any::<(u8, u8)>(),
    ) {
        let mut trie = build(&leaves);
        let root = trie.root();
        let path = hash(asked.0, asked.1);
        let walk = trie.walk(&path).expect("the trie has a leaf");
        prop_assert_eq!(root_of(&walk), root);
        prop_assert_eq!(walk.path == path, leaves.contains_key(&asked));
        for step in &walk.steps {
            prop_assert_eq!(bit_of(&walk.path, step.bit), bit_of(&path, step.bit));
        }
    }
}
