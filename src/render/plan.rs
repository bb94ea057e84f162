//! The page an operator reads when "it won't go", and the lines around a change.

use super::status::bar;
use super::style::{BAD, CARE, DIM, GOOD, NAME, STRONG, Styled};
use super::time;
use crate::model::{Exposure, Field, Flag, Judgement, Percent, Shown, Typed, Values, Verdict};
use crate::plan::{First, Obstacle, Plan, Refusal, RefusalKind, Soaking, Way};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Where and when a plan stands: what its page says beside the plan itself.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The environment's name, if it has one.
    pub environment: Option<String>,
    /// The flags file as the user named it.
    pub file: String,
    /// When the present step began.
    pub soaking: Option<Soaking>,
    /// The time of looking.
    pub now: Timestamp,
    /// The arguments that lead to the same place again, as `-e staging`; empty or with a blank at its end.
    pub again: String,
    /// The same without the environment and the file: what leads to other environments begins so.
    pub elsewhere: String,
    /// The arguments that set the ad-hoc gate up again; empty or with a blank at its beginning.
    pub ad_hoc: String,
    /// What is unusual, and stands in nobody's way.
    pub notes: Vec<String>,
}

/// Returns the page without its end: what an error says by itself.
#[must_use]
pub fn facts(plan: &Plan, setting: &Setting) -> String {
    let mut text = head(plan, setting);
    if plan.values.is_some() {
        text.push_str(&gates(plan));
        text.push_str(&refusals(plan, setting));
    }
    text
}

/// Returns the page: from where to where, every gate, every refusal, when it could go and the command for each.
#[must_use]
pub fn page(plan: &Plan, setting: &Setting) -> String {
    let mut text = facts(plan, setting);
    if plan.values.is_some() {
        text.push_str(&ending(plan, setting));
    }
    text
}

fn head(plan: &Plan, setting: &Setting) -> String {
    let mut text = String::new();
    let environment = setting.environment.as_ref().map_or_else(String::new, |name| format!("  {}", Shown(name)));
    let mut place = Shown(&setting.file).to_string();
    // What is no file has no lines.
    if plan.flag.line > 0 {
        let _ = write!(place, ":{}", plan.flag.line);
    }
    let _ = writeln!(text, "{}{environment}  {}", Styled(NAME, &plan.flag.name), Styled(DIM, place));
    let since = setting
        .soaking
        .filter(|_| plan.from.known().is_some_and(|from| !from.is_zero()))
        .map_or_else(String::new, |soaking| {
            format!("  since {}, by {}", time::since(soaking.since, setting.now), soaking.known_by)
        });
    let _ = writeln!(
        text,
        "  now   {} {}{}",
        bar(&plan.from),
        Styled(STRONG, format!("{:>5}", plan.from)),
        Styled(DIM, since)
    );
    match &plan.values {
        None => {
            let _ = writeln!(text, "  next  nothing to do");
            return text;
        }
        Some(values) => {
            let to = Exposure::Exactly(plan.to);
            let what = Styled(DIM, stored(&plan.flag, values).join(", "));
            let _ = writeln!(text, "  next  {} {}  {what}", bar(&to), Styled(STRONG, format!("{to:>5}")));
        }
    }
    if let Some(steps) = jumped(&plan.jumped) {
        let _ = writeln!(text, "        {} this jumps over {steps}", Styled(CARE, "note:"));
    }
    text
}

fn jumped(steps: &[Percent]) -> Option<String> {
    let steps: Vec<_> = steps.iter().map(|step| format!("{step}%")).collect();
    (!steps.is_empty()).then(|| steps.join(", "))
}

/// Returns what changes in the file, as `rollout 5 → 25`.
#[must_use]
pub fn stored(flag: &Flag, values: &Values) -> Vec<String> {
    fn was<T: std::fmt::Display>(field: &Field<T>) -> String {
        match field {
            Field::Absent => "absent".to_owned(),
            Field::Is(value) => value.to_string(),
            Field::Unreadable(value) => Shown(&value.text).to_string(),
        }
    }
    let rollout = (flag.rollout.value() != Some(&values.rollout))
        .then(|| format!("rollout {} → {}", was(&flag.rollout), values.rollout));
    let enabled = values.enabled.filter(|to| flag.enabled.value() != Some(to));
    let enabled = enabled.map(|to| format!("enabled {} → {to}", was(&flag.enabled)));
    enabled.into_iter().chain(rollout).collect()
}

