//! What a rollback with `--verify` asks: the gauge of the instances, or the service as its clients ask it.

use super::super::Context;
use super::super::place::{Home, Place};
use super::Report;
use crate::config::{Fleet, Gauge};
use crate::error::{Error, Result};
use crate::http::Wait;
use crate::metrics;
use crate::model::{Flag, Secret, Series, Shown, Subject};
use std::time::Duration;

/// How long the gauge is waited for.
const PATIENCE: Duration = Duration::from_secs(15);

/// Asks once what a look after a rollback would ask, of the flag that is furthest in rollout.
pub(super) fn look(context: &Context, place: &Place, flags: &[Flag], report: &mut Report) {
    let name = place.environment.name.as_deref();
    let Some(flag) = flags.iter().max_by_key(|flag| flag.exposure().known()) else { return };
    let Fleet { gauge, within, .. } = match place.settings.fleet(&place.environment) {
        Ok(fleet) => fleet,
        Err(error) => return report.failed(name, "verify", &error),
    };
    match (gauge, &place.home) {
        (Some(gauge), _) => match asked(context, place, flag, &gauge, within) {
            Ok((selector, series)) if series.is_empty() => report.doubtful(
                name,
                "verify",
                format!("no instance shows `{}`: a rollback with `--verify` could tell nothing", Shown(&selector)),
                "is the metric's name, and each label of it, as the service writes it? It is `exposure` below `[fleet]`",
            ),
            Ok((_, series)) => {
                let what = match series.len() {
                    1 => "1 instance shows what it serves".to_owned(),
                    many => format!("{many} instances show what they serve"),
                };
                report.well(name, "verify", format!("{what} of `{}`", flag.name));
            }
            Err(error) => report.doubtful(name, "verify", error.message, fix(&error.help)),
        },
        (None, Home::Remote(_)) => served(place, flag, report),
        (None, Home::File(_)) if place.settings.has_fleet() => report.doubtful(
            name,
            "verify",
            "no gauge of the instances is set up: a rollback with `--verify` could tell nothing",
            "write `exposure = …` below `[fleet]` in flagctl.toml",
        ),
        (None, Home::File(_)) => {}
    }
}

fn fix(help: &[String]) -> String {
    if help.is_empty() {
        "mend `[fleet]` or its source; a rollback works all the same".to_owned()
    } else {
        help.join("; ")
    }
}

fn asked(
    context: &Context,
    place: &Place,
    flag: &Flag,
    gauge: &Gauge,
    within: Duration,
) -> Result<(String, Vec<Series>)> {
    let environment = place.environment.name.clone().unwrap_or_default();
    let exposure = flag.exposure().known().unwrap_or_default();
    let subject = Subject { flag: flag.name.clone(), environment, exposure };
    let selector = metrics::selector(&gauge.exposure, &subject, within)
        .map_err(|why| Error::invalid(format!("`fleet.exposure` {why}")))?;
    let named = |why: String| Error::failed(format!("the source `{}` {}", Shown(&gauge.source.name), Shown(&why)));
    let source = metrics::Gauge::open(&gauge.source).map_err(|why| named(why.to_string()))?;
    let series = source.now(&selector, &Wait::of(PATIENCE, &context.cancel)).map_err(named)?;
    Ok((selector, series))
}

/// Asks a backend for what it hands out, where it can be asked or would have to be.
fn served(place: &Place, flag: &Flag, report: &mut Report) {
    let (name, Home::Remote(afar)) = (place.environment.name.as_deref(), &place.home) else { return };
    let title = afar.remote.kind.title();
    let Some(answer) = afar.backend.served(&flag.name, &afar.wait()) else {
        if place.settings.has_fleet() {
            report.doubtful(
                name,
                "verify",
                format!("{title} can't be asked what it serves: a rollback with `--verify` could tell nothing"),
                "set `client-token-env` where it knows that, or a gauge: `exposure` below `[fleet]`",
            );
        }
        return;
    };
    let variable = match &afar.remote.client_token {
        Some(Secret::Env(name)) => format!("the variable `{}`", Shown(name)),
        _ => "`client-token-env`".to_owned(),
    };
    match answer {
        Ok(_) => report.well(name, "verify", format!("{title} tells clients of `{}`, by {variable}", flag.name)),
        Err(error) => {
            let fix = format!("put a token for clients of this environment into {variable}: only `--verify` needs it");
            report.doubtful(name, "verify", error.message, fix);
        }
    }
}
