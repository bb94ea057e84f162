//! Killed, failed and stopped at every file call.

use super::toy::{Place, TEXT, down, go};
use super::writer::{CHECK, command};
use crate::process;
use std::fs;
use std::process::Command;

/// Sweeps over `task` with the script, and lets `check` of the writer judge each end.
fn sweep(task: &str, check: &str, fail: Option<&str>) {
    let place = Place::new();
    let root = env!("CARGO_MANIFEST_DIR");
    let mut sweep = Command::new(format!("{root}/scripts/crash-sweep.sh"));
    let start = place.folder.join("start");
    fs::create_dir(&start).unwrap();
    fs::write(start.join("flags.yaml"), TEXT).unwrap();
    let folder = place.folder.to_str().unwrap();
    sweep.arg(format!("rm -rf {folder}/at && cp -r {folder}/start {folder}/at"));
    let writer = command(&place.folder.join("at"), task);
    let words: Vec<_> = writer.get_args().map(|word| word.to_str().unwrap().to_owned()).collect();
    let program = writer.get_program().to_str().unwrap();
    sweep.arg(format!(
        "{CHECK}='{check}' '{program}' {} >/dev/null 2>{folder}/why || {{ cat {folder}/why; false; }}",
        words.join(" ")
    ));
    if let Some(error) = fail {
        sweep.args(["--fail", error]);
    }
    sweep.arg("--").arg(program).args(&words);
    sweep.envs(writer.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = process::output(&mut sweep);
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

/// The sweep is not blind: it finds a writer that empties the file first.
#[test]
fn the_sweep_finds_a_writer_that_is_not_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flags.yaml");
    let file = file.to_str().unwrap();
    let mut sweep = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/crash-sweep.sh"));
    sweep.args([&format!("echo old > {file}"), &format!("grep -qx -e old -e new {file}")]).args([
        "--",
        "sh",
        "-c",
        &format!("echo new > {file}"),
    ]);
    let output = process::output(&mut sweep);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success() && said.contains("broken at write #1"), "{said}");
}

#[test]
fn killed_at_any_call_a_step_up_leaves_the_old_or_the_new_file() {
    sweep("up alpha 25 1 0", "whole", None);
}

#[test]
fn killed_at_any_call_a_rollback_leaves_the_old_or_the_new_file() {
    sweep("down alpha 0 1 0", "whole", None);
}

#[test]
fn a_step_up_says_truly_what_it_changed_whatever_call_fails() {
    for error in ["EIO", "ENOSPC", "EROFS"] {
        sweep("up alpha 25 1 0", "honest", Some(error));
    }
}

#[test]
fn a_rollback_says_truly_what_it_changed_whatever_call_fails() {
    for error in ["EIO", "ENOSPC", "EROFS"] {
        sweep("down alpha 0 1 0", "honest", Some(error));
    }
}

/// Where nothing can be exchanged, as on some network file systems, a rename has to do.
#[test]
fn without_an_exchange_a_rename_does() {
    let place = Place::new();
    let inject = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=renameat2:error=EINVAL"];
    let told =
        super::writer::told(super::writer::start(super::writer::wrapped(&inject, &place.folder, "up alpha 25 1 0")));
    assert_eq!(told, "changed alpha 5 -> 25\nrecorded\n");
    assert_eq!(place.rollout("alpha"), 25);
    go(&place, &down(&["alpha"]));
    assert_eq!(place.rollout("alpha"), 0);
    place.assert_clean();
}

/// The program itself, killed at any file call of a step up: the old or the new file, and a rollback that works after.
#[test]
fn the_program_killed_at_any_call_leaves_the_old_or_the_new_file() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("at");
    let (at, flagctl) = (at.to_str().unwrap(), env!("CARGO_BIN_EXE_flagctl"));
    let old = "alpha:\n  enabled: true\n  rollout: 5\nbeta:\n  enabled: true\n  rollout: 25\n";
    fs::write(folder.path().join("old"), old).unwrap();
    fs::write(folder.path().join("new"), old.replace("rollout: 5\n", "rollout: 25\n")).unwrap();
    let setup = format!("rm -rf {at} && mkdir {at} && cp {at}/../old {at}/flags.yaml");
    let check = format!(
        "set -e; cd {at}; cmp -s flags.yaml ../old || cmp -s flags.yaml ../new
        if [ -s $SAID ] && grep -q '25%' $SAID; then cmp -s flags.yaml ../new; fi
        {flagctl} -q -f flags.yaml rollback alpha beta
        [ $(grep -c 'rollout: 0$' flags.yaml) = 2 ]
        [ \"$(echo $(ls -A))\" = '.flagctl flags.yaml' ]
        {flagctl} -q -f flags.yaml log --verify"
    );
    let task = "advance alpha --to 25 --override gates,soak,latch --reason test --yes";
    let mut sweep = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/crash-sweep.sh"));
    sweep.args([&setup, &check, "--", flagctl, "-f", &format!("{at}/flags.yaml")]).args(task.split(' '));
    let output = process::output(&mut sweep);
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let points: u32 = said.lines().last().unwrap().split_ascii_whitespace().nth(1).unwrap().parse().unwrap();
    assert!(points > 40, "{said}");
}
