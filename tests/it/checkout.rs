//! Tests of what is known of a flags file's checkout, with real repositories.

use crate::process;
use flagctl::backend::file::{Checkout, LastChange, Standing, Tracked, last_change, last_changes};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

/// A clone of a bare repository, with a committed and pushed flags file.
struct Clone {
    _folder: tempfile::TempDir,
    top: PathBuf,
    root: PathBuf,
    file: PathBuf,
}

impl Clone {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        git(&top, "init --quiet --bare --initial-branch=main far.git");
        git(&top, "clone --quiet far.git near");
        let root = top.join("near");
        let file = root.join("config/flags.yaml");
        fs::create_dir(root.join("config")).unwrap();
        fs::write(&file, "alpha:\n  enabled: true\n  rollout: 5\n").unwrap();
        git(&root, "checkout --quiet -b main");
        git(&root, "add .");
        git(&root, "commit --quiet -m first");
        git(&root, "push --quiet --set-upstream origin main");
        Self { _folder: folder, top, root, file }
    }

    fn look(&self) -> Checkout {
        Checkout::of(&self.file).unwrap()
    }

    /// Another clone pushes a commit, and this one fetches it.
    fn fall_behind(&self) {
        git(&self.top, "clone --quiet far.git other");
        fs::write(self.top.join("other/new"), "").unwrap();
        git(&self.top.join("other"), "add .");
        git(&self.top.join("other"), "commit --quiet -m second");
        git(&self.top.join("other"), "push --quiet");
        git(&self.root, "fetch --quiet");
    }
}

fn git(folder: &Path, words: &str) {
    let mut git = Command::new("git");
    git.args([
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b",
        "-c",
        "commit.gpgsign=false",
        "-c",
        "core.hooksPath=/dev/null",
    ]);
    git.args(words.split(' '))
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1");
    git.env("GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z");
    let output = process::output(&mut git);
    assert!(output.status.success(), "git {words}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_clone_that_is_level_is_told_from_files() {
    let clone = Clone::new();
    let expected = Checkout {
        root: clone.root.clone(),
        branch: Some("main".into()),
        upstream: Some("origin/main".into()),
        remote: Some("origin".into()),
        standing: Standing::Level,
        tracked: Tracked::Yes,
        under_way: None,
    };
    assert_eq!(clone.look(), expected);
    git(&clone.root, "pack-refs --all");
    assert_eq!(clone.look(), expected);
}

#[test]
fn commits_apart_are_counted() {
    let clone = Clone::new();
    clone.fall_behind();
    assert_eq!(clone.look().standing, Standing::Apart { ahead: 0, behind: 1 });
    fs::write(&clone.file, "alpha:\n  enabled: false\n  rollout: 0\n").unwrap();
    git(&clone.root, "commit --quiet -am down");
    assert_eq!(clone.look().standing, Standing::Apart { ahead: 1, behind: 1 });
}

#[test]
fn a_branch_without_upstream_and_a_detached_head_are_told() {
    let clone = Clone::new();
    git(&clone.root, "checkout --quiet -b topic");
    let look = clone.look();
    assert_eq!((look.branch.as_deref(), look.upstream, look.standing), (Some("topic"), None, Standing::Unknown));
    git(&clone.root, "checkout --quiet --detach");
    let look = clone.look();
    assert_eq!((look.branch, look.upstream, look.standing), (None, None, Standing::Unknown));
}

#[test]
fn a_linked_work_tree_and_a_submodule_are_work_trees_of_their_own() {
    let clone = Clone::new();
    git(&clone.root, "worktree add --quiet ../linked");
    let linked = Checkout::of(&clone.top.join("linked/config/flags.yaml")).unwrap();
    assert_eq!((linked.root, linked.branch.as_deref()), (clone.top.join("linked"), Some("linked")));
    assert_eq!(linked.tracked, Tracked::Yes);
    git(&clone.top, "init --quiet outer");
    git(&clone.top.join("outer"), "-c protocol.file.allow=always submodule --quiet add ../far.git inner");
    let inner = Checkout::of(&clone.top.join("outer/inner/config/flags.yaml")).unwrap();
    assert_eq!(inner.root, clone.top.join("outer/inner"));
    assert_eq!((inner.upstream.as_deref(), inner.standing), (Some("origin/main"), Standing::Level));
}

#[test]
fn untracked_and_ignored_files_are_told_apart() {
    let clone = Clone::new();
    let other = clone.root.join("config/flags.yaml.other");
    fs::write(&other, "").unwrap();
    assert_eq!(Checkout::of(&other).unwrap().tracked, Tracked::No);
    fs::write(clone.root.join(".gitignore"), "*.other\n").unwrap();
    assert_eq!(Checkout::of(&other).unwrap().tracked, Tracked::Ignored);
    git(&clone.root, "update-index --index-version 4");
    assert_eq!(clone.look().tracked, Tracked::Unknown);
}

#[test]
fn no_work_tree_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flags.yaml");
    fs::write(&file, "").unwrap();
    assert_eq!(Checkout::of(&file), None);
    // Broken ones neither fail nor hang.
    fs::write(folder.path().join(".git"), "gitdir: nowhere\n").unwrap();
    assert_eq!(Checkout::of(&file), None);
}

