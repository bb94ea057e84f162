//! `[gates]`: read apart from their sources, then bound to them.

use super::duration;
use super::mistake::Mistake;
use super::settings::{Environment, Gate};
use super::sheet::Sheet;
use super::value::Value;
use crate::gate::{Applies, Threshold};
use crate::model::{AbsentErrors, Numbers, Shown, Source, SourceKind};
use crate::plan::OVERRIDE_WORDS;
use std::ops::Range;
use std::time::Duration;

pub(super) const MIN_REQUESTS: f64 = 100.0;
pub(super) const MAX_AGE: Duration = Duration::from_secs(120);

/// A gate that has no source yet.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) rule: Threshold,
    /// Where its name stands.
    pub(super) span: Range<usize>,
    /// The source it names.
    pub(super) source: Option<(String, Range<usize>)>,
    numbers: Numbers,
    /// Where the numbers stand: errors or rate, total.
    spans: [Range<usize>; 2],
    freshness: Option<String>,
    pub(super) window: Option<Duration>,
}

/// Reads the gates, in the order of the text.
pub(super) fn drafts(sheet: &Sheet, wrong: &mut Vec<Mistake>) -> Vec<Draft> {
    sheet.names(&["gates"]).into_iter().filter_map(|(name, span)| draft(sheet, name, &span, wrong)).collect()
}

/// Refuses a name that `--override` would take for something else.
fn misnamed(name: &str, span: &Range<usize>) -> Option<Mistake> {
    let taken = OVERRIDE_WORDS.contains(&name) || name.is_empty() || name.contains(',');
    taken.then(|| {
        let words = OVERRIDE_WORDS.map(|word| format!("`{word}`")).join(", ");
        Mistake::new(span.clone(), format!("a gate can't be named `{}`", Shown(name)))
            .help(format!("`--override` takes gates by their names, between commas, beside the words {words}"))
    })
}

fn draft(sheet: &Sheet, name: &str, span: &Range<usize>, wrong: &mut Vec<Mistake>) -> Option<Draft> {
    let key = |key: &'static str| ["gates", name, key];
    wrong.extend(misnamed(name, span));
    let whole = !sheet.flawed(&["gates", name]);
    let mut missing = |what: &'static str, example: &str| {
        if sheet.has(&key(what)) || !whole {
            return;
        }
        let message = format!("gate `{}` has no `{what}`", Shown(name));
        wrong.push(Mistake::new(span.clone(), message).help(format!("write `{example}`")).incomplete());
    };
    missing("max", "max = \"1%\"");
    missing("total", "total = 'QUERY'");
    if !sheet.has(&key("rate")) {
        missing("errors", "errors = 'QUERY'");
    }
    let at = |name: &'static str| sheet.span(&key(name)).unwrap_or_else(|| span.clone());
    let text = |name: &'static str| sheet.text(&key(name)).map(str::to_owned);
    let (numbers, first) = match (text("errors"), text("rate"), text("total")?) {
        (Some(_), Some(_), _) => {
            let message = format!("gate `{}` has both `errors` and `rate`", Shown(name));
            wrong.push(Mistake::new(at("rate"), message).help("keep one of them"));
            return None;
        }
        (Some(errors), None, total) => (Numbers::Counts { errors, total }, at("errors")),
        (None, Some(rate), total) => (Numbers::Rate { rate, total }, at("rate")),
        (None, None, _) => return None,
    };
    let max = match sheet.get(&key("max"))?.value {
        Value::Rate(max) => max,
        _ => return None,
    };
    let rule = Threshold {
        name: name.to_owned(),
        max,
        min_requests: match sheet.get(&key("min-requests")).map(|found| &found.value) {
            #[expect(clippy::cast_precision_loss, reason = "requests are counted in f64 everywhere")]
            Some(Value::Count(count)) => *count as f64,
            _ => MIN_REQUESTS,
        },
        max_age: sheet.duration(&key("max-age")).unwrap_or(MAX_AGE),
        absent_errors: match sheet.text(&key("absent-errors")) {
            Some("zero") => AbsentErrors::Zero,
            _ => AbsentErrors::Hold,
        },
        applies: match sheet.text(&key("applies")) {
            Some("always") => Applies::Always,
            _ => Applies::Exposed,
        },
    };
    Some(Draft {
        rule,
        span: span.clone(),
        source: text("source").map(|source| (source, at("source"))),
        numbers,
        spans: [first, at("total")],
        freshness: text("freshness"),
        window: sheet.duration(&key("window")),
    })
}

