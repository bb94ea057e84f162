//! JSON answers: what `docs/json.md` tells is what the binary says, no more and no less.

mod book;
mod desk;
mod paper;

use crate::metrics::server::{Server, respond};
use book::Book;
use clap::CommandFactory as _;
use desk::{Desk, FLAGS};
use flagctl::cli::Cli;
use flagctl::exit::Exit;
use paper::{Kind, Paper};
use serde_json::{Value, json};
use std::fs;

/// What the paper tells of and can't be had here by arranging files and servers.
const RARE: [&str; 9] = [
    // Only a remote can leave it open.
    "a-failure.changed: Null",
    // Only a backend has no lines.
    "a-flag.line: Null",
    // Only a backend has more than a percentage; the tests of LaunchDarkly have it.
    "a-flag.exposure_at_least: Number",
    // Only where a file has no time.
    "a-plan.since: Null",
    // Only where someone interrupts; `term` and `change` have tests of that.
    "an-error.code: stopped",
    "an-error.code: terminated",
    // Only where a flag is down whose exposure can't be told.
    "an-unchanged-flag.exposure: Null",
    // Only a backend can lose an answer, and only one has a mirror; the tests of backends have both.
    "what-came-of-it.changed: Null",
    "what-came-of-it.mirrored: Text",
];

#[test]
fn answers_are_as_described() {
    let mut book = Book::new();
    for told in [
        looking, users, gates, raising, refusals, lowering, following, rehearsing, documents, proving, declaring,
        ledgers, mistakes, beginning, settings, pages, generated,
    ] {
        told(&mut book);
    }
    assert!(book.wrong.is_empty(), "{}", book.wrong.join("\n"));
    assert_eq!(book.unseen(), RARE, "what docs/json.md tells of and no answer had");
}

fn looking(book: &mut Book) {
    let desk = Desk::new(&format!("{FLAGS}odd:\n  enabled: perhaps\n  rollout: 5%\n"));
    desk.run(book, "status", 0);
    desk.run(book, "-f flags.yaml status alpha", 0);
    desk.run(book, "status none", 2);
    desk.run(book, "plan odd", 3);
    desk.run(book, "plan alpha --to 100", 0);
    desk.run(book, "plan full", 0);
    desk.write("other.yaml", FLAGS);
    desk.run(book, "-f other.yaml status", 0);
    desk.run(book, "-f other.yaml plan alpha", 0);
    desk.run(book, "-f other.yaml rollback alpha", 0);
    desk.run(book, "log", 0);
}

fn proving(book: &mut Book) {
    let desk = Desk::new(FLAGS);
    let all = desk.run(book, "doctor --no-sources", 0);
    assert_eq!(all["errors"], 0);
    desk.run(book, "doctor", 0);
    let well = all["findings"].as_array().unwrap().iter().any(|finding| finding["what"] == "rollback");
    assert!(well, "{all}");
    desk.write("flags.yaml", &format!("{FLAGS}odd:\n  enabled: perhaps\n  rollout: 5%\n"));
    desk.run(book, "doctor --no-sources odd", 3);
    // What the ledger doesn't know of a flag, the time of its lines tells: as it does for `plan`.
    let gated = Desk::gated("0", "1000").run(book, "doctor", 0);
    let gates = gated["findings"].as_array().unwrap().iter().find(|finding| finding["what"] == "gates").unwrap();
    assert_eq!(gates["severity"], "ok", "{gates}");
}

fn users(book: &mut Book) {
    let desk = Desk::new(FLAGS);
    let answer = desk.run(book, "bucket alpha u1 u24 ", 0);
    let sides = answer["users"].as_array().unwrap().iter().map(|user| &user["in"]);
    assert_eq!(sides.collect::<Vec<_>>(), [false, true, false], "{answer}");
    desk.run(book, "bucket beta u1", 0);
    desk.run(book, "bucket full u1", 0);
    desk.run(book, "bucket alpha -", 0);
    desk.run(book, "bucket alpha u1 --at 0", 0);
    desk.run(book, "bucket alpha u1 --scheme launchdarkly", 2);
    desk.run(book, "bucket alpha u1 --scheme launchdarkly --seed 61", 0);
    desk.run(book, "bucket alpha u1 --csv", 2);
    desk.run(book, "-f flags.yaml bucket none u1", 2);
    Desk::empty().run(book, "bucket alpha u1 --at 5", 0);
    desk.write("users.txt", "u1\nu2\nu24\n");
    let answer = desk.run(book, "plan alpha --users users.txt", 0);
    assert_eq!((&answer["users"]["have"], &answer["users"]["lose"]), (&1.into(), &0.into()), "{answer}");
    desk.run(book, "plan alpha --users -", 0);
    desk.run(book, "plan alpha --users none.txt", 2);
    desk.append("flagctl.toml", "[rollout]\nsteps = [5]\n");
    desk.run(book, "bucket alpha u1", 0);
}