#[test]
fn the_commands_work_as_they_stand() {
    let clone = Clone::new();
    clone.fall_behind();
    let odd = clone.root.join("config/it's odd $(touch oops).yaml");
    fs::rename(&clone.file, &odd).unwrap();
    fs::write(clone.root.join("ledger.jsonl"), "{}\n").unwrap();
    for here in [clone.root.join("config"), clone.top.clone()] {
        let lines = clone.look_at(&odd).commands(
            &here,
            &[&odd, &clone.root.join("ledger.jsonl")],
            "Roll back `alpha`: it's bad",
        );
        if here == clone.top {
            assert!(lines.iter().all(|line| line.starts_with("git -C ")), "{lines:?}");
            continue;
        }
        let mut shell = Command::new("sh");
        shell.args(["-euc", &lines.join("\n")]).current_dir(&here).env("GIT_CONFIG_NOSYSTEM", "1");
        for (name, value) in
            [("AUTHOR_NAME", "a"), ("AUTHOR_EMAIL", "a@b"), ("COMMITTER_NAME", "a"), ("COMMITTER_EMAIL", "a@b")]
        {
            shell.env(format!("GIT_{name}"), value);
        }
        // The move left the old name deleted, which is no part of the change; a rebase wants it out of the way.
        shell
            .env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", "rebase.autoStash")
            .env("GIT_CONFIG_VALUE_0", "true");
        let output = process::output(&mut shell);
        assert!(output.status.success(), "{lines:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(!here.join("oops").exists());
        assert_eq!(clone.look_at(&odd).standing, Standing::Level);
    }
}

impl Clone {
    fn look_at(&self, file: &Path) -> Checkout {
        let look = Checkout::of(file).unwrap();
        assert_eq!(look.root, self.root);
        look
    }
}

#[test]
fn a_line_is_as_old_as_its_last_commit() {
    let clone = Clone::new();
    let committed = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045);
    assert_eq!(last_change(&clone.file, &[2, 3]), Some(LastChange::Committed(committed)));
    fs::write(&clone.file, "alpha:\n  enabled: true\n  rollout: 25\n").unwrap();
    let written = fs::metadata(&clone.file).unwrap().modified().unwrap();
    assert_eq!(last_change(&clone.file, &[2, 3]), Some(LastChange::Written(written)));
    assert_eq!(last_change(&clone.file, &[2]), Some(LastChange::Committed(committed)));
    assert_eq!(last_change(&clone.file, &[99]), Some(LastChange::Written(written)));
    assert_eq!(last_change(&clone.root.join("nope"), &[1]), None);
}

