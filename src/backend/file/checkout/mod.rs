//! The Git work tree that a flags file stands in: what has to be committed and pushed before anybody else gets a change.
//!
//! Read from Git's own files; `git` itself is run only where they don't tell, and never for long: nothing here fails a
//! verb, or holds it up.

mod git;
mod others;
mod refs;

use crate::model::Shown;
use refs::Repository;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// How long all questions to `git` together may take.
const PATIENCE: Duration = Duration::from_millis(200);

/// What is known of a file's checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// The top of the work tree.
    pub root: PathBuf,
    /// The branch; `None` for a detached HEAD.
    pub branch: Option<String>,
    /// What the branch is compared with, as `origin/main`.
    pub upstream: Option<String>,
    /// The remote that a branch without an upstream would be pushed to.
    pub remote: Option<String>,
    /// How it stands to its upstream, as far as this clone knows.
    pub standing: Standing,
    /// Whether Git keeps the file at all.
    pub tracked: Tracked,
    /// What Git is in the middle of, as `a merge`: until that has ended it takes no commit of single files.
    pub under_way: Option<&'static str>,
}

/// How a branch stands to its upstream, as of the last fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The same commit.
    Level,
    /// So many commits are to be pushed, and so many to be pulled.
    Apart {
        /// To be pushed.
        ahead: u32,
        /// To be pulled: what stands here is not the newest.
        behind: u32,
    },
    /// Not the same commit; how far apart could not be found out in time.
    Different,
    /// There is no upstream, or it can't be told.
    Unknown,
}

/// Whether Git keeps a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracked {
    /// It does.
    Yes,
    /// Not yet.
    No,
    /// It was told not to: a change of it reaches nobody by a commit.
    Ignored,
    /// That can't be told.
    Unknown,
}

impl Checkout {
    /// Looks at the work tree of the file at `path`; `None` if it is in none.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let began = Instant::now();
        let target = path.canonicalize().ok()?;
        let repository = Repository::around(&target)?;
        let (branch, head) = repository.head();
        let upstream = branch.as_deref().and_then(|branch| repository.upstream(branch));
        let standing = match (&head, upstream.as_ref().and_then(|(_, reference)| repository.commit(reference))) {
            (Some(head), Some(upstream)) if *head == upstream => Standing::Level,
            (Some(head), Some(upstream)) => {
                let range = format!("{head}...{upstream}");
                let counts = git::ask(&repository.root, &["rev-list", "--left-right", "--count", &range], left(began));
                counts.as_deref().and_then(apart).unwrap_or(Standing::Different)
            }
            _ => Standing::Unknown,
        };
        let inside = target.strip_prefix(&repository.root).ok()?;
        let tracked = tracked(&repository, inside, began);
        let upstream = upstream.map(|(name, _)| name);
        let (remote, under_way) = (repository.remote(), repository.under_way());
        Some(Self { root: repository.root, branch, upstream, remote, standing, tracked, under_way })
    }

    /// Says where the change is, and where not, as a sentence without its end.
    #[must_use]
    pub fn sentence(&self) -> String {
        let branch =
            self.branch.as_ref().map_or_else(|| "a detached HEAD".to_owned(), |branch| Shown(branch).to_string());
        let upstream = self.upstream.as_deref().unwrap_or_default();
        let upstream = Shown(upstream);
        let standing = match self.standing {
            Standing::Level => format!(", level with {upstream} as of the last fetch"),
            Standing::Apart { ahead: 0, behind } => format!(", {behind} behind {upstream}: not the newest"),
            Standing::Apart { ahead, behind: 0 } => format!(", {ahead} ahead of {upstream}"),
            Standing::Apart { ahead, behind } => {
                format!(", {ahead} ahead of and {behind} behind {upstream}: not the newest")
            }
            Standing::Different => format!(", not level with {upstream}"),
            Standing::Unknown => String::new(),
        };
        let share = if self.upstream.is_some() || self.remote.is_some() { "pushed" } else { "committed" };
        match (self.tracked, self.under_way) {
            (Tracked::Ignored, _) => format!("changed in this checkout only ({branch}): Git ignores the file"),
            (_, Some(what)) => format!(
                "changed in this checkout, in which {what} is under way: end that first, then commit the change and share it"
            ),
            _ => format!("changed in this checkout ({branch}{standing}); nobody else has it until it is {share}"),
        }
    }

    /// True if a file of the work tree is one that Git keeps, or would keep once it is added.
    #[must_use]
    pub fn takes(&self, file: &Path) -> bool {
        let (Ok(file), Some(repository)) = (resolved(file), Repository::around(&self.root.join("file"))) else {
            return false;
        };
        let Ok(inside) = file.strip_prefix(&self.root) else { return false };
        tracked(&repository, inside, Instant::now()) != Tracked::Ignored
    }

    /// Returns the commands that bring a change of `files` to everybody else, one a line, quoted for a POSIX shell.
    ///
    /// The files are named from `here`, the folder that the commands will be typed in. None while Git would refuse them.
    #[must_use]
    pub fn commands(&self, here: &Path, files: &[&Path], message: &str) -> Vec<String> {
        if self.under_way.is_some() {
            return Vec::new();
        }
        let inside = here.canonicalize().is_ok_and(|here| here.starts_with(&self.root));
        let git = if inside { "git".to_owned() } else { format!("git -C {}", quoted(self.root.as_os_str())) };
        let mut names = String::new();
        for file in files {
            let name = std::path::absolute(file).unwrap_or_else(|_| (*file).to_owned());
            let name = if inside { relative(here, file) } else { name };
            let _ = write!(names, " {}", quoted(name.as_os_str()));
        }
        let mut lines = vec![
            format!("{git} add --{names}"),
            format!("{git} commit --message={} --{names}", quoted(OsStr::new(message))),
        ];
        match (&self.branch, &self.upstream, &self.remote) {
            (Some(_), Some(_), _) => {
                if matches!(self.standing, Standing::Apart { behind: 1.., .. }) {
                    lines.push(format!("{git} pull --rebase --autostash"));
                }
                lines.push(format!("{git} push"));
            }
            (Some(branch), None, Some(remote)) => {
                let (remote, branch) = (quoted(OsStr::new(remote)), quoted(OsStr::new(branch)));
                lines.push(format!("{git} push --set-upstream {remote} {branch}"));
            }
            _ => {}
        }
        lines
    }
}

