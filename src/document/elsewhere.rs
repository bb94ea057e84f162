//! Every place where a name stands as a flag's would, whatever the mapping knows of it: what a rollback must not pass
//! over in silence.

use super::body::NAMES;
use super::events::{Event, Events, Feed as _, Kind, Span};
use super::place::Places;
use std::collections::HashMap;

/// How deep a text is looked into.
const DEPTH: usize = 64;

/// What the key of a switch and that of a percentage hold.
const SWITCHES: [&str; 4] = ["enable", "active", "state", "status"];
const SHARES: [&str; 4] = ["rollout", "percent", "share", "weight"];

/// A place where a name stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The name.
    pub name: String,
    /// The line of the name, from 1.
    pub line: usize,
    /// The keys above it; `[]` for an entry of a list.
    pub path: Vec<String>,
    /// The name is no text of its own: an alias stands there.
    pub alias: bool,
    /// What stands right below the name: keys and values, or one value without a key.
    pub stored: Vec<(String, String)>,
}

/// Returns every place where one of the wanted names is a key, or the name of a list's entry; of a text that is broken
/// below, those above.
pub fn mentions(text: &str, wanted: &dyn Fn(&str) -> bool) -> Vec<Mention> {
    let mut walk = Walk { text, events: Events::new(text), anchors: HashMap::new(), wanted, found: Vec::new() };
    while let Some(event) = walk.next() {
        match event.kind {
            Kind::StreamEnd => break,
            Kind::StreamStart | Kind::DocumentStart | Kind::DocumentEnd => {}
            _ => drop(walk.node(&event, &mut Vec::new(), false)),
        }
    }
    let mut places = Places::new(text);
    let mut found = walk.found;
    found.sort_by_key(|(span, _)| span.start);
    found.into_iter().map(|(span, mention)| Mention { line: places.of(span.start).0, ..mention }).collect()
}

struct Walk<'t, 'w> {
    text: &'t str,
    events: Events<'t>,
    /// The texts that carry an anchor.
    anchors: HashMap<usize, String>,
    wanted: &'w dyn Fn(&str) -> bool,
    found: Vec<(Span, Mention)>,
}

/// A text that may be a name.
#[derive(Clone)]
struct Word {
    text: String,
    span: Span,
    alias: bool,
}

impl<'t> Walk<'t, '_> {
    fn next(&mut self) -> Option<Event<'t>> {
        self.events.next().ok()
    }

    /// Returns the text of a scalar, or the one that an alias stands for.
    fn word(&mut self, event: &Event<'t>) -> Option<Word> {
        match &event.kind {
            Kind::Scalar { value, .. } => {
                if event.anchor != 0 {
                    self.anchors.insert(event.anchor, value.to_string());
                }
                Some(Word { text: value.to_string(), span: event.span, alias: false })
            }
            Kind::Alias(Some(anchor)) => {
                let text = self.anchors.get(anchor)?.clone();
                Some(Word { text, span: event.span, alias: true })
            }
            _ => None,
        }
    }

    /// Reads a node whole, and returns the keys and values right below it.
    fn node(&mut self, event: &Event<'t>, path: &mut Vec<String>, listed: bool) -> Option<Vec<(String, String)>> {
        match event.kind {
            Kind::MappingStart { .. } if path.len() < DEPTH => self.mapping(path, listed),
            Kind::SequenceStart { .. } if path.len() < DEPTH => loop {
                let item = self.next()?;
                if item.kind == Kind::SequenceEnd {
                    return Some(Vec::new());
                }
                path.push("[]".to_owned());
                let read = self.node(&item, path, true);
                path.pop();
                read?;
            },
            Kind::MappingStart { .. } | Kind::SequenceStart { .. } => self.skip(),
            _ => Some(self.word(event).map(|word| (String::new(), word.text)).into_iter().collect()),
        }
    }

    fn mapping(&mut self, path: &mut Vec<String>, listed: bool) -> Option<Vec<(String, String)>> {
        let mut stored = Vec::new();
        let mut named: Option<(usize, Word)> = None;
        loop {
            let key = self.next()?;
            if key.kind == Kind::MappingEnd {
                break;
            }
            let Some(word) = self.word(&key) else {
                path.push("?".to_owned());
                let read = self.node(&key, path, false).and_then(|_| {
                    let value = self.next()?;
                    self.node(&value, path, false)
                });
                path.pop();
                read?;
                continue;
            };
            let value = self.next()?;
            if let (true, Some(rank), Some(name)) =
                (listed, NAMES.iter().position(|known| *known == word.text), self.word(&value))
                && named.as_ref().is_none_or(|(known, _)| rank < *known)
            {
                named = Some((rank, name));
            }
            path.push(word.text.clone());
            let below = self.node(&value, path, false);
            path.pop();
            let below = below?;
            if let [(inner, text)] = below.as_slice()
                && inner.is_empty()
            {
                stored.push((word.text.clone(), text.clone()));
            }
            self.keep(&word, path, below);
        }
        if let Some((_, name)) = named {
            let above: Vec<String> = path.split_last().map(|(_, above)| above.to_vec()).unwrap_or_default();
            self.keep(&name, &above, stored.clone());
        }
        Some(stored)
    }

    fn keep(&mut self, word: &Word, path: &[String], stored: Vec<(String, String)>) {
        if (self.wanted)(&word.text) && word.span.slice(self.text).is_some() {
            let (name, alias) = (word.text.clone(), word.alias);
            self.found.push((word.span, Mention { name, line: 0, path: path.to_vec(), alias, stored }));
        }
    }

    /// Passes over the rest of a node that is too deep.
    fn skip(&mut self) -> Option<Vec<(String, String)>> {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.next()?.kind {
                Kind::MappingStart { .. } | Kind::SequenceStart { .. } => depth += 1,
                Kind::MappingEnd | Kind::SequenceEnd => depth -= 1,
                Kind::StreamEnd => return None,
                _ => {}
            }
        }
        Some(Vec::new())
    }
}

