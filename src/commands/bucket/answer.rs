//! The answer: a table of a few users, or as many as stdin has, one by one.

use super::super::Context;
use super::super::ids::Ids;
use super::notices::Notices;
use super::subject::Subject;
use crate::bucket::{Bucket, Bucketing, Salting};
use crate::error::Result;
use crate::exit::Exit;
use crate::model::{Percent, Shown};
use crate::render;
use crate::render::bucket::{Row, Why};
use serde_json::{Value, json};

/// What is needed to answer.
pub(super) struct Answer<'a> {
    pub(super) context: &'a Context,
    pub(super) subject: &'a Subject,
    pub(super) flag: &'a str,
    pub(super) bucketing: Bucketing,
    /// The salt and the seed that were given or found.
    pub(super) salts: (Option<&'a str>, Option<&'a str>),
}

impl Answer<'_> {
    /// Answers for a few users, as a table or as JSON.
    pub(super) fn list(mut self, users: &[String], notices: &mut Notices) -> Result<Exit> {
        users.iter().for_each(|user| notices.see(user));
        let rows: Vec<Row<'_>> = users.iter().map(|user| self.row(user)).collect();
        let Self { context, subject, .. } = self;
        if context.term.json {
            let mut answer = self.head();
            answer["users"] = rows.iter().map(Row::json).collect();
            context.term.answer_json(&answer)?;
        } else {
            context.term.status(&subject.title(self.flag, self.bucketing.scheme().name()));
            let steps = subject.ladder.steps();
            context.term.answer(&render::bucket::human(&rows, steps, subject.exposure, context.term.width()))?;
        }
        Ok(Exit::Ok)
    }

    /// Answers for a few users as CSV.
    pub(super) fn csv(mut self, users: &[String], notices: &mut Notices) -> Result<Exit> {
        let (mut stream, mut line) = (self.context.term.stream(), String::new());
        for user in users {
            notices.see(user);
            self.csv_line(&mut line, user, stream.watched);
            if !stream.write(&line)? {
                return Ok(Exit::Ok);
            }
        }
        stream.flush().map(|_| Exit::Ok)
    }

    /// Answers for every id as it comes.
    pub(super) fn stream(mut self, mut ids: Ids, csv: bool, notices: &mut Notices) -> Result<Exit> {
        if self.context.term.json {
            return self.stream_json(ids, notices);
        }
        if !csv {
            self.context.term.status(&self.subject.title(self.flag, self.bucketing.scheme().name()));
        }
        let (mut stream, mut line) = (self.context.term.stream(), String::new());
        loop {
            // Whoever writes an id and waits gets its answer before the next.
            if ids.waits() && !stream.flush()? {
                return Ok(Exit::Ok);
            }
            let Some(user) = ids.next()? else { break };
            notices.see(user);
            if csv {
                self.csv_line(&mut line, user, stream.watched);
            } else {
                line = self.row(user).line(self.subject.exposure);
            }
            if !stream.write(&line)? {
                return Ok(Exit::Ok);
            }
        }
        stream.flush().map(|_| Exit::Ok)
    }

    /// Writes one object whose list of users is as long as stdin; a failure on the way becomes a part of it.
    fn stream_json(mut self, mut ids: Ids, notices: &mut Notices) -> Result<Exit> {
        let mut stream = self.context.term.stream();
        let (head, mut between) = (self.head(), "");
        if !stream.json_open(&head, "users")? {
            return Ok(Exit::Ok);
        }
        let failure = loop {
            if ids.waits() && !stream.flush()? {
                return Ok(Exit::Ok);
            }
            let user = match ids.next() {
                Ok(Some(user)) => user,
                Ok(None) => break None,
                Err(error) => break Some(error),
            };
            notices.see(user);
            let row = self.row(user).json();
            if !stream.write(between)? || !stream.json(&row)? {
                return Ok(Exit::Ok);
            }
            between = ",";
        };
        stream.json_close(failure.as_ref().map(render::error::json).as_ref())?;
        Ok(failure.map_or(Exit::Ok, |error| error.exit))
    }

    fn csv_line(&mut self, line: &mut String, user: &str, watched: bool) {
        let bucket = self.bucketing.bucket(user);
        let is_in = self.is_in(bucket, user);
        if watched {
            // A terminal would act on what is data to a program.
            render::bucket::csv(line, &Shown(user).to_string(), bucket, is_in);
        } else {
            render::bucket::csv(line, user, bucket, is_in);
        }
    }

    fn is_in(&self, bucket: Bucket, user: &str) -> bool {
        !self.subject.disabled && self.bucketing.is_in(bucket, user, self.subject.exposure)
    }

    fn row<'u>(&mut self, user: &'u str) -> Row<'u> {
        let bucket = self.bucketing.bucket(user);
        let (exposure, disabled) = (self.subject.exposure, self.subject.disabled);
        let is_in = self.is_in(bucket, user);
        let why = match is_in {
            _ if disabled => Why::Disabled,
            _ if exposure.is_zero() => Why::Nobody,
            true if exposure == Percent::FULL => Why::Everybody,
            _ if user.is_empty() => Why::NoIdentity,
            true => Why::Within,
            false => Why::Beyond,
        };
        let number = match bucket {
            Bucket::Number(number) => json!(number),
            Bucket::Share(share) => json!(share),
        };
        let from = self.bucketing.entry(bucket, user);
        let from_step = self.subject.ladder.steps().iter().copied().find(|step| *step >= from);
        Row { user, bucket: number, is_in, from, from_step, why }
    }

    /// Returns the answer without its users.
    fn head(&self) -> Value {
        let scheme = self.bucketing.scheme();
        let (salt, seed) = match scheme.salting() {
            Salting::Salt => (self.salts.0.or(Some(self.flag)), None),
            Salting::Text => (None, self.salts.1.or(Some(self.flag))),
            Salting::None | Salting::SaltOrNumber | Salting::TwoSalts => self.salts,
        };
        let seed = seed.map(|seed| scheme.seed(seed));
        let subject = self.subject;
        json!({
            "version": 1, "flag": self.flag, "scheme": scheme.name(), "salt": salt, "seed": seed,
            "environment": subject.environment, "file": subject.file, "exposure": subject.exposure,
            "steps": subject.ladder.steps(),
        })
    }
}
