//! The salt of a flag, wherever it comes from.

use flagctl::document::listing;
use flagctl::model::{Field, Mapping};

#[test]
fn a_salt_is_read_from_wherever_it_stands() {
    let text = "\
base: &base {enabled: false, rollout: 0, salt: &s shared}
plain: {rollout: 5, salt: pinned}
number: {rollout: 5, salt: 42}
alias: {rollout: 5, salt: *s}
merged: {<<: *base, rollout: 5}
own: {<<: *base, rollout: 5, salt: 'my own'}
again: {rollout: 5, salt: one, salt: two}
empty: {rollout: 5, salt: ''}
null: {rollout: 5, salt: ~}
none: {rollout: 5}
deeper: {rollout: 5, rules: {salt: theirs}}
word: {rollout: 5, salt: 'null'}
literal:
  rollout: 5
  salt: |
    kept
folded:
  rollout: 5
  salt: >-
    two
    lines
list: {rollout: 5, salt: [a]}
twice: {rollout: 5, salt: a}
twice: {rollout: 5, salt: b}
";
    let listing = listing(text, &Mapping::native());
    let salts: Vec<_> =
        listing.flags.iter().map(|flag| (flag.name.as_str(), flag.salt.value().map(String::as_str))).collect();
    assert_eq!(
        salts,
        [
            ("base", Some("shared")),
            ("plain", Some("pinned")),
            ("number", Some("42")),
            ("alias", Some("shared")),
            ("merged", Some("shared")),
            ("own", Some("my own")),
            ("again", Some("two")),
            ("empty", None),
            ("null", None),
            ("none", None),
            ("deeper", None),
            ("word", Some("null")),
            ("literal", Some("kept\n")),
            ("folded", Some("two lines")),
            ("list", None),
            ("twice", None),
        ]
    );
    let odd = listing.flags.iter().filter_map(|flag| flag.salt.unreadable());
    let odd: Vec<_> = odd.map(|salt| (salt.line, salt.column, salt.text.as_str(), salt.reason.as_str())).collect();
    let twice = "stands twice with different values, in lines 23 and 24";
    assert_eq!(odd, [(22, 26, "[a]}", "is no text"), (24, 1, "a", twice)]);
    assert!(listing.flags.iter().all(|flag| flag.salt != Field::Absent || flag.hashed() == flag.name.as_str()));
}