fn gates(book: &mut Book) {
    let several = r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"1"},"value":[1,"1"]},{"metric":{"a":"2"},"value":[1,"1"]}]}}"#;
    let nonsense = r#"{"status":"success","data":{"resultType":"string","result":[1,"x"]}}"#;
    for (errors, total, exit, verdict) in [
        ("5", "1000", 0, "pass"),
        ("50", "1000", 4, "breach"),
        ("", "1000", 0, "pass"),
        ("", "", 5, "hold"),
        ("NaN", "1000", 5, "hold"),
        (several, "1000", 5, "hold"),
        (nonsense, "1000", 5, "hold"),
        ("5", nonsense, 5, "hold"),
    ] {
        let desk = Desk::gated(errors, total);
        let answer = desk.run(book, "check alpha", exit);
        assert_eq!(answer["verdicts"][0]["verdict"], verdict, "{answer}");
        desk.run(book, "plan alpha", 0);
    }
    let desk = Desk::new(FLAGS);
    desk.gate("http://127.0.0.1:9");
    desk.run(book, "check alpha", 5);
    desk.run(book, "check beta", 0);
    desk.run(book, "check none", 2);
    let waits = "plan alpha --metrics-url http://127.0.0.1:9/metrics --max-error-rate 1%";
    let answer = Desk::new(FLAGS).run(book, waits, 0);
    assert_eq!(answer["not_looked"][0], answer["verdicts"][0]["gate"]);
}

fn raising(book: &mut Book) {
    let desk = Desk::gated("5", "1000");
    desk.clone_of(true);
    desk.run(book, "advance alpha --yes -n", 0);
    let answer = desk.run(book, "advance alpha --yes", 0);
    assert_eq!((&answer["changes"][0]["from"], &answer["changes"][0]["to"]), (&5.into(), &25.into()));
    desk.run(book, "advance full --yes", 0);
    desk.run(book, "advance full --yes -n", 0);
    desk.run(book, "advance none --yes", 2);
    desk.run(book, "advance alpha", 2);
    desk.run(book, "advance", 2);
    desk.run(book, "status", 0);
    let desk = Desk::gated("50", "1000");
    desk.run(book, "advance alpha --yes", 4);
    desk.run(book, "advance alpha --yes --override breach --reason meant", 0);
    desk.run(book, "log", 0);
}

fn refusals(book: &mut Book) {
    let desk = Desk::gated("5", "1000");
    desk.append(
        "flagctl.toml",
        "[freeze]\nwindows = [{ from = \"2020-01-01 00:00\", to = \"9000-01-01 00:00\", time-zone = \"UTC\", reason = \"so\" }]\n",
    );
    desk.run(book, "plan alpha", 0);
    let answer = desk.run(book, "advance alpha --to 30 --yes", 6);
    assert_eq!(
        (&answer["refusals"][0]["refusal"], &answer["failed"][0]["code"]),
        (&"ladder".into(), &"refused".into())
    );
    desk.run(book, "advance alpha --yes --override freeze --reason meant", 0);
    desk.run(book, "advance alpha --yes", 5);
    desk.run(book, "rollback alpha --to 5", 0);
    desk.run(book, "plan alpha", 0);
}

