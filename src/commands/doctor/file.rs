//! A flags file: can it be locked, replaced, and edited for each flag?

use super::super::local::Local;
use super::super::place::Place;
use super::Report;
use crate::change;
use crate::document;
use crate::model::{Flag, Mode, Percent, Shown, Values};

/// Looks at a file's lock, its rights, and each flag's way down and up.
pub(super) fn look(place: &Place, local: &Local, flags: &[Flag], report: &mut Report) {
    let name = place.environment.name.as_deref();
    match change::try_lock(place.path()) {
        Ok(None) => report.well(name, "lock", "it can be had"),
        Ok(Some(holder)) => {
            report.doubtful(name, "lock", format!("it is {holder}"), "a rollback goes on without it after 2 s");
        }
        Err(error) => report.failed(name, "lock", &error),
    }
    match change::try_write(place.path()) {
        Ok(None) => report.well(name, "write", "the file can be replaced"),
        Ok(Some(why)) => {
            let fix = "let this user make and replace files in that folder: else a rollback overwrites the file in place, \
                       which a crash can leave half done, or can't be done";
            report.doubtful(name, "write", why, fix);
        }
        Err(error) => report.failed(name, "write", &error),
    }
    ways(place, local, flags, report);
}

/// Tries the edits that a rollback and the next step would make, on the text alone.
fn ways(place: &Place, local: &Local, flags: &[Flag], report: &mut Report) {
    let (name, text) = (place.environment.name.as_deref(), &local.file.text);
    let mut down = 0;
    for flag in flags.iter().filter(|flag| !flag.is_silent()) {
        let enabled = flag.enabled.value().map(|_| false);
        let values = Values { rollout: Percent::ZERO, enabled };
        let edited = |values, mode| {
            document::edit(text, &local.mapping, &flag.name, values, mode)
                .map_err(|refusal| refusal.into_error(place.path(), text))
        };
        match edited(values, Mode::Urgent) {
            Ok(edited) if edited.notes.is_empty() => down += 1,
            Ok(edited) => {
                let message = format!("`{}` would go to 0, but: {}", flag.name, edited.notes.join("; "));
                report.doubtful(name, "rollback", message, "write the flag as others are written");
            }
            Err(error) => report.failed(name, "rollback", &error),
        }
        let Some(exposure) = flag.exposure().known() else {
            let doubt = flag.exposure().doubt().unwrap_or_default().to_owned();
            let fix = format!("write a value that can be read, or bring it to 0: `flagctl rollback {}`", flag.name);
            report.broken(name, "advance", format!("`{}`: {}", flag.name, Shown(&doubt)), fix);
            continue;
        };
        let step = place.policy(&flag.name).ladder.above(exposure);
        if let Some(Err(error)) =
            step.map(|rollout| edited(Values { rollout, enabled: enabled.map(|_| true) }, Mode::Careful))
        {
            report.failed(name, "advance", &error);
        }
    }
    report.well(name, "rollback", format!("{} can be brought to 0, tried on the text", super::count(down)));
}
