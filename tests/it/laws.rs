//! The eight laws, each held once from the outside, by the real binary. Where the rest of each is held is said beside it.

use crate::console::{CONFIG, Console, FLAGS, Outcome, TEXT, alone, gate};
use crate::metrics::server::{Server, healthy, respond};
use crate::process;
use clap::CommandFactory as _;
use flagctl::gate::{Applies, Moment, Threshold, judge};
use flagctl::model::{AbsentErrors, Evidence, Percent, Verdict};
use std::fs;
use std::thread;
use std::time::Duration;

const FORCE: &str = "--yes --override gates,soak,freeze,ladder,latch --reason test";

/// **Only the change changes.** A write alters the bytes of the target scalars (or inserts the missing key) and nothing
/// else, and this is proven before the write. What can't be proven is refused, with line and column.
///
/// `document` holds it for the tricky and the mapped documents, and for generated ones.
#[test]
fn only_the_change_changes() {
    let text = "\u{feff}# The \"flags\": of\tus\r\n'checkout_v2' :   # rollout: 5\r\n    \"enabled\":   true   # on\r\n\r\n    rollout:\t25# no comment\r\nother: { enabled: false, rollout: 25 }  \r\n# rollout: 25";
    let text = text.replace("25# no comment", "25 # a comment");
    let console = Console::new().with(FLAGS, &text);
    assert_eq!(console.run(&format!("advance checkout_v2 {FORCE}")).code, Some(0));
    assert_eq!(console.read(FLAGS), text.replacen("\t25", "\t50", 1));
    assert_eq!(console.run("rollback checkout_v2").code, Some(0));
    let down = text.replacen("\t25", "\t0", 1).replacen("true", "false", 1);
    assert_eq!(console.read(FLAGS), down);
    let shared = "a: {enabled: true, rollout: &r 5}\nb: {enabled: true, rollout: *r}\n";
    console.write(FLAGS, shared);
    let (code, answer) = console.json(&format!("advance b {FORCE}"));
    assert_eq!((code, &answer["error"]["line"], &answer["error"]["column"]), (3, &2.into(), &29.into()), "{answer}");
    assert_eq!(console.read(FLAGS), shared);
}

/// **Only `pass` moves forward.** Unreachable, empty, NaN, stale, too few, malformed, unknown: `hold`, never `pass`. The
/// verdict is a pure function of the evidence.
///
/// `outcomes::hostile`, `metrics` and the tests in `gate` hold it for everything that a source can answer.
#[test]
fn only_pass_moves_forward() {
    for (errors, total, verdict) in
        [("5", "1000", "pass"), ("50", "1000", "breach"), ("0", "499", "hold"), ("NaN", "1000", "hold")]
    {
        let server = Server::saying(move |asked| healthy(asked, errors, total));
        let console = Console::gated(&server.url());
        let (code, answer) = console.json("advance checkout_v2 --yes");
        let judged = &answer["verdicts"][0];
        assert_eq!(judged["verdict"], verdict, "{answer}");
        assert_eq!(code == 0, verdict == "pass", "{answer}");
        assert_eq!(console.read(FLAGS) == TEXT, verdict != "pass");
        // The same evidence, judged again, on its own: the same words.
        let evidence: Evidence = serde_json::from_value(judged["evidence"].clone()).unwrap();
        let rule = Threshold {
            name: "error-rate".into(),
            max: 0.01,
            min_requests: 500.0,
            max_age: Duration::from_mins(2),
            absent_errors: AbsentErrors::Hold,
            applies: Applies::Exposed,
        };
        let exposure = Percent::from_whole(25).unwrap();
        let began = Some(evidence.looked_at - jiff::SignedDuration::from_hours(24));
        let moment = Moment { exposure, began, after_rollback: false, now: evidence.looked_at };
        let again = judge(&rule, &moment, Some(&evidence));
        assert_eq!(judged["reason"], again.reason);
        assert_eq!(verdict == "pass", again.verdict == Verdict::Pass);
    }
}

