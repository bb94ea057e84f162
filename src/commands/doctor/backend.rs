//! A backend over the wire: does it answer, does it let this token switch a flag off, do the clocks agree?

use super::super::afar::Afar;
use super::super::mirror;
use super::super::place::Place;
use super::Report;
use crate::model::{Flag, Shown};
use std::time::Instant;

/// From how many seconds on clocks that differ are told.
const SKEW: f64 = 5.0;

/// Looks at a backend's answers, rights and clock, and at each flag as it stands there.
///
/// `all` says that `flags` are all that it has.
pub(super) fn look(place: &Place, afar: &Afar, (flags, all): (&[Flag], bool), report: &mut Report) {
    let name = place.environment.name.as_deref();
    let title = afar.remote.kind.title();
    report.well(name, "token", format!("{title} takes it for reading"));
    match afar.backend.skew() {
        Some(skew) if skew.abs() > SKEW => report.doubtful(
            name,
            "clock",
            format!("{title}'s clock is {:.0} s {} ours", skew.abs(), if skew > 0.0 { "ahead of" } else { "behind" }),
            "set the clock of this machine: soak and freshness go by it",
        ),
        Some(_) => report.well(name, "clock", format!("{title}'s agrees with ours")),
        None => report.doubtful(name, "clock", format!("{title} does not tell the time"), "compare it by hand"),
    }
    slowness(name, afar, flags, report);
    rights(name, afar, flags, report);
    mirror(name, afar, (flags, all), report);
    for flag in flags {
        let Ok(seen) = afar.seen(&flag.name) else { continue };
        if let Some(why) = &seen.held_back {
            let fix = format!("mend it in {title}; a rollback works all the same");
            report.doubtful(name, "advance", format!("`{}` can't go forward from here: {why}", flag.name), fix);
        }
        for finding in &seen.findings {
            report.doubtful(name, "value", format!("`{}`: {finding}", flag.name), format!("mend it in {title}"));
        }
    }
}

/// Says of a service that is slow to answer by how much: what takes a quarter of the patience today may take all of it
/// tonight.
fn slowness(name: Option<&str>, afar: &Afar, flags: &[Flag], report: &mut Report) {
    let Some(flag) = flags.first() else { return };
    let began = Instant::now();
    if afar.backend.read(&flag.name, &afar.wait()).is_err() {
        return;
    }
    let (took, timeout) = (began.elapsed(), afar.remote.timeout);
    if took > timeout / 4 {
        let title = afar.remote.kind.title();
        let message = format!(
            "{title} took {:.1} s to tell of `{}`, where one answer may take {:.1} s",
            took.as_secs_f64(),
            flag.name,
            timeout.as_secs_f64()
        );
        report.doubtful(
            name,
            "answer",
            message,
            "look why it is slow, or give it longer by the environment's `timeout`",
        );
    }
}

/// Compares the mirror with the backend.
fn mirror(name: Option<&str>, afar: &Afar, (flags, all): (&[Flag], bool), report: &mut Report) {
    let Some(path) = &afar.remote.mirror else { return };
    let shown = path.display().to_string();
    if mirror::is_missing(path) {
        let fix = "the next change makes it, with every flag at its present value; no rollback needs it";
        return report.doubtful(name, "mirror", format!("`{}` is not there", Shown(&shown)), fix);
    }
    match mirror::differences(path, flags, all) {
        Err(error) => {
            let fix = "no change overwrites what it can't read: move it away, and the next change makes it anew, whole; \
                       no rollback needs it";
            report.doubtful(name, "mirror", format!("`{}` can't be read: {error}", Shown(&shown)), fix);
        }
        Ok(found) if found.is_empty() => {
            report.well(name, "mirror", format!("`{}` is in step", Shown(&shown)));
        }
        Ok(found) => {
            for (flag, difference) in found {
                let last = afar.last_writer(&flag).map_or_else(String::new, |who| format!("; last: {who}"));
                let fix =
                    format!("the backend is what users get; mend `{}` by hand, or by the next change", Shown(&shown));
                report.doubtful(name, "mirror", format!("{difference}{last}"), fix);
            }
        }
    }
}

/// Asks what the token may do, changing nothing.
fn rights(name: Option<&str>, afar: &Afar, flags: &[Flag], report: &mut Report) {
    let rights = match afar.backend.rights(flags.first().map(|flag| &flag.name), &afar.wait()) {
        Ok(rights) => rights,
        Err(error) => return report.failed(name, "rights", &error),
    };
    for right in rights {
        let note = Shown(&right.note).to_string();
        match right.granted {
            Some(true) => report.well(name, "rights", format!("the token may {}: {note}", right.what)),
            Some(false) => {
                report.broken(name, "rights", format!("the token may not {}", right.what), note);
            }
            None => report.doubtful(
                name,
                "rights",
                format!("whether the token may {} can't be asked without doing it", right.what),
                note,
            ),
        }
    }
}
