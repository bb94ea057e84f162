//! Texts that are made to tire a reader, or to mislead one.

use flagctl::document;
use flagctl::model::{FlagName, Mapping, Mode, Percent, Values};
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

#[test]
fn what_ends_a_line_for_some_readers_only_is_refused_outside_quotes() {
    let name = FlagName::new("a").unwrap();
    let values = Values { rollout: Percent::from_whole(25).unwrap(), enabled: None };
    let edit = |text: &str| document::edit(text, &Mapping::native(), &name, values, Mode::Careful);
    for character in ['\u{85}', '\u{2028}', '\u{2029}'] {
        let comment = format!("a:\n  rollout: 5 # é {character}b\n  enabled: true\n");
        let refusal = edit(&comment).unwrap_err();
        assert_eq!((refusal.line, refusal.column), (2, 18), "{}", refusal.reason);
        let quoted = format!("a:\n  rollout: 5\n  enabled: true\n  note: \"é {character}b\"\n");
        assert_eq!(edit(&quoted).unwrap().text, quoted.replace("rollout: 5", "rollout: 25"));
    }
}
