//! What shows only when the parts are seen together: names that lead nowhere, gates that don't fit.

use super::gates::{self, Draft};
use super::keys::nearest;
use super::mistake::Mistake;
use super::settings::{Environment, Settings, common_ladder};
use super::sheet::Sheet;
use super::value::Value;
use crate::error::Error;
use crate::model::{Mapping, Shown, Source};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Finds names that lead nowhere.
pub(super) fn references(sheet: &Sheet, wrong: &mut Vec<Mistake>) {
    let mut check = |what: &str, name: &str, span: Range<usize>, table: &str| {
        let names: Vec<&str> = sheet.names(&[table]).into_iter().map(|(name, _)| name).collect();
        if !names.contains(&name) {
            let near = nearest(name, names.iter().copied());
            let mistake = Mistake::new(span, format!("there is no {what} `{}`", Shown(name)));
            wrong.push(match (near, names.is_empty()) {
                (Some(near), _) => mistake.meant(Some(near)),
                (None, true) => mistake.help(format!("set it up below `[{table}.{}]`", super::keys::bare(name))),
                (None, false) => mistake.help(format!("there is {}", super::choice::list(&names))),
            });
        }
    };
    let mut wrong_order = Vec::new();
    for found in &sheet.found {
        let path: Vec<&str> = found.path.iter().map(String::as_str).collect();
        match (path.as_slice(), &found.value) {
            (["default-environment"], Value::Text(name)) => {
                check("environment", name, found.span.clone(), "environments");
            }
            (["environments", own, "after"], Value::Text(name)) => {
                check("environment", name, found.span.clone(), "environments");
                if let Some(around) = circle(sheet, own) {
                    let message = format!("no environment can come first: {around}");
                    wrong_order
                        .push(Mistake::new(found.span.clone(), message).help("leave `after` out of one of them"));
                }
            }
            (["environments" | "gates", _, "source"] | ["fleet", "source"], Value::Text(name)) => {
                check("source", name, found.span.clone(), "sources");
            }
            (["flags", _, "gates"], Value::Names(names)) => {
                for (name, span) in names {
                    check("gate", name, span.clone(), "gates");
                }
            }
            _ => {}
        }
    }
    wrong.extend(wrong_order);
}

/// Follows `after` from an environment, and says the way if it comes back there.
fn circle(sheet: &Sheet, from: &str) -> Option<String> {
    let mut way = vec![from];
    while let Some(next) = sheet.text(&["environments", way.last()?, "after"]) {
        if next == from {
            way.push(from);
            return Some(way.into_iter().map(|name| format!("`{}`", Shown(name))).collect::<Vec<_>>().join(" after "));
        }
        if way.contains(&next) {
            break;
        }
        way.push(next);
    }
    None
}

/// Finds gates that have no source in some environment, or one that can't answer them.
pub(super) fn unfit(environments: &[Environment], drafts: &[Draft], sources: &[Source], wrong: &mut Vec<Mistake>) {
    let nameless = [Environment::nameless(PathBuf::new())];
    let environments = if environments.is_empty() { &nameless } else { environments };
    for draft in drafts {
        let first = environments
            .iter()
            .find_map(|environment| draft.source(environment, sources).and_then(|source| draft.fits(source)).err());
        wrong.extend(first);
    }
}

/// Says that the ledger would be written into a file that is used for something else, and destroy it.
pub(super) fn ledger_taken(sheet: &Sheet, taken: &Path, is_config: bool) -> Mistake {
    let what = if is_config { "the configuration" } else { "a flags file" };
    let span = sheet.span(&["ledger", "path"]).unwrap_or_default();
    let taken = taken.to_string_lossy();
    Mistake::new(span, format!("the ledger can't be `{}`: that is {what}", Shown(&taken)))
        .help("give the ledger a file of its own: `path = \".flagctl/ledger.jsonl\"`")
}

