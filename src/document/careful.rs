//! The edit that goes forward: what is odd in any way is refused, with the place and the reason.

use super::anchors::{Anchors, Value};
use super::edit::{Draft, Edited, Obstacle, Replacement};
use super::entry::{Body, Entry, Field as Which, Site};
use super::events::Span;
use super::insert::{NewPair, NewValue};
use super::locate::{Located, locate, quote};
use super::reading::{self, Held, Reading};
use super::refusal::Refusal;
use super::scan::RootKind;
use super::unseen::{UnseenKey, unseen_keys};
use super::{scalar, second, syntax};
use crate::model::{FlagName, KeyPath, Mapping, Scale, Shown, Values};

/// Sets the values of a flag where that is safe beyond doubt.
pub(super) fn edit(text: &str, mapping: &Mapping, name: &FlagName, values: Values) -> Result<Edited, Refusal> {
    fit(text)?;
    let located = locate(text, mapping, name);
    if let Some(broken) = &located.broken {
        return Err(syntax::refusal(text, broken));
    }
    resolved(text, &located.anchors)?;
    let work = Work { text, mapping, name, values, located: &located };
    let draft = work.draft()?;
    if draft.splices.is_empty() {
        return Ok(Edited { text: text.to_owned(), before: draft.before, after: draft.after, notes: draft.notes });
    }
    let edited = draft.proven(text, &located, (mapping, name), |located| work.reached(located));
    let agreed = edited.filter(|edited| second::agrees(text, &edited.text, mapping, name));
    agreed.ok_or_else(|| {
        let span = located.entries[0].name_span;
        let unproven = "the edit could not be proven to change nothing else";
        match span.slice(text).and_then(taken_for) {
            None => work.refuse(span, unproven),
            Some(taken) => work
                .refuse(span, format!("{unproven}: without quotes readers of the file take `{name}` for {taken}"))
                .help(format!("write the name in quotes: `\"{name}\"`")),
        }
    })
}

/// Returns what readers of YAML take a name for that is written like this, if not for a name.
fn taken_for(written: &str) -> Option<&'static str> {
    let unsigned = written.trim_start_matches(['+', '-']);
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let number = unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    match written {
        "" | "~" | "null" | "Null" | "NULL" => Some("null, which is nothing"),
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Some("a boolean"),
        "yes" | "Yes" | "YES" | "no" | "No" | "NO" | "on" | "On" | "ON" | "off" | "Off" | "OFF" | "y" | "Y" | "n"
        | "N" => Some("a boolean, those of YAML 1.1"),
        _ if unsigned.starts_with("0x") => Some("a hexadecimal number"),
        _ if unsigned.starts_with("0o") => Some("an octal number"),
        _ if number && digits(unsigned) => Some("a number"),
        _ if number && unsigned.parse::<f64>().is_ok() => Some("a number"),
        _ if matches!(unsigned.to_ascii_lowercase().as_str(), ".inf" | ".nan") => Some("a number"),
        _ => None,
    }
}

/// Refuses a text that nothing forward may be written into.
pub(super) fn fit(text: &str) -> Result<(), Refusal> {
    if let Some(marker) = syntax::conflict(text) {
        return Err(Refusal::at(text, marker.start, marker.end, "the file holds an unresolved merge conflict")
            .help("resolve the conflict, then run the command again"));
    }
    if let Some((at, character)) = syntax::control(text) {
        let reason = format!("the file holds the control character U+{:04X}", u32::from(character));
        return Err(Refusal::at(text, at, at + 1, reason).help("remove it: readers of YAML disagree about it"));
    }
    if let Some((at, character)) = syntax::hidden_break(text) {
        let reason =
            format!("the file holds U+{:04X}, which only some readers take for a line's end", u32::from(character));
        return Err(Refusal::at(text, at, at + character.len_utf8(), reason).help("remove it, or put it in quotes"));
    }
    Ok(())
}

/// Refuses a text with an alias of nothing, which other readers don't load.
pub(super) fn resolved(text: &str, anchors: &Anchors<'_>) -> Result<(), Refusal> {
    let Some(alias) = anchors.dangling() else { return Ok(()) };
    let shown = Shown(alias.slice(text).unwrap_or_default()).to_string();
    let reason = format!("the file is not valid YAML: `{shown}` is an alias of nothing");
    Err(Refusal::at(text, alias.start, alias.end, reason))
}

