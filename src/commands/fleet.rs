//! What users get after a rollback: the instances are looked at until each of them serves it. Tried after all else was
//! done and said, and bounded; whatever comes of it, the rollback stands.

use super::Context;
use super::afar::Afar;
use super::interrupt::Interrupt;
use crate::change::Applied;
use crate::config::{self, Environment, Lenient, Settings};
use crate::error::Error;
use crate::gate::{Fleet, Safety};
use crate::http::Wait;
use crate::ledger::Ledger;
use crate::metrics;
use crate::model::{Action, Answer, Exposure, FlagName, Percent, Reading, RemoteKind, Series, Shown, Subject, Typed};
use crate::render;
use crate::term::Progress;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How often is looked.
const EVERY: Duration = Duration::from_secs(1);

/// A look at the instances that is to follow a rollback.
pub(super) struct Verification<'a> {
    pub(super) context: &'a Context,
    pub(super) interrupt: &'a Interrupt,
    pub(super) place: &'a Environment,
    pub(super) afar: Option<&'a Afar>,
    /// Where it is wanted: by `--verify` itself, or by the configuration.
    wanted: Wanted,
    /// The arguments that lead here again.
    again: String,
    began: Instant,
    before: Timestamp,
}

/// Who wants to know.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Nobody,
    /// What is not seen is a warning: the rollback itself is done.
    Configured,
    /// What is not seen is a failure.
    Typed,
}

/// One flag that is looked for.
struct Target {
    flag: FlagName,
    fleet: Fleet,
    /// What is asked for it; nothing where a backend is asked by the flag's name.
    selector: String,
    /// Whether it is known who was there before the change.
    remembered: bool,
    /// When that was to be seen, if not right before this call; `None` if that isn't known either.
    earlier: Option<Option<Timestamp>>,
}

/// Whom to ask.
enum Asked<'a> {
    Gauge { gauge: Box<metrics::Gauge>, label: String },
    Service { afar: &'a Afar, title: &'static str },
}

/// How a look ended.
enum End {
    Safe(Duration),
    /// Not everywhere; and why the last look came to nothing, if it did.
    NotSeen(Option<String>),
    NotKnown(String),
    Stopped(Error),
}

impl<'a> Verification<'a> {
    /// Begins to measure, right before the change; looks at nothing yet.
    pub(super) fn begin(
        context: &'a Context,
        interrupt: &'a Interrupt,
        (place, afar): (&'a Environment, Option<&'a Afar>),
        typed: bool,
        lenient: &Lenient,
    ) -> Self {
        let wanted = match (typed, lenient.verifies()) {
            (true, _) => Wanted::Typed,
            (false, true) => Wanted::Configured,
            (false, false) => Wanted::Nobody,
        };
        // An environment that was found and not said has to be named from now on.
        let found = place.name.as_deref().filter(|_| lenient.places.len() > 1);
        let again = context.again() + &found.map_or_else(String::new, |name| format!("-e {} ", Typed(name)));
        Self { context, interrupt, place, afar, wanted, again, began: Instant::now(), before: super::now() }
    }

    /// Looks, says what was seen, and returns it for JSON, with the failure to end with if there is one. `whole`: all
    /// that was meant was changed, or needed no change.
    pub(super) fn follow(&self, applied: &Applied, whole: bool) -> (Value, Option<Error>) {
        let ended = Instant::now();
        let mut targets = targets(applied);
        if self.wanted == Wanted::Nobody || targets.is_empty() {
            return (untried(), None);
        }
        if !whole || !applied.failed.is_empty() {
            let why = "not looked at what the instances serve: not every flag could be brought down";
            self.context.term.status(why);
            return (fields(None, None, &targets, Some(why)), None);
        }
        let (asked, within) = match self.asked(&mut targets) {
            Ok(found) => found,
            Err(error) => return self.tell(End::NotKnown(error.message), &targets, None, &error.help),
        };
        let end = self.watch(&asked, &mut targets, within, ended);
        self.tell(end, &targets, asked.title(), &[])
    }

    /// Finds out whom to ask, and what; returns also how long.
    fn asked(&self, targets: &mut Vec<Target>) -> Result<(Asked<'a>, Duration), Error> {
        let settings = self.context.settings()?;
        let config::Fleet { gauge, within, expect } = settings.fleet(self.place)?;
        let Some(gauge) = gauge else {
            return match self.afar {
                Some(afar) if afar.remote.client_token.is_none() => Err(mute(afar.remote.kind)),
                Some(afar) => Ok((Asked::Service { afar, title: afar.remote.kind.title() }, within)),
                None => Err(Error::invalid("no gauge of the instances is set up")
                    .help("write `exposure = …` below `[fleet]` in flagctl.toml")),
            };
        };
        for target in &mut *targets {
            let wanted = target.fleet.wanted();
            let environment = self.place.name.clone().unwrap_or_default();
            let subject = Subject { flag: target.flag.clone(), environment, exposure: wanted };
            target.selector = metrics::selector(&gauge.exposure, &subject, within)
                .map_err(|why| Error::invalid(format!("`fleet.exposure` {why}")))?;
            target.fleet = Fleet::new(wanted, expect);
            target.remembered = false;
            if let Some(earlier) = &mut target.earlier {
                *earlier = self.brought_down(&settings, &target.flag);
            }
        }
        let source = metrics::Gauge::open(&gauge.source)
            .map_err(|why| Error::invalid(format!("the source `{}` {why}", Shown(&gauge.source.name))))?;
        Ok((Asked::Gauge { gauge: Box::new(source), label: gauge.instance }, within))
    }

