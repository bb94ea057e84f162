//! Drills: what counts as one, what one leaves, and what stands in its way.

pub(crate) mod service;

use crate::console::{BINARY, Console, FLAGS, Outcome, TEXT};
use crate::metrics::server::Server;
use crate::process;
use serde_json::Value;
use service::{Service, gate};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

const STAGING: &str = "config/staging.yaml";
const CONFIG: &str = "\
version = 1
default-environment = \"production\"
[rollout]
soak = \"0s\"
[environments.staging]
flags = \"config/staging.yaml\"
[environments.production]
flags = \"config/feature_flags.yaml\"
after = \"staging\"
drill-max-age = \"30d\"
protected = true
";

/// Staging at 25 before production at 25.
fn stage() -> Console {
    Console::new().with(STAGING, TEXT).with("flagctl.toml", CONFIG)
}

fn staged(service: &Service) -> Console {
    stage().with("flagctl.toml", &format!("{CONFIG}{}", service.gate()))
}

fn wait_until(what: &str, so: impl Fn() -> bool) {
    let late = Instant::now() + process::PATIENCE;
    while !so() {
        assert!(Instant::now() < late, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Starts a drill of the service, and waits until the flag is up and that is on record.
fn started(console: &Console, service: &Service) -> Child {
    let switch = service.switch();
    let line = ["-o", "json", "-e", "staging", "drill", "checkout_v2", "--yes", "--misbehave", &switch];
    let mut command = console.command(&line);
    let child = process::start(command.args(["--within", "600s"]).stdout(Stdio::piped()).stderr(Stdio::piped()));
    let ledger = console.path(".flagctl/ledger.jsonl");
    wait_until("the flag did not go up", || std::fs::read_to_string(&ledger).is_ok_and(|text| text.ends_with('\n')));
    child
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap().success());
}

fn refusals(console: &Console) -> Vec<String> {
    let (_, plan) = console.json("plan checkout_v2");
    let of = |one: &Value| one["refusal"].as_str().unwrap().to_owned();
    plan["refusals"].as_array().unwrap().iter().map(of).collect()
}

#[test]
fn a_drill_that_failed_is_no_rehearsal() {
    let service = Service::start("500 Oops", "200 OK");
    let console = staged(&service);
    let line = format!("-e staging drill checkout_v2 --yes --misbehave {}?token=SECRET", service.switch());
    let (code, answer) = console.json(&line);
    assert_eq!((code, &answer["changed"]), (1, &false.into()), "{answer}");
    assert_eq!(console.read(STAGING), TEXT);
    assert!(refusals(&console).contains(&"drill".to_owned()));
    // What stands behind the `?` is told nowhere.
    let told = format!("{answer}{}", console.read(".flagctl/ledger.jsonl"));
    assert!(told.contains("/misbehave?…") && !told.contains("SECRET"), "{told}");

    let (code, answer) = console.json("-e staging drill checkout_v2 --yes --within 0s");
    assert_eq!((code, &answer["error"]["code"]), (5, &"hold".into()), "{answer}");
    assert!(refusals(&console).contains(&"drill".to_owned()));

    let (code, answer) = console.json("-e staging drill checkout_v2 --yes");
    assert_eq!((code, &answer["breach_of"]), (0, &"page".into()), "{answer}");
    assert!(!refusals(&console).contains(&"drill".to_owned()));
    assert!(console.read(".flagctl/ledger.jsonl").contains("drill: breach of the drill's own page seen after"));

    console.write("flagctl.toml", &format!("{}[flags.checkout_v2]\ndoc = \"d.md\"\n", console.read("flagctl.toml")));
    assert_eq!(console.run("doc").code, Some(0));
    let document = console.read("d.md");
    assert!(document.contains("\nPassed: ") && document.matches("drilled 50% → 0%").count() == 3, "{document}");

    // Made later than our clock can be wrong, it would count for as long as it likes.
    let ledger = console.read(".flagctl/ledger.jsonl");
    let year = jiff::Timestamp::now().strftime("\"at\":\"%Y-").to_string();
    console.write(".flagctl/ledger.jsonl", &ledger.replace(&year, "\"at\":\"2999-"));
    assert!(refusals(&console).contains(&"drill".to_owned()));
}

#[test]
fn a_drill_needs_an_environment_that_may_be_disturbed() {
    let console = stage().with("x.yaml", TEXT);
    for (line, code) in [
        ("-f x.yaml drill checkout_v2 --yes", 2),
        ("-f x.yaml drill checkout_v2 --yes -n", 2),
        ("drill checkout_v2 --yes", 6),
        ("-e staging drill checkout_v2 --yes -n", 0),
    ] {
        let outcome = console.run(line);
        assert_eq!(outcome.code, Some(code), "{line}: {outcome:?}");
    }
    let bare = Console::empty().with(FLAGS, TEXT);
    assert_eq!(bare.run("drill checkout_v2 --yes").code, Some(2));
    assert_eq!(bare.read(FLAGS), TEXT);

    assert_eq!(console.run("-e staging -q rollback checkout_v2").code, Some(0));
    let down = console.read(STAGING);
    let outcome = console.run("-e staging drill checkout_v2 --yes");
    assert_eq!(outcome.code, Some(6), "{outcome:?}");
    assert!(outcome.stderr.contains("--override latch"), "{outcome:?}");
    assert_eq!(console.read(STAGING), down);
}

#[test]
fn a_ledger_that_cant_be_used_is_no_drill() {
    let console = stage().with(".flagctl/ledger.jsonl/in/the/way", "");
    let outcome = console.run("-e staging drill checkout_v2 --yes");
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert_eq!(console.read(STAGING), TEXT);
    let console = stage().with(".flagctl/ledger.jsonl", "no ledger\n");
    assert_eq!(console.run("-e staging drill checkout_v2 --yes").code, Some(1));
    assert_eq!(console.read(STAGING), TEXT);
}

#[test]
fn what_a_killed_drill_left_is_told_and_does_not_count() {
    let service = Service::healthy();
    let console = staged(&service);
    let child = started(&console, &service);
    // A second one at once would go up from there.
    let (code, answer) = console.json("-e staging drill checkout_v2 --yes");
    assert_eq!((code, &answer["changed"]), (7, &false.into()), "{answer}");
    signal(&child, "KILL");
    process::ended(child);
    assert!(console.read(STAGING).contains("rollout: 50"));
    let back = "flagctl -e staging rollback checkout_v2 --to 25";
    for line in ["-e staging status", "status --everywhere", "-e staging plan checkout_v2", "plan checkout_v2"] {
        let outcome = console.run(line);
        assert!(format!("{}{}", outcome.stdout, outcome.stderr).contains(back), "{line}: {outcome:?}");
    }
    assert_eq!(refusals(&console), ["drill", "order"]);
    let outcome = console.run("-e staging drill checkout_v2 --yes");
    assert_eq!(outcome.code, Some(7), "{outcome:?}");
    assert!(outcome.stderr.contains(back), "{outcome:?}");
    assert_eq!(console.run(back.trim_start_matches("flagctl ")).code, Some(0));
    assert_eq!(console.read(STAGING), TEXT);
    assert_eq!(console.run("-e staging drill checkout_v2 --yes").code, Some(0));
}

#[test]
fn what_somebody_else_wrote_during_a_drill_stays() {
    let service = Service::healthy();
    let console = staged(&service);
    let child = started(&console, &service);
    let theirs = TEXT.replace("rollout: 25", "rollout: 40");
    console.write(STAGING, &theirs);
    service.seen.store(true, Ordering::SeqCst);
    let outcome = Outcome::of(&process::ended(child));
    assert_eq!(outcome.code, Some(7), "{outcome:?}");
    let answer = outcome.json();
    assert_eq!((&answer["changed"], &answer["as_before"]), (&true.into(), &false.into()), "{answer}");
    assert_eq!(answer["changes"][0]["to"], 0, "{answer}");
    assert!(answer["error"]["message"].as_str().unwrap().contains("was set to 40% by somebody else"), "{answer}");
    assert!(answer["error"]["help"].to_string().contains("--override latch,soak,"), "{answer}");
    assert!(console.read(STAGING).contains("enabled: false\n  rollout: 0"));
    let status = console.run("-e staging status");
    assert!(!format!("{status:?}").contains("put it back"), "{status:?}");
    console.write("flagctl.toml", &format!("{}[flags.checkout_v2]\ndoc = \"d.md\"\n", console.read("flagctl.toml")));
    assert_eq!(console.run("doc").code, Some(0));
    assert!(!console.read("d.md").contains("Passed: "), "{}", console.read("d.md"));
}

#[test]
fn a_drill_that_cant_go_down_says_where_the_flag_is() {
    let service = Service::healthy();
    let console = staged(&service);
    let child = started(&console, &service);
    std::fs::rename(console.path(STAGING), console.path("away.yaml")).unwrap();
    service.seen.store(true, Ordering::SeqCst);
    let outcome = Outcome::of(&process::ended(child));
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    let answer = outcome.json();
    assert_eq!((&answer["changed"], &answer["changes"][0]["to"]), (&true.into(), &50.into()), "{answer}");
    assert!(answer.to_string().contains("is still at 50%"), "{answer}");
    assert!(answer.to_string().contains("flagctl -e staging rollback checkout_v2 --to 25"), "{answer}");
}

#[test]
fn signals_lead_down() {
    for (name, code) in [("INT", 130), ("TERM", 143), ("HUP", 143), ("QUIT", 143)] {
        let service = Service::healthy();
        let console = staged(&service);
        let child = started(&console, &service);
        signal(&child, name);
        let outcome = Outcome::of(&process::ended(child));
        assert_eq!(outcome.code, Some(code), "{name}: {outcome:?}");
        assert_eq!(console.read(STAGING), TEXT, "{name}");
        assert!(refusals(&console).contains(&"drill".to_owned()), "{name}: stopped, it is no rehearsal");
    }
}

/// Whoever had SIGHUP ignored, as `nohup` does, is not stopped by it.
#[test]
fn a_hangup_that_is_ignored_stays_ignored() {
    let service = Service::healthy();
    let console = staged(&service);
    let line =
        format!("exec {BINARY} -e staging drill checkout_v2 --yes --within 600s --misbehave {}", service.switch());
    let mut command = crate::console::alone("sh", &console.path(""));
    command.args(["-c", &format!("trap '' HUP; {line}")]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = process::start(&mut command);
    wait_until("the flag did not go up", || console.read(STAGING) != TEXT);
    signal(&child, "HUP");
    service.seen.store(true, Ordering::SeqCst);
    let outcome = Outcome::of(&process::ended(child));
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

/// What is to be done first in another environment is a command that works there.
#[test]
fn what_comes_first_can_be_typed() {
    let console = stage().with(FLAGS, &TEXT.replace("rollout: 25", "rollout: 5"));
    let firsts = || -> Vec<Value> {
        let (_, plan) = console.json("plan checkout_v2 --to 50");
        let all = plan["refusals"].as_array().unwrap().clone();
        let of = |kind: &str| all.iter().find(|one| one["refusal"] == kind).map(|one| one["first"].clone());
        vec![of("drill").unwrap_or_default(), of("order").unwrap_or_default()]
    };
    let staging = |rest: &str| Value::from(format!("flagctl -e staging {rest}"));
    assert_eq!(firsts(), [staging("drill checkout_v2"), staging("advance checkout_v2")]);
    console.run("-e staging rollback checkout_v2 --to 5");
    let unlatch = staging("advance checkout_v2 --override latch --reason \"…\"");
    assert_eq!(firsts(), [unlatch.clone(), unlatch]);
    console.write(STAGING, "other:\n  enabled: false\n  rollout: 0\n");
    let declare = staging("new checkout_v2 --description \"…\"");
    assert_eq!(firsts(), [declare.clone(), declare]);
    std::fs::remove_file(console.path(STAGING)).unwrap();
    assert_eq!(firsts(), [staging("validate"), staging("validate")]);

    // At the end of its own steps no advance helps.
    let short = CONFIG.replace("[environments.production]", "steps = [0, 5, 25]\n[environments.production]");
    let console = stage().with("flagctl.toml", &short);
    let (_, plan) = console.json("plan checkout_v2");
    let order = plan["refusals"].as_array().unwrap().iter().find(|one| one["refusal"] == "order").unwrap();
    assert_eq!(order["first"], Value::Null, "{order}");
    assert!(order["reason"].as_str().unwrap().contains("at 25%, the last of its own steps"), "{order}");
    let (_, found) = console.json("validate");
    let message = found["findings"][0]["message"].as_str().unwrap();
    assert_eq!(message, "`production` has a step 100%, and `staging`, which comes first, none above 25%");
}

#[test]
fn the_ledger_of_a_drill_is_to_be_shared() {
    let console = stage();
    assert!(Command::new("git").args(["init", "-q"]).current_dir(console.path("")).status().unwrap().success());
    let outcome = console.run("-e staging drill checkout_v2 --yes");
    assert!(outcome.code == Some(0) && outcome.stderr.contains("to share the ledger: git add"), "{outcome:?}");
}

/// A PUT that is never answered is not waited for by who stops the drill.
#[test]
fn a_hanging_put_is_left() {
    let hung = Server::raw(|stream| {
        let _ = stream.read(&mut [0; 1]);
        std::thread::sleep(Duration::from_secs(3600));
    });
    let service = Service::healthy();
    let console = staged(&service);
    let mut command = console.command(&["-e", "staging", "drill", "checkout_v2", "--yes", "--misbehave", &hung.url()]);
    let child = process::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
    wait_until("the flag did not go up", || console.read(STAGING) != TEXT);
    signal(&child, "INT");
    let outcome = Outcome::of(&process::ended(child));
    assert_eq!(outcome.code, Some(130), "{outcome:?}");
    assert!(outcome.stderr.contains("may still misbehave"), "{outcome:?}");
    assert_eq!(console.read(STAGING), TEXT);
    std::mem::forget(hung);
}

#[test]
fn a_service_that_is_not_healed_is_told() {
    let service = Service::start("200 OK", "500 Oops");
    service.seen.store(true, Ordering::SeqCst);
    let console = staged(&service);
    let line = format!("-e staging drill checkout_v2 --yes --misbehave {}", service.switch());
    let (code, answer) = console.json(&line);
    assert_eq!((code, &answer["changed"]), (1, &false.into()), "{answer}");
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.contains("is back at 25%") && message.contains("may still misbehave"), "{message}");
    assert_eq!(console.read(STAGING), TEXT);
}

/// Returns the status line of a request to a port of this machine.
fn ask(port: u16, line: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    write!(stream, "{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
    let mut told = String::new();
    stream.read_to_string(&mut told).ok()?;
    Some(told)
}

/// For real: the sample service fails those who have the feature, and a gate over its own page sees it.
#[test]
fn the_sample_is_seen_to_fail() {
    let example = std::path::Path::new(BINARY).with_file_name("examples").join("holograph");
    assert!(example.is_file(), "no {}: cargo build --example holograph", example.display());
    let name = "holograph_reality_enabled";
    let flags = format!("{name}:\n  enabled: true\n  rollout: 50\n");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let page = format!("http://127.0.0.1:{port}/metrics");
    let config = format!("{CONFIG}{}", gate(&page, "holograph_requests_total"));
    let console = stage().with(STAGING, &flags).with(FLAGS, &flags).with("flagctl.toml", &config);
    let mut command = Command::new(example);
    command.args(["serve", "--port", &port.to_string(), "--flags"]).arg(console.path(STAGING));
    let mut service = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until("the sample did not start", || ask(port, "GET /metrics").is_some());
    let switch = format!("http://127.0.0.1:{port}/misbehave/{name}");
    let (code, answer) = console.json(&format!("-e staging drill {name} --yes --within 120s --misbehave {switch}"));
    // Failing before the drill, it would prove nothing.
    ask(port, &format!("PUT /misbehave/{name}"));
    let (broken, before) = console.json(&format!("-e staging drill {name} --yes --misbehave {switch}"));
    service.kill().unwrap();
    service.wait().unwrap();
    assert_eq!(code, 0, "{answer}");
    assert_eq!((&answer["breach_of"], &answer["as_before"]), (&"service".into(), &true.into()), "{answer}");
    assert_eq!(answer["verdict"]["gate"], "errors", "{answer}");
    assert_eq!((broken, &before["changed"]), (4, &false.into()), "{before}");
    assert_eq!(console.read(STAGING), flags);
}

/// Between the plan and the write lies a prompt: what changed meanwhile elsewhere counts.
#[test]
fn the_order_is_looked_at_again_before_the_write() {
    use crate::terminal::Terminal;
    let console = stage();
    let config = CONFIG.replace("drill-max-age = \"30d\"\n", "");
    console.write("flagctl.toml", &config);
    console.write(STAGING, &TEXT.replace("rollout: 25", "rollout: 100"));
    let line = "advance checkout_v2 --override gates --reason test";
    let script = format!("sh -c 'exec {BINARY} {line}'; echo \"ended: $?.\"");
    let mut terminal = Terminal::open(&mut crate::console::alone("script", &console.path("")), &script);
    terminal.wait_for("[y/N]");
    console.write(STAGING, TEXT);
    terminal.press("y\r");
    let shown = terminal.wait_for("ended: ");
    assert_eq!(terminal.wait_for("."), "6", "{shown}");
    assert_eq!(console.read(FLAGS), TEXT);
}