fn gates(plan: &Plan) -> String {
    let mut text = format!("\n  {}\n", Styled(STRONG, "gates"));
    if plan.verdicts.is_empty() {
        let style = if plan.overrides.gates { DIM } else { CARE };
        let aside = if plan.overrides.gates { "  (set aside)" } else { "" };
        let _ = writeln!(text, "    {}  no gate is set up{aside}", Styled(style, "hold          "));
    }
    for judgement in &plan.verdicts {
        let aside = plan.overrides.sets_aside_verdict(&judgement.gate, judgement.verdict);
        let _ = writeln!(text, "    {}", verdict(judgement, aside));
    }
    text
}

/// Returns the gates' lines alone, and what they come to.
#[must_use]
pub fn verdicts(plan: &Plan) -> String {
    let obstacles = plan.gate_obstacles();
    let end = if plan.without_evidence() {
        Styled(CARE, "nobody is exposed yet: no gate has a say").to_string()
    } else if obstacles.is_empty() {
        Styled(GOOD, "good").to_string()
    } else {
        Styled(BAD, crate::exit::Exit::first_of(obstacles.iter().map(Obstacle::exit)).name()).to_string()
    };
    let now = format!("{} {} {}", Styled(NAME, &plan.flag.name), bar(&plan.from), Styled(STRONG, &plan.from));
    format!("{now}\n{}\n  {end}\n", gates(plan).trim_end())
}

