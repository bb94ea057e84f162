//! What only looks at an environment that lives in LaunchDarkly: doctor, doc, validate, status, completions; and the
//! mirror that it is looked at by.

use super::desk::FLAG;
use super::fake::contract::TOKEN;
use super::fake::{Fake, flags};
use crate::console::Console;
use crate::metrics::server::{Server, respond};
use crate::process;
use serde_json::{Value, json};
use std::fs;
use std::time::Duration;

const UP: &str = "advance checkout --to 5 --yes --override gates --reason test";

fn site(url: &str, more: &str) -> Console {
    let config = format!(
        "version = 1\ndefault-environment = \"production\"\n[rollout]\nsoak = \"0s\"\n[environments.production]\n\
         backend = \"launchdarkly\"\nurl = \"{url}\"\nproject = \"shop\"\nenvironment = \"production\"\ntoken-file = \"token\"\n{more}"
    );
    Console::empty().with("flagctl.toml", &config).with("token", TOKEN)
}

fn mirrored(fake: &Fake) -> Console {
    site(&fake.url(), "mirror = \"file\"\nflags = \"mirror.yaml\"\n")
}

/// Returns what a doctor finds of one kind, each with its fix.
fn found(console: &Console, line: &str, what: &str) -> Vec<String> {
    let (_, answer) = console.json(line);
    let all = answer["findings"].as_array().unwrap().iter().filter(|finding| finding["what"] == what);
    all.map(|finding| format!("{} {} {}", finding["severity"], finding["message"], finding["help"])).collect()
}

#[test]
fn a_document_is_left_alone_where_the_flag_cant_be_read() {
    let fake = Fake::with([flags::boolean(FLAG)]);
    let console = site(&fake.url(), "[flags.checkout]\ndoc = \"d.md\"\n");
    assert_eq!(console.run("doc").code, Some(0));
    let written = console.read("d.md");
    let way_back = "One step instead: `--step`. What lives in LaunchDarkly needs no deploy, but the network.\n";
    assert!(written.contains(way_back), "{written}");
    let good = console.read("flagctl.toml");
    for (config, token, exit) in [
        (good.clone(), "bad", 3),
        (good.replace(&fake.url(), "http://127.0.0.1:9"), TOKEN, 1),
        (good.replace("project = \"shop\"", "project = \"none\""), TOKEN, 2),
    ] {
        console.write("flagctl.toml", &config);
        console.write("token", token);
        for line in ["doc", "doc --check"] {
            let (code, answer) = console.json(line);
            assert_eq!(
                (code, &answer["changed"], console.read("d.md")),
                (exit, &json!(false), written.clone()),
                "{answer}"
            );
        }
    }
    // That the flag is not in one of two is no failure.
    console.write("token", TOKEN);
    console.write("flags.yaml", "other:\n  enabled: false\n  rollout: 0\n");
    console.write("flagctl.toml", &good.replace("[flags.", "[environments.here]\nflags = \"flags.yaml\"\n[flags."));
    assert_eq!(console.run("doc").code, Some(0));
    let written = console.read("d.md");
    assert!(written.contains("| here | no flag is named") && written.contains("deploy the flags file"), "{written}");
}

#[test]
fn a_doctor_of_one_flag_looks_at_no_other() {
    let fake = Fake::with([flags::boolean(FLAG), flags::boolean("other")]);
    let console = mirrored(&fake);
    assert_eq!(console.run(UP).code, Some(0));
    fake.state().flags.remove("other");
    let one = found(&console, "doctor checkout", "mirror");
    assert!(one.len() == 1 && one[0].contains("is in step"), "{one:?}");
    let all = found(&console, "doctor", "mirror");
    assert!(all.len() == 1 && all[0].contains("`other` is in the mirror, and not in the backend"), "{all:?}");
}

#[test]
fn a_mirror_that_is_called_json_is_json() {
    let fake = Fake::with([flags::boolean(FLAG), flags::boolean("other")]);
    let console = site(&fake.url(), "mirror = \"file\"\nflags = \"mirror.json\"\n");
    assert_eq!(console.run(UP).code, Some(0));
    let made: Value = serde_json::from_str(&console.read("mirror.json")).unwrap();
    assert_eq!((&made[FLAG]["rollout"], &made["other"]["enabled"]), (&json!(5), &json!(false)), "{made}");
    // One that is empty is begun as JSON, too.
    console.write("mirror.json", "");
    assert_eq!(console.run("rollback checkout").code, Some(0));
    let made: Value = serde_json::from_str(&console.read("mirror.json")).unwrap();
    assert_eq!(made[FLAG]["enabled"], false, "{made}");
    assert_eq!(console.run("validate").code, Some(0));
}