struct Work<'w, 't> {
    text: &'t str,
    mapping: &'w Mapping,
    name: &'w FlagName,
    values: Values,
    located: &'w Located<'t>,
}

impl<'w, 't> Work<'w, 't> {
    fn refuse(&self, span: Span, reason: impl Into<String>) -> Refusal {
        Refusal::at(self.text, span.start, span.end, reason)
    }

    fn draft(&self) -> Result<Draft, Refusal> {
        let entry = self.only_entry()?;
        self.seen(entry)?;
        let reading = reading::read(entry, &self.located.anchors, self.mapping);
        self.once(entry, &reading)?;
        self.unshared(entry, &reading)?;
        self.fits_the_file(entry)?;
        let mut draft = Draft::default();
        let mut missing = Vec::new();
        self.switch(&reading, &mut draft, &mut missing)?;
        self.rollout(&reading, entry, &mut draft, &mut missing)?;
        let nowhere =
            |Obstacle { span, reason }| self.refuse(span, format!("`{}` {reason}", self.name)).help(self.by_hand());
        draft.insert(self.text, entry, missing).map_err(nowhere)?;
        Ok(draft)
    }

    /// Refuses a flag with a key that looks like another one.
    fn seen(&self, entry: &Entry<'t>) -> Result<(), Refusal> {
        let inside = |key: &UnseenKey| (entry.name_span.start..entry.end).contains(&key.at.start);
        let mut keys = unseen_keys(self.text).into_iter();
        let Some(key) = keys.find(|key| inside(key) && key.passes_for_one(self.mapping)) else { return Ok(()) };
        let code = u32::from(key.letter);
        let reason = format!(
            "the key `{}` of `{}` holds an invisible U+{code:04X}: to its readers it is another key",
            Shown(&key.seen),
            self.name
        );
        Err(Refusal::at(self.text, key.at.start, key.at.end, reason).help("write it anew, without that letter"))
    }

    /// Refuses a flag that says one of its values twice: readers differ in which of the two counts.
    fn once(&self, entry: &Entry<'t>, reading: &Reading<'_, 't>) -> Result<(), Refusal> {
        let rollout = self.mapping.rollout.get(reading.rollout_spelling);
        let enabled = self.mapping.enabled.get(reading.enabled_spelling).map(|key| &key.path);
        for (field, spelling, path) in
            [(Which::Rollout, reading.rollout_spelling, rollout), (Which::Enabled, reading.enabled_spelling, enabled)]
        {
            let Some(again) = entry.counting(field, spelling).nth(1) else { continue };
            let label =
                path.filter(|path| !path.is_empty()).map_or_else(|| self.name.to_string(), |path| path.join("."));
            return Err(self
                .refuse(again.key.unwrap_or(again.span), format!("`{label}` stands twice in `{}`", self.name))
                .help("leave one of the two"));
        }
        Ok(())
    }

    /// Returns the one entry of the flag, if it is one mapping of its own.
    fn only_entry(&self) -> Result<&'w Entry<'t>, Refusal> {
        let located = self.located;
        let line = |span: Span| Refusal::at(self.text, span.start, span.end, "").line;
        if let [first, second, ..] = located.roots.as_slice()
            && first.document == second.document
            && !self.mapping.root.is_empty()
            && !self.mapping.is_grouped()
        {
            let reason = format!(
                "`{}` stands twice, in lines {} and {}",
                self.mapping.root.join("."),
                line(first.at),
                line(second.at)
            );
            return Err(self.refuse(second.at, reason).help("leave one of the two"));
        }
        let entry = match located.entries.as_slice() {
            [] => return Err(Refusal::at(self.text, 0, 0, format!("the file has no flag `{}`", self.name))),
            [entry] => entry,
            [first, second, ..] => {
                let how = if first.document == second.document { "twice" } else { "in two documents" };
                let reason = format!(
                    "`{}` stands {how}, in lines {} and {}",
                    self.name,
                    line(first.name_span),
                    line(second.name_span)
                );
                return Err(self.refuse(second.name_span, reason).help("leave one of the two"));
            }
        };
        if let Some((also, span)) = &entry.also {
            let (also, line) = (Shown(also), line(entry.name_span));
            return Err(self
                .refuse(
                    *span,
                    format!("`{}` (line {line}) is called `{also}` too: readers differ in which counts", self.name),
                )
                .help("leave one of the two names"));
        }
        if let Some(reason) = reading::no_body(entry)
            && entry.sites.is_empty()
        {
            return Err(self.refuse(entry.body_span, format!("`{}` {reason}", self.name)).help(self.by_hand()));
        }
        if let Body::Alias { .. } = entry.body {
            let reason = format!("`{}` is an alias: its values are another entry's", self.name);
            return Err(self.refuse(entry.body_span, reason).help("give the flag keys of its own"));
        }
        Ok(entry)
    }