/// Returns what stands in the way, as one sentence fragment.
#[must_use]
pub fn summary(obstacles: &[Obstacle<'_>]) -> String {
    let parts: Vec<String> = obstacles
        .iter()
        .map(|obstacle| match obstacle {
            Obstacle::Refusal(refusal) => {
                let until = refusal.until.map_or_else(String::new, |until| format!("; until {}", time::minute(until)));
                format!("{} refuses: {}{until}", refusal.kind.word(), refusal.reason)
            }
            Obstacle::Verdict(judgement) => {
                let says = if judgement.verdict == Verdict::Breach { "breaches" } else { "holds" };
                format!("gate `{}` {says}: {}", Shown(&judgement.gate), Shown(&judgement.reason))
            }
            Obstacle::NoGate => "no gate is set up".to_owned(),
        })
        .collect();
    parts.join("; ")
}

/// Returns the next commands when something stands in the way: to go down if the numbers are bad, to set a gate up, to
/// go all the same.
#[must_use]
pub fn ways_out(plan: &Plan, setting: &Setting) -> Vec<String> {
    let obstacles = plan.obstacles();
    let mut ways = gate_ways(plan, setting, "advance");
    for obstacle in &obstacles {
        if let Obstacle::Refusal(refusal) = obstacle {
            ways.extend(first(refusal, plan, setting).map(|command| format!("first: {command}")));
        }
    }
    if let Some(until) = by_itself(&obstacles) {
        let when = format!("{} ({})", time::minute(until), time::distance(until, setting.now));
        ways.push(format!("it could go from {when}, if the gates pass then"));
    }
    ways.push(format!("to go all the same: {}", command(plan, setting)));
    ways
}

/// Returns the next commands that the gates alone call for: to go down if the numbers are bad, to set a gate up for a
/// verb.
#[must_use]
pub fn gate_ways(plan: &Plan, setting: &Setting, verb: &str) -> Vec<String> {
    let mut ways = Vec::new();
    let obstacles = plan.gate_obstacles();
    let typed = |verb: &str, options: &str| super::command(&setting.again, verb, &[plan.flag.name.as_str()], options);
    let breached = obstacles.iter().any(|obstacle| obstacle.exit() == crate::exit::Exit::Breach);
    if breached && plan.from.known().is_some_and(|from| !from.is_zero()) {
        ways.push(format!("to go back to 0: {}", typed("rollback", "")));
    }
    if verb == "advance" && obstacles.iter().any(|obstacle| matches!(obstacle, Obstacle::Verdict(_))) {
        let again = format!("{}-v ", setting.again);
        let look = super::command(&again, "check", &[plan.flag.name.as_str()], &setting.ad_hoc);
        ways.push(format!("to look again, with every question shown: {look}"));
    }
    if obstacles.iter().any(|obstacle| matches!(obstacle, Obstacle::NoGate)) {
        ways.push("to set a gate up: `flagctl init` shows how; or for this call:".to_owned());
        let again = if verb == "advance" { already(plan) } else { String::new() };
        ways.push(typed(verb, &format!("{again} --metrics-url http://HOST/metrics --max-error-rate 1%")));
    }
    ways
}

/// Returns one gate's line.
#[must_use]
pub fn verdict(judgement: &Judgement, set_aside: bool) -> String {
    let style = match judgement.verdict {
        Verdict::Pass => GOOD,
        Verdict::Breach => BAD,
        Verdict::Hold => CARE,
        Verdict::NotApplicable => DIM,
    };
    let aside = if set_aside { "  (set aside)" } else { "" };
    // Wilson's interval says how sure the rate is. No verdict rests on it.
    let sure = judgement.interval.map_or_else(String::new, |(low, high)| {
        let range = format!("  (95% sure: {} to {})", rate(low), rate(high));
        Styled(DIM, range).to_string()
    });
    format!(
        "{}  {}: {}{sure}{aside}",
        Styled(style, format!("{:<14}", judgement.verdict)),
        Shown(&judgement.gate),
        Shown(&judgement.reason)
    )
}

/// Writes a rate as a percentage with two significant digits.
fn rate(rate: f64) -> String {
    let percent = rate * 100.0;
    let decimals = if percent >= 10.0 {
        0
    } else if percent >= 1.0 {
        1
    } else {
        2
    };
    format!("{percent:.decimals$}%")
}

fn refusals(plan: &Plan, setting: &Setting) -> String {
    if plan.refusals.is_empty() {
        return String::new();
    }
    let mut text = format!("\n  {}\n", Styled(STRONG, "policy"));
    for refusal in &plan.refusals {
        let aside = plan.overrides.sets_aside_refusal(refusal.kind);
        let until = refusal.until.map_or_else(String::new, |until| {
            format!("; until {} ({})", time::minute(until), time::distance(until, setting.now))
        });
        let style = if aside { DIM } else { CARE };
        let label = format!("refused {:<6}", refusal.kind.word());
        let shown = if aside { "  (set aside)" } else { "" };
        let _ = writeln!(text, "    {}  {}{until}{shown}", Styled(style, label), refusal.reason);
        if !aside {
            let first = first(refusal, plan, setting).map(|command| format!("first: {command}"));
            for line in first.into_iter().chain([past(plan, setting, &[refusal.kind.word()])]) {
                let _ = writeln!(text, "                    {}", Styled(DIM, line));
            }
        }
    }
    text
}

/// Returns what has to be done in another environment first, where that ends a refusal.
fn first(refusal: &Refusal, plan: &Plan, setting: &Setting) -> Option<String> {
    let First { environment, way } = refusal.first.as_ref()?;
    let there = format!("{}-e {} ", setting.elsewhere, Typed(environment));
    let (verb, options) = match way {
        Way::Advance => ("advance", String::new()),
        Way::Unlatch => ("advance", " --override latch --reason \"…\"".to_owned()),
        Way::Drill => ("drill", String::new()),
        Way::Declare => ("new", " --description \"…\"".to_owned()),
        Way::Mend => return Some(super::command(&there, "validate", &[], "")),
        Way::PutBack(to) if to.is_zero() => ("rollback", String::new()),
        Way::PutBack(to) => ("rollback", format!(" --to {to}")),
    };
    Some(super::command(&there, verb, &[plan.flag.name.as_str()], &options))
}

/// Returns the options that lead to the same plan again, past the latch: that ends by an override alone.
fn already(plan: &Plan) -> String {
    let mut words: Vec<&str> = plan.overrides.words.iter().map(String::as_str).collect();
    words.extend(plan.obstacles().iter().filter_map(|obstacle| match obstacle {
        Obstacle::Refusal(refusal) if refusal.kind == RefusalKind::Latch => Some(refusal.kind.word()),
        _ => None,
    }));
    let words = words.join(",");
    let aside = if words.is_empty() { words } else { format!(" --override {} --reason \"…\"", Typed(&words)) };
    format!(" --to {}{aside}", plan.to)
}

/// Returns the command that sets these obstacles aside, beside those that are set aside already.
fn past(plan: &Plan, setting: &Setting, more: &[&str]) -> String {
    let mut words: Vec<&str> = plan.overrides.words.iter().map(String::as_str).collect();
    words.extend(more.iter().filter(|word| !plan.overrides.words.iter().any(|known| known == *word)));
    let word = words.join(",");
    let options = format!(" --to {} --override {} --reason \"…\"{}", plan.to, Typed(&word), setting.ad_hoc);
    super::command(&setting.again, "advance", &[plan.flag.name.as_str()], &options)
}

fn ending(plan: &Plan, setting: &Setting) -> String {
    let obstacles = plan.obstacles();
    let mut text = String::new();
    if obstacles.is_empty() {
        let warning = if plan.without_evidence() { ", without evidence: nobody is exposed yet" } else { "" };
        let _ = writeln!(text, "\n  {}{warning}", Styled(GOOD, "it can go now"));
        return text;
    }
    let looked = |obstacle: &Obstacle<'_>| match obstacle {
        Obstacle::Verdict(judgement) => !plan.not_looked.contains(&judgement.gate),
        Obstacle::Refusal(_) | Obstacle::NoGate => true,
    };
    if !obstacles.iter().any(looked) {
        let check = super::command(&setting.again, "check", &[plan.flag.name.as_str()], &setting.ad_hoc);
        let _ = writeln!(text, "\n  it can go if the gates pass that were not looked at:\n    {check}");
        return text;
    }
    let _ = writeln!(text, "\n  {}", Styled(BAD, "it can't go now"));
    for way in ways_out(plan, setting) {
        let _ = writeln!(text, "  {way}");
    }
    text
}