#[test]
fn a_mirror_that_is_not_there_is_made_whole() {
    let fake = Fake::with([flags::boolean(FLAG), flags::boolean("other"), flags::boolean("third")]);
    fake.configure("other", "on", json!(true));
    fake.configure("third", "rules", json!([{"_id": "r", "clauses": [], "trackEvents": false, "variation": 1}]));
    fake.configure("third", "on", json!(true));
    let console = mirrored(&fake);
    let (code, answer) = console.json("validate");
    assert_eq!((code, &answer["errors"]), (0, &json!(0)), "{answer}");
    let all = found(&console, "doctor", "mirror");
    assert!(all.len() == 1 && all[0].contains("is not there") && all[0].contains("every flag"), "{all:?}");
    let (code, answer) = console.json(UP);
    assert_eq!((code, &answer["mirrored"]), (0, &json!("mirror.yaml")), "{answer}");
    assert!(answer["notes"].to_string().contains("not in the mirror `mirror.yaml`: `third`"), "{answer}");
    let text = "checkout:\n  enabled: true\n  rollout: 5\n  description: \"\"\n\n\
                other:\n  enabled: true\n  rollout: 100\n  description: \"\"\n";
    assert_eq!(console.read("mirror.yaml"), text);
    let all = found(&console, "doctor", "mirror");
    assert!(all.len() == 1 && all[0].contains("is in step"), "{all:?}");
    // A rollback makes it too, and a folder or a broken text is left to whoever put it there.
    fs::remove_file(console.path("mirror.yaml")).unwrap();
    assert_eq!(console.run("rollback checkout").code, Some(0));
    assert!(console.read("mirror.yaml").contains("other:"));
    console.write("mirror.yaml", "checkout: [\n");
    let all = found(&console, "doctor", "mirror");
    assert!(all.len() == 1 && all[0].contains("move it away, and the next change makes it anew, whole"), "{all:?}");
    let up = UP.replace("gates", "gates,latch");
    assert_eq!((console.run(&up).code, console.read("mirror.yaml")), (Some(0), "checkout: [\n".to_owned()));
    fs::rename(console.path("mirror.yaml"), console.path("away")).unwrap();
    assert_eq!(console.run("rollback checkout").code, Some(0));
    assert!(console.read("mirror.yaml").contains("other:"));
}

