//! The block of a document that tells how a flag's rollout went: Markdown, the same bytes for the same facts.

use super::status::verb;
use crate::model::{Action, Entry, Exposure, FlagName, Ladder, disturbed};
use std::fmt::Write as _;
use std::time::Duration;

/// What is told of one flag.
#[derive(Clone, Debug)]
pub struct Rollout {
    /// The flag.
    pub flag: FlagName,
    /// What it is for.
    pub description: Option<String>,
    /// How it stands in each environment, in their order.
    pub stands: Vec<Stand>,
    /// Every change of it on record, oldest first.
    pub entries: Vec<Entry>,
}

/// How a flag stands in one environment.
#[derive(Clone, Debug)]
pub struct Stand {
    /// The environment; empty where it has no name.
    pub environment: String,
    /// The arguments that lead there, with a blank at their end.
    pub again: String,
    /// What the service is called that its flags live in; `None` for a file.
    pub service: Option<&'static str>,
    /// What its users get; why not where that can't be told.
    pub exposure: Result<Exposure, String>,
    /// True if it was rolled back and nobody has set that aside.
    pub latched: bool,
    /// What a drill left there, if one did: continues the flag's name.
    pub left: Option<String>,
    /// The allowed values.
    pub ladder: Ladder,
    /// The least time at a step.
    pub soak: Duration,
}

/// Returns the document with the flag's block in it: in its place, else at the end.
///
/// # Errors
/// Why the place can't be told: a sentence fragment.
pub fn put(document: &str, rollout: &Rollout) -> Result<String, &'static str> {
    let (begin, end) = markers(&rollout.flag);
    super::marked::put(document, &begin, &end, &block(rollout))
}

fn markers(flag: &FlagName) -> (String, String) {
    // What ends a comment must not stand in a name.
    let name = flag.as_str().replace("--", "- -").replace(['<', '>', '\n', '\r'], "");
    // Nor may a name make the marker that ends the block of another.
    let name = if name.starts_with(['"', ' ']) || name.starts_with("end of ") { format!("\"{name}\"") } else { name };
    (format!("<!-- flagctl: {name} -->"), format!("<!-- flagctl: end of {name} -->"))
}

fn block(rollout: &Rollout) -> String {
    let name = code(rollout.flag.as_str());
    let mut text = format!("## Rollout of {name}\n\n");
    if let Some(description) = rollout.description.as_deref().filter(|description| !description.trim().is_empty()) {
        let _ = writeln!(text, "{}\n", plain(description));
    }
    text.push_str("| environment | exposure | latch | ladder | soak |\n|---|---|---|---|---|\n");
    for stand in &rollout.stands {
        let exposure = match &stand.exposure {
            Ok(exposure) => {
                let left = stand.left.as_ref().map_or_else(String::new, |left| format!(": {}", plain(left)));
                format!("{exposure}{left}")
            }
            Err(why) => plain(why),
        };
        let latch = if stand.latched { "latched" } else { "" };
        let steps: Vec<String> = stand.ladder.steps().iter().map(|step| format!("{step}%")).collect();
        let soak = super::time::length(jiff::SignedDuration::try_from(stand.soak).unwrap_or(jiff::SignedDuration::MAX));
        let _ =
            writeln!(text, "| {} | {exposure} | {latch} | {} | {soak} |", plain(&stand.environment), steps.join(" → "));
    }
    text.push_str(&history(rollout));
    text.push_str(&drill(rollout));
    text.push_str(&way_back(rollout));
    text
}

fn history(rollout: &Rollout) -> String {
    let mut text = "\n### Every step\n\n".to_owned();
    let steps: Vec<&Entry> = rollout.entries.iter().filter(|entry| is_told(entry)).collect();
    if steps.is_empty() {
        return text + "None is on record.\n";
    }
    text.push_str("| when (UTC) | environment | what | by | why, and on which numbers |\n|---|---|---|---|---|\n");
    for entry in steps {
        let from = match (entry.from, entry.action) {
            (_, Action::New) => String::new(),
            (Some(from), _) => format!("{from}% → "),
            (None, _) => "unknown → ".to_owned(),
        };
        let place = entry.environment.as_ref().unwrap_or(&entry.file);
        let _ = writeln!(
            text,
            "| {} | {} | {} {from}{}% | {} | {} |",
            entry.at.strftime("%Y-%m-%d %H:%M"),
            plain(place),
            verb(entry.action),
            entry.to,
            plain(&entry.actor),
            because(entry)
        );
    }
    text
}

/// Of a drill its way down is told: up and back are only its frame.
fn is_told(entry: &Entry) -> bool {
    entry.action != Action::Drill || entry.is_way_down_of_drill()
}

fn because(entry: &Entry) -> String {
    let reason = entry.reason.as_ref().map(|reason| plain(reason));
    let aside = (!entry.overrides.is_empty()).then(|| format!("set aside: {}", plain(&entry.overrides.join(", "))));
    let verdict = |judgement: &crate::model::Judgement| {
        format!("{}: {}, {}", judgement.verdict, plain(&judgement.gate), plain(&judgement.reason))
    };
    reason.into_iter().chain(aside).chain(entry.verdicts.iter().map(verdict)).collect::<Vec<_>>().join("<br>")
}

