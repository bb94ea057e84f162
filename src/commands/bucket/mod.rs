//! `flagctl bucket`: which users are in the rollout, and from which step on.

mod answer;
mod notices;
mod subject;

pub(super) use notices::{Notices, of_salt, say};
pub(super) use subject::hashing;

use super::Context;
use super::ids::Ids;
use crate::bucket::{Bucketing, Scheme};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::model::Percent;
use answer::Answer;
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use std::path::Path;
use subject::Subject;

/// Tell which users get a flag, and from which step on
///
/// A user is in by a hash of the id and of the flag's name (or of its own `salt`): on every machine, and as long as the
/// exposure isn't lowered. Other vendors hash otherwise: `--scheme` answers as they would.
#[derive(Debug, Args)]
pub struct BucketArgs {
    /// The flag
    flag: String,
    /// The ids of users, or `-` to read them from stdin, one a line
    #[arg(value_name = "USER", required = true, allow_negative_numbers = true)]
    users: Vec<String>,
    /// Ask for this exposure instead of the file's; then no flags file is needed, and one that can't be read is passed over
    #[arg(long, value_name = "PERCENT", value_parser = super::percent, allow_negative_numbers = true)]
    at: Option<Percent>,
    /// Hash as this vendor does [default: the one that the flag lives in, else native]; `flagd` as its SDKs with `fractional` version 2 do; `growthbook-v1` is `growthbook`
    #[arg(long, value_name = "SCHEME", value_parser = schemes())]
    scheme: Option<Scheme>,
    /// Hash this salt instead of the flag's name (native, flagd, flagd-v3; Unleash's groupId); LaunchDarkly's salt; Statsig's GATE_SALT.RULE_SALT
    #[arg(long, value_name = "SALT", allow_hyphen_values = true)]
    salt: Option<String>,
    /// LaunchDarkly's seed, a number; GrowthBook's, a text
    #[arg(long, value_name = "SEED", allow_hyphen_values = true)]
    seed: Option<String>,
    /// Answer with `user,bucket,in|out`, one user a line
    #[arg(long)]
    csv: bool,
}

/// Takes a scheme by its name.
fn schemes() -> impl TypedValueParser<Value = Scheme> {
    let value = |scheme: Scheme| match scheme {
        Scheme::GrowthBook => PossibleValue::new(scheme.name()).alias("growthbook-v1"),
        _ => PossibleValue::new(scheme.name()),
    };
    PossibleValuesParser::new(Scheme::ALL.map(value)).try_map(|name| {
        let named =
            |scheme: &Scheme| scheme.name() == name || (name == "growthbook-v1" && *scheme == Scheme::GrowthBook);
        Scheme::ALL.into_iter().find(named).ok_or("no such scheme")
    })
}

impl BucketArgs {
    pub(super) fn run(&self, context: &Context) -> Result<Exit> {
        if self.csv && context.term.json {
            return Err(Error::usage("`--csv` and `-o json` are two answers").help("leave one of them out"));
        }
        if self.users.len() > 1 && self.users.iter().any(|user| user == "-") {
            return Err(Error::usage("`-` stands for all ids of stdin, and there are others beside it")
                .help("leave the others out, or write them to stdin"));
        }
        let subject = Subject::of(context, &self.flag, self.at)?;
        let scheme = self.scheme.unwrap_or(subject.scheme);
        let (own, given) = (scheme == subject.scheme, self.salt.is_some() || self.seed.is_some());
        let found = match (&subject.salt, &subject.hashing.seed) {
            _ if !own || given => (None, None),
            (_, Some(seed)) => (None, Some(seed.as_str())),
            (Ok(salt), None) => (salt.as_deref(), None),
            (Err(error), None) => return Err(error.clone()),
        };
        let (salt, seed) = (self.salt.as_deref().or(found.0), self.seed.as_deref().or(found.1));
        let bucketing = Bucketing::new(scheme, &self.flag, salt, seed);
        let bucketing = bucketing.map_err(|lacking| {
            Error::usage(lacking.to_string())
                .help("what each scheme hashes: `flagctl bucket --help`, docs/bucketing.md")
        })?;
        let bucketing = bucketing.from_above(own && subject.hashing.from_above);
        let hashed = seed.or(salt);
        let mut notices = Notices::new(scheme);
        notices.of_name(context, hashed, &self.flag);
        if scheme == subject.scheme && self.salt.is_none() {
            subject.changed_salt.iter().for_each(|note| say(context, note));
        }
        if let Some(field) = subject.stickiness.as_deref().filter(|_| scheme == subject.scheme) {
            notices.of_stickiness(context, field);
        }
        if own {
            notices.of_hashing(context, &subject.hashing);
        }
        let salts = (salt, seed);
        let answer = Answer { context, subject: &subject, flag: &self.flag, bucketing, salts };
        let exit = match self.users.as_slice() {
            [all] if all == "-" => answer.stream(Ids::open(Path::new("-"))?, self.csv, &mut notices),
            users if self.csv => answer.csv(users, &mut notices),
            users => answer.list(users, &mut notices),
        };
        notices.tell(context);
        exit
    }
}
