//! Flags that the text breaks off in: what was not seen of them is unknown, not absent.

use flagctl::document::{self, Listing};
use flagctl::model::{Field, Flag, FlagName, Mapping};

/// Returns how every flag reads in a listing; looking one up and finding it have to say the same.
fn read(text: &str) -> Vec<String> {
    let mapping = Mapping::native();
    let listing: Listing = document::listing(text, &mapping);
    assert!(listing.broken.is_some(), "{text}");
    let said = |flag: &Flag| format!("{} {} ({:?})", flag.name, flag.exposure(), flag.rollout.unreadable().is_some());
    let alike = |name: &FlagName| {
        let read = format!("{:?}", listing.get(name));
        assert_eq!(format!("{:?}", document::look_up(text, &mapping, name).get(name)), read, "{text}");
        assert_eq!(format!("{:?}", document::find(text, &mapping, name).flag().as_ref()), read, "{text}");
    };
    listing.flags.iter().for_each(|flag| alike(&flag.name));
    listing.flags.iter().map(said).collect()
}

#[test]
fn what_stands_below_the_break_is_unknown() {
    assert_eq!(read("a:\n  enabled: true\n  x: ]\n  rollout: 5\n"), ["a unknown (true)"]);
    assert_eq!(read("a:\n  enabled: true\n<<<<<<< HEAD\n  rollout: 5\n"), ["a unknown (true)"]);
    assert_eq!(read("a:\n  rollout: 5\n  x: ]\n  enabled: false\n"), ["a unknown (false)"]);
    assert_eq!(read("a: {enabled: true, rollout: 5\nb: {enabled: true, rollout: 7}\n"), ["a unknown (true)"]);
    assert_eq!(
        read("a:\n  rollout: 5\na:\n  enabled: true\n  x: ]\n  rollout: 100\n"),
        ["a unknown (true)"],
        "one that stands twice"
    );
}

#[test]
fn what_was_read_to_its_end_is_known() {
    assert_eq!(
        read("a:\n  enabled: true\nb:\n  enabled: false\n  x: ]\n  rollout: 5\n"),
        ["a 100% (false)", "b 0% (true)"]
    );
    assert_eq!(read("a:\n  enabled: true\n  rollout: 5\n}\n"), ["a 5% (false)"]);
}

#[test]
fn the_place_is_that_of_the_break() {
    let listing = document::listing("a:\n  enabled: true\n  x: ]\n  rollout: 5\n", &Mapping::native());
    let Field::Unreadable(unseen) = &listing.flags[0].rollout else { panic!("{listing:?}") };
    assert_eq!((unseen.line, unseen.column), (3, 6));
    assert_eq!(unseen.reason, "can't be told: the text is broken below");
}