    /// Refuses where the values would change for others too.
    fn unshared(&self, entry: &Entry<'t>, reading: &Reading<'_, 't>) -> Result<(), Refusal> {
        let own = |held: &Held<'_, 't>| match held {
            Held::Own(site, _) => Some((*site).clone()),
            _ => None,
        };
        for site in [own(&reading.rollout), own(&reading.enabled)] {
            let Some(uses) = self.located.shared(entry, site.as_ref()) else { continue };
            let alias = uses.first.slice(self.text).unwrap_or_default();
            let line = Refusal::at(self.text, uses.first.start, uses.first.end, "").line;
            let reason =
                format!("`{}` shares its values: `{}` in line {line} would change with it", self.name, Shown(alias));
            let span = site.map_or(entry.name_span, |site| site.span);
            return Err(self.refuse(span, reason).help("write the values out where the alias stands"));
        }
        Ok(())
    }

    fn fits_the_file(&self, entry: &Entry<'t>) -> Result<(), Refusal> {
        let reason = match self.mapping.scale {
            Scale::Doubtful => {
                let reason = "the file's percentages may be shares of one: every value is at most 1";
                let help = "set `scale = \"percent\"` or `scale = \"fraction\"` in `[flags-file]` of flagctl.toml";
                return Err(self.refuse(entry.name_span, reason).help(help));
            }
            Scale::Percent if !self.values.rollout.is_whole() && self.located.habits.whole() => {
                format!("{}% has decimals, and every percentage in this file is an integer", self.values.rollout)
            }
            Scale::Percent | Scale::Fraction => return Ok(()),
        };
        Err(self
            .refuse(entry.name_span, reason)
            .help("what reads the file may not take a decimal: choose a whole percentage"))
    }

    fn switch(&self, reading: &Reading<'_, 't>, draft: &mut Draft, missing: &mut Vec<NewPair>) -> Result<(), Refusal> {
        let Some(wanted) = self.values.enabled else {
            // What nobody can read can't be left as it is: what users get would not be known.
            return match (reading.truth(self.mapping), &reading.enabled) {
                (Some(Err(reason)), Held::Own(site, _) | Held::Aliased(site, _) | Held::Misplaced(site)) => {
                    let path = self.mapping.enabled.get(reading.enabled_spelling).map(|key| key.path.join("."));
                    Err(self.unreadable(site, &path.unwrap_or_default(), &reason))
                }
                _ => Ok(()),
            };
        };
        let Some(key) = self.mapping.enabled.get(reading.enabled_spelling) else { return Ok(()) };
        let old = match reading.truth(self.mapping) {
            // What is not there can't keep the flag off.
            None if wanted => return Ok(()),
            Some(Ok(truth)) if truth.value == wanted => return Ok(()),
            other => other.and_then(Result::err),
        };
        let words = scalar::fitting(reading.enabled.value(), key.words.as_ref());
        let new = |style| NewValue { text: scalar::word(wanted, words), word: scalar::in_words(words), quote: style };
        let pair = || NewPair { path: key.path.clone(), value: new(None) };
        self.value(&reading.enabled, old, &key.path, draft, &new, missing, pair)
    }

    fn rollout(
        &self,
        reading: &Reading<'_, 't>,
        entry: &Entry<'t>,
        draft: &mut Draft,
        missing: &mut Vec<NewPair>,
    ) -> Result<(), Refusal> {
        let wanted = self.values.rollout;
        let old = match reading.percent(self.mapping) {
            Some(Ok(percent)) if percent == wanted => return Ok(()),
            other => other.and_then(Result::err),
        };
        let habits = &self.located.habits;
        if matches!(reading.rollout, Held::Absent) && habits.knows_no_percentages() {
            let reason = "no flag in this file has a percentage: what reads it may not know one";
            let help = "write one by hand where it is known, or switch the flag on with `enabled` alone";
            return Err(self.refuse(entry.name_span, reason).help(help));
        }
        let spelling =
            if matches!(reading.rollout, Held::Absent) { habits.spelling() } else { reading.rollout_spelling };
        let path = self.mapping.rollout.get(spelling).cloned().unwrap_or_default();
        let like = reading.rollout.value().filter(|value| !scalar::is_null(value));
        let new = |style| match like {
            Some(value) => NewValue {
                text: scalar::number_like(Some(&value.text), wanted, self.mapping.scale),
                word: false,
                quote: style,
            },
            None => habits.number(wanted, self.mapping.scale),
        };
        let pair = || NewPair { path: path.clone(), value: new(like.and_then(|value| quote(value.style))) };
        self.value(&reading.rollout, old, &path, draft, &new, missing, pair)
    }