/// One question for all lines tells of each what a question for it alone does.
#[test]
fn many_lines_are_asked_for_at_once() {
    let clone = Clone::new();
    let more = "alpha:\n  enabled: true\n  rollout: 5\nbeta:\n  enabled: true\n  rollout: 25\n";
    fs::write(&clone.file, more).unwrap();
    let groups: [&[usize]; 5] = [&[2, 3], &[5, 6], &[3, 6], &[99], &[]];
    let alone: Vec<_> = groups.iter().map(|lines| last_change(&clone.file, lines)).collect();
    assert_eq!(last_changes(&clone.file, &groups), Some(alone));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flags.yaml");
    fs::write(&file, more).unwrap();
    let written = fs::metadata(&file).unwrap().modified().unwrap();
    assert_eq!(last_changes(&file, &[&[2]]), Some(vec![Some(LastChange::Written(written))]));
}

#[test]
fn edits_that_a_commit_of_the_file_would_take_along_are_told() {
    let clone = Clone::new();
    let committed = fs::read_to_string(&clone.file).unwrap();
    let others = |before: &str, after: &str| {
        fs::write(&clone.file, before).unwrap();
        let stood = fs::metadata(&clone.file).unwrap();
        fs::write(&clone.file, after).unwrap();
        clone.look().has_other_edits(&clone.file, &stood, before, after)
    };
    let with = |more: &str| format!("{committed}{more}");
    let beta = "beta: {enabled: true, rollout: 25, owner: a}\n";
    fs::write(&clone.file, with(beta)).unwrap();
    git(&clone.root, "commit --quiet -am more");
    let (committed, down) = (with(beta), "alpha:\n  enabled: false\n  rollout: 0\n");
    let set = |from: &str, to: &str| committed.replace(from, to);
    // Written anew with the same text: Git's index knows another time, and there is no other edit.
    assert!(!others(&committed, &set("5\n", "25\n")), "only this change");
    assert!(!others(&set("5\n", "25\n"), &format!("{down}{beta}")), "the same line was edited before");
    let more = set("rollout: 5\n", "rollout: 0\n  salt: a\n");
    assert!(!others(&set("rollout: 5\n", "rollout: 25\n"), &more), "a key was inserted");
    assert!(others(&format!("# a note\n{committed}"), &format!("# a note\n{down}{beta}")), "a line was added");
    assert!(others(&format!("alpha:\n  rollout: 5\n{beta}"), &format!("alpha:\n  rollout: 0\n{beta}")), "one went");
    // Back to what was committed: what is left is somebody else's, however it looks.
    let raised = set("rollout: 5\n", "rollout: 50\n");
    assert!(others(&raised.replace("25", "5"), &raised), "only another flag differs");
    assert!(!others(&raised, &committed), "nothing differs");
    assert!(others(&raised, &raised.replace("true, rollout: 25", "false, rollout: 0")), "two flags differ");
    // In one line the change's own values are told from what stands beside them.
    let zero = |text: &str| text.replace("true, rollout: 50", "false, rollout: 0");
    let edited = set("rollout: 25", "rollout: 50");
    assert!(!others(&edited, &zero(&edited)), "the value alone was edited before");
    let owner = edited.replace("owner: a", "owner: b");
    assert!(others(&owner, &zero(&owner)), "the owner was edited too");
}

#[test]
fn what_git_is_in_the_middle_of_takes_no_commit_of_single_files() {
    let clone = Clone::new();
    fs::write(clone.root.join(".git/MERGE_HEAD"), "").unwrap();
    let look = clone.look();
    assert_eq!(look.under_way, Some("a merge"));
    assert!(look.sentence().contains("in which a merge is under way: end that first"), "{}", look.sentence());
    assert_eq!(look.commands(&clone.root, &[&clone.file], "m"), Vec::<String>::new());
}
