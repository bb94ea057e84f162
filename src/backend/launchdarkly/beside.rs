//! What decides beside the default rule of a flag that is on, or that would be.

use super::answer::{Environment, Serving};
use super::sides::Sides;
use crate::model::{Beside, Percent, Shown};

/// Returns what decides beside the default rule of a flag that is on at a share.
pub(super) fn beside(there: &Environment, sides: Sides, share: Percent) -> Option<Beside> {
    rules(there, sides).or_else(|| {
        let rollout = there.fallthrough.rollout.as_ref()?;
        let (kind, by) = rollout.peculiar()?;
        (share < Percent::FULL && rollout.first() == Some(sides.on)).then(|| whoever_has_none(kind, by))
    })
}

/// Returns why a flag that is on at this share, newly dealt, is not that percentage of all users.
pub(super) fn blurs(there: &Environment, sides: Sides, share: Percent) -> Option<String> {
    let newly = || {
        let (kind, by) = there.fallthrough.rollout.as_ref()?.peculiar()?;
        (!sides.are_turned() && !share.is_zero()).then(|| whoever_has_none(kind, by))
    };
    match rules(there, sides).or_else(newly)? {
        Beside::More(_) if share == Percent::FULL => None,
        Beside::More(why) | Beside::Unknown(why) => Some(why),
    }
}

fn whoever_has_none(kind: &str, by: &str) -> Beside {
    let (kind, by) = (Shown(kind), Shown(by));
    Beside::More(format!("it is a percentage of `{kind}` by `{by}`, and whoever has none gets it anyway"))
}

/// Returns what prerequisites, targets and rules decide.
fn rules(there: &Environment, sides: Sides) -> Option<Beside> {
    if let Some(needed) = there.prerequisites.first() {
        return Some(Beside::Unknown(format!("it needs the flag `{}` too", Shown(&needed.key))));
    }
    let plain = |serving: &Serving| if serving.rollout.is_some() { None } else { serving.variation };
    let targets: Vec<_> = there
        .targets
        .iter()
        .chain(&there.context_targets)
        .filter(|target| !target.values.is_empty())
        .map(|target| target.variation)
        .collect();
    let rules: Vec<_> = there.rules.iter().filter(|rule| !rule.disabled).map(|rule| plain(&rule.serving)).collect();
    if targets.iter().any(|variation| *variation != sides.on) {
        return Some(Beside::Unknown("individual targets are kept from it".to_owned()));
    }
    if rules.iter().any(|variation| *variation != Some(sides.on)) {
        return Some(Beside::Unknown("a targeting rule decides for those who match it".to_owned()));
    }
    match (targets.is_empty(), rules.is_empty()) {
        (true, true) => None,
        (false, true) => Some(Beside::More("individual targets get it anyway".to_owned())),
        (true, false) => Some(Beside::More("a targeting rule gives it to those who match".to_owned())),
        (false, false) => Some(Beside::More("individual targets and a targeting rule get it anyway".to_owned())),
    }
}
