//! Appending.

use super::{Desk, entry, patient};
use flagctl::ledger::{Patience, Recorded};
use flagctl::model::{Action, Mode};
use snapbox::{assert_data_eq, str};
use std::fs::{self, File};
use std::time::Duration;

#[test]
fn a_line_is_as_documented() {
    let desk = Desk::new();
    desk.append(&entry("alpha", Action::Advance, 25, 0));
    assert_data_eq!(
        String::from_utf8(desk.bytes()).unwrap(),
        str![[r#"
{"v":1,"id":"bc95642dcd78cc84b6c879b000305246ad2b697344a008f7442be8cdaa0aeed3","prev":[],"at":"2026-01-01T00:00:00Z","actor":"ada","host":"box","environment":"production","file":"flags.yaml","flag":"alpha","action":"advance","from":12.5,"to":25,"reason":"a /"reason/" — with/nall/u001bkinds","verdicts":[],"overrides":["latch"],"before":["rollout: 12.5"],"after":["rollout: 25"]}

"#]]
    );
    assert_eq!(desk.found(), "");
}

#[test]
fn entries_come_back_as_they_were_given() {
    let desk = Desk::new();
    let mut given = entry("alpha", Action::Advance, 25, 0);
    desk.append(&given);
    let read = desk.ledger.entries().unwrap().history.entries.remove(0);
    given.id.clone_from(&read.id);
    assert_eq!(read, given);
}

#[test]
fn a_torn_line_is_closed_by_the_next_append_and_named() {
    let desk = Desk::new();
    desk.append(&entry("alpha", Action::Advance, 25, 0));
    desk.append(&entry("alpha", Action::Advance, 50, 1));
    let whole = desk.bytes();
    desk.write(&whole[..whole.len() - 40]);
    assert_data_eq!(
        desk.found(),
        str![[r#"
2: Torn: torn by an interrupted write; the next change closes it

"#]]
    );
    let skipped = desk.ledger.entries().unwrap().skipped;
    assert_data_eq!(skipped[0].why.clone(), str!["was torn by an interrupted write"]);
    let recorded = desk.ledger.append(&[entry("beta", Action::Advance, 5, 2)], &desk.ledger.seen(), patient());
    let Recorded::Yes(notes) = recorded else { panic!("{recorded:?}") };
    assert_data_eq!(notes.join("\n"), str!["the ledger's last line was torn by an interrupted write; it was closed"]);
    assert_data_eq!(
        desk.found(),
        str![[r#"
2: TornClosed: torn by an interrupted write, and closed by the next one

"#]]
    );
    assert!(desk.ledger.verify().unwrap().iter().all(|finding| !finding.kind.is_error()));
    let entries = desk.ledger.entries().unwrap().history.entries;
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[1].prev, [entries[0].id.clone()]);
}

#[test]
fn a_last_line_that_only_lacks_its_end_is_no_loss() {
    let desk = Desk::new();
    desk.append(&entry("alpha", Action::Advance, 25, 0));
    let whole = desk.bytes();
    desk.write(&whole[..whole.len() - 1]);
    desk.append(&entry("beta", Action::Advance, 5, 2));
    assert_eq!(desk.found(), "");
    assert_eq!(desk.ledger.entries().unwrap().history.entries.len(), 2);
}

#[test]
fn a_rollback_appends_without_the_lock_and_mends_nothing() {
    let desk = Desk::new();
    desk.append(&entry("alpha", Action::Advance, 25, 0));
    let mut torn = desk.bytes();
    torn.extend(b"{\"v\":1,\"id\":\"");
    desk.write(&torn);
    let held = File::open(&desk.ledger.path).unwrap();
    held.lock().unwrap();
    let urgent = Patience { mode: Mode::Urgent, timeout: Duration::ZERO };
    let recorded = desk.ledger.append(&[entry("alpha", Action::Rollback, 0, 1)], &desk.ledger.seen(), urgent);
    let Recorded::Yes(notes) = recorded else { panic!("{recorded:?}") };
    assert_data_eq!(notes.join("\n"), str!["the ledger's lock stayed busy: the entry was appended without it"]);
    assert_data_eq!(
        desk.found(),
        str![[r#"
2: NotJson: is not JSON

"#]]
    );
    assert_eq!(desk.newest("alpha").unwrap().action, Action::Rollback);
    let careful = Patience { mode: Mode::Careful, timeout: Duration::ZERO };
    let recorded = desk.ledger.append(&[entry("alpha", Action::Advance, 5, 2)], &desk.ledger.seen(), careful);
    let Recorded::No(why) = recorded else { panic!("{recorded:?}") };
    assert_data_eq!(
        why.replace(&*desk.ledger.root.to_string_lossy(), "[DIR]"),
        str!["the ledger `[DIR]/.flagctl/ledger.jsonl` can't be written: its lock stayed busy"]
    );
}

/// Git replaces a file that it merges: a lock on the one before guards nothing.
#[test]
fn an_append_goes_to_the_file_that_stands_there() {
    let desk = Desk::new();
    desk.append(&entry("alpha", Action::Advance, 25, 0));
    let held = File::open(&desk.ledger.path).unwrap();
    held.lock().unwrap();
    let writer = std::thread::scope(|scope| {
        let writer = scope.spawn(|| desk.append(&entry("alpha", Action::Advance, 50, 1)));
        let merged = desk.ledger.path.with_extension("merged");
        fs::copy(&desk.ledger.path, &merged).unwrap();
        fs::rename(merged, &desk.ledger.path).unwrap();
        drop(held);
        writer.join()
    });
    writer.unwrap();
    assert_eq!(desk.ledger.entries().unwrap().history.entries.len(), 2);
    assert_eq!(desk.found(), "");
}

#[test]
fn the_newest_entry_is_read_from_the_end() {
    let desk = Desk::new();
    desk.append(&entry("alpha", Action::Advance, 25, 0));
    let lines = desk.bytes();
    // More than is looked at behind a flag's newest entry; and far before it a line that would be told.
    let far = [b"\"alpha\" no JSON\n".as_slice(), &lines.repeat(2 * 1024 * 1024 / lines.len())].concat();
    desk.write(&far);
    desk.append(&entry("alpha", Action::Rollback, 0, 1));
    let place = desk.ledger.place(Some("production"), &desk.ledger.root.join("flags.yaml"));
    let alpha = flagctl::model::FlagName::new("alpha").unwrap();
    let near = desk.ledger.newest(&place, &alpha).unwrap();
    assert_eq!(near.history.newest().unwrap().action, Action::Rollback);
    assert_eq!(near.skipped, []);
    assert_eq!(desk.ledger.history(&place, &alpha).unwrap().skipped.len(), 1);
}

/// A ledger whose end holds no line end, as a power cut leaves it: nothing looks through all of it.
#[test]
fn a_line_without_end_is_told_and_not_read() {
    let desk = Desk::new();
    desk.append(&entry("alpha", Action::Advance, 25, 0));
    let file = File::options().append(true).open(&desk.ledger.path).unwrap();
    // A hole, which takes no room.
    file.set_len(64 * 1024 * 1024 * 1024).unwrap();
    let place = desk.ledger.place(Some("production"), &desk.ledger.root.join("flags.yaml"));
    let alpha = flagctl::model::FlagName::new("alpha").unwrap();
    let error = desk.ledger.newest(&place, &alpha).unwrap_err();
    assert_data_eq!(
        error.message.replace(&*desk.ledger.root.to_string_lossy(), "[DIR]"),
        str![
            "the ledger `[DIR]/.flagctl/ledger.jsonl` can't be read: a line that byte 68715282432 is in is longer than 4 MiB, which no entry is"
        ]
    );
    assert!(desk.ledger.recent(&place, "2020-01-01T00:00:00Z".parse().unwrap()).entries.is_empty());
    let urgent = Patience { mode: Mode::Urgent, timeout: Duration::ZERO };
    let recorded = desk.ledger.append(&[entry("alpha", Action::Rollback, 0, 1)], &desk.ledger.seen(), urgent);
    let Recorded::Yes(notes) = recorded else { panic!("{recorded:?}") };
    assert!(notes[0].starts_with("the ledger's last 4 MiB are no entries"), "{notes:?}");
    assert_eq!(desk.newest("alpha").unwrap().action, Action::Rollback);
}

#[test]
fn what_stands_before_a_line_that_is_too_long_is_shown() {
    let desk = Desk::new();
    desk.append(&entry("alpha", Action::Advance, 25, 0));
    let long = [desk.bytes(), vec![b'x'; 9 * 1024 * 1024], b"\n".to_vec()].concat();
    desk.write(&long);
    desk.append(&entry("alpha", Action::Rollback, 0, 1));
    let read = desk.ledger.entries().unwrap();
    assert_eq!(read.history.entries.len(), 2);
    assert_eq!(read.skipped.len(), 1);
    assert_data_eq!(read.skipped[0].why.clone(), str!["is longer than 4 MiB, which no entry is"]);
}

#[test]
fn the_recent_entries_are_those_of_the_last_days() {
    let desk = Desk::new();
    desk.append(&entry("alpha", Action::Advance, 100, 0));
    desk.append(&entry("beta", Action::Advance, 100, 100));
    desk.append(&entry("gamma", Action::Advance, 100, 50));
    let place = desk.ledger.place(Some("production"), &desk.ledger.root.join("flags.yaml"));
    let recent = desk.ledger.recent(&place, "2026-01-01T00:00:20Z".parse().unwrap());
    let flags: Vec<&str> = recent.entries.iter().map(|entry| entry.flag.as_str()).collect();
    assert_eq!(flags, ["beta", "gamma"]);
}

/// A file that is no ledger stays as it is, whatever led to it.
#[test]
fn what_is_no_ledger_is_not_appended_to() {
    let refused = |desk: &Desk| {
        let given = entry("alpha", Action::Rollback, 0, 0);
        match desk.ledger.append(&[given], &desk.ledger.seen(), Patience { mode: Mode::Urgent, ..patient() }) {
            Recorded::No(why) => why,
            other => panic!("{other:?}"),
        }
    };
    for text in ["a:\n  rollout: 5\n", "version = 1", "{\n  \"a\": 1\n}\n", "{\"a\":1}", "{\"a\":1}\n\n"] {
        let desk = Desk::new();
        desk.write(text.as_bytes());
        assert!(refused(&desk).ends_with("it is no ledger"), "{text}");
        assert_eq!(desk.bytes(), text.as_bytes());
    }
    let desk = Desk::new();
    desk.write(b"");
    std::os::unix::fs::symlink(&desk.ledger.path, desk.ledger.root.join("flags.yaml")).unwrap();
    assert!(refused(&desk).ends_with("it is the flags file itself"));
    assert_eq!(desk.bytes(), b"");
    let desk = Desk::new();
    fs::create_dir(desk.ledger.path.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink("/dev/null", &desk.ledger.path).unwrap();
    assert!(refused(&desk).ends_with("it is no regular file"));
    assert!(desk.ledger.entries().is_err() && desk.ledger.verify().is_err());
}
