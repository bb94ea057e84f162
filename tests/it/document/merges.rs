//! Merge keys upon merge keys.

use flagctl::document;
use flagctl::model::{FlagName, Mapping};
use std::fmt::Write as _;

#[test]
fn what_is_merged_many_times_over_is_looked_into_once() {
    // Sixty to the power of seven looks, if each merge were looked into for itself: the test would not end.
    let mut text = "a0: &a0 {enabled: true, other: 5}\n".to_owned();
    for level in 1..8 {
        let below = vec![format!("*a{}", level - 1); 60].join(", ");
        write!(text, "a{level}: &a{level}\n  <<: [{below}]\n").unwrap();
    }
    let listing = document::listing(&text, &Mapping::native());
    let on = listing.flags.iter().filter(|flag| flag.enabled.value() == Some(&true)).count();
    assert_eq!(on, listing.flags.len());
    assert!(on > 4, "{on} flags");
    let name = FlagName::new("a3").unwrap();
    assert_eq!(document::find(&text, &Mapping::native(), &name).flag().unwrap().rollout.value(), None);
}
