//! The part of LaunchDarkly that is ours, and the addresses in it.

use crate::backend::remote::segment;
use crate::model::{FlagName, Remote};

/// One environment of one project.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) project: &'a str,
    pub(super) environment: &'a str,
}

impl<'a> Place<'a> {
    pub(super) fn of(remote: &'a Remote) -> Self {
        Self { project: &remote.project, environment: &remote.environment }
    }

    /// The project's flags.
    pub(super) fn flags(&self) -> String {
        format!("/api/v2/flags/{}", segment(self.project))
    }

    /// One flag.
    pub(super) fn flag(&self, flag: &FlagName) -> String {
        format!("{}/{}", self.flags(), segment(flag.as_str()))
    }

    /// One flag in our environment, as roles and the record of changes spell it.
    pub(super) fn resource(&self, flag: &str) -> String {
        format!("proj/{}:env/{}:flag/{flag}", self.project, self.environment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_their_segment() {
        let place = Place { project: "my project", environment: "production" };
        for (name, path) in [
            ("checkout.v2_a-b", "/api/v2/flags/my%20project/checkout.v2_a-b"),
            ("../members?x=1#y", "/api/v2/flags/my%20project/..%2Fmembers%3Fx%3D1%23y"),
            ("..", "/api/v2/flags/my%20project/%252E%252E"),
            ("é%2f", "/api/v2/flags/my%20project/%C3%A9%252f"),
        ] {
            assert_eq!(place.flag(&FlagName::new(name).unwrap()), path);
        }
    }
}
