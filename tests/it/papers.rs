//! The papers, held to the program: the command line, the exit codes, the links, the commands that are shown.

use clap::Parser as _;
use flagctl::cli::Cli;
use flagctl::commands::util;
use flagctl::exit::Exit;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns every paper with its text.
fn papers() -> Vec<(PathBuf, String)> {
    let docs = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = docs.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    paths.push(root().join("README.md"));
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn the_command_line_is_as_described() {
    let path = root().join("docs/cli.md");
    let right = util::markdown();
    if std::env::var("SNAPSHOTS").is_ok_and(|how| how == "overwrite") {
        fs::write(&path, right).unwrap();
    } else {
        assert_eq!(fs::read_to_string(&path).unwrap(), right, "SNAPSHOTS=overwrite cargo test papers");
    }
}

#[test]
fn the_exit_codes_are_as_listed() {
    let paper = fs::read_to_string(root().join("docs/exit-codes.md")).unwrap();
    let listed = paper.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let listed: Vec<&str> = listed.take_while(|line| line.starts_with('|')).collect();
    let row = |exit: &Exit| format!("| {} | `{}` | {} |", exit.code(), exit.name(), exit.meaning());
    assert_eq!(listed, Exit::ALL.iter().map(row).collect::<Vec<_>>());
}

/// Returns the text outside of blocks, where links are.
fn prose(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

/// Returns the fragment that a heading answers to.
pub(crate) fn fragment(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || [' ', '-', '_'].contains(c);
    heading.trim_start_matches('#').trim().to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")
}

/// Returns what is wrong with a link; `None` if it leads somewhere.
fn astray(paper: &Path, text: &str, link: &str) -> Option<String> {
    let (file, part) = link.split_once('#').map_or((link, None), |(file, part)| (file, Some(part)));
    let target = if file.is_empty() { paper.to_owned() } else { paper.with_file_name("").join(file) };
    if !target.exists() {
        return Some(format!("{}: `{link}` leads to no file", paper.display()));
    }
    let text = if file.is_empty() { text.to_owned() } else { fs::read_to_string(target).unwrap_or_default() };
    let there = |part| prose(&text).lines().any(|line| line.starts_with('#') && fragment(line) == part);
    part.filter(|part| !there(*part)).map(|_| format!("{}: `{link}` leads to no heading", paper.display()))
}

#[test]
fn every_link_leads_somewhere() {
    let (mut wrong, mut followed) = (Vec::new(), 0);
    for (paper, text) in papers() {
        let prose = prose(&text);
        let links = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(link, _)| link));
        for link in links.filter(|link| !link.contains("://")) {
            followed += 1;
            wrong.extend(astray(&paper, &text, link));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(followed >= 10, "only {followed} links were seen");
}

/// Takes shell text apart into commands of words. Enough of the shell for what the papers show.
fn commands(text: &str) -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), letter) if open == letter => quote = None,
            (Some(_), letter) => word.get_or_insert_default().push(letter),
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, '\\') => match letters.next() {
                None | Some('\n') => {}
                Some(escaped) => word.get_or_insert_default().push(escaped),
            },
            (None, '#') if word.is_none() => while letters.next_if(|letter| *letter != '\n').is_some() {},
            (None, '\n' | ';' | '|' | '&' | '(' | ')' | '<' | '>') => {
                all.last_mut().unwrap().extend(word.take());
                all.push(Vec::new());
            }
            (None, blank) if blank.is_whitespace() => all.last_mut().unwrap().extend(word.take()),
            (None, letter) => word.get_or_insert_default().push(letter),
        }
    }
    all.last_mut().unwrap().extend(word);
    all.retain(|words| !words.is_empty());
    all
}

/// Returns the shell text of a paper's blocks: all of `sh`, of `console` what is typed.
fn shell(text: &str) -> String {
    let mut shell = String::new();
    let mut block = None;
    for line in text.lines() {
        let bare = line.trim_start();
        match (block, bare.strip_prefix("```")) {
            (None, Some(kind)) => block = Some(kind),
            (Some(_), Some(_)) => block = None,
            (Some("sh"), None) => shell += &format!("{line}\n"),
            (Some("console"), None) => shell.extend(bare.strip_prefix("$ ").map(|typed| format!("{typed}\n"))),
            _ => {}
        }
    }
    shell
}

#[test]
fn every_command_that_is_shown_is_understood() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (paper, text) in papers() {
        for words in commands(&shell(&text)).iter().filter(|words| words.first().is_some_and(|word| word == "flagctl"))
        {
            seen += 1;
            if let Err(error) = Cli::try_parse_from(words) {
                wrong.push(format!("{}: {}\n{error}", paper.display(), words.join(" ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen >= 20, "only {seen} commands were seen");
}

#[test]
fn commands_are_taken_apart_as_a_shell_does() {
    let text = "source <(flagctl completions bash)  # so\n4) flagctl advance 'a b' \\\n  --reason \"x; y\" ;;\n";
    let flat: Vec<String> = commands(text).iter().map(|words| words.join("|")).collect();
    assert_eq!(flat, ["source", "flagctl|completions|bash", "4", "flagctl|advance|a b|--reason|x; y"]);
}
