//! What doctor says of a flags file that can't be replaced, or not be written at all; it leaves nothing behind.

use crate::console::{BINARY, Console, Outcome, alone};
use crate::process;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

const TEXT: &str = "alpha:\n  enabled: true\n  rollout: 5\n";

/// A folder with a flags file in it that anybody may enter.
fn folder(mode: u32, file: u32) -> Console {
    let console = Console::empty().with("flags.yaml", TEXT).with(".flagctl/ledger.jsonl", "");
    fs::set_permissions(console.path("flags.yaml"), Permissions::from_mode(file)).unwrap();
    fs::set_permissions(console.path(""), Permissions::from_mode(mode)).unwrap();
    console
}

/// Returns the names that stand there.
fn names(console: &Console) -> Vec<String> {
    let entries = fs::read_dir(console.path("")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Returns what doctor says of the write, as root or as nobody, as `severity message`.
fn write(console: &Console, root: bool) -> Vec<String> {
    // The binary stands where only root may look.
    let copies = tempfile::tempdir().unwrap();
    fs::set_permissions(copies.path(), Permissions::from_mode(0o755)).unwrap();
    let copy = copies.path().join("flagctl");
    fs::copy(BINARY, &copy).unwrap();
    let words = ["-o", "json", "-f", "flags.yaml", "doctor", "--no-sources"];
    let mut command = if root {
        alone(BINARY, &console.path(""))
    } else {
        let mut command = alone("setpriv", &console.path(""));
        command.args("--reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all".split(' '));
        command.arg(&copy);
        command
    };
    let before = names(console);
    let outcome = Outcome::of(&process::output(command.args(words).stdin(Stdio::null())));
    assert_eq!((names(console), console.read("flags.yaml").as_str()), (before, TEXT), "it changed something");
    let answer = outcome.json();
    let found = answer["findings"].as_array().unwrap().iter().filter(|finding| finding["what"] == "write");
    found.map(|one| format!("{} {}", one["severity"].as_str().unwrap(), one["message"].as_str().unwrap())).collect()
}

fn attribute(flag: &str, path: &Path) {
    let status = Command::new("chattr").arg(flag).arg(path).status().unwrap();
    assert!(status.success(), "the temporary folder's file system knows no `chattr {flag}`");
}

#[test]
fn rights_are_told() {
    for (mode, file, wanted) in [
        (0o777, 0o644, "ok the file can be replaced"),
        (0o755, 0o666, "warning nothing can be written into"),
        (0o755, 0o644, "error `flags.yaml` can't be written"),
        (0o1777, 0o666, "the file's folder, is sticky, and the file is another's"),
    ] {
        let told = write(&folder(mode, file), false);
        assert!(told.len() == 1 && told[0].contains(wanted), "{mode:o} {file:o}: {told:?}");
    }
}

#[test]
fn attributes_are_told() {
    let console = folder(0o755, 0o644);
    for (place, wanted) in [
        ("flags.yaml", "error the file can't be opened for writing, whatever its rights"),
        ("", "warning nothing can be written into"),
    ] {
        attribute("+i", &console.path(place));
        let told = std::panic::catch_unwind(|| write(&console, true));
        attribute("-i", &console.path(place));
        let told = told.unwrap();
        assert!(told.len() == 1 && told[0].starts_with(wanted), "{told:?}");
    }
}

/// In a mount namespace of its own: the disk is full.
#[test]
fn a_full_disk_is_told() {
    let script = "mount -t tmpfs -o size=16k none /mnt && cd /mnt && mkdir .flagctl && printf '%s' \"$TEXT\" > flags.yaml && \
        : > .flagctl/ledger.jsonl && { cat /dev/zero > full 2>/dev/null || true; } && \"$FLAGCTL\" -o json -f flags.yaml doctor";
    let mut command = alone("unshare", Path::new("/"));
    command.args(["--mount", "sh", "-c", script]).env("TEXT", TEXT).env("FLAGCTL", BINARY);
    let outcome = Outcome::of(&process::output(command.stdin(Stdio::null())));
    let answer = outcome.json();
    let of = |what: &str| {
        let found = answer["findings"].as_array().unwrap().iter().rfind(|finding| finding["what"] == what).unwrap();
        format!("{} {}", found["severity"].as_str().unwrap(), found["message"].as_str().unwrap())
    };
    assert_eq!(outcome.code, Some(3), "{answer}");
    assert_eq!(
        of("ledger"),
        "error the ledger `.flagctl/ledger.jsonl` can't be written: No space left on device (os error 28)"
    );
    assert!(of("write").contains("No space left on device"), "{answer}");
    assert!(answer.to_string().contains("an advance ends with 1, changed and not recorded"), "{answer}");
}
