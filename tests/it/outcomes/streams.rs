//! What becomes of an answer that nobody reads, or that nothing can hold; and what a rollback never opens.

use crate::console::{BINARY, CONFIG, Console, FLAGS, Outcome, alone, gate};
use crate::process;
use std::fs;
use std::process::Stdio;

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let console = Console::new();
    for line in ["status", "--help", "-o json status", "log", "rollback checkout_v2", "util man", "completions bash"] {
        let mut command = alone("bash", &console.path(""));
        let script = format!("'{BINARY}' {line} | true; echo ${{PIPESTATUS[0]}}");
        let outcome = Outcome::of(&process::output(command.args(["-c", &script])));
        assert_eq!(outcome.stdout, "0\n", "{line}: {outcome:?}");
        assert!(!outcome.stderr.contains("error"), "{line}: {outcome:?}");
    }
}

#[test]
fn a_disk_that_is_full_is_one() {
    let console = Console::new();
    for (line, changed) in [
        ("status", "nothing was changed"),
        ("-o json status", "nothing was changed"),
        ("plan checkout_v2", "nothing was changed"),
        ("--help", "nothing was changed"),
        ("--version", "nothing was changed"),
        ("completions bash", "nothing was changed"),
        ("rollback checkout_v2 --dry-run", "nothing was changed"),
        ("rollback checkout_v2", "something was changed"),
        ("-o json advance checkout_v2 --yes --override gates,latch --reason test", "something was changed"),
    ] {
        let mut command = console.command(&line.split(' ').collect::<Vec<_>>());
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let outcome = Outcome::of(&process::ended(process::start(command.stdout(full).stderr(Stdio::piped()))));
        assert_eq!(outcome.code, Some(1), "{line}: {outcome:?}");
        assert!(outcome.stderr.contains("can't write the answer to stdout"), "{line}: {outcome:?}");
        assert!(outcome.stderr.contains(changed), "{line}: {outcome:?}");
    }
    assert!(console.read(FLAGS).contains("rollout: 5 "));
}

#[test]
fn a_rollback_opens_no_socket() {
    let console = Console::new().with("flagctl.toml", &format!("{CONFIG}{}", gate("https://prometheus.example.org")));
    let trace = console.path("trace");
    for line in
        ["rollback checkout_v2", "rollback", "rollback --all --released", "rollback nothing", "-o json rollback --all"]
    {
        let mut command = alone("strace", &console.path(""));
        command.args(["-f", "-qq", "-e", "trace=%network", "-o"]).arg(&trace).arg(BINARY).args(line.split(' '));
        let output = process::output(&mut command);
        assert_eq!(output.status.code(), Some(if line.ends_with("nothing") { 2 } else { 0 }), "{line}");
        assert_eq!(fs::read_to_string(&trace).unwrap(), "", "{line}");
    }
    assert!(console.read(FLAGS).contains("rollout: 0"));
    // The same look at a verb that asks does see sockets: the trace can tell.
    let mut command = alone("strace", &console.path(""));
    command.args(["-f", "-qq", "-e", "trace=%network", "-o"]).arg(&trace).arg(BINARY);
    let url = ["--metrics-url", "http://127.0.0.1:9/", "--max-error-rate", "1%"];
    console.write(FLAGS, "checkout_v2: {enabled: true, rollout: 5}\n");
    process::output(command.args(["check", "checkout_v2"]).args(url));
    assert!(fs::read_to_string(&trace).unwrap().contains("socket("));
}
