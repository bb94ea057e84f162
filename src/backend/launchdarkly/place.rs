//! The part of LaunchDarkly that is ours, and the addresses in it.

use crate::http::Client;
use crate::model::{FlagName, Remote};
use reqwest::Url;

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

/// Returns an address with a query.
pub(super) fn asked(client: &Client, path: &str, query: &[(&str, &str)]) -> Url {
    let mut url = client.below(path);
    url.query_pairs_mut().extend_pairs(query);
    url
}

/// Escapes one segment of a path, whatever it holds.
///
/// `.` and `..` mean the way up, also where they are escaped; they are escaped twice, to a name that nobody has.
fn segment(name: &str) -> String {
    if matches!(name, "." | "..") {
        return name.replace('.', "%252e");
    }
    let mut escaped = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
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
            ("..", "/api/v2/flags/my%20project/%252e%252e"),
            ("é%2f", "/api/v2/flags/my%20project/%C3%A9%252f"),
        ] {
            assert_eq!(place.flag(&FlagName::new(name).unwrap()), path);
        }
    }
}
