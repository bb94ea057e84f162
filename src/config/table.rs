//! The rows of the key table, in the order of the manual.

use super::keys::{Key, Kind};

const fn key(
    path: &'static str,
    kind: Kind,
    default: Option<&'static str>,
    example: &'static str,
    about: &'static str,
) -> Key {
    Key { path, kind, default, example, about }
}

const ON_BREACH: Kind = Kind::Word(&["zero", "step-back", "stay"], &[]);

/// Every key.
pub static KEYS: &[Key] = &[
    key("version", Kind::Version, Some("1"), "1", "The version of this format."),
    key(
        "default-environment",
        Kind::Text,
        None,
        "\"production\"",
        "The environment that is meant where none is named. With one environment it isn't needed.",
    ),
    key(
        "rollout.steps",
        Kind::Steps,
        Some("[0, 5, 25, 50, 100]"),
        "[0, 1, 10, 50, 100]",
        "The ladder: the allowed values of exposure, ascending, at most three decimals. A missing 0 is added.",
    ),
    key(
        "rollout.soak",
        Kind::Pause,
        Some("\"30m\""),
        "\"1h30m\"",
        "The least time at a step above 0 before the next one.",
    ),
    key(
        "rollout.on-breach",
        ON_BREACH,
        Some("\"zero\""),
        "\"step-back\"",
        "What an unattended rollout does on a breach: back to 0, one step back, or nothing.",
    ),
    key(
        "environments.*.flags",
        Kind::Path,
        None,
        "\"config/feature_flags.yaml\"",
        "The flags file of this environment. Needed.",
    ),
    key(
        "environments.*.source",
        Kind::Text,
        None,
        "\"prod\"",
        "The source for gates that name none. Where only one source is set up, it is that one.",
    ),
    key(
        "flags-file.dialect",
        Kind::Word(&["native", "mapped"], &["flagd", "go-feature-flag", "flipt"]),
        None,
        "\"mapped\"",
        "How the flags file spells a flag: `enabled` and `rollout` at its top, or as the keys below say. Where nothing \
         is said, the file is looked at.",
    ),
    key(
        "flags-file.root",
        Kind::KeyPath,
        None,
        "[\"feature_flags\"]",
        "The path of keys from the top of the file to the flags; without it they stand at the top. What stands there is a mapping, or a list of entries \
         with a `name`.",
    ),
    key(
        "flags-file.name",
        Kind::Text,
        None,
        "\"flag_key\"",
        "The key by which the entries of a list name themselves, where it is none of `key`, `name`, `id`, `flag`, \
         `feature`.",
    ),
    key(
        "flags-file.rollout",
        Kind::KeyPaths,
        None,
        "[\"rollout_percentage\"]",
        "Where the percentage of a flag stands in its entry; `[]` is the entry itself. A list of paths where one file \
         mixes spellings: the first that a flag has counts.",
    ),
    key(
        "flags-file.enabled",
        Kind::Enabled,
        None,
        "{ path = [\"status\"], on = \"active\", off = \"inactive\" }",
        "Where a flag is switched on, with the words for it where they aren't booleans: one, or a list of which the first \
         is written. Absent where the file has no such key.",
    ),
    key(
        "flags-file.scale",
        Kind::Word(&["percent", "fraction"], &[]),
        None,
        "\"percent\"",
        "What 1 means: one percent, or everybody. It may stand alone; the rest is then found by looking.",
    ),
    key(
        "sources.*.kind",
        Kind::Word(&["prometheus", "exposition", "json"], &[]),
        None,
        "\"prometheus\"",
        "What the source speaks: the Prometheus HTTP API (also VictoriaMetrics'), a plain `/metrics` page that is read \
         twice, or any JSON answer. Needed.",
    ),
    key(
        "sources.*.url",
        Kind::Url,
        None,
        "\"http://127.0.0.1:9090\"",
        "Its address, a path prefix included. A `json` source may use placeholders in path and query. Needed.",
    ),
    key("sources.*.timeout", Kind::Duration, Some("\"5s\""), "\"10s\"", "How long one request may take."),
    key(
        "sources.*.bearer-token-env",
        Kind::Variable,
        None,
        "\"PROM_TOKEN\"",
        "The environment variable that holds the bearer token.",
    ),
    key(
        "sources.*.bearer-token-file",
        Kind::Path,
        None,
        "\"/run/secrets/prom-token\"",
        "The file that holds the bearer token; a newline at its end doesn't count.",
    ),
    key("sources.*.basic-auth-user", Kind::Text, None, "\"ops\"", "The user of HTTP basic authentication."),
    key(
        "sources.*.basic-auth-password-env",
        Kind::Variable,
        None,
        "\"PROM_PASSWORD\"",
        "The environment variable that holds that user's password.",
    ),
    key(
        "sources.*.basic-auth-password-file",
        Kind::Path,
        None,
        "\"/run/secrets/prom-password\"",
        "The file that holds that user's password.",
    ),
    key(
        "sources.*.ca-file",
        Kind::Path,
        None,
        "\"ca.pem\"",
        "A PEM file of certificate authorities to trust beside the system's.",
    ),
    key(
        "sources.*.headers.*",
        Kind::Header,
        None,
        "{ env = \"DD_API_KEY\" }",
        "A further request header: its text, or the environment variable or file that holds a secret one.",
    ),
    key(
        "sources.*.proxy",
        Kind::Url,
        None,
        "\"http://proxy.example:3128\"",
        "The HTTP proxy. Without it `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` rule.",
    ),
    key(
        "gates.*.kind",
        Kind::Word(&["threshold"], &[]),
        Some("\"threshold\""),
        "\"threshold\"",
        "How it judges: errors / total against `max`.",
    ),
    key("gates.*.source", Kind::Text, None, "\"prod\"", "The source it asks; without it the environment's."),
    key(
        "gates.*.errors",
        Kind::Question,
        None,
        r#"'sum(increase(http_requests_total{flag="{{flag}}",variant="on",code=~"5.."}[{{window}}]))'"#,
        "What went wrong: a PromQL expression, a selector of an exposition page, or a JSON pointer.",
    ),
    key(
        "gates.*.total",
        Kind::Question,
        None,
        r#"'sum(increase(http_requests_total{flag="{{flag}}",variant="on"}[{{window}}]))'"#,
        "What was tried, in the same language. Needed.",
    ),
    key(
        "gates.*.rate",
        Kind::Question,
        None,
        "\"/data/error_rate\"",
        "In place of `errors`, for a `json` source: a pointer to a ready rate, a fraction from 0 to 1.",
    ),
    key(
        "gates.*.freshness",
        Kind::Question,
        None,
        "'max(timestamp(http_requests_total))'",
        "What gives the time of the newest sample in seconds since 1970, where the source can't find it by itself.",
    ),
    key(
        "gates.*.absent-errors",
        Kind::Word(&["hold", "zero"], &[]),
        Some("\"hold\""),
        "\"zero\"",
        "What an absent errors series means: it can't be told, or no error has happened yet. `zero` counts only where \
         `total` is fresh and the error metric's name exists at all.",
    ),
    key(
        "gates.*.window",
        Kind::Duration,
        None,
        "\"10m\"",
        "How far back the numbers reach. Default: `10m`; `30s` for an `exposition` source, which waits that long \
         between its two looks.",
    ),
    key("gates.*.max", Kind::Rate, None, "\"1%\"", "The highest error rate that passes, with its %. Needed."),
    key("gates.*.min-requests", Kind::Count, Some("100"), "500", "With fewer requests in the window the gate holds."),
    key(
        "gates.*.max-age",
        Kind::Duration,
        Some("\"2m\""),
        "\"5m\"",
        "How old the newest sample may be; older ones make the gate hold.",
    ),
    key(
        "gates.*.applies",
        Kind::Word(&["exposed", "always"], &[]),
        Some("\"exposed\""),
        "\"always\"",
        "Whether it has a say at exposure 0, where no user can have caused an error through the flag.",
    ),
    key("flags.*.steps", Kind::Steps, None, "[0, 1, 100]", "This flag's own ladder, in place of `rollout.steps`."),
    key("flags.*.soak", Kind::Pause, None, "\"2h\"", "This flag's own soak."),
    key(
        "flags.*.gates",
        Kind::Names,
        None,
        "[\"error-rate\"]",
        "The gates of this flag. Without it every gate applies; with `[]` none does, and `advance` holds.",
    ),
    key("flags.*.on-breach", ON_BREACH, None, "\"stay\"", "This flag's own `rollout.on-breach`."),
    key("flags.*.doc", Kind::Path, None, "\"docs/holograph/FeatureFlag.md\"", "Where its rollout is written up."),
    key(
        "flags.*.entrypoints",
        Kind::Names,
        None,
        "[\"server/api/modules/holograph/**\"]",
        "The places in the code that must check this flag.",
    ),
    key(
        "freeze.windows.[].from",
        Kind::Moment,
        None,
        "\"Fri 16:00\"",
        "When it begins: every week (`Fri 16:00`) or once (`2026-12-20 00:00`). Needed.",
    ),
    key(
        "freeze.windows.[].to",
        Kind::Moment,
        None,
        "\"Mon 08:00\"",
        "The first moment after it, in the same form. Needed.",
    ),
    key("freeze.windows.[].time-zone", Kind::Zone, None, "\"Europe/Berlin\"", "The time zone of both. Needed."),
    key("freeze.windows.[].reason", Kind::Text, None, "\"weekend\"", "What the person who is refused is told."),
    key(
        "ledger.path",
        Kind::Path,
        Some("\".flagctl/ledger.jsonl\""),
        "\"ops/ledger.jsonl\"",
        "The file that records every change.",
    ),
];