fn lowering(book: &mut Book) {
    let desk = Desk::new(&format!("{FLAGS}odd:\n  enabled: true\n  rollout: 5%\n"));
    desk.clone_of(false);
    desk.run(book, "rollback alpha -n", 0);
    desk.run(book, "rollback beta -n", 0);
    desk.run(book, "rollback odd --step", 3);
    let answer = desk.run(book, "rollback alpha beta none odd", 2);
    let count = |key: &str| answer[key].as_array().unwrap().len();
    assert_eq!((count("changes"), count("unchanged"), count("failed")), (2, 1, 1), "{answer}");
    assert_eq!(answer["changed"], true);
    desk.run(book, "rollback --all", 0);
    desk.git("checkout --quiet --detach");
    desk.run(book, "rollback full", 0);

    // What a commit would ship is another flag's raise alone: this one is back at what was committed.
    let desk = Desk::new(FLAGS);
    desk.clone_of(false);
    let raised = FLAGS.replace("rollout: 5\n", "rollout: 50\n");
    desk.write("flags.yaml", &raised.replace("rollout: 0\n", "rollout: 5\n"));
    let answer = desk.run(book, "rollback beta", 0);
    assert_eq!(answer["checkout"]["other_edits"], true, "{answer}");

    let desk = Desk::new(FLAGS);
    fs::create_dir_all(desk.path().join(".flagctl/ledger.jsonl")).unwrap();
    assert_eq!(desk.run(book, "rollback alpha", 0)["recorded"], false);
    desk.write("flags.yaml", &format!("{FLAGS}\tbroken: [\n"));
    desk.run(book, "rollback --all", 3);
    fs::remove_file(desk.path().join("flags.yaml")).unwrap();
    desk.run(book, "rollback alpha", 1);
}

fn following(book: &mut Book) {
    for (said, exit, verified) in
        [("0", 0, json!(true)), ("25", 1, json!(false)), ("NaN", 1, json!(false)), ("0 NaN", 1, json!(false))]
    {
        let page = Server::start(move |_, stream| {
            respond(stream, "200 OK", "text/plain", &format!("e{{flag=\"alpha\"}} {said}\n"));
        });
        let desk = Desk::new(FLAGS);
        let source = format!("[sources.page]\nkind = \"exposition\"\nurl = \"{}\"\n", page.url());
        desk.append(
            "flagctl.toml",
            &format!("{source}[fleet]\nexposure = 'e{{flag=\"{{{{flag}}}}\"}}'\nwithin = \"1s\"\n"),
        );
        let answer = desk.run(book, "rollback alpha --verify", exit);
        assert_eq!((&answer["verified"], &answer["changed"]), (&verified, &true.into()), "{answer}");
    }
}

fn rehearsing(book: &mut Book) {
    let desk = Desk::new(FLAGS);
    desk.run(book, "drill beta --yes -n", 0);
    let answer = desk.run(book, "drill beta --yes", 0);
    assert_eq!((&answer["as_before"], &answer["verdict"]["verdict"]), (&true.into(), &"breach".into()), "{answer}");
    desk.run(book, "status beta", 0);
    desk.write("other.yaml", FLAGS);
    desk.run(book, "-f other.yaml drill beta --yes", 2);
    desk.run(book, "drill alpha", 2);
    desk.run(book, "drill none --yes", 2);
    desk.run(book, "drill alpha --yes --misbehave http://127.0.0.1:9/", 5);
    desk.run(book, "log", 0);
    let config = "version = 1\n[environments.staging]\nflags = \"flags.yaml\"\nprotected = true\n\
                  [environments.production]\nflags = \"other.yaml\"\nafter = \"staging\"\ndrill-max-age = \"1s\"\n";
    desk.write("flagctl.toml", config);
    desk.run(book, "-e staging drill alpha --yes", 6);
    assert_eq!(desk.run(book, "status", 0)["environments"].as_array().unwrap().len(), 2);
    desk.append("flagctl.toml", "[environments.lost]\nflags = \"lost.yaml\"\n");
    desk.run(book, "status --everywhere alpha", 1);
    desk.run(book, "-e production plan alpha", 0);
    let answer = desk.run(book, "-e production advance alpha --yes --override gates,soak --reason test", 6);
    assert_eq!(
        (&answer["refusals"][1]["refusal"], &answer["refusals"][2]["refusal"]),
        (&"drill".into(), &"order".into()),
        "{answer}"
    );
}

fn documents(book: &mut Book) {
    let desk = Desk::new(FLAGS);
    desk.run(book, "doc", 0);
    desk.run(book, "doc alpha", 2);
    desk.append("flagctl.toml", "[flags.alpha]\ndoc = \"docs/alpha.md\"\n");
    desk.run(book, "doc --check", 3);
    assert_eq!(desk.run(book, "doc", 0)["changed"], true);
    desk.run(book, "doc --check", 0);
    desk.write("docs/alpha.md", "<!-- flagctl: alpha -->\n");
    desk.run(book, "doc", 3);
}