/// **Nothing blocks a rollback.** No gate, soak, freeze, latch, prompt, notification, ledger or policy problem. For a
/// file it needs no network and no valid `flagctl.toml`. It is idempotent. It degrades before it gives up, and never
/// reports success for a place it guessed.
///
/// `outcomes::streams` shows that it opens no socket, `change` how it degrades, `house` what it doesn't name.
#[test]
fn nothing_blocks_a_rollback() {
    let hung = Server::start(|_, stream| drop(std::io::Read::read_to_end(stream, &mut Vec::new())));
    let freeze =
        "[freeze]\nwindows = [{ from = \"2020-01-01 00:00\", to = \"2100-01-01 00:00\", time-zone = \"UTC\" }]\n";
    let broken = "[gates\nsoak = \"soon\"\nunknown = {\n";
    let config = format!("{}{}{freeze}{broken}", CONFIG.replace("0s", "30d"), gate(&hung.url()));
    let text =
        TEXT.replace("true", "yes please").replace("25", "\"25%\"") + "checkout_v2: {rollout: 99, enabled: true}\n";
    let console = Console::new().with(FLAGS, &text).with("flagctl.toml", &config);
    // A ledger that can be neither read nor written, and a lock that stays busy.
    fs::create_dir_all(console.path(".flagctl/ledger.jsonl")).unwrap();
    let lock = fs::File::open(console.path("config")).unwrap();
    lock.lock().unwrap();
    let (code, answer) = console.json("--no-input rollback checkout_v2 --lock-timeout 1s");
    assert_eq!((code, &answer["changed"], &answer["changes"][0]["to"]), (0, &true.into(), &0.into()), "{answer}");
    let (code, answer) = console.json("rollback checkout_v2 --lock-timeout 1s");
    assert_eq!((code, &answer["changed"]), (0, &false.into()), "{answer}");
    let after = console.read(FLAGS);
    assert_eq!((after.matches("rollout: 0").count(), after.matches("enabled: false").count()), (3, 3), "{after}");
    assert!(hung.asked().is_empty());
    // A configuration that leads nowhere known is no reason to guess.
    console.write("flagctl.toml", "default-environment = \"remote\"\n[environments.remote]\nbackend = \"unleash\"\n");
    console.write(FLAGS, TEXT);
    let (code, answer) = console.json("rollback checkout_v2");
    assert_eq!((code, &answer["changed"]), (3, &false.into()), "{answer}");
    assert_eq!(console.read(FLAGS), TEXT);
}

/// **The file is replaced whole or not at all**, and a change that someone else made meanwhile is never lost. A crash at
/// any instruction, a full disk, a second operator: the file is the old or the new one.
///
/// `change` kills, stops and fails a writer at every file call, and lets two processes make four hundred changes.
#[test]
fn the_file_is_replaced_whole() {
    const CHANGES: usize = 20;
    let console = Console::new().with("flagctl.toml", &CONFIG.replace("0s\"", "0s\"\nsteps = [0, 50, 60]"));
    console.write(
        FLAGS,
        &format!("a: {{enabled: true, rollout: 50}}\n# {}\nb: {{enabled: true, rollout: 50}}\n", "x".repeat(20_000)),
    );
    let read = || fs::read_to_string(console.path(FLAGS)).unwrap();
    let whole =
        |text: &str| text.starts_with("a: {enabled: true, rollout: ") && text.ends_with("0}\n") && text.len() > 20_000;
    thread::scope(|scope| {
        let operators = ["a", "b"].map(|flag| {
            let console = &console;
            scope.spawn(move || {
                for _ in 0..CHANGES / 2 {
                    for line in [format!("advance {flag} {FORCE} --to 60"), format!("rollback {flag} --to 50")] {
                        let outcome = console.run(&format!("{line} --lock-timeout 1m"));
                        assert_eq!(outcome.code, Some(0), "{outcome:?}");
                    }
                }
            })
        });
        while operators.iter().any(|operator| !operator.is_finished()) {
            assert!(whole(&read()), "half a file: {:?}", read());
        }
    });
    let (code, log) = console.json("log --verify");
    assert_eq!((code, &log["findings"]), (0, &serde_json::json!([])));
    let (_, log) = console.json("log");
    assert_eq!(log["entries"].as_array().unwrap().len(), 2 * CHANGES);
    assert!(whole(&read()) && read().matches("rollout: 50").count() == 2);
    let left: Vec<_> = fs::read_dir(console.path("config")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["feature_flags.yaml"]);
}

