//! Each code, by each way to it.

use super::told;
use crate::console::{CONFIG, Console, FLAGS, TEXT};
use crate::metrics::server::{Server, healthy};
use snapbox::{IntoData as _, assert_data_eq, str};
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Once, OnceLock};

/// An override of whatever may stand in the way of a step.
const FORCE: &str = "--yes --override gates,soak,freeze,ladder,latch --reason test";

/// Tells each line's end in a folder of its own.
fn each(console: impl Fn() -> Console, lines: &[&str]) -> String {
    lines.iter().map(|line| told(&console(), &line.replace("FORCE", FORCE))).collect()
}

/// Tells each line's end in one folder.
fn all(console: &Console, lines: &[&str]) -> String {
    lines.iter().map(|line| told(console, &line.replace("FORCE", FORCE))).collect()
}

#[test]
fn ok() {
    assert_data_eq!(
        all(
            &Console::new(),
            &[
                "new starlight --description stars --dry-run",
                "new starlight --description stars",
                "status",
                "plan checkout_v2",
                "plan checkout_v2 --to 25",
                "advance checkout_v2 FORCE --dry-run",
                "advance checkout_v2 FORCE",
                "advance checkout_v2 --to 50 --yes",
                "rollback checkout_v2 --dry-run",
                "rollback checkout_v2 --step",
                "rollback checkout_v2 --to 60",
                "rollback",
                "rollback checkout_v2",
                "rollback --all",
                "log",
                "log --verify",
                "validate",
                "config show",
                "config set rollout.soak 1h",
                "init",
                "codegen typescript --out flags.ts",
                "codegen json-vectors",
                "completions zsh",
                "util schema",
            ]
        ),
        str![[r#"
$ new starlight --description stars --dry-run
0 ok, changed false
$ new starlight --description stars
0 ok, changed true
  change starlight null -> 0
$ status
0 ok
$ plan checkout_v2
0 ok
$ plan checkout_v2 --to 25
0 ok
$ advance checkout_v2 --yes --override gates,soak,freeze,ladder,latch --reason test --dry-run
0 ok, changed false
$ advance checkout_v2 --yes --override gates,soak,freeze,ladder,latch --reason test
0 ok, changed true
  change checkout_v2 25 -> 50
$ advance checkout_v2 --to 50 --yes
0 ok, changed false
$ rollback checkout_v2 --dry-run
0 ok, changed false
$ rollback checkout_v2 --step
0 ok, changed true
  change checkout_v2 50 -> 25
$ rollback checkout_v2 --to 60
0 ok, changed false
$ rollback
0 ok, changed true
  change checkout_v2 25 -> 0
$ rollback checkout_v2
0 ok, changed false
$ rollback --all
0 ok, changed false
$ log
0 ok
$ log --verify
0 ok
$ validate
0 ok
$ config show
0 ok
$ config set rollout.soak 1h
0 ok, changed true
$ init
0 ok, changed false
$ codegen typescript --out flags.ts
0 ok, changed true
$ codegen json-vectors
0 ok
$ completions zsh
0 ok
$ util schema
0 ok

"#]]
        .raw()
    );
}

#[test]
fn failed() {
    let no_ledger = Console::new();
    fs::create_dir_all(no_ledger.path(".flagctl/ledger.jsonl")).unwrap();
    let no_file = Console::new();
    fs::remove_file(no_file.path(FLAGS)).unwrap();
    assert_data_eq!(
        all(&no_file, &["status", "plan checkout_v2", "advance checkout_v2 --yes", "rollback checkout_v2", "validate"])
            + &all(&no_ledger, &["rollback checkout_v2", "status", "plan checkout_v2", "log", "log --verify"]),
        str![[r#"
$ status
1 failed, changed false
  there is no flags file `config/feature_flags.yaml`
$ plan checkout_v2
1 failed, changed false
  there is no flags file `config/feature_flags.yaml`
$ advance checkout_v2 --yes
1 failed, changed false
  there is no flags file `config/feature_flags.yaml`
$ rollback checkout_v2
1 failed, changed false
  failed checkout_v2: failed
  there is no flags file `config/feature_flags.yaml`
$ validate
1 failed, changed false
  there is no flags file `config/feature_flags.yaml`
$ rollback checkout_v2
0 ok, changed true
  change checkout_v2 25 -> 0
$ status
1 failed, changed false
  the ledger `.flagctl/ledger.jsonl` can't be read: it is a directory
$ plan checkout_v2
1 failed, changed false
  the ledger `.flagctl/ledger.jsonl` can't be read: it is a directory
$ log
1 failed, changed false
  the ledger `.flagctl/ledger.jsonl` can't be read: it is a directory
$ log --verify
1 failed, changed false
  the ledger `.flagctl/ledger.jsonl` can't be read: it is a directory

"#]]
        .raw()
    );
}

#[test]
fn usage() {
    let several = Console::new()
        .with(
            "flagctl.toml",
            "[environments.a]\nflags = \"config/feature_flags.yaml\"\n[environments.b]\nflags = \"b.yaml\"\n",
        )
        .with("b.yaml", TEXT);
    let two = || Console::new().with(FLAGS, "a: {enabled: true, rollout: 5}\nb: {enabled: true, rollout: 5}\n");
    assert_data_eq!(
        each(
            Console::new,
            &[
                "advance checkout_v2 --nonsense",
                "advance",
                "advance chekout_v2 --yes",
                "advance checkout_v2",
                "advance checkout_v2 --yes --to 5",
                "advance checkout_v2 --yes --to 101",
                "advance checkout_v2 --yes --override gates",
                "advance checkout_v2 --yes --override gate --reason test",
                "advance checkout_v2 --yes --metrics-url nowhere --max-error-rate 1%",
                "plan chekout_v2",
                "check chekout_v2",
                "status chekout_v2",
                "rollback chekout_v2",
                "rollback checkout_v2 chekout_v2",
                "new checkout_v2 --description twice",
                "-e staging status",
                "-e staging rollback checkout_v2",
                "-C nowhere rollback checkout_v2",
                "--config nowhere.toml rollback checkout_v2",
                "config show colour",
                "config set rollout.soak soon",
            ]
        ) + &all(&several, &["plan checkout_v2", "rollback checkout_v2"])
            + &each(two, &["rollback", "rollback --dry-run"]),
        str![[r#"
$ advance checkout_v2 --nonsense
2 usage, changed false
  unexpected argument '--nonsense' found
$ advance
2 usage, changed false
  the following required arguments were not provided: <FLAG>
$ advance chekout_v2 --yes
2 usage, changed false
  no flag is named `chekout_v2` in config/feature_flags.yaml
$ advance checkout_v2
2 usage, changed false
  nobody can be asked here, and `--yes` was not given
$ advance checkout_v2 --yes --to 5
2 usage, changed false
  `checkout_v2` is at 25%: 5% would be a step down
$ advance checkout_v2 --yes --to 101
2 usage, changed false
  invalid value '101' for '--to <PERCENT>': `101` is not between 0 and 100
$ advance checkout_v2 --yes --override gates
2 usage, changed false
  an override needs a reason, for the ledger
$ advance checkout_v2 --yes --override gate --reason test
2 usage, changed false
  `gate` is nothing that can be overridden
$ advance checkout_v2 --yes --metrics-url nowhere --max-error-rate 1%
2 usage, changed false
  `--metrics-url` is not an address
$ plan chekout_v2
2 usage, changed false
  no flag is named `chekout_v2` in config/feature_flags.yaml
$ check chekout_v2
2 usage, changed false
  no flag is named `chekout_v2` in config/feature_flags.yaml
$ status chekout_v2
2 usage, changed false
  no flag is named `chekout_v2` in config/feature_flags.yaml
$ rollback chekout_v2
2 usage, changed false
  failed chekout_v2: usage
  no flag is named `chekout_v2` in config/feature_flags.yaml
$ rollback checkout_v2 chekout_v2
2 usage, changed true
  change checkout_v2 25 -> 0
  failed chekout_v2: usage
  no flag is named `chekout_v2` in config/feature_flags.yaml
$ new checkout_v2 --description twice
2 usage, changed false
  `checkout_v2` exists already
$ -e staging status
2 usage, changed false
  there is no environment `staging`
$ -e staging rollback checkout_v2
2 usage, changed false
  there is no environment `staging`
$ -C nowhere rollback checkout_v2
2 usage, changed false
  there is no folder `nowhere`
$ --config nowhere.toml rollback checkout_v2
2 usage, changed false
  there is no configuration file `nowhere.toml`
$ config show colour
2 usage, changed false
  there is no key `colour`
$ config set rollout.soak soon
2 usage, changed false
  `rollout.soak`: `soon` is not a duration such as `30s`, `10m`, `1h30m` or `2d`
$ plan checkout_v2
2 usage, changed false
  there are several environments, and none is named: `a`, `b`
$ rollback checkout_v2
2 usage, changed false
  `checkout_v2` may be meant in each of `a`, `b`, and no default-environment is set
$ rollback
2 usage, changed false
  2 flags are in rollout, and nobody can be asked which is meant
$ rollback --dry-run
2 usage, changed false
  2 flags are in rollout, and nobody can be asked which is meant

"#]]
        .raw()
    );
}

#[test]
fn invalid() {
    let broken = || Console::new().with(FLAGS, "a: {enabled: true, rollout: 5}\nb: [\n");
    let typo = || Console::new().with(FLAGS, "a: {enabled: true, rollout: 5%}\n");
    let twice = || Console::new().with(FLAGS, "a: {enabled: true, rollout: 5}\na: {enabled: true, rollout: 5}\n");
    let lists = || Console::new().with(FLAGS, "a: [1, 2]\nb: {enabled: true, rollout: 5}\n");
    let settings = || Console::new().with("flagctl.toml", &CONFIG.replace("soak", "soack"));
    let ledger = || Console::new().with(".flagctl/ledger.jsonl", "{\"v\":1}\n");
    assert_data_eq!(
        each(
            broken,
            &[
                "status",
                "plan a",
                "advance a FORCE",
                "new c --description d",
                "validate",
                "rollback --all",
                "rollback a"
            ]
        ) + &each(
            typo,
            &["status", "plan a", "check a", "advance a FORCE", "rollback a --step", "validate", "rollback a"]
        ) + &each(twice, &["advance a FORCE", "validate", "rollback a"])
            + &each(lists, &["rollback a", "rollback b a"])
            + &each(settings, &["status", "advance checkout_v2 FORCE", "validate", "rollback checkout_v2"])
            + &each(ledger, &["log --verify"]),
        str![[r#"
$ status
3 invalid, changed false
  the file is not valid YAML: unclosed bracket '['
$ plan a
3 invalid, changed false
  the file is not valid YAML: unclosed bracket '['
$ advance a --yes --override gates,soak,freeze,ladder,latch --reason test
3 invalid, changed false
  the file is not valid YAML: unclosed bracket '['
$ new c --description d
3 invalid, changed false
  the file is not valid YAML: unclosed bracket '['
$ validate
3 invalid, changed false
  1 error, 0 warnings
$ rollback --all
3 invalid, changed true
  change a 5 -> 0
  what stands below was not read, so flags there may be in rollout: the file is not valid YAML: unclosed bracket '['
$ rollback a
0 ok, changed true
  change a 5 -> 0
$ status
3 invalid, changed false
  what users get can't be told of any flag in config/feature_flags.yaml
$ plan a
3 invalid, changed false
  what users get of `a` can't be told: `rollout: 5%` is text to every reader: write the number without `%`
$ check a
3 invalid, changed false
  what users get of `a` can't be told: `rollout: 5%` is text to every reader: write the number without `%`
$ advance a --yes --override gates,soak,freeze,ladder,latch --reason test
3 invalid, changed false
  what users get of `a` can't be told: `rollout: 5%` is text to every reader: write the number without `%`
$ rollback a --step
3 invalid, changed false
  failed a: invalid
  what users get of `a` can't be told: `rollout: 5%` is text to every reader: write the number without `%`
$ validate
3 invalid, changed false
  1 error, 0 warnings
$ rollback a
0 ok, changed true
  change a null -> 0
$ advance a --yes --override gates,soak,freeze,ladder,latch --reason test
3 invalid, changed false
  `a` stands twice, in lines 1 and 2
$ validate
3 invalid, changed false
  1 error, 0 warnings
$ rollback a
0 ok, changed true
  change a 5 -> 0
$ rollback a
3 invalid, changed false
  failed a: invalid
  `a` can't be rolled back here: `a` is a list where the keys of the flag are expected
$ rollback b a
3 invalid, changed true
  change b 5 -> 0
  failed a: invalid
  `a` can't be rolled back here: `a` is a list where the keys of the flag are expected
$ status
3 invalid, changed false
  unknown key `soack` in `rollout`
$ advance checkout_v2 --yes --override gates,soak,freeze,ladder,latch --reason test
3 invalid, changed false
  unknown key `soack` in `rollout`
$ validate
3 invalid, changed false
  1 error, 0 warnings
$ rollback checkout_v2
0 ok, changed true
  change checkout_v2 25 -> 0
$ log --verify
3 invalid, changed false
  the ledger has 1 error

"#]]
        .raw()
    );
}

#[test]
fn breach() {
    let server = Server::saying(|asked| healthy(asked, "50", "1000"));
    assert_data_eq!(
        all(
            &Console::gated(&server.url()),
            &[
                "check checkout_v2",
                "plan checkout_v2",
                "advance checkout_v2 --yes",
                "advance checkout_v2 --dry-run",
                "advance checkout_v2 --yes --override gates --reason test",
                "advance checkout_v2 --yes --override breach --reason test",
            ]
        ),
        str![[r#"
$ check checkout_v2
4 breach, changed false
  gate `error-rate` breaches: 50 of 1000 requests failed in 10m: 5%, at most 1% may
$ plan checkout_v2
0 ok
$ advance checkout_v2 --yes
4 breach, changed false
  failed checkout_v2: breach
  `checkout_v2` stays at 25%: gate `error-rate` breaches: 50 of 1000 requests failed in 10m: 5%, at most 1% may
$ advance checkout_v2 --dry-run
4 breach, changed false
  failed checkout_v2: breach
  `checkout_v2` stays at 25%: gate `error-rate` breaches: 50 of 1000 requests failed in 10m: 5%, at most 1% may
$ advance checkout_v2 --yes --override gates --reason test
4 breach, changed false
  failed checkout_v2: breach
  `checkout_v2` stays at 25%: gate `error-rate` breaches: 50 of 1000 requests failed in 10m: 5%, at most 1% may
$ advance checkout_v2 --yes --override breach --reason test
0 ok, changed true
  change checkout_v2 25 -> 50

"#]]
        .raw()
    );
}

#[test]
fn hold() {
    let nobody = Server::saying(|asked| healthy(asked, "0", "499"));
    assert_data_eq!(
        all(
            &Console::gated(&nobody.url()),
            &[
                "check checkout_v2",
                "advance checkout_v2 --yes",
                "advance checkout_v2 --dry-run",
                "advance checkout_v2 --yes --override breach --reason test",
                "advance checkout_v2 --yes --override error-rate --reason test",
            ]
        ) + &each(Console::new, &["check checkout_v2", "advance checkout_v2 --yes", "advance checkout_v2 --dry-run"]),
        str![[r#"
$ check checkout_v2
5 hold, changed false
  gate `error-rate` holds: only 499 requests in 10m, and `min-requests` is 500
$ advance checkout_v2 --yes
5 hold, changed false
  failed checkout_v2: hold
  `checkout_v2` stays at 25%: gate `error-rate` holds: only 499 requests in 10m, and `min-requests` is 500
$ advance checkout_v2 --dry-run
5 hold, changed false
  failed checkout_v2: hold
  `checkout_v2` stays at 25%: gate `error-rate` holds: only 499 requests in 10m, and `min-requests` is 500
$ advance checkout_v2 --yes --override breach --reason test
5 hold, changed false
  failed checkout_v2: hold
  `checkout_v2` stays at 25%: gate `error-rate` holds: only 499 requests in 10m, and `min-requests` is 500
$ advance checkout_v2 --yes --override error-rate --reason test
0 ok, changed true
  change checkout_v2 25 -> 50
$ check checkout_v2
5 hold, changed false
  no gate is set up
$ advance checkout_v2 --yes
5 hold, changed false
  failed checkout_v2: hold
  `checkout_v2` stays at 25%: no gate is set up
$ advance checkout_v2 --dry-run
5 hold, changed false
  failed checkout_v2: hold
  `checkout_v2` stays at 25%: no gate is set up

"#]]
        .raw()
    );
}

#[test]
fn refused() {
    let freeze =
        "[freeze]\nwindows = [{ from = \"2020-01-01 00:00\", to = \"2100-01-01 00:00\", time-zone = \"UTC\" }]\n";
    let soak = Console::new().with("flagctl.toml", &CONFIG.replace("0s", "2d"));
    let latch = Console::new();
    latch.run("rollback checkout_v2");
    let go = "advance checkout_v2 --yes --override gates --reason test";
    assert_data_eq!(
        all(&soak, &[go, &format!("{go} --dry-run"), "rollback checkout_v2 --step"])
            + &all(
                &Console::new().with("flagctl.toml", &format!("{CONFIG}{freeze}")),
                &[go, "rollback checkout_v2 --step"]
            )
            + &all(&latch, &[go])
            + &all(
                &Console::new(),
                &[&format!("{go} --to 37"), "advance dark_mode --to 50 --yes --override gates --reason test"]
            ),
        str![[r#"
$ advance checkout_v2 --yes --override gates --reason test
6 refused, changed false
  failed checkout_v2: refused
  `checkout_v2` stays at 25%: soak refuses: at 25% since DATE TIME UTC by the file's time, and the soak is 48h; until DATE TIME UTC
$ advance checkout_v2 --yes --override gates --reason test --dry-run
6 refused, changed false
  failed checkout_v2: refused
  `checkout_v2` stays at 25%: soak refuses: at 25% since DATE TIME UTC by the file's time, and the soak is 48h; until DATE TIME UTC
$ rollback checkout_v2 --step
0 ok, changed true
  change checkout_v2 25 -> 5
$ advance checkout_v2 --yes --override gates --reason test
6 refused, changed false
  failed checkout_v2: refused
  `checkout_v2` stays at 25%: freeze refuses: a freeze is on; until DATE TIME UTC
$ rollback checkout_v2 --step
0 ok, changed true
  change checkout_v2 25 -> 5
$ advance checkout_v2 --yes --override gates --reason test
6 refused, changed false
  failed checkout_v2: refused
  `checkout_v2` stays at 0%: latch refuses: rolled back to 0% by ada at DATE TIME UTC
$ advance checkout_v2 --yes --override gates --reason test --to 37
6 refused, changed false
  failed checkout_v2: refused
  `checkout_v2` stays at 25%: ladder refuses: 37% is not one of the steps 0, 5, 25, 50, 100
$ advance dark_mode --to 50 --yes --override gates --reason test
6 refused, changed false
  failed dark_mode: refused
  `dark_mode` stays at 0%: ladder refuses: nobody has seen the feature yet: the first step is 5%, not 50%

"#]]
        .raw()
    );
}

#[test]
fn conflict() {
    // While its source is asked, someone else changes the flag, or takes it out.
    for (to, message) in [
        (
            "checkout_v2:\n  enabled: true\n  rollout: 26\n",
            "`checkout_v2` changed since it was planned: from 25% to 26%",
        ),
        (
            "dark_mode:\n  enabled: true\n  rollout: 26\n",
            "`checkout_v2` is gone since it was planned: no flag is named `checkout_v2` in config/feature_flags.yaml",
        ),
    ] {
        let file = Arc::new(OnceLock::<PathBuf>::new());
        let (once, path) = (Once::new(), Arc::clone(&file));
        let server = Server::saying(move |asked| {
            once.call_once(|| fs::write(path.get().unwrap(), to).unwrap());
            healthy(asked, "0", "1000")
        });
        let console = Console::gated(&server.url());
        file.set(console.path(FLAGS)).unwrap();
        let (code, answer) = console.json("advance checkout_v2 --yes");
        super::checked("advance", code, &answer);
        assert_eq!((code, &answer["changed"]), (7, &false.into()), "{answer}");
        assert_eq!(answer["error"]["message"], message);
        assert_eq!(console.read(FLAGS), to);
    }

    // Someone else is writing, and doesn't end.
    let busy = Console::new();
    let held = fs::File::open(busy.path("config")).unwrap();
    held.lock().unwrap();
    let line = "advance checkout_v2 --yes --override gates --reason test --lock-timeout 1s";
    let (code, answer) = busy.json(line);
    super::checked(line, code, &answer);
    assert_eq!((code, &answer["changed"]), (7, &false.into()), "{answer}");
    // A rollback goes on without the lock.
    let (code, answer) = busy.json("rollback checkout_v2 --lock-timeout 1s");
    super::checked("rollback", code, &answer);
    assert_eq!((code, &answer["changed"]), (0, &true.into()), "{answer}");
    assert!(answer["notes"][0].as_str().unwrap().ends_with("went on without it"), "{answer}");
    drop(held);
}

#[test]
fn a_change_that_could_not_be_recorded_is_told_as_one() {
    // Can be read, holds no entry, and takes none.
    let console = Console::new().with(".flagctl/keep", "");
    std::os::unix::fs::symlink("/proc/version", console.path(".flagctl/ledger.jsonl")).unwrap();
    assert_data_eq!(
        all(&console, &["advance checkout_v2 --yes --override gates --reason test", "rollback checkout_v2"]),
        str![[r#"
$ advance checkout_v2 --yes --override gates --reason test
1 failed, changed true
  change checkout_v2 25 -> 50
  changed, not recorded: the ledger `.flagctl/ledger.jsonl` can't be written: Input/output error (os error 5)
$ rollback checkout_v2
0 ok, changed true
  change checkout_v2 50 -> 0

"#]]
        .raw()
    );
}