fn declaring(book: &mut Book) {
    let desk = Desk::new(FLAGS);
    desk.run(book, "new gamma --description x -n", 0);
    desk.run(book, "new gamma --description x", 0);
    desk.run(book, "new gamma --description x", 2);
    desk.run(book, "status gamma", 0);
    desk.run(book, "log gamma", 0);
    // Somebody else is writing.
    let lock = fs::File::open(desk.path()).unwrap();
    lock.lock().unwrap();
    let locked = desk.run(book, "new delta --description x --lock-timeout 0s", 7);
    assert_eq!(locked["error"]["code"], "conflict");
}

fn ledgers(book: &mut Book) {
    let desk = Desk::new(FLAGS);
    desk.run(book, "log", 0);
    desk.run(book, "log --verify", 0);
    desk.run(book, "rollback alpha --reason bad", 0);
    let ledger = ".flagctl/ledger.jsonl";
    desk.append(ledger, "{\"v\":1,\"id\":\"torn");
    desk.run(book, "rollback full", 0);
    desk.run(book, "status", 0);
    desk.run(book, "log --verify", 0);
    let answer = desk.run(book, "log", 0);
    assert_eq!(answer["notes"].as_array().unwrap().len(), 1);
    let whole = fs::read_to_string(desk.path().join(ledger)).unwrap();
    desk.write(ledger, &whole.replace("\"ada\"", "\"bob\""));
    desk.run(book, "log --verify", 3);
}

fn mistakes(book: &mut Book) {
    let desk = Desk::new(FLAGS);
    desk.run(book, "validate", 0);
    desk.write(
        "bad.yaml",
        "alpha:\n  enabled: yes\n  rollout: 5%\nbeta:\n  enabled: true\n  rollout: 500\nbeta: {rollout: 010}\n",
    );
    desk.run(book, "validate bad.yaml", 3);
    desk.write("list.yaml", "just: text\n");
    desk.run(book, "validate list.yaml", 3);
    desk.append("flagctl.toml", "[rollout]\nsok = \"30m\"\n");
    desk.run(book, "validate", 3);
    desk.run(book, "validate none.yaml", 1);
}

fn beginning(book: &mut Book) {
    let at = |flags: &str| {
        let desk = Desk::empty();
        desk.write("flags.yaml", flags);
        desk
    };
    let desk = at(FLAGS);
    desk.run(book, "init -n", 0);
    desk.run(book, "init", 0);
    desk.run(book, "init", 0);
    let gate = "[sources.prod]\nkind = \"prometheus\"\nurl = \"http://127.0.0.1:9\"\n[gates.rate]\nrate = \"up\"\ntotal = \"up\"\nmax = \"1%\"\n";
    desk.write("flagctl.toml", &format!("version = 1\n{gate}"));
    assert_eq!(desk.run(book, "init", 0)["text"], Value::Null);
    at("alpha:\n  status: active\n  rollout: 5\nbeta:\n  status: inactive\n  rollout: 0\n").run(book, "init", 0);
    at("alpha:\n  enabled: true\n  rollout: 0.5\nbeta:\n  enabled: true\n  rollout: 0.25\n").run(book, "init", 0);
    at("- flag_key: alpha\n  enabled: true\n  rollout: 5\n").run(book, "init", 0);
    Desk::empty().run(book, "init", 3);
}

fn settings(book: &mut Book) {
    let desk = Desk::new(FLAGS);
    desk.run(book, "-e production config show", 0);
    desk.run_with(book, &[("FLAGCTL_FILE", "flags.yaml")], "config show", 0);
    desk.run(book, "config show none", 2);
    desk.run(book, "config set rollout.soak 10m -n", 0);
    desk.run(book, "config set rollout.soak 10m", 0);
    assert_eq!(desk.run(book, "config set rollout.soak 10m", 0)["diff"], "");
    desk.run(book, "config set rollout.soak soon", 2);
}

