//! What has to be so before a drill begins.

use super::super::Context;
use super::super::interrupt::Interrupt;
use super::super::look::{Gates, Looking};
use super::super::place::Place;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::model::{Exposure, Flag, History, Percent, Shown, Typed, Verdict};
use crate::plan::Impossible;
use crate::render;

/// Refuses where nobody said that the place may be disturbed: in no environment, and in a protected one.
pub(super) fn environment(place: &Place) -> Result<()> {
    let open = place.settings.environments.iter().find(|other| !other.rules.protected);
    let open = open.and_then(|other| other.name.as_deref());
    let another = |error: Error| match open {
        Some(other) => error.help(format!("run it in another one: `-e {}`", Typed(other))),
        None => error,
    };
    let Some(name) = &place.environment.name else {
        let message = "a drill exposes users: it needs an environment that flagctl.toml names";
        let error = Error::usage(message).help("name the flags file there: `[environments.staging]`, `flags = \"…\"`");
        return Err(another(error));
    };
    if !place.environment.rules.protected {
        return Ok(());
    }
    let message = format!("environment `{}` is protected: no drill is run there", Shown(name));
    Err(another(Error::new(Exit::Refused, message)))
}

/// Returns what users get now.
pub(super) fn exposure(place: &Place, flag: &Flag) -> Result<Percent> {
    match flag.exposure() {
        Exposure::Exactly(from) => Ok(from),
        Exposure::AtLeast { reason, .. } | Exposure::Unknown { reason } => {
            Err(place.unreadable(flag, &Impossible::Unknown { flag: flag.name.to_string(), reason }))
        }
    }
}

/// Fails where a drill is at it, or died there.
pub(super) fn nothing_left(place: &Place, flag: &Flag, history: &History) -> Result<()> {
    let Some(left) = place.left_by_drill(flag, history) else { return Ok(()) };
    // At 0 nothing is up that could be left up.
    if flag.exposure().known().is_some_and(Percent::is_zero) {
        return Ok(());
    }
    let error = Error::new(Exit::Conflict, format!("`{}` {}", flag.name, left.what));
    Err(match left.back {
        Some(back) => error.help(format!("unless that drill is still at it, put it back first: {back}")),
        None => error,
    })
}

/// Refuses where the flag was rolled back for real: a drill would raise what somebody brought down.
pub(super) fn no_incident(place: &Place, flag: &Flag, history: &History) -> Result<()> {
    let Some(entry) = history.incident() else { return Ok(()) };
    let why = entry.reason.as_ref().map_or_else(String::new, |reason| format!(": {}", Shown(reason)));
    let (actor, at) = (Shown(&entry.actor), render::time::minute(entry.at));
    let message = format!("`{}` was rolled back to {}% by {actor} at {at}{why}: it is latched", flag.name, entry.to);
    let unlatch = " --override latch --reason \"…\"";
    let command = render::command(&place.again, "advance", &[flag.name.as_str()], unlatch);
    Err(Error::new(Exit::Refused, message).help(format!("once that is over: {command}")))
}

/// Looks before anything is changed: a service that fails already proves nothing by failing.
pub(super) fn healthy(
    context: &Context,
    place: &Place,
    (flag, history): (&Flag, History),
    gates: &Gates,
    interrupt: &Interrupt,
) -> Result<()> {
    let soaking = place.soaking(flag, &history);
    let verdicts = gates.judge(&Looking { history, soaking }, interrupt, context)?;
    match verdicts.iter().find(|judgement| judgement.verdict == Verdict::Breach) {
        None => Ok(()),
        Some(breach) => {
            let (gate, reason) = (Shown(&breach.gate), Shown(&breach.reason));
            let message = format!("gate `{gate}` breaches before the drill has begun: {reason}");
            Err(Error::new(Exit::Breach, message).help("mend the service first: what fails already proves nothing"))
        }
    }
}
