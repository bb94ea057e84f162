//! Two processes at one file.

use super::toy::{Place, read};
use super::writer::{command, start, told};
use std::thread;

/// Two hundred changes each, of different flags: none is lost, and the file is whole at every look.
#[test]
fn two_processes_lose_nothing() {
    let place = Place::new();
    let tasks = ["up alpha 10 200 60000", "up beta 10 200 60000"];
    // Each has somebody who listens: a pipe that nobody reads fills up.
    let writers = tasks.map(|task| start(command(&place.folder, task))).map(|child| thread::spawn(|| told(child)));
    let mut looks = 0_u32;
    while writers.iter().any(|writer| !writer.is_finished()) {
        let text = place.text();
        for flag in ["alpha", "beta", "gamma"] {
            assert!(read(&text, &super::toy::name(flag)).is_ok(), "{text:?}");
        }
        assert!(text.ends_with("rollout: 0}\n"), "{text:?}");
        looks += 1;
    }
    for writer in writers {
        let told = writer.join().unwrap();
        let changed = told.lines().filter(|line| line.starts_with("changed ")).count();
        assert_eq!((changed, told.matches("recorded\n").count()), (200, 200), "{told}");
    }
    assert!(looks > 10);
    let entries = place.ledger.entries().unwrap().history.entries;
    assert_eq!(entries.len(), 400);
    for flag in ["alpha", "beta"] {
        let mine: Vec<_> = entries.iter().filter(|entry| entry.flag == flag).collect();
        assert!(mine.windows(2).all(|pair| pair[1].from == Some(pair[0].to)));
        assert_eq!(place.rollout(flag), 11);
    }
    place.assert_clean();
}
