//! Where flags live.

pub mod file;
pub mod launchdarkly;
pub mod remote;
pub mod unleash;

use crate::error::Result;
use crate::model::{Remote, RemoteKind};
use remote::{Backend, Session};

/// Opens the backend that the configuration of an environment names; opens no connection. `tell` hears of each request.
///
/// # Errors
/// Exit 3 if the settings or a secret can't be used.
pub fn open<'a>(remote: &Remote, tell: impl Fn(&str) + Sync + 'a) -> Result<Box<dyn Backend + 'a>> {
    let session = Session::new(remote.clone(), Box::new(tell))?;
    Ok(match remote.kind {
        RemoteKind::Unleash => Box::new(unleash::Unleash::new(session)),
        RemoteKind::LaunchDarkly => Box::new(launchdarkly::LaunchDarkly::new(session)),
    })
}
