//! The command line as data: globals and the list of verbs. What a verb takes and does is in `commands`.

use crate::commands::{self, rollback::RollbackArgs};
use clap::{Args, Command, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  flagctl init                                   find the flags file, write flagctl.toml
  flagctl status                                 every flag, and what its users get
  flagctl plan checkout_v2                       what advance would do, and why it can't yet
  flagctl advance checkout_v2                    one step up, if the metrics are good
  flagctl rollback checkout_v2                   to 0, at once; nothing can block it
  flagctl validate                               every mistake in the file, for CI

Exit codes: 0 ok, 1 failed, 2 usage, 3 invalid, 4 breach, 5 hold, 6 refused, 7 conflict, 130 stopped, 143 terminated";

/// Step a feature flag up on good metrics, and back to zero with one word
#[derive(Debug, Parser)]
#[command(name = "flagctl", version, max_term_width = 100, after_help = EXAMPLES, arg_required_else_help = true, subcommand_required = true)]
pub struct Cli {
    /// What holds for every verb
    #[command(flatten)]
    pub globals: Globals,
    /// What to do
    #[command(subcommand)]
    pub verb: Verb,
}

impl Cli {
    /// Reads a command line, the program's name first.
    ///
    /// A rollback is typed in an incident, and should not wait for the telling of what else could have been typed: names
    /// of flags alone are taken as they stand, and beside options a rollback is tried as the only verb there is. What is
    /// understood so means the same among all verbs; whatever is not, be it wrong or a question for help, is read again
    /// by the whole.
    ///
    /// # Errors
    /// The command line is wrong, or asks to be told about the program.
    pub fn read(words: Vec<OsString>) -> Result<Self, clap::Error> {
        if let Some(cli) = bare_rollback(&words) {
            return Ok(cli);
        }
        if words.iter().any(|word| word == ROLLBACK)
            && let Ok(cli) = parsed(rollback_alone(), &words)
        {
            return Ok(cli);
        }
        parsed(Self::command(), &words)
    }
}

const ROLLBACK: &str = "rollback";

/// Reads `rollback FLAG…` without any option.
fn bare_rollback(words: &[OsString]) -> Option<Cli> {
    let [_, verb, flags @ ..] = words else { return None };
    let name = |word: &OsString| word.to_str().filter(|word| !word.starts_with('-')).map(str::to_owned);
    let flags = flags.iter().map(name).collect::<Option<Vec<String>>>().filter(|_| verb == ROLLBACK)?;
    Some(Cli { globals: Globals::default(), verb: Verb::Rollback(RollbackArgs::of(flags)) })
}

/// Returns the command line of a program that can do nothing else, and can't tell about itself either.
fn rollback_alone() -> Command {
    let verb = RollbackArgs::augment_args(Command::new(ROLLBACK)).disable_help_flag(true);
    let program = Command::new("flagctl").subcommand_required(true).disable_help_flag(true);
    Globals::augment_args(program.disable_help_subcommand(true)).subcommand(verb)
}

fn parsed(mut command: Command, words: &[OsString]) -> Result<Cli, clap::Error> {
    let matches = command.try_get_matches_from_mut(words);
    let cli = matches
        .and_then(|mut matches| Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command)));
    // The process ends soon, and in an incident taking it apart piece by piece is time that somebody waits.
    std::mem::forget(command);
    cli
}

/// What holds for every verb
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Run as if started in DIR
    #[arg(short = 'C', long, value_name = "DIR", global = true, value_hint = clap::ValueHint::DirPath)]
    pub chdir: Option<PathBuf>,
    /// Use this configuration [env: FLAGCTL_CONFIG] [default: flagctl.toml here or in the nearest parent]
    #[arg(long, value_name = "FILE", global = true, value_hint = clap::ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Use this flags file [env: FLAGCTL_FILE] [default: the environment's, or config/feature_flags.yaml]
    #[arg(short, long, value_name = "FILE", global = true, value_hint = clap::ValueHint::FilePath)]
    pub file: Option<PathBuf>,
    /// Work in this environment [env: FLAGCTL_ENV] [default: the configuration's default-environment]
    #[arg(short, long, value_name = "NAME", global = true)]
    pub env: Option<String>,
    /// Answer for a person, or as one JSON object
    #[arg(short, long, value_name = "FORMAT", global = true, default_value = "human")]
    pub output: Output,
    /// Say only warnings and errors beside the answer
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say also what was read and asked; twice: also every request to a backend
    #[arg(short, long, global = true, conflicts_with = "quiet", action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Colour the output
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto")]
    pub color: Color,
    /// Never ask; where an answer is needed, fail
    #[arg(long, global = true)]
    pub no_input: bool,
}

/// The form of the answer
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For a person; no promise about its form
    #[default]
    Human,
    /// One JSON object, documented in docs/json.md
    Json,
}

/// When to colour
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Also in a pipe
    Always,
    /// Nowhere
    Never,
}

/// What every verb that changes something takes
#[derive(Debug, Clone, Default, Args)]
pub struct ChangeArgs {
    /// Don't ask
    #[arg(short, long)]
    pub yes: bool,
    /// Show what would happen, with a diff; change nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Why, for the ledger
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// How long to wait for another flagctl that is writing [default: 10s; a rollback goes on after 2s]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub lock_timeout: Option<std::time::Duration>,
}