/// **Nothing is decided twice.** A plan is data. Preview, dry run, JSON, diff, confirmation, ledger entry are views of it.
#[test]
fn nothing_is_decided_twice() {
    let server = Server::saying(|asked| healthy(asked, "5", "1000"));
    let console = Console::gated(&server.url());
    let (_, plan) = console.json("plan checkout_v2 --to 100");
    let (_, rehearsed) = console.json("advance checkout_v2 --to 100 --dry-run");
    let before = console.read(FLAGS);
    let (code, done) = console.json("advance checkout_v2 --to 100 --yes");
    assert_eq!(code, 0, "{done}");
    for key in
        ["flag", "environment", "file", "from", "to", "since", "jumped", "refusals", "overrides", "goes", "would_exit"]
    {
        assert_eq!((&plan[key], &rehearsed[key]), (&done[key], &done[key]), "{key}");
    }
    assert_eq!(plan["diff"], rehearsed["diff"]);
    assert_eq!(rehearsed["would_change"], done["changes"]);
    let diff = plan["diff"].as_str().unwrap();
    let lines = |sign: &str| {
        diff.lines()
            .skip(2)
            .filter(|line| line.starts_with(sign))
            .map(|line| line[1..].to_owned() + "\n")
            .collect::<String>()
    };
    assert_eq!(console.read(FLAGS), before.replace(&lines("-"), &lines("+")));
    let (_, log) = console.json("log");
    let entry = &log["entries"][0];
    for key in ["from", "to", "before", "after"] {
        assert_eq!(entry[key], done["changes"][0][key], "{key}");
    }
    assert_eq!(entry["verdicts"], done["verdicts"]);
    assert_eq!(console.json("status checkout_v2").1["flags"][0]["exposure"], done["to"]);
}

/// **stdout is the answer; stderr is everything said about it.** Any verb can answer in JSON, failures too.
///
/// The sessions `streams-*` show both streams, `json` every key, `outcomes` every code.
#[test]
fn stdout_is_the_answer() {
    let console = Console::new().with(".flagctl/keep", "");
    let lines = [
        ("init", "init"),
        ("new", "new starlight --description stars"),
        ("status", "status"),
        ("plan", "plan checkout_v2"),
        ("check", "check dark_mode"),
        ("advance", "advance checkout_v2 --yes --override gates --reason test"),
        ("rollback", "rollback checkout_v2"),
        ("drill", "drill checkout_v2 --yes"),
        ("doc", "doc"),
        ("doctor", "doctor --no-sources"),
        ("bucket", "bucket checkout_v2 u1"),
        ("log", "log"),
        ("validate", "validate"),
        ("config", "config show"),
        ("codegen", "codegen typescript"),
        ("completions", "completions fish"),
        ("util", "util markdown"),
    ];
    let verbs: Vec<String> =
        flagctl::cli::Cli::command().get_subcommands().map(|verb| verb.get_name().to_owned()).collect();
    assert_eq!(verbs, lines.map(|(verb, _)| verb), "a verb that this doesn't run");
    for (verb, line) in lines {
        let outcome = Outcome::of(&process::output(console.command(&["-o", "json"]).args(line.split(' '))));
        outcome.json();
        assert_eq!(outcome.stderr, "", "{line}");
        let failed = console.run(&format!("-o json {verb} --nonsense"));
        assert_eq!((failed.code, &failed.json()["error"]["code"]), (Some(2), &"usage".into()), "{verb}");
        assert_eq!(failed.stderr, "", "{verb}");
        let told = console.run(line);
        assert!(!told.stdout.contains("\u{1b}"), "{line}");
        // A failure leaves stdout empty, so that nothing takes it for an answer.
        let failed = console.run(&format!("-C nowhere {line}"));
        if failed.code == Some(2) {
            assert_eq!(failed.stdout, "", "{line}");
        }
    }
}

