//! The `flagctl.toml` that `init` writes: what was found, and the rest explained in comments.

use super::keys::bare;
use crate::model::{EnabledKey, KeyPath, Mapping, Scale};
use toml_edit::Value;

/// What `init` found.
#[derive(Clone, Debug)]
pub struct Starter {
    /// The environments with their flags files, relative to the folder of the configuration, with `/`; the first is
    /// the default one.
    pub environments: Vec<(String, String)>,
    /// How the flags are spelt, if that was found.
    pub mapping: Option<Mapping>,
    /// How each environment spells its own, in their order, where they are blocks of one file; else empty.
    pub blocks: Vec<Mapping>,
    /// No flag has a percentage yet.
    pub unlimited: bool,
    /// The ledger that is kept already, relative to the folder of the configuration, if it isn't the usual one.
    pub ledger: Option<String>,
}

impl Starter {
    /// Returns the text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::from(HEAD);
        if let Some((first, _)) = self.environments.first() {
            text.push_str(&format!("default-environment = {}\n", quoted(first)));
        }
        text.push_str(ROLLOUT);
        for (at, (name, flags)) in self.environments.iter().enumerate() {
            text.push_str(&format!("\n[environments.{}]\nflags = {}\n", bare(name), quoted(flags)));
            // The default one is what the others come before.
            if let [(first, _), (other, _), ..] = self.environments.as_slice()
                && first == name
            {
                text.push_str(&line(&format!("# after = {}", quoted(other)), "no step before it was held there"));
                text.push_str(&line("# protected = true", "no drill here"));
                text.push_str(&line("# drill-max-age = \"30d\"", "no step unless its rollback was rehearsed"));
            }
            if let Some(own) = self.blocks.get(at) {
                text.push_str(&format!("\n{}", flags_file(&block_of(name), own, false)));
            }
        }
        if let Some(mapping) = &self.mapping {
            text.push_str(if mapping.is_native() {
                "\n# How the flags file spells a flag: `enabled` and `rollout`, at its top.\n"
            } else {
                "\n# How the flags file spells a flag, as found in it.\n"
            });
            text.push_str(&flags_file("flags-file", mapping, self.unlimited));
        }
        if let Some(path) = &self.ledger {
            let told = "# Changes of these flags are recorded there already; latches and soaks are known from it.";
            text.push_str(&format!("\n{told}\n[ledger]\npath = {}\n", quoted(path)));
        }
        text.push_str(GATES);
        text.push_str(FREEZE);
        text
    }

    /// Returns the lines that explain a source and a gate, as comments.
    #[must_use]
    pub const fn gates() -> &'static str {
        GATES
    }

    /// Returns the lines that make an environment of a block of a file, which spells its flags so.
    #[must_use]
    pub fn environment(name: &str, flags: &str, mapping: &Mapping) -> String {
        let table = format!("[environments.{}]\nflags = {}\n", bare(name), quoted(flags));
        table + &flags_file(&block_of(name), mapping, false)
    }

    /// Returns the lines that pin how all flags files spell a flag.
    #[must_use]
    pub fn pinned(mapping: &Mapping) -> String {
        flags_file("flags-file", mapping, false)
    }
}

/// Returns the table of an environment's own spelling.
fn block_of(environment: &str) -> String {
    format!("environments.{}.flags-file", bare(environment))
}

