//! The structure of the source: which room may use which, how long a file may be, what a rollback may not name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Which rooms a room may name directly. `docs/architecture.md` tells why.
const ARROWS: &[(&str, &[&str])] = &[
    ("bucket", &["model"]),
    ("backend", &["document", "http", "model"]),
    ("change", &["backend", "ledger", "plan", "model"]),
    ("check", &["model", "document"]),
    ("codegen", &["bucket", "model"]),
    ("config", &["model", "plan", "gate"]),
    ("document", &["model"]),
    ("error", &["exit"]),
    ("exit", &[]),
    ("gate", &["model"]),
    ("http", &["model"]),
    ("ledger", &["model"]),
    ("metrics", &["http", "model"]),
    ("model", &[]),
    ("plan", &["model"]),
    ("render", &["model", "plan", "gate", "check"]),
    ("term", &["model"]),
];

/// The rooms that every room may name.
const EVERYWHERE: &[&str] = &["error", "exit"];

/// What only the glue and the entrance may use: everything.
const GLUE: &[&str] = &["cli", "commands", "lib", "main"];

/// The rooms that never touch a file, a socket, the clock or an environment variable.
const PURE: &[&str] = &["model", "plan", "gate", "document", "check", "bucket", "codegen"];

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&src, &mut found);
    found.sort();
    let read = |path: PathBuf| (path.strip_prefix(&src).unwrap().to_owned(), fs::read_to_string(&path).unwrap());
    found.into_iter().map(read).collect()
}

fn room(path: &Path) -> String {
    let first = path.components().next().unwrap().as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// The text before the unit tests, without comments.
fn code(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod ").unwrap_or(text.len());
    let uncommented = |line: &&str| !line.trim_start().starts_with("//");
    text[..end].lines().filter(uncommented).collect::<Vec<_>>().join("\n")
}

/// Which rooms a text names: `crate::room`, also within a `use crate::{…}`.
fn named(code: &str) -> BTreeSet<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut rooms = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut begins = true;
            for (index, character) in group.char_indices() {
                match character {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => begins = true,
                    c if begins && c.is_alphabetic() => {
                        rooms.insert(word(&group[index..]));
                        begins = false;
                    }
                    _ => {}
                }
            }
        } else {
            rooms.insert(word(rest));
        }
    }
    rooms
}

#[test]
fn arrows_point_down() {
    let allowed: BTreeMap<_, _> = ARROWS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let room = room(&path);
        if GLUE.contains(&room.as_str()) {
            continue;
        }
        let Some(may) = allowed.get(room.as_str()) else {
            wrong.push(format!("{} is in no room that the architecture knows", path.display()));
            continue;
        };
        for used in named(&code(&text)) {
            if used != room && !may.contains(&used.as_str()) && !EVERYWHERE.contains(&used.as_str()) {
                wrong.push(format!("{}: {room} → {used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that the architecture doesn't have:\n{}", wrong.join("\n"));
}

#[test]
fn pure_rooms_touch_nothing() {
    let forbidden = [
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "SystemTime",
        "Instant::now",
        "Timestamp::now",
        "Zoned::now",
        "std::thread",
    ];
    let mut wrong = Vec::new();
    // A room's own tests may read documents.
    let pure = |path: &Path| PURE.contains(&room(path).as_str()) && !path.ends_with("tests.rs");
    for (path, text) in sources().into_iter().filter(|(path, _)| pure(path)) {
        let code = code(&text);
        wrong.extend(
            forbidden.iter().filter(|word| code.contains(**word)).map(|word| format!("{}: {word}", path.display())),
        );
    }
    assert!(wrong.is_empty(), "pure rooms that touch the world:\n{}", wrong.join("\n"));
}

#[test]
fn a_rollback_names_nothing_that_could_block_it() {
    let rollback = sources().into_iter().find(|(path, _)| path == Path::new("commands/rollback.rs")).unwrap().1;
    for word in ["metrics", "gate", "Settings"] {
        assert!(!rollback.contains(word), "commands/rollback.rs names `{word}`");
    }
}

#[test]
fn files_stay_short() {
    let long: Vec<_> = sources()
        .into_iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > 400)
        .collect();
    assert!(long.is_empty(), "split by noun what is over 400 lines: {long:?}");
}

#[test]
fn only_the_terminal_and_main_speak_and_exit() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let code = code(&text);
        for word in ["println!", "eprintln!", "process::exit"] {
            if code.contains(word) {
                wrong.push(format!("{}: {word}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_arrows_reads_groups() {
    let rooms = named("use crate::{model::{Flag, Percent}, plan, gate::judge};\nfn f() { crate::http::get() }");
    assert_eq!(rooms.into_iter().collect::<Vec<_>>(), ["gate", "http", "model", "plan"]);
}
