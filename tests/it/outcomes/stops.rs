//! Ctrl-C, SIGTERM and "no": at a prompt, in a terminal, and while a source is waited for.

use crate::console::{BINARY, CONFIG, Console, FLAGS, Outcome, TEXT, alone};
use crate::metrics::server::{Server, respond};
use crate::process;
use crate::terminal::Terminal;
use serde_json::Value;
use std::process::{Command, Stdio};
use std::sync::mpsc;

const ADVANCE: &str = "advance checkout_v2 --override gates --reason test";

/// Types a command line in a terminal, answers its question, and returns what was shown, and the exit code.
fn answered(console: &Console, line: &str, question: &str, act: impl FnOnce(&mut Terminal, &str)) -> (String, String) {
    // Ctrl-C is for everyone in the terminal: the shell outlives it.
    let script = format!("trap : INT; sh -c 'echo pid=$$; exec {BINARY} {line}'; echo \"ended: $?.\"");
    let mut terminal = Terminal::open(&mut alone("script", &console.path("")), &script);
    terminal.wait_for("pid=");
    let pid = terminal.wait_for("\r\n");
    terminal.wait_for(question);
    act(&mut terminal, &pid);
    let shown = terminal.wait_for("ended: ");
    (shown, terminal.wait_for("."))
}

fn signal(pid: &str, name: &str) {
    assert!(Command::new("kill").args(["-s", name, pid]).status().unwrap().success());
}

#[test]
fn at_the_prompt() {
    let question = "Raise checkout_v2 from 25% to 50% in production?";
    type Act = fn(&mut Terminal, &str);
    let cases: [(&str, Act, &str, &str); 6] = [
        ("no", |terminal, _| terminal.press("n\r"), "130", "the answer was no"),
        ("nothing", |terminal, _| terminal.press("\r"), "130", "the answer was no"),
        ("Ctrl-D", |terminal, _| terminal.press("\u{4}"), "130", "the answer was no"),
        ("Ctrl-C", |terminal, _| terminal.press("\u{3}"), "130", "stopped by Ctrl-C"),
        ("SIGINT", |_, pid| signal(pid, "INT"), "130", "stopped by Ctrl-C"),
        ("SIGTERM", |_, pid| signal(pid, "TERM"), "143", "stopped by SIGTERM"),
    ];
    for (what, act, code, why) in cases {
        let console = Console::new();
        let (shown, ended) = answered(&console, ADVANCE, question, act);
        assert_eq!(ended, code, "{what}: {shown}");
        assert!(shown.contains(why) && shown.contains("nothing was changed"), "{what}: {shown}");
        assert_eq!(console.read(FLAGS), TEXT, "{what}");
    }
    let console = Console::new();
    let (shown, ended) = answered(&console, ADVANCE, question, |terminal, _| terminal.press("y\r"));
    assert_eq!(ended, "0", "{shown}");
    assert!(console.read(FLAGS).contains("rollout: 50"));
}

#[test]
fn no_in_json() {
    let console = Console::new();
    let (shown, ended) =
        answered(&console, &format!("-o json {ADVANCE}"), "[y/N]", |terminal, _| terminal.press("n\r"));
    assert_eq!(ended, "130", "{shown}");
    let answer: Value = serde_json::from_str(&shown[shown.find("{\"version\"").unwrap()..]).unwrap();
    assert_eq!(answer["error"]["code"], "stopped");
    assert_eq!(answer["changed"], false);
}

#[test]
fn in_the_menu_of_a_rollback() {
    let console = Console::new().with(FLAGS, "a: {enabled: true, rollout: 5}\nb: {enabled: true, rollout: 25}\n");
    let menu = |act: fn(&mut Terminal, &str)| answered(&console, "rollback", "Roll back which?", act);
    let (shown, ended) = menu(|terminal, _| {
        terminal.wait_for("b (25%)");
        // What is pressed between the drawing and the waiting is not seen.
        terminal.until("was changed", |terminal| terminal.press("\u{3}"));
    });
    assert_eq!(ended, "130", "{shown}");
    let (shown, ended) = menu(|terminal, pid| {
        terminal.wait_for("b (25%)");
        terminal.until("was changed", |_| drop(Command::new("kill").args(["-s", "TERM", pid]).output()));
    });
    assert_eq!(ended, "143", "{shown}");
    let (shown, ended) = menu(|terminal, _| {
        terminal.wait_for("b (25%)");
        terminal.press("\u{1b}[B \r");
    });
    assert_eq!(ended, "0", "{shown}");
    assert_eq!(console.read(FLAGS), "a: {enabled: true, rollout: 5}\nb: {enabled: false, rollout: 0}\n");
}

#[test]
fn while_a_source_is_waited_for() {
    for (name, code, word) in [("INT", 130, "stopped"), ("TERM", 143, "terminated")] {
        let (met, meets) = mpsc::channel();
        let server = Server::start(move |_, stream| {
            respond(stream, "200 OK", "text/plain", "http_requests_total{flag=\"checkout_v2\",variant=\"on\"} 1000\n");
            let _ = met.send(());
        });
        let console = Console::new().with("flagctl.toml", CONFIG);
        let url = format!("{}/metrics", server.url());
        let line = ["-o", "json", "advance", "checkout_v2", "--yes", "--metrics-url", &url, "--max-error-rate", "1%"];
        let mut command = console.command(&line);
        command.args(["--window", "1h"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = process::start(&mut command);
        // The page was read once; the second look is an hour away.
        meets.recv_timeout(process::PATIENCE).unwrap();
        signal(&child.id().to_string(), name);
        let outcome = Outcome::of(&process::ended(child));
        assert_eq!(outcome.code, Some(code), "{outcome:?}");
        let answer = outcome.json();
        assert_eq!((&answer["error"]["code"], &answer["changed"]), (&word.into(), &false.into()), "{answer}");
        assert_eq!(answer["changes"], serde_json::json!([]));
        assert_eq!(console.read(FLAGS), TEXT);
    }
}

/// A drill that is stopped goes down, and leaves the file as it was.
#[test]
fn in_a_drill() {
    let console = Console::new();
    let mut command = console.command(&["-o", "json", "drill", "checkout_v2", "--yes"]);
    let child = process::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
    let late = std::time::Instant::now() + process::PATIENCE;
    while console.read(FLAGS) == TEXT {
        assert!(std::time::Instant::now() < late, "the flag did not go up");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    signal(&child.id().to_string(), "INT");
    let outcome = Outcome::of(&process::ended(child));
    assert_eq!(outcome.code, Some(130), "{outcome:?}");
    let answer = outcome.json();
    assert_eq!((&answer["error"]["code"], &answer["changed"]), (&"stopped".into(), &false.into()), "{answer}");
    assert_eq!(console.read(FLAGS), TEXT);
}

#[test]
fn a_menu_that_is_left_is_no_choice() {
    let text = "a: {enabled: true, rollout: 5}\nb: {enabled: true, rollout: 25}\n";
    let why = ["the menu was left without a choice", "no flag was picked: space picks one"];
    for (keys, why, other) in [(" \u{1b}", why[0], why[1]), ("\r", why[1], why[0])] {
        let console = Console::empty().with("flags.yaml", text);
        let (shown, ended) =
            answered(&console, "-f flags.yaml rollback", "enter goes", |terminal, _| terminal.press(keys));
        assert_eq!(ended, "130", "{shown}");
        assert!(shown.contains(why) && !shown.contains(other), "{shown}");
        assert_eq!(console.read("flags.yaml"), text);
    }
}
