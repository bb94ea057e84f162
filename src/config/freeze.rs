//! `[freeze]`.

use super::mistake::Mistake;
use super::moment::zone;
use super::sheet::Sheet;
use super::value::Value;
use crate::model::Shown;
use crate::plan::FreezeWindow;

/// Reads the freeze windows, in the order of the text.
pub(super) fn freeze(sheet: &Sheet, wrong: &mut Vec<Mistake>) -> Vec<FreezeWindow> {
    let mut windows = Vec::new();
    for (entry, span) in sheet.names(&["freeze", "windows"]) {
        let path = |key: &'static str| ["freeze", "windows", entry, key];
        for (needed, example) in [
            ("from", "from = \"Fri 16:00\""),
            ("to", "to = \"Mon 08:00\""),
            ("time-zone", "time-zone = \"Europe/Berlin\""),
        ] {
            if !sheet.has(&path(needed)) && !sheet.flawed(&["freeze", "windows", entry]) {
                let message = format!("a freeze window has no `{needed}`");
                wrong.push(Mistake::new(span.clone(), message).help(format!("write `{example}`")).incomplete());
            }
        }
        let value = |key: &'static str| sheet.get(&path(key)).map(|found| &found.value);
        let zone = sheet.text(&path("time-zone")).map(|name| (name, zone(name)));
        if let Some((name, Err(near))) = &zone {
            let at = sheet.span(&path("time-zone")).unwrap_or_else(|| span.clone());
            let message = format!("`freeze.windows[{entry}].time-zone`: `{}` is not a time zone", Shown(name));
            wrong.push(
                Mistake::new(at, message)
                    .meant(near.as_deref())
                    .help("time zones are named as in `Europe/Berlin`, `America/New_York`, `UTC`"),
            );
        }
        let (Some(Value::Moment(from)), Some(Value::Moment(to)), Some((_, Ok(zone)))) =
            (value("from"), value("to"), zone)
        else {
            continue;
        };
        match from.span(*to) {
            Ok(span) => {
                windows.push(FreezeWindow { span, zone, reason: sheet.text(&path("reason")).map(str::to_owned) })
            }
            Err(why) => {
                let at = sheet.span(&path("to")).unwrap_or(span);
                wrong.push(Mistake::new(at, format!("a freeze window {why}")));
            }
        }
    }
    windows
}
