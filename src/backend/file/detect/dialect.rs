//! Formats of other tools, told by what only they have.

use super::entries::{Entry, entries};
use crate::document::Node;
use crate::model::{EnabledKey, Mapping, OnOff};

/// The keys that a flag has in GO Feature Flag's version 0, as far as they leave it simple.
const KEYS: [&str; 10] =
    ["true", "false", "default", "percentage", "rule", "disable", "version", "trackEvents", "description", "rollout"];

/// A format of another tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// OpenFeature's flagd.
    Flagd,
    /// GO Feature Flag, of version 0 or 1.
    GoFeatureFlag,
    /// Flipt.
    Flipt,
}

impl Dialect {
    /// Returns the name as `dialect` in `flagctl.toml` has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Flagd => "flagd",
            Self::GoFeatureFlag => "go-feature-flag",
            Self::Flipt => "flipt",
        }
    }
}

/// Returns whose format a document is, if it is another tool's.
pub(super) fn of(document: &Node<'_>) -> Option<Dialect> {
    let flags = document.get("flags");
    if let Some(list @ Node::List(items)) = flags {
        let has = |item: &Node<'_>, key: &str| item.get(key).is_some();
        let typed =
            |item: &Node<'_>| item.get("type").and_then(Node::text).is_some_and(|kind| kind.ends_with("_FLAG_TYPE"));
        let ruled = |item: &Node<'_>| has(item, "rules") || has(item, "rollouts") || has(item, "variants");
        let around = document.get("namespace").is_some() || document.get("segments").is_some();
        let listed = |item: &Node<'_>, key: &str| matches!(item.get(key), Some(Node::List(_)));
        let lists = |item: &Node<'_>| listed(item, "rollouts") || listed(item, "rules");
        let flipt = |item: &Node<'_>| {
            has(item, "key") && (typed(item) || lists(item) || (around && (ruled(item) || has(item, "name"))))
        };
        return (!entries(list).is_empty() && items.iter().any(flipt)).then_some(Dialect::Flipt);
    }
    let most = |node: &Node<'_>, test: &dyn Fn(&Node<'_>) -> bool| {
        let entries = entries(node);
        let fitting = entries.iter().filter(|entry| test(entry.node)).count();
        fitting > 0 && fitting * 2 > entries.len()
    };
    let flagd = |entry: &Node<'_>| entry.get("variants").is_some() && entry.get("defaultVariant").is_some();
    if flags.is_some_and(|flags| most(flags, &flagd)) {
        return Some(Dialect::Flagd);
    }
    // Version 1 chooses between named variations.
    let goff = |entry: &Node<'_>| {
        let has = |key: &str| entry.get(key).is_some();
        (has("variations") && ["defaultRule", "targeting", "rules"].into_iter().any(has)) || is_simple(entry)
    };
    most(document, &goff).then_some(Dialect::GoFeatureFlag)
}

/// Returns how the flags of another tool's file are spelled, where it spells them as simply as ours: those of GO Feature
/// Flag's version 0, whose only switch is `disable`. What their users get otherwise is `default`, which is none.
pub(super) fn simple(document: &Node<'_>) -> Option<Mapping> {
    let entries = entries(document);
    let known = |entry: &Entry<'_, '_>| entry.node.pairs().iter().all(|(key, _)| KEYS.contains(&key.as_ref()));
    let simple = entries.iter().any(|entry| is_simple(entry.node))
        && entries.iter().all(|entry| known(entry) && !is_odd(entry.node));
    let share = |entry: &Entry<'_, '_>| entry.node.get("percentage").and_then(Node::text).is_some();
    let disable = entries.iter().any(|entry| entry.node.get("disable").is_some());
    let switch = || EnabledKey { path: vec!["disable".to_owned()], words: Some(OnOff::one("false", "true")) };
    (simple && entries.iter().any(share)).then(|| Mapping {
        rollout: vec![vec!["percentage".to_owned()]],
        enabled: disable.then(switch).into_iter().collect(),
        ..Mapping::native()
    })
}

/// True for a flag as version 0 of GO Feature Flag has it: with the values for true, for false and for nobody.
fn is_simple(entry: &Node<'_>) -> bool {
    ["true", "false", "default"].into_iter().all(|key| entry.get(key).is_some())
}

/// True for a flag of that kind whose percentage says not by itself who gets it: there is a schedule beside it, those whom
/// its rule leaves out get it too, or its values are the other way round.
fn is_odd(entry: &Node<'_>) -> bool {
    let is = |key: &str, value: &str| entry.get(key).and_then(Node::text) == Some(value);
    let outside = entry.get("rule").is_some() && is("default", "true");
    // An experiment only ends it; a schedule or a progressive rollout goes past the percentage.
    let planned = entry.get("rollout").is_some_and(|plan| plan.pairs().iter().any(|(key, _)| key != "experimentation"));
    outside || planned || is("true", "false")
}