/// Returns when the obstacles have all ended by themselves; `None` if one of them is a refusal that never does, or if
/// no refusal is among them.
fn by_itself(obstacles: &[Obstacle<'_>]) -> Option<Timestamp> {
    let refusals = obstacles.iter().filter_map(|obstacle| match obstacle {
        Obstacle::Refusal(refusal) => Some(refusal.until),
        Obstacle::Verdict(_) | Obstacle::NoGate => None,
    });
    refusals.collect::<Option<Vec<_>>>()?.into_iter().max()
}

/// Returns the command that sets every obstacle aside.
#[must_use]
pub fn command(plan: &Plan, setting: &Setting) -> String {
    let mut words = Vec::new();
    for obstacle in plan.obstacles() {
        if !words.contains(&obstacle.word()) {
            words.push(obstacle.word());
        }
    }
    past(plan, setting, &words)
}

/// Returns the plan as JSON fields, without `version`.
#[must_use]
pub fn json(plan: &Plan, setting: &Setting) -> Value {
    let refusals: Vec<Value> = plan
        .refusals
        .iter()
        .map(|refusal| {
            json!({
                "refusal": refusal.kind, "reason": refusal.reason, "until": refusal.until,
                "set_aside": plan.overrides.sets_aside_refusal(refusal.kind),
                "first": first(refusal, plan, setting),
                "command": past(plan, setting, &[refusal.kind.word()]),
            })
        })
        .collect();
    json!({
        "flag": plan.flag.name,
        "environment": setting.environment,
        "file": setting.file,
        "from": plan.from,
        "to": plan.to,
        "since": setting.soaking.map(|soaking| soaking.since),
        "jumped": plan.jumped,
        "verdicts": plan.verdicts,
        "not_looked": plan.not_looked,
        "refusals": refusals,
        "overrides": plan.overrides.words,
        "notes": setting.notes,
        "goes": plan.obstacles().is_empty(),
        "would_exit": plan.exit().name(),
        "command": (!plan.obstacles().is_empty()).then(|| command(plan, setting)),
    })
}
