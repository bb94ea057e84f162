//! Addresses below a service, whatever the names in them hold.

use crate::http::Client;
use reqwest::Url;

/// Returns an address with a query.
pub(in crate::backend) fn asked(client: &Client, path: &str, query: &[(&str, &str)]) -> Url {
    let mut url = client.below(path);
    url.query_pairs_mut().extend_pairs(query);
    url
}

/// Escapes one segment of a path, whatever it holds.
///
/// `.` and `..` mean the way up, also where they are escaped; they are escaped twice, to a name that nobody has.
pub(in crate::backend) fn segment(name: &str) -> String {
    if matches!(name, "." | "..") {
        return name.replace('.', "%252E");
    }
    name.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}
