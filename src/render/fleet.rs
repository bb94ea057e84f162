//! What instances serve, after a rollback.

use super::style::{GOOD, NAME, Styled};
use crate::gate::{Fleet, Instance, Standing};
use crate::model::{FlagName, Percent, Shown};
use serde_json::{Value, json};
use std::time::Duration;

/// How many instances are named; the rest is counted.
const NAMED: usize = 3;

/// Returns one flag's line once every instance is safe. `service` is who serves, where that is a backend.
#[must_use]
pub fn safe(flag: &FlagName, fleet: &Fleet, service: Option<&str>, after: Duration) -> String {
    let wanted = at_most(fleet.wanted());
    let told = match (service, fleet.safe()) {
        (Some(service), _) => format!("{service} serves {wanted} to its clients"),
        (None, 1) => format!("{wanted} on its one instance"),
        (None, all) => format!("{wanted} on all {all} instances"),
    };
    format!("{}  {} after {}", Styled(NAME, Shown(flag.as_str())), Styled(GOOD, told), seconds(after))
}

/// Says, as a fragment that follows the flag's name, how far it is where not every instance is safe.
#[must_use]
pub fn short(fleet: &Fleet, service: Option<&str>) -> String {
    let wanted = at_most(fleet.wanted());
    let of = |wanted: &dyn Fn(Standing) -> bool| -> Vec<(&String, &Instance)> {
        fleet.instances().iter().filter(|(_, instance)| wanted(instance.standing)).collect()
    };
    let stragglers = of(&|standing| !matches!(standing, Standing::Safe | Standing::Gone));
    let gone = of(&|standing| standing == Standing::Gone);
    if let (Some(service), [(_, only)]) = (service, stragglers.as_slice()) {
        return format!("is to be at {wanted}, and {service} serves it to its clients {}", how(only));
    }
    let seen = u64::try_from(fleet.instances().len()).unwrap_or(u64::MAX);
    let all = fleet.expect().unwrap_or(0).max(seen);
    let mut text = format!("{} of {all} instances serve {wanted}", fleet.safe());
    if !stragglers.is_empty() {
        let named = stragglers.iter().map(|(name, instance)| format!("{} {}", Shown(name), how(instance)));
        text += &format!("; not: {}", counted(named));
    }
    if !gone.is_empty() {
        let named = gone.iter().map(|(name, instance)| {
            let last = instance.exposure.map_or_else(String::new, |percent| format!(", last at {percent}%"));
            format!("{}{last}", Shown(name))
        });
        text += &format!("; gone: {}", counted(named));
    }
    // Who is gone is not missing beside.
    let missing = fleet.expect().unwrap_or(0).saturating_sub(seen);
    if missing > 0 {
        text += &format!("; {missing} not seen at all");
    }
    text
}

fn how(instance: &Instance) -> String {
    let percent = instance.exposure.map_or_else(|| "?".to_owned(), |percent| percent.to_string());
    match (instance.standing, instance.age_s) {
        (Standing::Stale, Some(age)) => format!("at {percent}% by a sample that is {age:.0} s old"),
        (Standing::Stale, None) => format!("at {percent}% by a sample of unknown age"),
        (Standing::Nonsense, _) => "with what is no exposure".to_owned(),
        _ => format!("at {percent}%"),
    }
}

/// Joins the first of them, and counts the rest.
fn counted(named: impl ExactSizeIterator<Item = String>) -> String {
    let more = named.len().saturating_sub(NAMED);
    let first = named.take(NAMED).collect::<Vec<_>>().join(", ");
    if more == 0 { first } else { format!("{first} and {more} more") }
}

fn at_most(wanted: Percent) -> String {
    if wanted.is_zero() { "0%".to_owned() } else { format!("at most {wanted}%") }
}

/// Writes a time to the tenth of a second.
#[must_use]
pub fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// Returns the instances of a flag for JSON.
#[must_use]
pub fn instances(flag: &FlagName, fleet: &Fleet) -> Vec<Value> {
    let of = |(name, instance): (&String, &Instance)| {
        json!({
            "flag": flag,
            "instance": name,
            // Makes 0 of -0.
            "exposure": instance.exposure.map(|percent| percent + 0.0),
            "age_s": instance.age_s,
            "standing": instance.standing.word(),
            "safe": instance.standing == Standing::Safe,
        })
    };
    fleet.instances().iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Answer, Reading};

    fn fleet(expect: Option<u64>, before: &[(&str, f64)], now: &[(&str, f64, f64)]) -> Fleet {
        let reading = |name: &str, exposure, age_s| Reading {
            instance: name.to_owned(),
            exposure: Answer::Number(exposure),
            age_s: Some(age_s),
        };
        let mut fleet = Fleet::new(Percent::ZERO, expect);
        fleet.remember(&before.iter().map(|(name, exposure)| reading(name, *exposure, 0.0)).collect::<Vec<_>>());
        let now: Vec<Reading> = now.iter().map(|(name, exposure, age)| reading(name, *exposure, *age)).collect();
        fleet.look(&now, Duration::from_secs(10));
        fleet
    }

    #[test]
    fn three_stragglers_are_named_and_the_rest_is_counted() {
        let some = fleet(None, &[("c", 25.0)], &[("a", 0.0, 1.0), ("b\u{1b}", 12.5, 1.0), ("d", 0.0, 60.0)]);
        assert_eq!(
            short(&some, None),
            "1 of 4 instances serve 0%; not: b\\u{1b} at 12.5%, d at 0% by a sample that is 60 s old; gone: c, last at 25%"
        );
        let names = ["a", "b", "c", "d", "e"];
        let many = fleet(Some(7), &[], &names.map(|name| (name, 25.0, 1.0)));
        assert_eq!(
            short(&many, None),
            "0 of 7 instances serve 0%; not: a at 25%, b at 25%, c at 25% and 2 more; 2 not seen at all"
        );
        let odd = fleet(None, &[("b", f64::NAN)], &[("a", f64::NAN, 1.0)]);
        assert_eq!(short(&odd, None), "0 of 2 instances serve 0%; not: a with what is no exposure; gone: b");
    }

    #[test]
    fn a_service_is_no_instance() {
        let flag = FlagName::new("f").unwrap();
        let told = |exposure| fleet(None, &[], &[("unleash", exposure, 0.0)]);
        let line = anstream::adapter::strip_str(&safe(&flag, &told(0.0), Some("Unleash"), Duration::from_millis(940)))
            .to_string();
        assert_eq!(line, "f  Unleash serves 0% to its clients after 0.9 s");
        assert_eq!(short(&told(25.0), Some("Unleash")), "is to be at 0%, and Unleash serves it to its clients at 25%");
    }
}
