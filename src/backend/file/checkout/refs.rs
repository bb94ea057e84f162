//! A Git repository's own files: HEAD, refs, configuration, index.

use std::fs;
use std::path::{Path, PathBuf};

/// An index above this size is not searched: that would take longer than a rollback.
const INDEX_LIMIT: u64 = 16 * 1024 * 1024;

/// A work tree and where its repository keeps its files.
pub(super) struct Repository {
    /// The top of the work tree.
    pub(super) root: PathBuf,
    /// HEAD and the index: of this work tree.
    own: PathBuf,
    /// Refs and configuration: shared by all work trees.
    shared: PathBuf,
}

impl Repository {
    /// Finds the work tree around a file.
    pub(super) fn around(file: &Path) -> Option<Self> {
        let root = file.ancestors().skip(1).find(|folder| folder.join(".git").exists())?.to_owned();
        let mut own = root.join(".git");
        if own.is_file() {
            // A linked work tree, or a submodule.
            let text = fs::read_to_string(&own).ok()?;
            own = root.join(text.strip_prefix("gitdir:")?.trim());
        }
        if !own.join("HEAD").is_file() {
            return None;
        }
        let shared = fs::read_to_string(own.join("commondir")).map(|text| own.join(text.trim()));
        Some(Self { shared: shared.unwrap_or_else(|_| own.clone()), root, own })
    }

    /// Returns the branch, `None` if HEAD is detached, and its commit, `None` before the first one.
    pub(super) fn head(&self) -> (Option<String>, Option<String>) {
        let text = fs::read_to_string(self.own.join("HEAD")).unwrap_or_default();
        let Some(reference) = text.strip_prefix("ref:") else { return (None, hash(&text)) };
        let reference = reference.trim();
        (reference.strip_prefix("refs/heads/").map(str::to_owned), self.commit(reference))
    }

    /// Returns the commit that a reference stands for.
    pub(super) fn commit(&self, reference: &str) -> Option<String> {
        let loose =
            [&self.own, &self.shared].into_iter().find_map(|folder| fs::read_to_string(folder.join(reference)).ok());
        match loose {
            Some(text) => match text.strip_prefix("ref:") {
                Some(next) if next.trim() != reference => self.commit(next.trim()),
                Some(_) => None,
                None => hash(&text),
            },
            None => {
                let packed = fs::read_to_string(self.shared.join("packed-refs")).ok()?;
                packed.lines().find_map(|line| {
                    let (commit, name) = line.split_once(' ')?;
                    if name == reference { hash(commit) } else { None }
                })
            }
        }
    }

    /// Returns the upstream of a branch: its short name, as `origin/main`, and the reference that this clone has of it.
    pub(super) fn upstream(&self, branch: &str) -> Option<(String, String)> {
        let config = fs::read_to_string(self.shared.join("config")).ok()?;
        let section = format!("[branch \"{}\"]", branch.replace('\\', "\\\\").replace('"', "\\\""));
        let value = |wanted: &str| {
            let after = config.lines().map(str::trim).skip_while(|line| *line != section).skip(1);
            after.take_while(|line| !line.starts_with('[')).find_map(|line| {
                let (key, value) = line.split_once('=')?;
                if key.trim() == wanted { Some(value.trim().to_owned()) } else { None }
            })
        };
        let remote = value("remote")?;
        let merge = value("merge")?;
        let name = merge.strip_prefix("refs/heads/")?;
        if remote == "." {
            return Some((name.to_owned(), merge.clone()));
        }
        Some((format!("{remote}/{name}"), format!("refs/remotes/{remote}/{name}")))
    }

    /// Returns the remote that Git itself would take: `origin`, or the only one.
    pub(super) fn remote(&self) -> Option<String> {
        let config = fs::read_to_string(self.shared.join("config")).ok()?;
        let name = |line: &str| Some(line.trim().strip_prefix("[remote \"")?.strip_suffix("\"]")?.to_owned());
        let remotes: Vec<String> = config.lines().filter_map(name).collect();
        let origin = remotes.iter().position(|remote| remote == "origin");
        remotes.into_iter().nth(origin.unwrap_or(0))
    }

