//! Unleash: flags in one environment of one project, over its admin API. A flag's percentage is a parameter of its
//! strategy `flexibleRollout`; that parameter and the environment's switch are all that is ever written.

mod events;
mod feature;
mod meaning;
mod missing;
mod place;
mod reading;
mod refusal;
mod rights;
mod served;
mod share;
mod steps;
#[cfg(test)]
mod tests;

use super::remote::{Backend, Goal, Mark, Right, Seen, Session, Write, Writer};
use crate::error::Result;
use crate::http::{Method, Reply, Request, Wait};
use crate::model::{Exposure, FlagName, Remote};
use place::Place;
use reqwest::Url;
use serde_json::Value;

/// What is understood, and what is sent.
const JSON: &str = "application/json";

/// One environment of one project in Unleash.
pub struct Unleash<'a> {
    session: Session<'a>,
}

impl<'a> Unleash<'a> {
    /// Makes it; opens no connection.
    #[must_use]
    pub const fn new(session: Session<'a>) -> Self {
        Self { session }
    }

    const fn remote(&self) -> &Remote {
        &self.session.remote
    }

    fn place(&self) -> Place<'_> {
        Place::of(self.remote())
    }

    fn address(&self, path: &str) -> Url {
        self.session.client().below(path)
    }

    /// Reads, whatever the status.
    fn ask(&self, url: Url, wait: &Wait) -> Result<Reply> {
        self.session.get(&Request::get(url, JSON), wait)
    }

    /// Reads what has to be there.
    fn get(&self, url: Url, wait: &Wait) -> Result<Reply> {
        refusal::good(self.ask(url, wait)?, Method::Get, self.remote())
    }
}

impl Backend for Unleash<'_> {
    fn list(&self, wait: &Wait) -> Result<Vec<Seen>> {
        reading::list(self, wait)
    }

    fn read(&self, flag: &FlagName, wait: &Wait) -> Result<Seen> {
        reading::read(self, flag, wait)
    }

    fn next(&self, seen: &Seen, goal: &Goal) -> Result<Option<Write>> {
        steps::next(&self.place(), seen, goal)
    }

    fn blind(&self, flag: &FlagName) -> Write {
        steps::off(&self.place(), flag)
    }

    fn declare(&self, flag: &FlagName, description: &str) -> Vec<Write> {
        steps::declare(&self.place(), flag, description)
    }

    fn send(&self, write: &Write, wait: &Wait) -> Result<()> {
        let mut request = Request::bare(write.method, self.address(&write.path), JSON);
        if write.body != Value::Null {
            request = request.with(JSON, write.body.to_string());
        }
        let reply = refusal::good(self.session.put(&request, wait)?, write.method, self.remote())?;
        refusal::own(&reply, write)
    }

    fn rehearse(&self, _write: &Write, _wait: &Wait) -> Option<Result<()>> {
        None
    }

    fn writers(&self, flag: &FlagName, mark: &Mark, wait: &Wait) -> Result<Vec<Writer>> {
        events::writers(self, flag, mark, wait)
    }

    fn served(&self, flag: &FlagName, wait: &Wait) -> Option<Result<Exposure>> {
        served::served(self.remote(), flag, wait)
    }

    /// The record is written with the change, and switching off what is off is none.
    fn records_at_once(&self) -> bool {
        true
    }

    fn skew(&self) -> Option<f64> {
        self.session.skew()
    }

    fn rights(&self, flag: Option<&FlagName>, wait: &Wait) -> Result<Vec<Right>> {
        rights::rights(self, flag, wait)
    }
}
