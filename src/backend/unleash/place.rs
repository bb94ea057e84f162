//! The part of Unleash that is ours, and the addresses in it.

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

    /// The project.
    pub(super) fn project(&self) -> String {
        format!("/api/admin/projects/{}", segment(self.project))
    }

    /// The project's flags.
    pub(super) fn features(&self) -> String {
        format!("{}/features", self.project())
    }

    /// One flag, with all its environments.
    pub(super) fn feature(&self, flag: &FlagName) -> String {
        format!("{}/{}", self.features(), segment(flag.as_str()))
    }

    /// One flag in our environment.
    pub(super) fn environment(&self, flag: &FlagName) -> String {
        format!("{}/environments/{}", self.feature(flag), segment(self.environment))
    }

    /// Its strategies there.
    pub(super) fn strategies(&self, flag: &FlagName) -> String {
        format!("{}/strategies", self.environment(flag))
    }

    /// One of them.
    pub(super) fn strategy(&self, flag: &FlagName, id: &str) -> String {
        format!("{}/{}", self.strategies(flag), segment(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::Url;

    #[test]
    fn no_name_leads_elsewhere() {
        for (name, escaped) in [
            ("checkout_v2.new~x-1", "checkout_v2.new~x-1"),
            ("a/b", "a%2Fb"),
            ("a%2fb?c#d", "a%252fb%3Fc%23d"),
            ("..", "%252E%252E"),
            (".", "%252E"),
            ("é ", "%C3%A9%20"),
        ] {
            assert_eq!(segment(name), escaped);
            let url = Url::parse(&format!("http://h/p/{escaped}/on")).unwrap();
            assert_eq!(url.path(), format!("/p/{escaped}/on"));
        }
    }
}
