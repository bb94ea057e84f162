//! Documents: where one may stand, and what one flag that is nowhere does to the others.

use crate::console::{CONFIG, Console, FLAGS, TEXT};

fn with(document: &str) -> Console {
    Console::new().with("flagctl.toml", &format!("{CONFIG}[flags.checkout_v2]\ndoc = \"{document}\"\n"))
}

#[test]
fn a_document_is_nothing_else() {
    for (document, why) in [
        (FLAGS, "it is a flags file"),
        ("config/../flagctl.toml", "it is the configuration"),
        (".flagctl/ledger.jsonl", "it is the ledger"),
        ("config", "it is a directory"),
    ] {
        let console = with(document);
        let before = (console.read(FLAGS), console.read("flagctl.toml"));
        let outcome = console.run("doc");
        assert_eq!(outcome.code, Some(3), "{document}: {outcome:?}");
        assert!(outcome.stderr.contains(why), "{document}: {outcome:?}");
        assert_eq!((console.read(FLAGS), console.read("flagctl.toml")), before, "{document}");
    }
}

#[cfg(unix)]
#[test]
fn a_symlink_is_followed_within_the_repository() {
    use std::os::unix::fs::symlink;
    let (console, outside) = (with("docs/holo.md"), Console::empty().with("holo.md", "theirs\n"));
    symlink(outside.path(""), console.path("docs")).unwrap();
    let outcome = console.run("doc");
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert!(outcome.stderr.contains("leads out of the repository by a symlink"), "{outcome:?}");
    assert_eq!(outside.read("holo.md"), "theirs\n");

    let console = with("holo.md").with("papers/holo.md", "ours\n");
    symlink("papers/holo.md", console.path("holo.md")).unwrap();
    assert_eq!(console.run("doc").code, Some(0));
    assert!(console.read("papers/holo.md").starts_with("ours\n\n<!-- flagctl: checkout_v2 -->\n"));

    let console = with("holo.md");
    symlink("nowhere.md", console.path("holo.md")).unwrap();
    let outcome = console.run("doc");
    assert!(outcome.code == Some(3) && outcome.stderr.contains("leads nowhere"), "{outcome:?}");
}

#[test]
fn a_flag_that_is_nowhere_keeps_no_other_from_being_told() {
    let console = with("holo.md");
    console.write("flagctl.toml", &format!("{}[flags.ghost]\ndoc = \"ghost.md\"\n", console.read("flagctl.toml")));
    let (code, answer) = console.json("doc");
    assert_eq!((code, &answer["changed"]), (2, &true.into()), "{answer}");
    assert!(answer["error"]["message"].as_str().unwrap().contains("`ghost`"), "{answer}");
    assert!(console.read("holo.md").contains("## Rollout of `checkout_v2`"));
    assert!(!console.path("ghost.md").exists());
    let (code, answer) = console.json("validate");
    assert_eq!((code, &answer["warnings"]), (0, &1.into()), "{answer}");
    assert!(answer["findings"][0]["message"].as_str().unwrap().contains("no environment has such a flag"), "{answer}");
}

#[test]
fn a_ledger_that_cant_be_read_is_no_empty_one() {
    let console = with("holo.md").with(".flagctl/ledger.jsonl/in/the/way", "");
    assert_eq!(console.run("doc").code, Some(1));
    assert!(!console.path("holo.md").exists());
}

#[test]
fn a_document_keeps_its_line_ends() {
    let console = with("holo.md").with("holo.md", "# Holo\r\n\r\nText.\r\n");
    assert_eq!(console.run("doc").code, Some(0));
    assert!(!console.read("holo.md").replace("\r\n", "").contains('\n'));
    assert_eq!(console.run("doc --check").code, Some(0));
}

#[cfg(unix)]
#[test]
fn environments_that_share_their_flags_guard_nothing() {
    let config = |file: &str, rule: &str| {
        format!(
            "{CONFIG}{rule}\n[environments.staging]\nflags = \"{file}\"\n[environments.open]\nflags = \"open.yaml\"\n"
        )
    };
    let console = Console::new().with("open.yaml", TEXT);
    std::os::unix::fs::symlink("feature_flags.yaml", console.path("config/link.yaml")).unwrap();
    for file in [FLAGS, "config/link.yaml", "config/../config/feature_flags.yaml"] {
        for rule in ["protected = true", "after = \"staging\""] {
            console.write("flagctl.toml", &config(file, rule));
            let (code, answer) = console.json("validate");
            assert_eq!((code, &answer["errors"]), (3, &1.into()), "{file}, {rule}: {answer}");
            assert!(answer["findings"][0]["line"].as_u64().is_some_and(|line| line > 7), "{answer}");
            assert_eq!(console.run("advance checkout_v2 --yes").code, Some(3), "{file}, {rule}");
        }
        console.write("flagctl.toml", &config(file, ""));
        assert_eq!(console.json("validate").0, 0, "{file}");
    }
    console.write("flagctl.toml", &config(FLAGS, "after = \"staging\""));
    assert_eq!(console.run("-e production rollback checkout_v2").code, Some(0), "nothing blocks a rollback");
}

#[test]
fn only_a_text_is_a_document() {
    for document in
        [".git/config", ".git/notes.md", ".flagctl/lock", ".flagctl/x.md", "package.json", "token", "docs/x"]
    {
        let console = with(document);
        let outcome = console.run("doc checkout_v2");
        assert_eq!(outcome.code, Some(3), "{document}: {outcome:?}");
        assert!(outcome.stderr.contains("can't be a document: it"), "{outcome:?}");
        assert!(!console.path(document).exists());
    }
    for document in ["docs/X.MD", "x.txt", "x.mdx", "x.markdown"] {
        let outcome = with(document).run("doc checkout_v2");
        assert_eq!(outcome.code, Some(0), "{document}: {outcome:?}");
    }
}
