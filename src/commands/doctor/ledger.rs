//! The ledger: can it be read and written, and does it tell what stands there?

use super::super::log::intact;
use super::super::place::{Home, Place};
use super::Report;
use crate::change;
use crate::config::Settings;
use crate::ledger::Ledger;
use crate::model::{Flag, Shown};

/// Looks at the ledger itself.
pub(super) fn look(settings: &Settings, report: &mut Report) {
    let ledger = Ledger::at(&settings.ledger);
    let path = ledger.path.display().to_string();
    match ledger.verify() {
        Err(error) => return report.failed(None, "ledger", &error),
        Ok(findings) => match findings.iter().find(|finding| finding.kind.is_error()) {
            Some(finding) => report.broken(
                None,
                "ledger",
                format!("{}:{}: {}", Shown(&path), finding.line, Shown(&finding.message)),
                "see all of it: `flagctl log --verify`",
            ),
            None if !ledger.path.exists() => {
                report.well(None, "ledger", format!("nothing is recorded yet in {}", Shown(&path)));
            }
            None => report.well(None, "ledger", intact(&path, findings.len())),
        },
    }
    match change::try_append(&ledger) {
        Ok(()) => report.well(None, "ledger", "it can be written to"),
        Err(error) => report.failed(None, "ledger", &error),
    }
}

/// Compares what the ledger says last of each flag with what stands there.
pub(super) fn compare(place: &Place, flags: &[Flag], report: &mut Report) {
    let name = place.environment.name.as_deref();
    let Ok((histories, _)) = place.histories() else { return };
    let mut agree = 0;
    for flag in flags {
        let Some(last) = histories.get(flag.name.as_str()).and_then(|history| history.entries.last()) else { continue };
        if flag.exposure().known() == Some(last.to) {
            agree += 1;
            continue;
        }
        let who = match &place.home {
            Home::File(_) => String::new(),
            Home::Remote(afar) => afar.last_writer(&flag.name).map_or_else(String::new, |who| format!("; last: {who}")),
        };
        report.doubtful(
            name,
            "ledger",
            format!(
                "`{}` is at {}, and the ledger says {}% since {} by {}{who}",
                flag.name,
                flag.exposure(),
                last.to,
                last.at.strftime("%Y-%m-%d %H:%M UTC"),
                Shown(&last.actor)
            ),
            "somebody changed it past flagctl, or that is recorded in another checkout (`git pull`); its soak begins when \
             that is known",
        );
    }
    if agree > 0 {
        report.well(name, "ledger", format!("it agrees with {}", super::count(agree)));
    }
}