    /// Returns when a flag that needs no change was brought to where it is, if its newest change on record did that.
    fn brought_down(&self, settings: &Settings, flag: &FlagName) -> Option<Timestamp> {
        let ledger = Ledger::at(&settings.ledger);
        let place = ledger.place(self.place.name.as_deref(), &self.place.flags);
        let history = ledger.newest(&place, flag).ok()?.history;
        let changed = history.entries.iter().rev().find(|entry| entry.from != Some(entry.to))?;
        (changed.action == Action::Rollback).then_some(changed.at)
    }

    /// Looks every second until all are safe, the time is over, or somebody stops it.
    fn watch(&self, asked: &Asked<'_>, targets: &mut [Target], within: Duration, ended: Instant) -> End {
        let wait = Wait::of(within, &self.interrupt.cancel);
        let progress = Progress::new(&self.context.term);
        let end = loop {
            let look = Instant::now();
            let failure = targets.iter_mut().find_map(|target| self.look(asked, target, &wait, ended).err());
            if let Some(error) = self.interrupt.asked() {
                break End::Stopped(error);
            }
            if failure.is_none() && targets.iter().all(|target| target.fleet.safety() == Safety::Everywhere) {
                break match targets.iter().find_map(|target| asked.unknown_before(target)) {
                    Some(why) => End::NotKnown(why),
                    None => End::Safe(self.began.elapsed()),
                };
            }
            let next = EVERY.saturating_sub(look.elapsed());
            let show = &mut |_| progress.show(asked.name(), within.saturating_sub(wait.left()), within);
            if wait.left() <= next || wait.pause(next, show).is_err() {
                break match self.interrupt.asked() {
                    Some(error) => End::Stopped(error),
                    None => not_seen(targets, failure),
                };
            }
        };
        progress.end();
        end
    }

    fn look(&self, asked: &Asked<'_>, target: &mut Target, wait: &Wait, ended: Instant) -> Result<(), String> {
        if !target.remembered {
            let then = target.earlier.map_or(Some(self.before), |earlier| earlier);
            let before = then.map_or_else(|| Ok(Vec::new()), |then| asked.before(target, then, wait))?;
            if !before.is_empty() {
                target.earlier = None;
            }
            target.fleet.remember(&before);
            target.remembered = true;
        }
        let since = ended.elapsed();
        target.fleet.look(&asked.now(target, wait)?, since);
        Ok(())
    }

    /// Says how it ended.
    fn tell(&self, end: End, targets: &[Target], service: Option<&str>, help: &[String]) -> (Value, Option<Error>) {
        let term = &self.context.term;
        let (verified, why) = match end {
            End::Safe(after) => {
                let line = |target: &Target| render::fleet::safe(&target.flag, &target.fleet, service, after);
                let written = targets.iter().filter(|_| !term.json).try_for_each(|target| term.answer(&line(target)));
                return (fields(Some(true), Some(after), targets, None), written.err());
            }
            End::Stopped(error) => {
                let error = error.help("the rollback stands; whether every instance serves it was not seen");
                return (fields(None, None, targets, Some(&error.message)), Some(error));
            }
            End::NotSeen(failure) => {
                let failure = failure.map_or_else(String::new, |why| format!("; the last look failed: {why}"));
                (Some(false), format!("not seen everywhere: {}{failure}", unsafe_ones(targets, service)))
            }
            End::NotKnown(why) => (None, format!("it can't be told whether every instance serves it: {why}")),
        };
        let answer = fields(verified, None, targets, Some(&why));
        let flags: Vec<&str> = targets.iter().map(|target| target.flag.as_str()).collect();
        let again = render::command(&self.again, "rollback", &flags, " --verify");
        let help = help.iter().cloned().chain([format!("the rollback stands; to look again: {again}")]);
        if self.wanted == Wanted::Typed {
            return (answer, Some(help.fold(Error::failed(why), Error::help)));
        }
        term.say(&render::error::caution(&why));
        help.for_each(|line| term.say(&render::error::help(&self.context.addressed(&line))));
        (answer, None)
    }
}

