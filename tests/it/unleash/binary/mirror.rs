//! The file that is kept in step: for people. A change stands without it, and a rollback never reads it.

use super::super::world::url;
use super::{UP, at, exposure, site, there};
use crate::console::Console;
use serde_json::json;
use std::fs;
use std::os::unix::fs::symlink;

const MIRROR: &str = "config/mirror.yaml";
const MORE: &str = "mirror = \"file\"\nflags = \"config/mirror.yaml\"\n";

fn mirrored() -> Console {
    site(url(), MORE)
}

#[test]
fn it_is_in_step_after_each_change() {
    let console = mirrored();
    console.write(MIRROR, "# ours\nother:\n  enabled: true\n  rollout: 50 # kept\n");
    let flag = |enabled: bool, rollout: u32| {
        format!(
            "# ours\nother:\n  enabled: true\n  rollout: 50 # kept\n\nmirrored:\n  enabled: {enabled}\n  rollout: {rollout}\n  description: \"words\"\n"
        )
    };
    for (line, enabled, rollout) in [
        ("new mirrored --description words", false, 0),
        (&*format!("advance mirrored --to 25 {UP}"), true, 25),
        ("rollback mirrored --to 5", true, 5),
        ("rollback mirrored", false, 0),
    ] {
        let (code, answer) = console.json(line);
        assert_eq!((code, &answer["mirrored"]), (0, &json!(MIRROR)), "{answer}");
        assert_eq!(console.read(MIRROR), flag(enabled, rollout), "{line}");
    }
    // What was not there before is made, whole.
    at("mirrored_too", "50");
    fs::remove_file(console.path(MIRROR)).unwrap();
    assert_eq!(console.run(&format!("advance mirrored --to 5 {UP}")).code, Some(0));
    let made = console.read(MIRROR);
    assert!(made.contains("mirrored:\n  enabled: true\n  rollout: 5\n  description: \"words\"\n"), "{made}");
    assert!(made.contains("mirrored_too:\n  enabled: true\n  rollout: 50\n"), "{made}");
    for line in ["status", "rollback mirrored", "plan mirrored"] {
        let outcome = console.run(&format!("-f {MIRROR} {line}"));
        let told =
            "warning: `config/mirror.yaml` is only the mirror of environment `production`, whose flags live in Unleash";
        assert!(outcome.stderr.contains(told), "{line}: {outcome:?}");
    }
    assert_eq!(exposure("mirrored"), 5, "the mirror's rollback is none");
}

#[test]
fn a_change_stands_without_it() {
    at("unmirrored", "25");
    let console = mirrored();
    let broken = "unmirrored:\n  enabled: \"\n";
    console.write(MIRROR, broken);
    let (code, answer) = console.json("rollback unmirrored --to 5");
    assert_eq!((code, &answer["changed"], &answer["mirrored"]), (0, &json!(true), &json!(null)), "{answer}");
    let told = answer["notes"].to_string();
    assert!(told.contains("the mirror `config/mirror.yaml` is not in step with `unmirrored`"), "{told}");
    assert_eq!((exposure("unmirrored"), console.read(MIRROR)), (5, broken.to_owned()));
    // A link that leads nowhere can't be written to.
    fs::remove_file(console.path(MIRROR)).unwrap();
    symlink("/nonexistent/mirror.yaml", console.path(MIRROR)).unwrap();
    let (code, answer) = console.json("rollback unmirrored");
    assert_eq!((code, &answer["changed"], &answer["mirrored"]), (0, &json!(true), &json!(null)), "{answer}");
    assert!(answer["notes"].to_string().contains("is not in step with `unmirrored`"), "{answer}");
    assert_eq!(there("unmirrored"), (false, "0".to_owned()));
}

#[test]
fn no_rollback_reads_it() {
    let text = "gone:\n  enabled: true\n  rollout: 25\n";
    // Nobody listens there.
    let console = site("http://127.0.0.1:9", &format!("timeout = \"1s\"\n{MORE}")).with(MIRROR, text);
    for line in ["rollback gone", "rollback", "rollback --all"] {
        let (code, answer) = console.json(line);
        assert_eq!((code, &answer["changed"], &*console.read(MIRROR)), (1, &json!(false), text), "{line}: {answer}");
    }
    let config = console.read("flagctl.toml");
    for (broken, exit) in [
        (config.replace("backend = \"unleash\"", "backend = \"unleash"), 3),
        (config.replace("backend = \"unleash\"", "backend = unleash"), 3),
        (config.replace("url = ", "url "), 3),
        (config.replace("backend = \"unleash\"", "backend = \"unlash\""), 3),
        (config.replace("project = \"default\"\n", ""), 3),
        // That much can be read all the same.
        (config.replace("[environments.production]", "[environments.production"), 1),
    ] {
        console.write("flagctl.toml", &broken);
        let (code, answer) = console.json("rollback gone");
        assert_eq!((code, &answer["changed"], &*console.read(MIRROR)), (exit, &json!(false), text), "{broken}{answer}");
    }
}