fn pages(book: &mut Book) {
    let desk = Desk::empty();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        desk.run(book, &format!("completions {shell}"), 0);
    }
    for page in ["man", "markdown", "schema"] {
        desk.run(book, &format!("util {page}"), 0);
    }
    desk.run(book, "completions none", 2);
    for words in ["--help", "advance --help", "config set -h", "help log"] {
        let answer = desk.about(book, words);
        assert!(answer["help"].as_str().is_some_and(|help| help.contains("Usage: flagctl")), "{answer}");
    }
    assert_eq!(desk.about(book, "--version")["flagctl"], env!("CARGO_PKG_VERSION"));
    assert_eq!(desk.about(book, "-V")["help"], Value::Null);
}

fn generated(book: &mut Book) {
    let desk = Desk::new(&format!("{FLAGS}odd:\n  enabled: perhaps\n  rollout: 5%\n  salt: kept\n"));
    desk.run(book, "codegen typescript", 0);
    desk.run(book, "codegen typescript --out flags.ts --check", 3);
    assert_eq!(desk.run(book, "codegen typescript --out flags.ts", 0)["changed"], true);
    assert_eq!(desk.run(book, "codegen typescript --out flags.ts", 0)["changed"], false);
    desk.run(book, "codegen typescript --out flags.ts --check", 0);
    desk.run(book, "codegen typescript --out flags.yaml", 2);
    desk.run(book, "codegen json-vectors", 0);
    desk.write("flags.yaml", "a: &a {rollout: 5}\n");
    desk.run(book, "codegen typescript", 3);
}

#[test]
fn every_verb_is_described() {
    let paper = Paper::read();
    for verb in Cli::command().get_subcommands() {
        let inner: Vec<&str> = match verb.get_name() {
            "config" | "codegen" => verb.get_subcommands().map(clap::Command::get_name).collect(),
            _ => vec![""],
        };
        for inner in inner {
            paper.section(format!("flagctl-{}-{inner}", verb.get_name()).trim_end_matches('-'));
        }
    }
}

#[test]
fn every_failure_has_its_code() {
    let paper = Paper::read();
    let code = paper.section("an-error").iter().find(|row| row.key == "code").unwrap();
    let failures = Exit::ALL.iter().filter(|exit| **exit != Exit::Ok);
    assert_eq!(code.kinds, failures.map(|exit| Kind::Literal(exit.name().to_owned())).collect::<Vec<_>>());
}

/// The examples are answers too, or parts of them, though they may leave keys out.
#[test]
fn examples_are_as_described() {
    let (mut book, mut home, mut held) = (Book::new(), String::new(), 0);
    let text = include_str!("../../../docs/json.md");
    for line in text.lines() {
        if line.starts_with('#') {
            home = crate::papers::fragment(line);
        } else if line.starts_with('{') {
            held += 1;
            let example: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{home}: {error}\n{line}"));
            match home.strip_prefix("flagctl-").or_else(|| (home == "a-failure").then_some("status")) {
                Some(verb) => book.hold(verb, &example),
                None => book.within(&home, &Kind::Section(home.clone()), &example),
            }
        }
    }
    book.wrong.retain(|wrong| !wrong.ends_with("was left out"));
    assert!(book.wrong.is_empty(), "{}", book.wrong.join("\n"));
    assert_eq!(held, text.matches("```json\n").count());
}

#[test]
fn what_is_not_described_is_noticed() {
    for (answer, wrong) in [
        (json!({ "version": 1, "shell": "bash", "stub": "" }), ""),
        (json!({ "shell": "bash", "stub": "", "version": 1 }), "completions: does not begin with version 1"),
        (json!({ "version": 1, "shell": "bash" }), "completions.stub was left out"),
        (json!({ "version": 1, "shell": "bash", "stub": "", "more": 1 }), "completions.more is not in docs/json.md"),
        (json!({ "version": 1, "shell": "bash", "stub": 1 }), "completions.stub is 1, not [Text]"),
        (json!({ "version": 1, "error": {}, "changed": "no" }), "completions.changed is \"no\", not [Boolean, Null]"),
    ] {
        let mut book = Book::new();
        book.hold("completions", &answer);
        assert!(
            book.wrong.contains(&wrong.to_owned()) || (wrong.is_empty() && book.wrong.is_empty()),
            "{:?}",
            book.wrong
        );
        assert!(!book.unseen().is_empty());
    }
}
