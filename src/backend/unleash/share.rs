//! The stored percentage. Unleash stores any text there, and its SDKs make of it what they can.

use crate::model::{Field, Percent, Shown, Unreadable};
use serde_json::Value;

/// Reads `parameters.rollout`: whole percents, as digits. Everything else is no percentage, and says what users get.
pub(super) fn read(stored: Option<&Value>) -> Field<Percent> {
    let text = match stored {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(other) => return unreadable(other.to_string(), 0),
        None => return unreadable(String::new(), 0),
    };
    let digits = !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse().ok().and_then(Percent::from_whole) {
        Some(percent) if digits => Field::Is(percent),
        _ => {
            let served = served(&text);
            unreadable(text, served)
        }
    }
}

fn unreadable(text: String, served: u32) -> Field<Percent> {
    Field::Unreadable(Unreadable {
        key: "rollout".to_owned(),
        text: Shown(&text).to_string(),
        reason: format!(
            "is no whole percentage: Unleash's SDK for Node gives the flag to {served}% of the users, others may to more \
             or less"
        ),
        line: 0,
        column: 0,
    })
}

/// Returns the whole percents of users that the official SDK for Node gives the flag to: it has each user drawn a
/// number from 1 to 100, and takes those up to JavaScript's `Number(text)`.
fn served(text: &str) -> u32 {
    let text = text.trim();
    let radix = |prefix: [&str; 2], radix| {
        let rest = prefix.iter().find_map(|prefix| text.strip_prefix(prefix))?;
        Some(u64::from_str_radix(rest, radix).map_or(f64::NAN, |whole| whole.min(101) as f64))
    };
    let decimal = || {
        let plain = |byte: u8| byte.is_ascii_digit() || b".eE+-".contains(&byte);
        if text == "Infinity" || text == "+Infinity" {
            f64::INFINITY
        } else if text.bytes().all(plain) {
            text.parse().unwrap_or(f64::NAN)
        } else {
            f64::NAN
        }
    };
    let number = radix(["0x", "0X"], 16)
        .or_else(|| radix(["0b", "0B"], 2))
        .or_else(|| radix(["0o", "0O"], 8))
        .unwrap_or_else(decimal);
    (0..=100).rev().find(|percent| f64::from(*percent) <= number).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn whole_percents_are_read() {
        for (stored, percent) in
            [(json!("0"), 0), (json!("5"), 5), (json!("05"), 5), (json!("100"), 100), (json!(40), 40)]
        {
            assert_eq!(read(Some(&stored)), Field::Is(Percent::from_whole(percent).unwrap()), "{stored}");
        }
    }

    /// What the official SDK gave, rounded down to whole percents.
    pub(crate) const SERVED: &[(&str, u32)] = &[
        ("101", 100),
        ("abc", 0),
        ("", 0),
        ("12.5", 12),
        (" 5", 5),
        ("5 ", 5),
        ("5e1", 50),
        ("1e2", 100),
        ("-5", 0),
        ("0x19", 25),
        ("Infinity", 100),
        ("0.5", 0),
        ("5.0", 5),
        ("99.9", 99),
        ("+5", 5),
        ("5%", 0),
        ("nan", 0),
        ("inf", 0),
        ("-Infinity", 0),
    ];

    #[test]
    fn what_is_no_whole_percentage_tells_what_users_get() {
        for (text, percent) in SERVED {
            assert_eq!(served(text), *percent, "{text:?}");
            let field = read(Some(&json!(text)));
            let reason = field.unreadable().map(|value| value.reason.clone()).unwrap_or_default();
            assert!(reason.contains(&format!("gives the flag to {percent}% of")), "{text:?}: {reason}");
        }
        for stored in
            [None, Some(json!(null)), Some(json!(true)), Some(json!(["5"])), Some(json!(12.5)), Some(json!(-1))]
        {
            assert!(read(stored.as_ref()).unreadable().is_some(), "{stored:?}");
        }
    }
}
