//! The JSON body of an answer, read so that no key can stand for two values.

use super::Trouble;
use super::look::excerpt;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// Reads a body; the inner error is that of what is no JSON.
///
/// # Errors
/// Where a key stands twice in one object: parsers differ in which of the two they take, so neither can be trusted.
pub(super) fn read(body: &[u8]) -> Result<serde_json::Result<Value>, Trouble> {
    match serde_json::from_slice(body) {
        Ok(Plain(value)) => Ok(Ok(value)),
        // Any value will do, so that an error of data can only be that of a key.
        Err(error) if error.is_data() => {
            Err(Trouble::Answer(format!("answered 200, but what came is ambiguous: {error}")))
        }
        Err(error) => Ok(Err(error)),
    }
}

/// Any value, in none of whose objects a key stands twice.
struct Plain(Value);

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any).map(Self)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        Ok(truth.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Plain(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(key) = object.next_key::<String>()? {
            if values.contains_key(&key) {
                return Err(A::Error::custom(format_args!("the key `{}` stands twice", excerpt(&key))));
            }
            let Plain(value) = object.next_value()?;
            values.insert(key, value);
        }
        Ok(Value::Object(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_stands_twice_is_ambiguous() {
        for (body, why) in [
            (r#"{"e":500,"e":0,"t":1000}"#, "the key `e` stands twice at line 1 column 12"),
            (r#"{"e":0,"e":0}"#, "the key `e` stands twice at line 1 column 10"),
            (r#"{"e":0,"\u0065":0}"#, "the key `e` stands twice at line 1 column 15"),
            (r#"{"":0,"":0}"#, "the key `` stands twice at line 1 column 8"),
            (r#"[1,{"a":[{"b":{},"b":{}}]}]"#, "the key `b` stands twice at line 1 column 20"),
            ("{\"\\u001b[31m\":0,\n\"\\u001b[31m\":0}", r"the key `\u{1b}[31m` stands twice at line 2 column 12"),
            (r#"{"e":1,"e":"#, "the key `e` stands twice at line 1 column 10"),
        ] {
            let said = read(body.as_bytes()).unwrap_err().to_string();
            assert_eq!(said, format!("answered 200, but what came is ambiguous: {why}"), "{body}");
        }
    }

    #[test]
    fn everything_else_is_read_as_ever() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for body in [
            r#"{"a":{"a":[{"a":1},{"a":2}]},"A":null,"b":[true,false,-1,-0,0.1,1e300,18446744073709551615,"x\u0000é"]}"#,
            "5",
            " [] ",
            "",
            "{\"a\":1}}",
            "{\"a\":1e400}",
            "{1:2}",
            "\"\\ud800\"",
            "\"\u{1}\"",
            &deep,
        ] {
            let want = serde_json::from_slice::<Value>(body.as_bytes()).map_err(|error| error.to_string());
            assert_eq!(read(body.as_bytes()).unwrap().map_err(|error| error.to_string()), want, "{body}");
        }
    }
}