    /// Tells whether the index has a file, named from the root; `None` if that can't be told cheaply.
    ///
    /// An entry of the index, up to version 3, is the name after two bytes whose low twelve bits are its length, and a
    /// zero byte. Version 4 shortens names.
    pub(super) fn keeps(&self, inside: &Path) -> Option<bool> {
        if !self.own.join("index").exists() {
            return Some(false);
        }
        let index = self.index()?;
        Some(entry(&index, inside).is_some())
    }

    /// Tells whether a file, named from the root, is by size and time the one that the index knows; `None` if that can't
    /// be told cheaply.
    pub(super) fn is_as_indexed(&self, inside: &Path, file: &fs::Metadata) -> Option<bool> {
        let index = self.index()?;
        let at = entry(&index, inside)?;
        let number = |offset: usize| {
            index.get(at + offset..).and_then(|bytes| bytes.first_chunk::<4>()).map(|bytes| u32::from_be_bytes(*bytes))
        };
        let changed = file.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        // Of size and seconds the index keeps the lower half.
        let same = number(8)? == changed.as_secs() as u32 && number(36)? == file.len() as u32;
        Some(same && matches!(number(12)?, nanos if nanos == 0 || nanos == changed.subsec_nanos()))
    }

    fn index(&self) -> Option<Vec<u8>> {
        let path = self.own.join("index");
        if fs::metadata(&path).ok()?.len() > INDEX_LIMIT {
            return None;
        }
        let index = fs::read(&path).ok()?;
        let version = index.get(4..8)?;
        (index.starts_with(b"DIRC") && matches!(version, [0, 0, 0, 2 | 3])).then_some(index)
    }

    /// Returns what Git is in the middle of.
    pub(super) fn under_way(&self) -> Option<&'static str> {
        let known = [
            ("MERGE_HEAD", "a merge"),
            ("rebase-merge", "a rebase"),
            ("rebase-apply", "a rebase"),
            ("CHERRY_PICK_HEAD", "a cherry-pick"),
            ("REVERT_HEAD", "a revert"),
        ];
        known.into_iter().find(|(name, _)| self.own.join(name).exists()).map(|(_, what)| what)
    }

    /// False if no rule of the repository can be about a file, named from the root; else Git has to be asked. Rules in
    /// folders below the root and in the user's own configuration are not looked at.
    pub(super) fn may_ignore(&self, inside: &Path) -> bool {
        let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
        let about = |line: &str| {
            let rule = line.trim().trim_end_matches('/');
            if rule.is_empty() || rule.starts_with('#') {
                return false;
            }
            // What stands after the last wildcard is the end of a name.
            let end = rule.rsplit(['*', '?', ']', '/']).next().unwrap_or(rule);
            parts.iter().any(|part| part.ends_with(end))
        };
        let rules = [self.root.join(".gitignore"), self.shared.join("info/exclude")];
        rules.iter().filter_map(|rules| fs::read_to_string(rules).ok()).any(|text| text.lines().any(about))
    }
}

/// Returns where the entry of a file begins in the index.
fn entry(index: &[u8], inside: &Path) -> Option<usize> {
    let name = inside.to_string_lossy().replace('\\', "/").into_bytes();
    let first = *name.first()?;
    index.iter().enumerate().filter(|(_, byte)| **byte == first).find_map(|(at, _)| {
        let named = index[at..].starts_with(&name) && index.get(at + name.len()) == Some(&0);
        if named { begin(index, at, name.len()) } else { None }
    })
}

/// Returns where an entry of the index begins that has a name of this length at `at`: its flags say so. An entry with
/// extended flags has two more bytes between.
fn begin(index: &[u8], at: usize, length: usize) -> Option<usize> {
    let flags = |back: usize| {
        let bytes = index.get(at.checked_sub(back)?..)?.first_chunk::<2>()?;
        Some(usize::from(u16::from_be_bytes(*bytes)))
    };
    let says = |flags: usize, extended: bool| flags & 0xfff == length.min(0xfff) && (flags & 0x4000 != 0) == extended;
    let head = match (flags(2), flags(4)) {
        (Some(flags), _) if says(flags, false) => 62,
        (_, Some(flags)) if says(flags, true) => 64,
        _ => return None,
    };
    at.checked_sub(head)
}

fn hash(text: &str) -> Option<String> {
    let text = text.trim();
    let plain = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if plain { Some(text.to_owned()) } else { None }
}