/// Returns a table that pins how a flags file spells a flag.
fn flags_file(table: &str, mapping: &Mapping, unlimited: bool) -> String {
    if mapping.is_native() {
        return format!("[{table}]\ndialect = \"native\"\n");
    }
    let mut text = format!("[{table}]\ndialect = \"mapped\"\n");
    if !mapping.root.is_empty() {
        text.push_str(&line(&format!("root = {}", path(&mapping.root)), "the keys that lead to the flags"));
    }
    if let Some(name) = &mapping.name {
        text.push_str(&line(&format!("name = {}", quoted(name)), "the key by which a flag is named"));
    }
    match mapping.rollout.as_slice() {
        [] => {}
        [one] => {
            let about = if unlimited { "no flag has one yet" } else { "the percentage of a flag" };
            text.push_str(&line(&format!("rollout = {}", path(one)), about));
        }
        several => {
            let several = list(several, path);
            text.push_str(&line(&format!("rollout = [{several}]"), "the first that a flag has counts"));
        }
    }
    match mapping.enabled.as_slice() {
        [] => text.push_str("# No key switches a flag on or off here: it is on where its percentage is above 0.\n"),
        [one] => text.push_str(&line(&format!("enabled = {}", enabled(one)), "where it is on or off")),
        several => {
            let several = list(several, enabled);
            text.push_str(&line(&format!("enabled = [{several}]"), "where it is on or off"));
        }
    }
    text.push_str(&match mapping.scale {
        Scale::Percent => line("scale = \"percent\"", "1 means one percent"),
        Scale::Fraction => line("scale = \"fraction\"", "1 means everybody"),
        Scale::Doubtful => DOUBT.to_owned(),
    });
    text
}

/// Returns a line with a comment in its column.
fn line(code: &str, comment: &str) -> String {
    format!("{code:<32} # {comment}\n")
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn path(path: &KeyPath) -> String {
    format!("[{}]", list(path, |name| quoted(name)))
}

fn enabled(key: &EnabledKey) -> String {
    match &key.words {
        None => path(&key.path),
        Some(words) => {
            let several = |words: &[String]| format!("[{}]", list(words, |word| quoted(word)));
            let word = |words: &[String]| match words {
                [one] => quoted(one),
                words => several(words),
            };
            format!("{{ path = {}, on = {}, off = {} }}", path(&key.path), word(&words.on), word(&words.off))
        }
    }
}

fn list<T>(items: &[T], write: impl Fn(&T) -> String) -> String {
    items.iter().map(write).collect::<Vec<_>>().join(", ")
}

const HEAD: &str = "\
# How flagctl rolls out the flags of this repository.
# What rules now, and why: `flagctl config show`. Every key is in flagctl's own docs/configuration.md.
version = 1
";

const ROLLOUT: &str = "
[rollout]
steps = [0, 5, 25, 50, 100]      # percent of users; `flagctl advance` takes one step
soak = \"30m\"                     # the least time at a step before the next one
";

const DOUBT: &str = "\
# All values are at most 1: that may be one percent or everybody. Nothing goes up until one of these is chosen.
# scale = \"percent\"             # 1 means one percent
# scale = \"fraction\"            # 1 means everybody
";

const GATES: &str = r#"
# Where error rates come from. Until a source and a gate are set up, `flagctl advance` holds: nothing tells whether a
# step went well. Take the # away, and put in your own address and metric.
#
# [sources.prod]
# kind = "prometheus"            # or "exposition": a plain /metrics page, no server needed; or "json"
# url = "http://127.0.0.1:9090"
# bearer-token-env = "PROM_TOKEN"  # a secret is kept in a variable or a file, never here
#
# The share of failed requests among users who have the feature. More than `max`: the step is refused. Too few
# requests, old or missing numbers: it is refused too, since then nothing is known.
#
# [gates.error-rate]
# source = "prod"
# errors = 'sum(increase(http_requests_total{flag="{{flag}}",variant="on",code=~"5.."}[{{window}}]))'
# total = 'sum(increase(http_requests_total{flag="{{flag}}",variant="on"}[{{window}}]))'
# window = "10m"                 # how far back; not longer than the soak
# max = "1%"
# min-requests = 500
#
# A healthy service may not have a single error yet, and then no error series at all. That looks just like a misspelt
# query, so the gate holds. With "zero" it counts as no errors, if the metric's name exists and `total` is fresh.
#
# absent-errors = "zero"
"#;

const FREEZE: &str = r#"
# When nothing goes up. A rollback always may.
#
# [freeze]
# windows = [{ from = "Fri 16:00", to = "Mon 08:00", time-zone = "Europe/Berlin", reason = "weekend" }]
"#;