fn drill(rollout: &Rollout) -> String {
    let last = rollout.entries.iter().enumerate().rev().find(|(_, entry)| entry.is_way_down_of_drill());
    let told = last.map_or_else(
        || "The rollback was never rehearsed.".to_owned(),
        |(index, entry)| {
            let place = entry.environment.as_ref().unwrap_or(&entry.file);
            let from = entry.from.map_or_else(String::new, |from| format!("{from}%"));
            let what = entry.reason.as_deref().unwrap_or("drill");
            let at = entry.at.strftime("%Y-%m-%d %H:%M UTC");
            let passed = entry.is_drill_that_passed() && !disturbed(&rollout.entries, index);
            let result = if passed { "Passed" } else { "Failed, and counts for nothing" };
            let (place, actor, what) = (plain(place), plain(&entry.actor), plain(what));
            format!("{result}: {at}, in {place} by {actor}: {from} → {}%. {what}.", entry.to)
        },
    );
    format!("\n### The last drill\n\n{told}\n")
}

fn way_back(rollout: &Rollout) -> String {
    let mut text =
        "\n### The way back\n\nTo 0, at once; nothing blocks it, and nothing is asked:\n\n```sh\n".to_owned();
    for stand in &rollout.stands {
        let _ = writeln!(text, "{}", super::command(&stand.again, "rollback", &[rollout.flag.as_str()], ""));
    }
    text.push_str("```\n\nOne step instead: `--step`. ");
    let mut services: Vec<&str> = rollout.stands.iter().filter_map(|stand| stand.service).collect();
    services.dedup();
    let at_once = format!("hat lives in {} needs no deploy, but the network", services.join(" or "));
    let deploy = "Then commit and deploy the flags file: flagctl says which lines to type.";
    match rollout.stands.iter().any(|stand| stand.service.is_none()) {
        true if services.is_empty() => text.push_str(deploy),
        true => text.extend([deploy, " W", &at_once, "."]),
        false => text.extend(["W", &at_once, "."]),
    }
    text.push('\n');
    text
}

/// Writes text so that Markdown takes it for text, also in a cell of a table.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for letter in crate::model::Shown(text).to_string().chars() {
        match letter {
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '&' => plain.push_str("&amp;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '~' | '#' | '$' => {
                plain.push('\\');
                plain.push(letter);
            }
            letter => plain.push(letter),
        }
    }
    plain
}

/// Writes a name as code.
fn code(name: &str) -> String {
    let name = crate::model::Shown(name).to_string();
    if name.contains('`') { plain(&name) } else { format!("`{name}`") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rollout(flag: &str) -> Rollout {
        let stand = Stand {
            environment: "prod|uction".into(),
            again: "-e production ".into(),
            service: None,
            exposure: Ok(Exposure::Exactly(crate::model::Percent::ZERO)),
            latched: false,
            left: None,
            ladder: Ladder::default(),
            soak: Duration::from_secs(1800),
        };
        Rollout {
            flag: FlagName::new(flag).unwrap(),
            description: Some("<script> *bold* | a cell".into()),
            stands: vec![stand],
            entries: Vec::new(),
        }
    }

    #[test]
    fn the_rest_of_the_document_is_left_alone() {
        for document in ["", "# Title\n", "# Title\n\n", "# Title", "# Title\r\n\r\nText.\r\n"] {
            let first = put(document, &rollout("f")).unwrap();
            assert!(first.starts_with(document), "{document:?}");
            assert_eq!(put(&first, &rollout("f")).unwrap(), first, "twice is once: {document:?}");
            let both = put(&(first.clone() + "\nAfter.\n"), &rollout("g")).unwrap();
            assert_eq!(put(&both, &rollout("f")).unwrap(), both);
            assert!(both.starts_with(&(first + "\nAfter.\n")));
        }
    }

    #[test]
    fn a_document_with_half_a_block_is_not_guessed_at() {
        let whole = put("", &rollout("f")).unwrap();
        let begin = "<!-- flagctl: f -->\n";
        assert!(put(begin, &rollout("f")).is_err());
        assert!(put(&format!("{whole}{begin}"), &rollout("f")).is_err());
        assert!(put(&whole.replace(begin, ""), &rollout("f")).is_err());
    }

    #[test]
    fn a_name_is_no_other_flags_marker() {
        let both = put(&put("", &rollout("holo")).unwrap(), &rollout("end of holo")).unwrap();
        assert_eq!(put(&both, &rollout("holo")).unwrap(), both);
        assert_eq!(put(&both, &rollout("end of holo")).unwrap(), both);
    }

    #[test]
    fn hostile_text_stays_text() {
        let text = put("", &rollout("a--><script>")).unwrap();
        assert!(text.starts_with("<!-- flagctl: a- -script -->\n## Rollout of `a--><script>`\n"), "{text}");
        assert!(text.contains("\n&lt;script&gt; \\*bold\\* \\| a cell\n"), "{text}");
        assert!(text.contains("| prod\\|uction |"), "{text}");
    }
}
