//! Which entry is the newest: after merges, late appends, wrong clocks.

use super::{Desk, entry, patient};
use flagctl::ledger::Recorded;
use flagctl::model::Action::{self, Advance, Rollback};

/// Appends lines to two copies of a ledger and merges them as Git's `union` does: one's lines, then the other's.
fn merged(base: &[(Action, i64)], ours: &[(Action, i64)], theirs: &[(Action, i64)]) -> Desk {
    let lines = |desk: &Desk, entries: &[(Action, i64)]| {
        let before = desk.bytes().len();
        entries.iter().for_each(|(action, second)| desk.append(&entry("alpha", *action, 0, *second)));
        desk.bytes()[before..].to_vec()
    };
    let (desk, other) = (Desk::new(), Desk::new());
    lines(&desk, base);
    other.write(&desk.bytes());
    lines(&desk, ours);
    let theirs = lines(&other, theirs);
    desk.write(&[desk.bytes(), theirs].concat());
    assert_eq!(desk.found(), "");
    desk
}

#[test]
fn the_later_of_two_branches_is_the_newest_wherever_it_stands() {
    type Branch<'a> = &'a [(Action, i64)];
    let cases: [(Branch<'_>, Branch<'_>, Action); 4] = [
        (&[(Rollback, 20)], &[(Advance, 10)], Rollback),
        (&[(Advance, 10)], &[(Rollback, 20)], Rollback),
        (&[(Rollback, 10)], &[(Advance, 20)], Advance),
        (&[(Advance, 10), (Rollback, 30)], &[(Advance, 11), (Advance, 20)], Rollback),
    ];
    for (ours, theirs, newest) in cases {
        let desk = merged(&[(Advance, 0)], ours, theirs);
        assert_eq!(desk.newest("alpha").unwrap().action, newest, "{ours:?} {theirs:?}");
    }
}

#[test]
fn an_append_after_a_merge_follows_both_branches() {
    let desk = merged(&[(Advance, 0)], &[(Advance, 10), (Advance, 12)], &[(Advance, 11)]);
    let before = desk.ledger.entries().unwrap().history.entries;
    desk.append(&entry("alpha", Rollback, 0, 20));
    let after = desk.ledger.entries().unwrap().history.entries;
    let ids = |seconds: &[&str]| -> Vec<String> {
        before
            .iter()
            .filter(|entry| seconds.iter().any(|at| entry.at.to_string().ends_with(at)))
            .map(|e| e.id.clone())
            .collect()
    };
    let mut prev = after.last().unwrap().prev.clone();
    let mut heads = ids(&["12Z", "11Z"]);
    prev.sort();
    heads.sort();
    assert_eq!((after.len(), prev), (5, heads));
    desk.append(&entry("alpha", Advance, 5, 21));
    let last = desk.ledger.entries().unwrap().history.entries;
    assert_eq!(last[5].prev, [last[4].id.clone()]);
}

/// A clock that was wrong when it was advanced, and right when it was rolled back.
#[test]
fn a_wrong_clock_takes_no_latch_away() {
    let desk = Desk::new();
    desk.append(&entry("alpha", Advance, 25, 5_000_000));
    desk.append(&entry("alpha", Rollback, 0, 10));
    assert_eq!(desk.newest("alpha").unwrap().action, Rollback);
}

/// A writer that was stopped between its change and its entry, while somebody rolled its flag back.
#[test]
fn an_entry_that_comes_late_is_not_the_newest() {
    let desk = Desk::new();
    desk.append(&entry("alpha", Advance, 5, 0));
    let seen = desk.ledger.seen();
    desk.append(&entry("beta", Advance, 5, 9));
    desk.append(&entry("alpha", Rollback, 0, 10));
    let late = desk.ledger.append(&[entry("alpha", Advance, 25, 8)], &seen, patient());
    assert_eq!(late, Recorded::Yes(Vec::new()));
    assert_eq!(desk.newest("alpha").unwrap().action, Rollback);
    assert_eq!(desk.found(), "");
    // The next entry knows both.
    desk.append(&entry("alpha", Advance, 5, 20));
    let entries = desk.ledger.entries().unwrap().history.entries;
    assert_eq!(entries.last().unwrap().prev.len(), 2);
    assert_eq!(desk.newest("alpha").unwrap().action, Advance);
}

#[test]
fn history_is_matched_by_environment_or_by_file() {
    let desk = Desk::new();
    let mut moved = entry("alpha", Rollback, 0, 0);
    moved.file = "old/flags.yaml".into();
    desk.append(&moved);
    assert_eq!(desk.newest("alpha").map(|entry| entry.file), Some("old/flags.yaml".to_owned()));
    let mut nameless = entry("alpha", Advance, 5, 1);
    nameless.environment = None;
    desk.append(&nameless);
    assert_eq!(desk.newest("alpha").unwrap().action, Advance);
    let mut elsewhere = entry("alpha", Rollback, 0, 2);
    (elsewhere.environment, elsewhere.file) = (Some("staging".into()), "staging.yaml".into());
    desk.append(&elsewhere);
    assert_eq!(desk.newest("alpha").unwrap().action, Advance);
    assert_eq!(desk.newest("beta"), None);
}
