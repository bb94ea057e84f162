//! The salt of a flag, wherever it comes from.

use flagctl::document::listing;
use flagctl::model::Mapping;

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
list: {rollout: 5, salt: [a]}
";
    let listing = listing(text, &Mapping::native());
    let salts: Vec<_> = listing.flags.iter().map(|flag| (flag.name.as_str(), flag.salt.as_deref())).collect();
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
            ("list", None),
        ]
    );
}