/// Finds an environment whose rules are void: another one changes the same flags.
pub(super) fn shared(
    sheet: &Sheet,
    environments: &[Environment],
    one: &dyn Fn(&Path, &Path) -> bool,
) -> Option<Mistake> {
    let guards = |environment: &Environment| environment.rules.protected || environment.rules.after.is_some();
    // Blocks of environments may stand below the flags' names too.
    let way = |mapping: &Mapping| (mapping.root.clone(), mapping.rollout.clone());
    let place = |environment: &Environment| environment.mapping.as_ref().map(way);
    let same = |first: &Environment, second: &Environment| {
        place(first) == place(second)
            && first.remote.is_none()
            && second.remote.is_none()
            && one(&first.flags, &second.flags)
    };
    environments.iter().enumerate().find_map(|(at, second)| {
        let first = environments[..at].iter().find(|first| (guards(first) || guards(second)) && same(first, second))?;
        let (one, two) = (first.name.as_deref().unwrap_or_default(), second.name.as_deref().unwrap_or_default());
        let guarded = if guards(second) { two } else { one };
        let span = sheet.span(&["environments", two, "flags"]).unwrap_or_default();
        let message = format!(
            "environments `{}` and `{}` have the same flags: what one changes, the other gets",
            Shown(one),
            Shown(two)
        );
        Some(Mistake::new(span, message).help(format!(
            "give each a file of its own; as it is, `after` and `protected` of `{}` guard nothing",
            Shown(guarded)
        )))
    })
}

/// Finds environments that stop short of what the next one wants.
fn short(settings: &Settings) -> impl Iterator<Item = Mistake> {
    let top = |environment: &Environment| {
        common_ladder(&settings.sheet, environment).steps().last().copied().unwrap_or_default()
    };
    settings.environments.iter().filter_map(move |environment| {
        let (name, after) = (environment.name.as_deref()?, environment.rules.after.as_deref()?);
        let (ours, theirs) = (top(environment), top(settings.named(after)?));
        let message = format!(
            "`{}` has a step {ours}%, and `{}`, which comes first, none above {theirs}%",
            Shown(name),
            Shown(after)
        );
        let span = settings.sheet.span(&["environments", name, "after"]).unwrap_or_default();
        (ours > theirs).then(|| {
            Mistake::new(span, message).help(format!("give `{}` that step too: `steps = […, {ours}]`", Shown(after)))
        })
    })
}

/// Finds what is allowed, but hardly meant: windows that outlast the soak, queries that don't follow the
/// window, environments that end too low for the next.
pub(super) fn warnings(settings: &Settings) -> Vec<Error> {
    let nameless = Environment::nameless(PathBuf::new());
    let environment = settings.environments.first().unwrap_or(&nameless);
    let window = |draft: &Draft| {
        let default =
            || draft.source(environment, &settings.sources).ok().map(|source| gates::default_window(source.kind));
        draft.window.or_else(default).unwrap_or_default()
    };
    let common = settings.drafts.iter().filter_map(|draft| draft.outlasts(window(draft), settings.soak(None), ""));
    let flags = settings.sheet.names(&["flags"]);
    let own = flags.iter().filter(|(flag, _)| settings.sheet.has(&["flags", flag, "soak"])).flat_map(|(flag, span)| {
        let soak = settings.soak(Some(flag));
        let of = format!(" of flag `{}`", Shown(flag));
        settings.drafts_of(flag).into_iter().filter_map(move |draft| {
            let mistake = draft.outlasts(window(draft), soak, &of)?;
            Some(Mistake { span: span.clone(), ..mistake })
        })
    });
    let fixed = settings.drafts.iter().filter_map(|draft| {
        draft.source(environment, &settings.sources).ok().and_then(|source| draft.ignores_window(source))
    });
    let mut found: Vec<Mistake> = common.chain(own).chain(fixed).chain(short(settings)).collect();
    found.sort_by_key(|mistake| mistake.span.start);
    found.into_iter().map(|mistake| mistake.error(settings.config_name(), &settings.text)).collect()
}