/// Returns the window of a gate that names none.
pub(super) const fn default_window(kind: SourceKind) -> Duration {
    match kind {
        SourceKind::Prometheus | SourceKind::Json => Duration::from_secs(600),
        SourceKind::Exposition => Duration::from_secs(30),
    }
}

impl Draft {
    /// Finds the source that the gate asks in an environment.
    pub(super) fn source<'s>(&self, environment: &Environment, sources: &'s [Source]) -> Result<&'s Source, Mistake> {
        let named = self.source.as_ref().map(|(name, _)| name).or(environment.source.as_ref());
        let name = Shown(&self.rule.name);
        match (named, sources) {
            (Some(source), sources) => sources.iter().find(|other| other.name == *source).ok_or_else(|| {
                Mistake::new(self.span.clone(), format!("gate `{name}`: there is no source `{}`", Shown(source)))
            }),
            (None, [only]) => Ok(only),
            (None, []) => Err(Mistake::new(self.span.clone(), format!("gate `{name}` has no source to ask"))
                .help("set one up: `[sources.prod]` with `kind = \"prometheus\"` and `url = \"http://127.0.0.1:9090\"`")
                .incomplete()),
            (None, _) => {
                let place = match &environment.name {
                    Some(environment) => format!(", and environment `{}` names none", Shown(environment)),
                    None => String::new(),
                };
                let names = sources.iter().map(|source| format!("`{}`", Shown(&source.name))).collect::<Vec<_>>();
                Err(Mistake::new(self.span.clone(), format!("gate `{name}` names no source{place}"))
                    .help(format!("write `source = …` there, one of {}", names.join(", ")))
                    .incomplete())
            }
        }
    }

    /// Checks that the questions are ones that a source of this kind takes.
    pub(super) fn fits(&self, source: &Source) -> Result<(), Mistake> {
        let name = Shown(&self.rule.name);
        let (first, total) = match &self.numbers {
            Numbers::Counts { errors, total } => (errors, total),
            Numbers::Rate { .. } if source.kind != SourceKind::Json => {
                let message =
                    format!("gate `{name}`: `rate` is for `json` sources, and `{}` is none", Shown(&source.name));
                return Err(Mistake::new(self.spans[0].clone(), message).help("write `errors` in place of `rate`"));
            }
            Numbers::Rate { rate, total } => (rate, total),
        };
        if source.kind == SourceKind::Json {
            for (pointer, span) in [first, total].into_iter().zip(&self.spans) {
                if !pointer.starts_with('/') {
                    let message = format!(
                        "gate `{name}`: a `json` source is asked with pointers, and `{}` is none",
                        Shown(pointer)
                    );
                    return Err(
                        Mistake::new(span.clone(), message).help("a pointer begins with `/`, as `/data/errors`")
                    );
                }
            }
        }
        Ok(())
    }

    /// Makes the gate that asks `source`.
    pub(super) fn bind(&self, source: &Source) -> Gate {
        Gate {
            rule: self.rule.clone(),
            source: source.clone(),
            numbers: self.numbers.clone(),
            freshness: self.freshness.clone(),
            window: self.window.unwrap_or_else(|| default_window(source.kind)),
        }
    }

    /// Says that the queries don't follow the window.
    pub(super) fn ignores_window(&self, source: &Source) -> Option<Mistake> {
        let (first, total) = match &self.numbers {
            Numbers::Counts { errors, total } => (errors, total),
            Numbers::Rate { rate, total } => (rate, total),
        };
        let fixed =
            source.kind == SourceKind::Prometheus && ![first, total].iter().all(|query| query.contains("{{window}}"));
        fixed.then(|| {
            let message = format!("gate `{}` has a query without `{{{{window}}}}`", Shown(&self.rule.name));
            Mistake::new(self.span.clone(), message)
                .help("what it looks back over is then not what `window` says, which the judging rests on")
                .help("write `[{{window}}]` in place of a range such as `[10m]`")
        })
    }

    /// Says that the window reaches further back than the soak: at each step the gate holds longer than the soak does.
    pub(super) fn outlasts(&self, window: Duration, soak: Duration, of: &str) -> Option<Mistake> {
        (window > soak).then(|| {
            let (window, soak) = (duration::text(window), duration::text(soak));
            let message =
                format!("gate `{}` looks back {window}, longer than the soak of {soak}{of}", Shown(&self.rule.name));
            Mistake::new(self.span.clone(), message)
                .help("after each step it holds until the window lies within the step")
                .help("make the soak at least as long, or the window shorter")
        })
    }
}