impl Mention {
    /// True if what stands there has a switch and a percentage, each under its own key: a flag beyond doubt.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let has = |words: &[&str]| {
            let one = |key: &str| words.iter().any(|word| key.to_lowercase().contains(word));
            self.stored.iter().any(|(key, _)| one(key))
        };
        has(&SWITCHES) && has(&SHARES)
    }

    /// True if keys stand there, and not a value alone.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        !self.stored.iter().any(|(key, _)| key.is_empty())
    }

    /// True if what stands there may be a flag whose users have the feature: a switch that is not off, a number that is
    /// not 0.
    #[must_use]
    pub fn may_be_up(&self) -> bool {
        let lower: Vec<(String, String)> =
            self.stored.iter().map(|(key, value)| (key.to_lowercase(), value.trim().to_lowercase())).collect();
        let off = |text: &str| matches!(text, "false" | "off" | "no" | "inactive" | "disabled");
        let on = |text: &str| matches!(text, "true" | "on" | "yes" | "active" | "enabled");
        let number = |text: &str| text.trim_end_matches('%').trim_end().parse::<f64>().ok();
        let switch = |key: &str| key.is_empty() || SWITCHES.iter().any(|word| key.contains(word)) || key == "on";
        let share = |key: &str| key.is_empty() || SHARES.iter().any(|word| key.contains(word));
        let flags = lower
            .iter()
            .any(|(key, value)| (switch(key) && (on(value) || off(value))) || (share(key) && number(value).is_some()));
        let down =
            lower.iter().any(|(key, value)| (switch(key) && off(value)) || (share(key) && number(value) == Some(0.0)));
        flags && !down
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let line = |one: Mention| format!("{} {} {}", one.line, one.path.join("."), one.may_be_up());
        mentions(text, &|name| name == "a").into_iter().map(line).collect()
    }

    #[test]
    fn names_are_keys_or_what_an_entry_calls_itself() {
        assert_eq!(told("a: 5\nb: {a: {enabled: false, rollout: 5}}\n"), ["1  true", "2 b false"]);
        assert_eq!(told("l:\n- {name: a, on: yes}\n- {key: b, name: a, on: yes}\n- x: a\n"), ["2 l true"]);
        assert_eq!(told("x: &x a\n*x : {rollout: 5}\nl: [{name: *x, rollout: 0}]\n"), ["2  true", "3 l false"]);
        assert_eq!(told("a: text\nb: [a]\nc: {a: {owner: b}}\n"), ["1  false", "3 c false"]);
        // Broken below: what stands above is told.
        assert_eq!(told("a: 5\nb: [\n"), ["1  true"]);
        assert_eq!(told("? {a: 5}\n: {a: 5}\n"), ["1 ? true", "2 ? true"]);
    }

    #[test]
    fn no_depth_is_too_deep() {
        for (open, close) in [("{x: ", "}"), ("[", "]"), ("{? ", "}")] {
            let text = format!("{}1{}\n", open.repeat(20_000), close.repeat(20_000));
            assert_eq!(told(&format!("a: 5\nb: {text}")).first().map(String::as_str), Some("1  true"), "{open}");
        }
    }
}