/// **Secrets** come from the environment or a file, never from an argument, and never appear in any output. Text from
/// files and servers is shown with control characters made visible, and never becomes a terminal escape, a query or a
/// path by itself.
///
/// `metrics::client` holds the first part for every kind of secret, `model::placeholder` what becomes of names in queries.
#[test]
fn secrets_and_escapes_do_not_show() {
    // A server that tells all it was sent, and colours it.
    let server = Server::start(|asked, stream| {
        let sent: Vec<String> = asked.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        respond(stream, "500 Oops", "text/plain", &format!("\u{1b}[31m{}", sent.join("; ")));
    });
    let config = format!("{CONFIG}{}", gate(&server.url()).replace("timeout", "bearer-token-env = \"TOKEN\"\ntimeout"));
    let flags = "\"\\e[31mred\\u202e\": {enabled: true, rollout: 25, description: \"\\e]0;title\\a\"}\nplain: {enabled: true, rollout: \"\\e[1m5\"}\n";
    let console = Console::new().with("flagctl.toml", &config).with(FLAGS, flags);
    let red = "\u{1b}[31mred\u{202e}";
    for words in [
        vec!["-v", "status"],
        vec!["-v", "plan", red],
        vec!["-v", "check", red],
        vec!["-v", "advance", red, "--yes"],
        vec!["-o", "json", "check", red],
        vec!["advance", "\u{1b}[31m", "--yes"],
        vec!["advance", "plain", "--yes"],
        vec!["-e", "\u{1b}[31m", "status"],
        vec!["-f", "\u{1b}[31m", "status"],
        vec!["rollback", "\u{1b}[31m"],
        vec!["rollback", red, "--reason", "\u{1b}[31m"],
        vec!["validate"],
        vec!["log"],
        vec!["config", "show"],
        vec!["config", "set", "\u{1b}[31m", "x"],
    ] {
        let output = process::output(console.command(&words).env("TOKEN", "hunter2"));
        let outcome = Outcome::of(&output);
        let all = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(!all.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{words:?}: {all}");
        assert!(!all.contains("hunter2"), "{words:?}: {all}");
    }
    assert!(
        server
            .asked()
            .iter()
            .any(|asked| asked.headers.get("authorization").is_some_and(|sent| sent.contains("hunter2")))
    );
    let entries = console.read(".flagctl/ledger.jsonl");
    assert!(!entries.contains("hunter2") && !entries.contains('\u{1b}'), "{entries}");
}

/// **It says whether anything changed, and where.** Every failure ends with what was, or was not, changed, and the next
/// command to type. After a change of a file in a Git work tree stderr says that it is changed *in this checkout*,
/// whether the checkout is behind its upstream, and the commit and push line.
///
/// The session `checkout` and the tests of `checkout` hold the rest.
#[test]
fn it_says_whether_anything_changed() {
    let console = Console::new();
    for line in [
        "advance",
        "--nonsense",
        "status none",
        "plan none",
        "check none",
        "new",
        "advance checkout_v2",
        "advance checkout_v2 --yes",
        "advance checkout_v2 --yes --to 5",
        "rollback none",
        "-f none.yaml rollback checkout_v2",
        "config set rollout.soak soon",
        "config show none",
        "init -f none.yaml --config none.toml",
    ] {
        let outcome = console.run(line);
        assert_ne!(outcome.code, Some(0), "{line}");
        let last = outcome.stderr.lines().last().unwrap();
        assert_eq!(last, "note: nothing was changed", "{line}");
        let next = ["help: ", "Usage: ", "tip: "].iter().any(|word| outcome.stderr.contains(word));
        assert!(next, "{line} says no next thing to do: {}", outcome.stderr);
    }
    assert_eq!(console.read(FLAGS), TEXT);
    let outcome = console.run("rollback checkout_v2 none");
    assert_eq!(outcome.stderr.lines().last(), Some("note: something was changed, see above"));
    let git = |words: &[&str]| process::output(alone("git", &console.path("")).args(words));
    assert!(git(&["init", "--quiet"]).status.success());
    let outcome = console.run(&format!("advance checkout_v2 {FORCE}"));
    assert!(outcome.stderr.contains("in this checkout") && outcome.stderr.contains("git commit"), "{outcome:?}");
    let (_, answer) = console.json("rollback checkout_v2");
    assert!(answer["checkout"]["commands"].as_array().is_some_and(|commands| !commands.is_empty()), "{answer}");
}