    /// Replaces a value or notes the pair that has to be inserted.
    #[expect(clippy::too_many_arguments, reason = "the two values differ in all of these")]
    fn value(
        &self,
        held: &Held<'_, 't>,
        unreadable: Option<String>,
        path: &KeyPath,
        draft: &mut Draft,
        new: &dyn Fn(Option<char>) -> NewValue,
        missing: &mut Vec<NewPair>,
        pair: impl Fn() -> NewPair,
    ) -> Result<(), Refusal> {
        let label = if path.is_empty() { self.name.to_string() } else { path.join(".") };
        let site: &Site<'t> = match held {
            Held::Absent | Held::Merged(_) => {
                missing.push(pair());
                return Ok(());
            }
            Held::Own(site, _) | Held::Aliased(site, _) | Held::Misplaced(site) => site,
        };
        match held {
            Held::Own(_, value) => {
                if let Some(reason) = unreadable.filter(|_| !fillable(value)) {
                    return Err(self.unreadable(site, &label, &reason));
                }
                let old = if scalar::is_null(value) { None } else { quote(value.style) };
                let value_now = new(old);
                let tag = value.tag.as_ref().and_then(|tag| tag.core.as_deref());
                if tag == Some("int") && value_now.text.contains('.') {
                    return Err(self.unreadable(site, &label, "carries the tag `!!int`"));
                }
                let replacement = Replacement { value: value_now, keep_tag: true };
                draft
                    .replace(self.text, site, &label, &replacement)
                    .map_err(|obstacle| self.obstructed(&obstacle, &label))
            }
            Held::Aliased(..) => Err(self
                .refuse(site.span, format!("`{label}` of `{}` is an alias: its value is another's", self.name))
                .help(self.by_hand())),
            _ => Err(self.unreadable(site, &label, &unreadable.unwrap_or_default())),
        }
    }

    fn unreadable(&self, site: &Site<'_>, label: &str, reason: &str) -> Refusal {
        let stands = site.span.slice(self.text).unwrap_or_default();
        let first = stands.lines().next().unwrap_or_default();
        if self.text[site.span.start..].starts_with("{{") {
            return self
                .refuse(site.span, format!("`{label}` of `{}` is a template that was not filled in", self.name));
        }
        self.refuse(site.span, format!("`{label}: {}` {reason}", Shown(first))).help(self.by_hand())
    }

    fn obstructed(&self, obstacle: &Obstacle, label: &str) -> Refusal {
        self.refuse(obstacle.span, format!("`{label}` of `{}` {}", self.name, obstacle.reason)).help(self.by_hand())
    }

    fn by_hand(&self) -> String {
        let flat = |path: &KeyPath| path.join(".");
        let rollout = self.mapping.rollout.first().map(|path| {
            format!("`{}: {}`", flat(path), scalar::number_like(None, self.values.rollout, self.mapping.scale))
        });
        format!("write {} for `{}` by hand", rollout.unwrap_or_default(), self.name)
    }

    /// True if the new text reads as was asked.
    fn reached(&self, located: &Located<'_>) -> bool {
        let [entry] = located.entries.as_slice() else { return false };
        let reading = reading::read(entry, &located.anchors, self.mapping);
        let switched = match (self.values.enabled, reading.truth(self.mapping)) {
            (None, _) | (Some(true), None) => true,
            (Some(wanted), Some(Ok(truth))) => truth.value == wanted,
            (Some(_), Some(Err(_)) | None) => false,
        };
        let grouped = self.mapping.is_grouped();
        let rooted = grouped || located.roots.iter().all(|root| root.kind != RootKind::Other);
        switched && rooted && located.broken.is_none() && reading.percent(self.mapping) == Some(Ok(self.values.rollout))
    }
}

/// True for a value that is not there yet: `key:` with nothing behind it, or with `~`.
fn fillable(value: &Value<'_>) -> bool {
    scalar::is_null(value) && value.tag.is_none()
}
