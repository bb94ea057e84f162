//! The end of a flag: off, and off made to serve the variation without the feature.

use super::answer::{Answer, Environment};
use super::off::{Off, is_archived};
use super::patch::{Steps, blind, id};
use super::place::Place;
use super::sides::{Sides, named};
use crate::backend::remote::{Seen, Write};
use crate::error::{Error, Result};
use serde_json::json;

/// What stands before the off variation where it is told as stored.
pub(super) const OFF_VARIATION: &str = "off variation: ";

/// What is done to an archived flag, which LaunchDarkly may refuse.
pub(super) const ARCHIVED_OFF: &str = "switch the archived flag off";

/// The instruction that sets what off serves.
const OFF_INSTRUCTION: &str = "updateOffVariation";

/// To nobody: off, which no rule and no target survives, after what off serves was made the safe variation.
pub(super) fn off(flag: &Answer, there: &Environment, sides: &Result<Sides, String>, seen: &Seen) -> Result<Steps> {
    let mut steps = Steps::default();
    if let Some(safe) = turned(flag, there, sides) {
        let off = there.off_variation.filter(|off| *off < flag.variations.len());
        let instead = off.map_or_else(|| "the default in the code".to_owned(), |off| named(flag, off));
        steps.add(
            json!({"kind": OFF_INSTRUCTION, "variationId": id(flag, safe)?}),
            format!("make {} what everybody gets when it is off, instead of {instead}", named(flag, safe)),
        );
    }
    if there.on {
        let what = if is_archived(flag, there) { ARCHIVED_OFF } else { "switch the flag off" };
        steps.add(json!({"kind": "turnFlagOff"}), what);
    } else if let Off::Same(why) = Off::of(flag, there, sides) {
        return Err(Error::failed(format!("`{}` is off, and that is no end of it: {why}", seen.flag.name)).help(
            "choose the variation without the feature as its off variation in LaunchDarkly; add one, if there is none",
        ));
    }
    Ok(steps)
}

/// Returns the write that a rollback to 0 sends to a flag that is on, to have it looked at.
pub(super) fn rehearsal(place: Place<'_>, seen: &Seen) -> Result<Write> {
    let flag = Answer::of(&seen.answer)?;
    let there = flag.environment(place.environment)?;
    let mut steps = off(&flag, there, &Sides::of(&flag, there), seen).unwrap_or_default();
    if !there.on {
        steps.add(json!({"kind": "turnFlagOff"}), "");
    }
    let mut write = blind(place, &seen.flag.name);
    write.body["comment"] = "flagctl: may it?".into();
    write.body["instructions"] = steps.instructions.into();
    Ok(write)
}

/// Returns what a rollback to 0 makes the off variation, if it has to.
pub(super) fn new_off(place: Place<'_>, seen: &Seen) -> Option<String> {
    let flag = Answer::of(&seen.answer).ok()?;
    let there = flag.environment(place.environment).ok()?;
    turned(&flag, there, &Sides::of(&flag, there)).map(|safe| named(&flag, safe))
}

/// Returns why switching it off is no end of it, if it isn't.
pub(super) fn no_end(place: Place<'_>, seen: &Seen) -> Option<String> {
    let flag = Answer::of(&seen.answer).ok()?;
    let there = flag.environment(place.environment).ok()?;
    match Off::of(&flag, there, &Sides::of(&flag, there)) {
        Off::Same(why) => Some(why),
        Off::Safe | Off::Code | Off::Feature => None,
    }
}

/// Returns the variation that off has to serve, where a rollback to 0 makes it so: off serves the feature, or would leave
/// it to the code, and one variation is certainly without the feature.
fn turned(flag: &Answer, there: &Environment, sides: &Result<Sides, String>) -> Option<usize> {
    let safe = sides.as_ref().ok()?.safe;
    match Off::of(flag, there, sides) {
        Off::Feature => Some(safe),
        Off::Code => (there.on && !is_archived(flag, there) && id(flag, safe).is_ok()).then_some(safe),
        Off::Safe | Off::Same(_) => None,
    }
}

/// Returns the off variation that a write sets, by its id.
pub(super) fn turns(write: &Write) -> Option<&str> {
    let instructions = write.body.get("instructions")?.as_array()?;
    let turns = instructions.iter().find(|instruction| instruction["kind"] == OFF_INSTRUCTION)?;
    turns.get("variationId")?.as_str()
}

/// Says that the variation with this id is what off serves, if it is.
pub(super) fn is_off(place: Place<'_>, seen: &Seen, id: &str) -> Option<String> {
    let flag = Answer::of(&seen.answer).ok()?;
    let off = flag.environment(place.environment).ok()?.off_variation?;
    let is_it = flag.variations.get(off)?.id.as_deref() == Some(id);
    is_it.then(|| format!("its off variation is another now, made so by the rollback: {}", named(&flag, off)))
}