/// When something was last changed, and how that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastChange {
    /// By the committer's date of the newest commit that touched it.
    Committed(SystemTime),
    /// By the time of the file: it isn't committed, or Git can't tell.
    Written(SystemTime),
}

/// Returns when any of these lines was last changed. Lines count from 1.
#[must_use]
pub fn last_change(path: &Path, lines: &[usize]) -> Option<LastChange> {
    let target = path.canonicalize().ok()?;
    if let Some(at) = committed(&target, lines) {
        return Some(LastChange::Committed(at));
    }
    std::fs::metadata(&target).and_then(|metadata| metadata.modified()).ok().map(LastChange::Written)
}

/// Returns when each of several groups of lines was last changed, by one question for all; `None` if Git was asked and
/// did not answer in time.
#[must_use]
pub fn last_changes(path: &Path, groups: &[&[usize]]) -> Option<Vec<Option<LastChange>>> {
    let Ok(target) = path.canonicalize() else { return Some(vec![None; groups.len()]) };
    let written = std::fs::metadata(&target).and_then(|metadata| metadata.modified()).ok().map(LastChange::Written);
    let began = Instant::now();
    let blamed = Repository::around(&target).and_then(|repository| {
        let inside = target.strip_prefix(&repository.root).ok()?;
        git::ask_about(&repository.root, &["blame", "--porcelain", "--"], inside, 5 * PATIENCE)
    });
    if blamed.is_none() && began.elapsed() >= 5 * PATIENCE {
        return None;
    }
    let times = blamed.as_deref().map(commit_times).unwrap_or_default();
    let newest = |lines: &&[usize]| -> Option<u64> {
        let times = lines.iter().map(|line| times.get(line).copied()).collect::<Option<Vec<u64>>>()?;
        times.into_iter().max()
    };
    let committed = |seconds| LastChange::Committed(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
    Some(groups.iter().map(|lines| newest(lines).map(committed).or(written)).collect())
}

/// Reads the committer's time of each line; a line that is not committed has none.
fn commit_times(blame: &str) -> HashMap<usize, u64> {
    let (mut of_commit, mut of_line) = (HashMap::new(), HashMap::new());
    let mut commit = "";
    for line in blame.lines().filter(|line| !line.starts_with('\t')) {
        let mut words = line.split(' ');
        match (words.next().unwrap_or_default(), words.next(), words.next()) {
            ("committer-time", Some(time), _) => {
                of_commit.insert(commit, time.parse::<u64>().ok());
            }
            (hash, Some(_), Some(number)) if hash.len() >= 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                commit = hash;
                of_line.insert(number.parse::<usize>().unwrap_or_default(), hash);
            }
            _ => {}
        }
    }
    let real = of_line.into_iter().filter(|(_, hash)| hash.bytes().any(|byte| byte != b'0'));
    real.filter_map(|(line, hash)| Some((line, (*of_commit.get(hash)?)?))).collect()
}

