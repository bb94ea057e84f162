//! Which series of a page are meant.

use super::page::Sample;
use promql_parser::label::MatchOp;
use promql_parser::parser::{self, Expr, VectorSelector};

/// A selector as PromQL has it: a name, labels, or both.
#[derive(Debug)]
pub(in crate::metrics) struct Selector(VectorSelector);

impl Selector {
    /// Reads `name{label="x",code=~"5.."}`.
    ///
    /// # Errors
    /// Says why the text is none: a fragment that follows the key.
    pub(in crate::metrics) fn parse(text: &str) -> Result<Self, String> {
        let plain = "a page is read with a plain selector, as `name{label=\"x\",code=~\"5..\"}`";
        match parser::parse(text) {
            Ok(Expr::VectorSelector(selector)) if selector.offset.is_none() && selector.at.is_none() => {
                Ok(Self(selector))
            }
            Ok(_) => Err(format!("is an expression; {plain}")),
            Err(why) => Err(format!("can't be read ({why}); {plain}")),
        }
    }

    /// Returns the metric's name, if there is exactly one.
    pub(super) fn name(&self) -> Option<&str> {
        let equal =
            |matcher: &&promql_parser::label::Matcher| matcher.name == "__name__" && matcher.op == MatchOp::Equal;
        self.0.name.as_deref().or_else(|| self.0.matchers.matchers.iter().find(equal).map(|name| name.value.as_str()))
    }

    /// True if the series is meant. As in PromQL, a label that is missing is empty, and expressions match as a whole.
    pub(super) fn matches(&self, sample: &Sample) -> bool {
        let all = |matchers: &[promql_parser::label::Matcher]| {
            matchers.iter().all(|matcher| {
                matcher.is_match(if matcher.name == "__name__" { &sample.name } else { sample.label(&matcher.name) })
            })
        };
        let or = &self.0.matchers.or_matchers;
        self.0.name.as_ref().is_none_or(|name| *name == sample.name)
            && all(&self.0.matchers.matchers)
            && (or.is_empty() || or.iter().any(|matchers| all(matchers)))
    }

    /// True if the series is meant, or tells when one that is meant was created.
    pub(super) fn wants(&self, sample: &Sample) -> bool {
        self.matches(sample)
            || sample.name.strip_suffix("_created").is_some_and(|family| {
                ["_total", "_count", "_bucket", ""].into_iter().any(|suffix| {
                    let counter = Sample { name: format!("{family}{suffix}"), ..sample.clone() };
                    self.matches(&counter)
                })
            })
    }

    /// True if the selector fixes the label to one value.
    pub(super) fn fixes(&self, label: &str) -> bool {
        self.0.matchers.matchers.iter().any(|matcher| matcher.name == label && matcher.op == MatchOp::Equal)
    }
}
