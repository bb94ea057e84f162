//! Who changed a flag, as LaunchDarkly's audit log tells it.

use crate::backend::remote::{Mark, Writer};
use crate::model::Shown;
use jiff::Timestamp;
use serde::Deserialize;

/// The most entries that one answer holds.
pub(super) const PAGE: usize = 20;

/// How many answers are read at most.
pub(super) const PAGES: usize = 5;

/// By how many milliseconds the log may be later than the flag of which it tells.
const LATE: i64 = 250;

/// Returns the time after which an entry is of a later change than the one at `mark`.
pub(super) fn after(mark: &Mark) -> Option<String> {
    let mark = mark.0.as_ref()?;
    Some(mark.parse::<i64>().map_or_else(|_| mark.clone(), |at| at.saturating_add(LATE).to_string()))
}

/// One answer, the newest entry first.
#[derive(Deserialize)]
pub(super) struct Log {
    pub(super) items: Vec<Entry>,
}

/// One change.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    #[serde(rename = "_id")]
    pub(super) id: String,
    /// Milliseconds since 1970.
    pub(super) date: i64,
    accesses: Option<Vec<Access>>,
    title_verb: Option<String>,
    member: Option<Member>,
    token: Option<Named>,
    app: Option<Named>,
    subject: Option<Named>,
    comment: Option<String>,
}

/// Returns who did what, oldest first, of entries that stand newest first. `run` ends the comments of our run.
pub(super) fn writers(entries: &[Entry], run: &str) -> Vec<Writer> {
    // A log that shows our comment shows everybody's: what has none isn't ours.
    let shown = entries.iter().any(|entry| entry.is_ours(run) == Some(true)).then_some(false);
    entries.iter().rev().map(|entry| entry.writer(entry.is_ours(run).or(shown))).collect()
}

#[derive(Deserialize)]
struct Access {
    action: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    name: Option<String>,
}

impl Entry {
    /// Returns whether it was our run, whose comments end with `run`, as far as comments tell.
    fn is_ours(&self, run: &str) -> Option<bool> {
        self.comment.as_deref().filter(|comment| !comment.is_empty()).map(|comment| comment.ends_with(run))
    }

    /// Returns who did what.
    fn writer(&self, ours: Option<bool>) -> Writer {
        let mut actions: Vec<&str> =
            self.accesses.iter().flatten().filter_map(|access| access.action.as_deref()).collect();
        actions.dedup();
        let what = match (actions.is_empty(), &self.title_verb) {
            (true, Some(verb)) => verb.clone(),
            _ => actions.join(", "),
        };
        Writer {
            name: Shown(&self.name()).to_string(),
            what: Shown(&what).to_string(),
            at: Timestamp::from_millisecond(self.date).ok(),
            mark: Mark(Some(self.date.to_string())),
            ours,
        }
    }

    /// The member, with the token or the app that acted for them.
    fn name(&self) -> String {
        let named = |named: &Option<Named>| named.as_ref().and_then(|named| named.name.clone());
        let member = self.member.as_ref().and_then(|member| {
            let full = [&member.first_name, &member.last_name].into_iter().flatten().cloned().collect::<Vec<_>>();
            member.email.clone().or_else(|| (!full.is_empty()).then(|| full.join(" ")))
        });
        let tool = named(&self.token).map(|name| format!("token {name}")).or_else(|| named(&self.app));
        match (member, tool) {
            (Some(member), Some(tool)) => format!("{member} ({tool})"),
            (Some(name), None) | (None, Some(name)) => name,
            (None, None) => named(&self.subject).unwrap_or_else(|| "somebody".to_owned()),
        }
    }
}
