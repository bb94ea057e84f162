//! Unleash.

mod served;

use super::remote::{Backend, Goal, Mark, Right, Seen, Session, Write, Writer};
use crate::error::{Error, Result};
use crate::http::Wait;
use crate::model::{Exposure, FlagName};

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
}

impl Backend for Unleash<'_> {
    fn list(&self, _wait: &Wait) -> Result<Vec<Seen>> {
        Err(Error::failed("not yet"))
    }

    fn read(&self, _flag: &FlagName, _wait: &Wait) -> Result<Seen> {
        Err(Error::failed("not yet"))
    }

    fn next(&self, _seen: &Seen, _goal: &Goal) -> Result<Option<Write>> {
        Err(Error::failed("not yet"))
    }

    fn declare(&self, _flag: &FlagName, _description: &str) -> Vec<Write> {
        Vec::new()
    }

    fn send(&self, _write: &Write, _wait: &Wait) -> Result<()> {
        Err(Error::failed("not yet"))
    }

    fn rehearse(&self, _write: &Write, _wait: &Wait) -> Option<Result<()>> {
        None
    }

    fn writers(&self, _flag: &FlagName, _mark: &Mark, _wait: &Wait) -> Result<Vec<Writer>> {
        Err(Error::failed("not yet"))
    }

    fn served(&self, flag: &FlagName, wait: &Wait) -> Option<Result<Exposure>> {
        served::served(&self.session.remote, flag, wait)
    }

    fn skew(&self) -> Option<f64> {
        self.session.skew()
    }

    fn rights(&self, _flag: Option<&FlagName>, _wait: &Wait) -> Result<Vec<Right>> {
        Err(Error::failed("not yet"))
    }
}
