//! The end of a drill: the flag is put back to where it was, but nothing that somebody else wrote is overwritten.

use super::super::afar::Afar;
use super::super::interrupt::Interrupt;
use super::super::leftover;
use super::super::local::Local;
use super::super::place::Home;
use super::rehearsal::Rehearsal;
use super::stored::differences;
use super::ways::{Step, Taken};
use crate::backend::file::FlagsFile;
use crate::change::Edited;
use crate::document;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::http::{Cancel, PATIENCE, Wait};
use crate::model::{BACK, Flag, Mode, Part, Percent, Values};
use crate::render;

/// How the flag stands when it was put back.
pub(super) struct End {
    /// True if the file's bytes, or what a backend stores, are as before.
    pub(super) as_before: bool,
    /// What a backend stores otherwise than before, as fragments.
    pub(super) differences: Vec<String>,
}

impl Rehearsal<'_> {
    /// Puts the flag back to where it was.
    pub(super) fn restore(&self, down: &Taken) -> Result<End> {
        let values = Values {
            rollout: self.flag.rollout.value().copied().unwrap_or(self.from),
            enabled: self.flag.enabled.value().copied(),
        };
        let step = Step { part: Part::Back, values, to: self.from, mode: Mode::Careful };
        let back = match &self.place.home {
            Home::File(local) => {
                self.restore_text(local, &step, down).map(|as_before| End { as_before, differences: Vec::new() })
            }
            Home::Remote(afar) => self.restore_afar(afar, &step),
        };
        back.map_err(|error| if error.changed == Some(true) { error } else { self.left_at_zero(error) })
    }

    fn restore_afar(&self, afar: &Afar, step: &Step) -> Result<End> {
        // Who stops a drill wants it over, not half done: what they stopped is no reason not to look.
        let wait = || Wait::of(afar.remote.timeout.saturating_mul(PATIENCE), &Cancel::default());
        let read = || afar.backend.read(&self.flag.name, &wait());
        let old = match &self.stood {
            Some(stood) => stood.clone(),
            None => afar.seen(&self.flag.name)?,
        };
        if read()?.stored != old.stored {
            let record = self.record(BACK.to_owned(), Vec::new());
            self.take(step, None, record, self.timeout(), &Interrupt::default())?;
        }
        let now = read()?;
        if now.flag.exposure().known() != Some(self.from) {
            return Err(self.overtaken(&now.flag));
        }
        let differences = differences(&old, &now, &afar.remote.environment);
        Ok(End { as_before: differences.is_empty(), differences })
    }

    fn restore_text(&self, local: &Local, step: &Step, down: &Taken) -> Result<bool> {
        let (old, now) = (&local.file.text, FlagsFile::read(self.place.path())?.text);
        if now == *old {
            return Ok(true);
        }
        let edit = |text: &str| {
            let found = local.read(text, &self.flag.name, &self.place.again)?;
            if down.made.as_ref().is_some_and(|made| !self.same(&found, made)) {
                return Err(self.overtaken(&found));
            }
            if *text == now && self.is_ours(local, old, &now) {
                // Nobody else has written: the text as it was is the flag as it was.
                let (before, after) = (Vec::new(), Vec::new());
                let from = Some(Percent::ZERO);
                let notes = Vec::new();
                return Ok(Some(Edited { text: old.clone(), from, to: self.from, before, after, notes }));
            }
            self.set(local, text, step)
        };
        let record = self.record(BACK.to_owned(), Vec::new());
        // Who stops a drill wants it over, not half done.
        self.apply(Mode::Careful, None, &edit, record, self.timeout(), &Interrupt::default())?;
        Ok(FlagsFile::read(self.place.path())?.text == *old)
    }

    /// Says that somebody else has set the flag after the way down: it stays where they brought it.
    pub(super) fn overtaken(&self, found: &Flag) -> Error {
        let (name, at) = (&self.flag.name, found.exposure());
        let message = format!("`{name}` was set by somebody else after the way down: it is at {at} now, and stays");
        let again = self.context.again();
        let error = Error::new(Exit::Conflict, message).help(format!("to see who: flagctl {again}log"));
        let back = render::command(&again, "rollback", &[name.as_str()], "");
        self.stays(error, at.known(), &back)
    }

    fn left_at_zero(&self, error: Error) -> Error {
        let again = self.context.again();
        let name = self.flag.name.as_str();
        let back = render::command(&again, "advance", &[name], &leftover::after_a_drill(self.from));
        if self.from.is_zero() {
            // Users get what they got; what else was stored before may not be.
            let changed = self.stood.is_none().then_some(true);
            let rest = self.service_of_flags().map_or_else(String::new, |title| {
                format!("; whether {title} stores all of it as before could not be made sure of")
            });
            let message = format!("{}; `{name}` is at 0%, as before the drill{rest}", error.message);
            return Error { message, ..error }.changed(changed).detail("as_before", false);
        }
        let message = format!("{}; `{name}` is at 0% now, and was at {}% before the drill", error.message, self.from);
        self.stays(Error { message, ..error }, Some(Percent::ZERO), &back)
            .help(format!("to go back to {}%: {back}", self.from))
    }

    /// True if two states of the flag are the same, as far as where it lives tells.
    pub(super) fn same(&self, one: &Flag, two: &Flag) -> bool {
        match &self.place.home {
            Home::File(_) => one.same_values(two),
            Home::Remote(_) => one.exposure().known() == two.exposure().known(),
        }
    }

    /// True if a text is what the drill alone makes of the old one: then nobody else's change is in it.
    fn is_ours(&self, local: &Local, old: &str, now: &str) -> bool {
        let enabled = (self.flag.enabled.value() == Some(&false)).then_some(true);
        let edited = |text: &str, values: Values, mode: Mode| {
            document::edit(text, &local.mapping, &self.flag.name, values, mode).map(|edited| edited.text)
        };
        let raised = if self.to == self.from {
            Ok(old.to_owned())
        } else {
            edited(old, Values { rollout: self.to, enabled }, Mode::Careful)
        };
        let down = Values { rollout: Percent::ZERO, enabled: Some(false) };
        raised.and_then(|text| edited(&text, down, Mode::Urgent)).is_ok_and(|text| text == now)
    }
}