impl Asked<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Gauge { gauge, .. } => gauge.name(),
            Self::Service { title, .. } => title,
        }
    }

    const fn title(&self) -> Option<&'static str> {
        match self {
            Self::Gauge { .. } => None,
            Self::Service { title, .. } => Some(title),
        }
    }

    /// Tells why a flag that needed no change may have been served by instances that nobody looks for any more: who was
    /// there before it was brought down could not be found out, and how many are to be seen is not said.
    fn unknown_before(&self, target: &Target) -> Option<String> {
        let Self::Gauge { gauge, .. } = self else { return None };
        target.earlier?;
        // A page without a label for the instance is always the same one.
        let page = gauge.page();
        let itself = target.fleet.instances().keys().all(|name| Some(name) == page.as_ref());
        let why = format!(
            "`{}` needed no change, and which instances were there before it was brought down is not known: \
             say by `fleet.expect` how many have to be seen",
            target.flag
        );
        (!itself && target.fleet.expect().is_none()).then_some(why)
    }

    /// Returns who was there before the change. It is asked only now: nothing may hold a rollback up.
    fn before(&self, target: &Target, then: Timestamp, wait: &Wait) -> Result<Vec<Reading>, String> {
        match self {
            Self::Gauge { gauge, .. } => self.readings(gauge.then(&target.selector, then, wait)),
            Self::Service { .. } => Ok(Vec::new()),
        }
    }

    fn now(&self, target: &Target, wait: &Wait) -> Result<Vec<Reading>, String> {
        match self {
            Self::Gauge { gauge, .. } => self.readings(gauge.now(&target.selector, wait)),
            Self::Service { afar, title } => {
                let wait = Wait::of(afar.remote.timeout.min(wait.left()), &wait.cancel);
                let served = afar.backend.served(&target.flag, &wait);
                let served = served.ok_or_else(|| format!("{title} can't be asked what it serves"))?;
                let exposure = match served.map_err(|error| error.message)? {
                    Exposure::Exactly(percent) => Answer::Number(percent.as_f64()),
                    Exposure::AtLeast { reason, .. } | Exposure::Unknown { reason } => Answer::Nonsense(reason),
                };
                // What it answers it serves at that moment.
                Ok(vec![Reading { instance: afar.remote.address(), exposure, age_s: Some(0.0) }])
            }
        }
    }

    fn readings(&self, series: Result<Vec<Series>, String>) -> Result<Vec<Reading>, String> {
        let Self::Gauge { gauge, label } = self else { return Ok(Vec::new()) };
        let page = gauge.page();
        let named = |why: String| format!("the source `{}` {}", Shown(self.name()), Shown(&why));
        Ok(series.map_err(named)?.into_iter().map(|series| series.reading(label, page.as_deref())).collect())
    }
}

/// Returns the error for a service that can't be asked what it serves.
fn mute(kind: RemoteKind) -> Error {
    let gauge =
        "write `exposure = …` below `[fleet]` in flagctl.toml: a gauge by which the instances tell what they serve";
    let error = Error::invalid(format!("{} can't be asked what it serves, and no gauge is set up", kind.title()));
    let error =
        if kind == RemoteKind::Unleash { error.help("set `client-token-env` in its environment") } else { error };
    error.help(gauge)
}

/// Returns what the flags are to be at, as far as that is known.
fn targets(applied: &Applied) -> Vec<Target> {
    let changed = applied.changes.iter().map(|change| (&change.flag, Some(change.to), None));
    let unchanged = applied.unchanged.iter().map(|(flag, exposure)| (flag, exposure.known(), Some(None)));
    let target = |(flag, wanted, earlier): (&FlagName, Option<Percent>, Option<Option<Timestamp>>)| {
        let fleet = Fleet::new(wanted?, None);
        Some(Target { flag: flag.clone(), fleet, selector: String::new(), remembered: true, earlier })
    };
    changed.chain(unchanged).filter_map(target).collect()
}

fn not_seen(targets: &[Target], failure: Option<String>) -> End {
    let unknown = targets.iter().find(|target| target.fleet.safety() == Safety::Unknown);
    match (unknown, failure) {
        (Some(_), Some(failure)) => End::NotKnown(failure),
        (Some(target), None) => End::NotKnown(format!("no instance shows `{}`", Shown(&target.selector))),
        (None, failure) => End::NotSeen(failure),
    }
}

/// Says of each flag that is not safe how far it is.
fn unsafe_ones(targets: &[Target], service: Option<&str>) -> String {
    let unsafe_one = |target: &&Target| target.fleet.safety() != Safety::Everywhere;
    let told = |target: &Target| format!("`{}`: {}", target.flag, render::fleet::short(&target.fleet, service));
    targets.iter().filter(unsafe_one).map(told).collect::<Vec<_>>().join("; ")
}

/// Returns the fields of an answer where nothing was looked at.
pub(super) fn untried() -> Value {
    fields(None, None, &[], None)
}

fn fields(verified: Option<bool>, safe_after: Option<Duration>, targets: &[Target], why: Option<&str>) -> Value {
    let instances = targets.iter().flat_map(|target| render::fleet::instances(&target.flag, &target.fleet));
    json!({
        "verified": verified,
        "time_to_safe_s": safe_after.map(|time| time.as_secs_f64()),
        "instances": instances.collect::<Vec<_>>(),
        "not_verified_because": why,
    })
}