#[test]
fn names_complete_from_files_alone() {
    let fake = Fake::with([flags::boolean(FLAG), flags::boolean("other")]);
    let names = |console: &Console| {
        let mut command = console.command(&["--", "flagctl", "rollback", ""]);
        let output = process::output(command.env("FLAGCTL_COMPLETE", "zsh"));
        let text = String::from_utf8(output.stdout).unwrap();
        let known = |line: &&str| line.starts_with("checkout") || line.starts_with("other");
        let mut names: Vec<_> =
            text.lines().filter(known).map(|line| line.split('\t').next().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    let asked = || fake.state().asked.len();
    let bare = site(&fake.url(), "");
    assert_eq!((names(&bare), asked()), (Vec::<String>::new(), 0));
    assert_eq!(bare.run(UP).code, Some(0));
    let before = asked();
    assert_eq!((names(&bare), asked()), (vec!["checkout".to_owned()], before));
    let mirrored = mirrored(&fake);
    assert_eq!(mirrored.run(&UP.replace("5", "25")).code, Some(0));
    assert_eq!(names(&mirrored), ["checkout", "other"]);
    let mut command = bare.command(&["doctor", "--no-sources"]);
    let told = String::from_utf8(process::output(command.env("SHELL", "/bin/zsh")).stdout).unwrap();
    assert!(told.contains("those of flags that are in the ledger"), "{told}");
}

#[test]
fn what_a_look_after_a_rollback_needs_is_tried() {
    let fake = Fake::with([flags::boolean(FLAG)]);
    fake.configure(FLAG, "on", json!(true));
    let page = Server::start(|_, stream| {
        respond(stream, "200 OK", "text/plain", "flag_exposure_percent{flag=\"checkout\"} 100\n");
    });
    let fleet = |metric: &str| {
        let more = format!(
            "[sources.page]\nkind = \"exposition\"\nurl = \"{}/metrics\"\n[fleet]\nverify = true\nexposure = '{metric}{{flag=\"{{{{flag}}}}\"}}'\n",
            page.url()
        );
        found(&site(&fake.url(), &more), "doctor", "verify")
    };
    let right = fleet("flag_exposure_percent");
    assert!(right.len() == 1 && right[0].contains("1 instance shows what"), "{right:?}");
    let wrong = fleet("flag_exposure_procent");
    assert!(wrong.len() == 1 && wrong[0].contains("no instance shows `flag_exposure_procent"), "{wrong:?}");
    let none = found(&site(&fake.url(), "[fleet]\nverify = true\n"), "doctor", "verify");
    assert!(none.len() == 1 && none[0].contains("can't be asked what it serves"), "{none:?}");
    assert!(found(&site(&fake.url(), ""), "doctor", "verify").is_empty());
}

#[test]
fn a_slow_service_is_told_with_its_time() {
    let answer = flags::shown(&flags::boolean(FLAG), "production", false).to_string();
    let slow = Server::start(move |asked, stream| {
        if asked.target.contains("/flags/shop/checkout") {
            std::thread::sleep(Duration::from_millis(700));
            respond(stream, "200 OK", "application/json", &answer);
        } else {
            respond(stream, "200 OK", "application/json", &json!({"items": []}).to_string());
        }
    });
    let told = found(&site(&slow.url(), "timeout = \"2s\"\n"), "doctor checkout", "answer");
    assert!(told.len() == 1 && told[0].contains("LaunchDarkly took 0.") && told[0].contains("2.0 s"), "{told:?}");
    let told = found(&site(&slow.url(), "timeout = \"60s\"\n"), "doctor checkout", "answer");
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn what_is_said_of_a_flag_without_a_line_and_an_owner_without_a_place() {
    let fake = Fake::with([flags::boolean(FLAG)]);
    fake.configure(FLAG, "variations", Value::Null);
    fake.state().flags.get_mut(FLAG).unwrap()["variations"] =
        json!([{"_id": "a", "value": "x"}, {"_id": "b", "value": "y"}, {"_id": "c", "value": "z"}]);
    fake.configure(FLAG, "on", json!(true));
    let console = site(&fake.url(), "");
    let (code, answer) = console.json("status");
    let flag = &answer["flags"][0];
    assert_eq!((code, &flag["line"], flag["problems"].as_array().unwrap().len()), (3, &Value::Null, 1), "{answer}");
    assert!(answer["error"]["help"].to_string().contains("flagctl doctor"), "{answer}");
    for line in ["new fresh --description words --owner team -n", "new fresh --description words --owner team"] {
        let outcome = console.run(line);
        let told = "LaunchDarkly has no place for an owner that flagctl could fill: `team` is kept nowhere";
        assert!(outcome.code == Some(0) && outcome.stderr.contains(told), "{outcome:?}");
    }
}

#[test]
fn a_flag_that_cant_go_up_again_by_a_command_is_told_as_it_stood() {
    let fake = Fake::with([flags::boolean(FLAG)]);
    fake.state().flags.get_mut(FLAG).unwrap()["deprecated"] = json!(true);
    fake.configure(FLAG, "on", json!(true));
    let console = site(&fake.url(), "");
    let outcome = console.run("rollback checkout");
    let told = "undo: by hand, `checkout` was enabled: true, rollout: 100";
    assert!(outcome.code == Some(0) && outcome.stderr.contains(told), "{outcome:?}");
}

#[test]
fn a_token_is_asked_for_where_it_is_named() {
    let fake = Fake::with([]);
    let console = site(&fake.url(), "").with("token", "two\nlines");
    let (code, answer) = console.json("status");
    let help = answer["error"]["help"].as_str().unwrap();
    assert!(code == 3 && help.contains("put the token, and nothing else, into `token`"), "{answer}");
    let config = console.read("flagctl.toml").replace("token-file = \"token\"", "token-env = \"LD_TOKEN\"");
    console.write("flagctl.toml", &config);
    let (_, answer) = console.json("status");
    let help = answer["error"]["help"].as_str().unwrap();
    assert!(help.contains("set the variable `LD_TOKEN` to the token") && !help.contains("file"), "{answer}");
}

#[test]
fn init_shows_a_gate_where_only_a_backend_is() {
    let console = site("http://127.0.0.1:9", "");
    let outcome = console.run("init");
    assert!(outcome.code == Some(0) && outcome.stdout.contains("# [gates.error-rate]"), "{outcome:?}");
}
