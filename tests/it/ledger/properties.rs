//! What holds for every ledger.

use super::{Desk, entry};
use flagctl::model::Action;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    /// An entry in one of the two branches.
    Append { branch: bool, flag: bool, action: bool, second: i64 },
    /// The branches meet, one's lines before the other's.
    Merge { first: bool },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (any::<bool>(), any::<bool>(), any::<bool>(), 0..1000_i64)
            .prop_map(|(branch, flag, action, second)| Step::Append { branch, flag, action, second }),
        1 => any::<bool>().prop_map(|first| Step::Merge { first }),
    ]
}

/// Plays the steps; returns the merged ledger and how many entries were appended.
fn play(steps: &[Step]) -> (Desk, usize) {
    let branches = [Desk::new(), Desk::new()];
    let (mut base, mut count) = (0, 0);
    let merge = |base: &mut usize, first: usize| {
        let own = |at: usize| branches[at].bytes()[*base..].to_vec();
        let merged = [&branches[0].bytes()[..*base], &own(first), &own(1 - first)].concat();
        *base = merged.len();
        branches.iter().for_each(|branch| branch.write(&merged));
    };
    for step in steps {
        match step {
            Step::Append { branch, flag, action, second } => {
                let action = if *action { Action::Advance } else { Action::Rollback };
                // Numbered, since two branches never write the very same entry.
                let to = u32::try_from(count % 100).unwrap();
                branches[usize::from(*branch)].append(&entry(
                    if *flag { "alpha" } else { "beta" },
                    action,
                    to,
                    second + count as i64,
                ));
                count += 1;
            }
            Step::Merge { first } => merge(&mut base, usize::from(*first)),
        }
    }
    merge(&mut base, 0);
    let [merged, _] = branches;
    (merged, count)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn appends_and_merges_verify(steps in prop::collection::vec(step(), 1..30)) {
        let (desk, count) = play(&steps);
        prop_assert_eq!(desk.found(), "");
        let entries = desk.ledger.entries().unwrap().history.entries;
        prop_assert_eq!(entries.len(), count);
        // No entry comes before one that it follows.
        for (at, entry) in entries.iter().enumerate() {
            prop_assert!(entries[at..].iter().all(|later| !entry.prev.contains(&later.id)));
        }
        // The newest that is read from the end is the newest of all.
        for flag in ["alpha", "beta"] {
            let place = desk.ledger.place(Some("production"), &desk.ledger.root.join("flags.yaml"));
            let name = flagctl::model::FlagName::new(flag).unwrap();
            let whole = desk.ledger.history(&place, &name).unwrap().history;
            prop_assert_eq!(desk.newest(flag), whole.newest().cloned());
        }
    }

    #[test]
    fn any_changed_byte_is_found(steps in prop::collection::vec(step(), 1..6), at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let (desk, count) = play(&steps);
        prop_assume!(count > 0);
        let mut bytes = desk.bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        desk.write(&bytes);
        prop_assert!(desk.ledger.verify().unwrap().iter().any(|finding| finding.kind.is_error()), "byte {} to {:#x}", at, to);
    }
}