/// A gate over a plain metrics page, for one call and without a configuration
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "A gate without a configuration")]
pub struct AdHocArgs {
    /// Judge by this /metrics page
    #[arg(long, value_name = "URL", requires = "max_error_rate")]
    pub metrics_url: Option<String>,
    /// The highest rate that passes, as 1%
    #[arg(long, value_name = "RATE", requires = "metrics_url")]
    pub max_error_rate: Option<String>,
    /// Which series count errors [default: http_requests_total{flag="FLAG",variant="on",code=~"5.."}]
    #[arg(long, value_name = "SELECTOR", requires = "metrics_url")]
    pub errors: Option<String>,
    /// Which series count requests [default: http_requests_total{flag="FLAG",variant="on"}]
    #[arg(long, value_name = "SELECTOR", requires = "metrics_url")]
    pub total: Option<String>,
    /// How long to watch [default: 30s]
    #[arg(long, value_name = "DURATION", requires = "metrics_url")]
    pub window: Option<String>,
    /// The fewest requests that tell anything [default: 100]
    #[arg(long, value_name = "COUNT", requires = "metrics_url")]
    pub min_requests: Option<u32>,
    /// What it means if the page has no series that counts errors
    #[arg(long, value_name = "MEANING", requires = "metrics_url", default_value = "hold")]
    pub absent_errors: Absent,
}

impl AdHocArgs {
    /// Returns the arguments as they would be typed again, with a blank before each.
    #[must_use]
    pub fn words(&self) -> String {
        let min_requests = self.min_requests.map(|count| count.to_string());
        let zero = (self.absent_errors == Absent::Zero).then(|| "zero".to_owned());
        let given = [
            ("--metrics-url", &self.metrics_url),
            ("--max-error-rate", &self.max_error_rate),
            ("--errors", &self.errors),
            ("--total", &self.total),
            ("--window", &self.window),
            ("--min-requests", &min_requests),
            ("--absent-errors", &zero),
        ];
        let word = |(name, value): (&str, &Option<String>)| {
            value.as_ref().map(|value| format!(" {name} {}", crate::model::Typed(value)))
        };
        given.into_iter().filter_map(word).collect()
    }
}

/// What a missing errors series means
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Absent {
    /// It can't be told
    #[default]
    Hold,
    /// No error has happened yet, if the page knows the metric at all
    Zero,
}

/// What to do
#[derive(Debug, Subcommand)]
pub enum Verb {
    Init(commands::init::InitArgs),
    New(commands::new::NewArgs),
    Status(commands::status::StatusArgs),
    Plan(commands::plan::PlanArgs),
    Check(commands::check::CheckArgs),
    Advance(commands::advance::AdvanceArgs),
    Rollback(RollbackArgs),
    Drill(commands::drill::DrillArgs),
    Doc(commands::doc::DocArgs),
    Doctor(commands::doctor::DoctorArgs),
    Bucket(commands::bucket::BucketArgs),
    Log(commands::log::LogArgs),
    Validate(commands::validate::ValidateArgs),
    Config(commands::config::ConfigArgs),
    Codegen(commands::codegen::CodegenArgs),
    Completions(commands::completions::CompletionsArgs),
    #[command(hide = true)]
    Util(commands::util::UtilArgs),
}

impl Verb {
    /// True for the verbs that change flags: their answers always tell which.
    #[must_use]
    pub const fn changes_flags(&self) -> bool {
        matches!(self, Self::New(_) | Self::Advance(_) | Self::Rollback(_) | Self::Drill(_))
    }
}

pub(crate) fn duration(text: &str) -> Result<std::time::Duration, String> {
    crate::config::duration::parse(text).map_err(|error| format!("`{}` {error}", crate::model::Shown(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rollback means the same however it is read.
    #[test]
    fn a_rollback_is_read_faster_and_not_otherwise() {
        for (line, bare, alone) in [
            ("rollback", true, true),
            ("rollback f", true, true),
            ("rollback f g é", true, true),
            ("rollback  f", true, true),
            ("rollback help", true, true),
            ("rollback rollback", true, true),
            ("rollback f g --to 5 --reason why -y", false, true),
            ("rollback --all --released --step -n", false, true),
            ("rollback -- --all -h help", false, true),
            ("-C . -f x -e y -o json -q rollback f", false, true),
            ("-qojson rollback f -e y --lock-timeout=3s --no-input", false, true),
            ("rollback f --config=c --color never -v", false, true),
            ("rollback -", false, true),
            ("rollback f -h", false, false),
            ("rollback --help", false, false),
            ("help rollback", false, false),
            ("-h rollback", false, false),
            ("--version rollback", false, false),
            ("rollback -V", false, false),
            ("rollback f --all", false, false),
            ("rollback f --to -1", false, false),
            ("rollback f --to 5 --step", false, false),
            ("rollback f -qv", false, false),
            ("rollback f --lock-timeout x", false, false),
            ("rollback f --relased", false, false),
            ("-e rollback status", false, false),
            ("status rollback", false, false),
            ("advance f --reason rollback", false, false),
            ("util rollback", false, false),
        ] {
            let words: Vec<OsString> = ["flagctl"].into_iter().chain(line.split(' ')).map(OsString::from).collect();
            let told =
                |read: Result<Cli, clap::Error>| read.map_or_else(|error| error.to_string(), |cli| format!("{cli:?}"));
            let whole = told(parsed(Cli::command(), &words));
            assert_eq!(told(Cli::read(words.clone())), whole, "{line}");
            assert_eq!(bare_rollback(&words).is_some(), bare, "{line}");
            let read = parsed(rollback_alone(), &words);
            assert_eq!(read.is_ok(), alone, "{line}");
            assert!(!alone || told(read) == whole, "{line}");
        }
    }
}