fn committed(target: &Path, lines: &[usize]) -> Option<SystemTime> {
    let repository = Repository::around(target)?;
    let inside = target.strip_prefix(&repository.root).ok()?;
    let ranges: Vec<String> = lines.iter().map(|line| format!("-L{line},{line}")).collect();
    let mut words = vec!["blame", "--line-porcelain"];
    words.extend(ranges.iter().map(String::as_str));
    words.push("--");
    if lines.is_empty() {
        return None;
    }
    let told = git::ask_about(&repository.root, &words, inside, 5 * PATIENCE)?;
    // A line that is not committed has a hash of zeros, and the time of asking.
    if told.lines().any(|line| line.starts_with("0000000000000000000000000000000000000000")) {
        return None;
    }
    let times = told.lines().filter_map(|line| line.strip_prefix("committer-time ")?.parse().ok());
    times.max().map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

/// Returns the text of the file at `path` as it was committed last; `None` if that can't be told in time.
#[must_use]
pub fn committed_text(path: &Path) -> Option<String> {
    let target = path.canonicalize().ok()?;
    let repository = Repository::around(&target)?;
    let inside = target.strip_prefix(&repository.root).ok()?.to_str()?;
    git::ask(&repository.root, &["show", &format!("HEAD:{inside}")], PATIENCE)
}

fn tracked(repository: &Repository, inside: &Path, began: Instant) -> Tracked {
    match repository.keeps(inside) {
        Some(true) => Tracked::Yes,
        Some(false) if !repository.may_ignore(inside) => Tracked::No,
        Some(false) => match git::succeeds(&repository.root, &["check-ignore", "-q", "--"], inside, left(began)) {
            Some(true) => Tracked::Ignored,
            Some(false) => Tracked::No,
            None => Tracked::Unknown,
        },
        None => Tracked::Unknown,
    }
}

fn left(began: Instant) -> Duration {
    PATIENCE.saturating_sub(began.elapsed())
}

fn apart(counts: &str) -> Option<Standing> {
    let (ahead, behind) = counts.trim().split_once('\t')?;
    Some(Standing::Apart { ahead: ahead.parse().ok()?, behind: behind.parse().ok()? })
}

/// Names `file` from `here`, both in the same work tree.
fn relative(here: &Path, file: &Path) -> PathBuf {
    let (Ok(here), Ok(file)) = (here.canonicalize(), resolved(file)) else { return file.to_owned() };
    let shared = here.components().zip(file.components()).take_while(|(one, other)| one == other).count();
    let up = here.components().skip(shared).map(|_| std::path::Component::ParentDir);
    up.chain(file.components().skip(shared)).collect()
}

fn resolved(file: &Path) -> std::io::Result<PathBuf> {
    let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(folder.canonicalize()?.join(file.file_name().unwrap_or_default()))
}

/// Quotes a word for a POSIX shell, where it needs that.
fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./=:,@%+".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into_owned();
    }
    // A control character could act on the terminal it is shown in.
    let shown: String = word.chars().map(|character| if character.is_control() { '?' } else { character }).collect();
    format!("'{}'", shown.replace('\'', r"'\''"))
}
