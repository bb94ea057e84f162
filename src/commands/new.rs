//! `flagctl new`: declares a flag.

use super::afar::Afar;
use super::aftermath::{self, Aftermath};
use super::interrupt::{Interrupt, LOCK_TIMEOUT};
use super::{Context, mapping};
use crate::backend::file::FlagsFile;
use crate::backend::remote::Write;
use crate::change::{self, Applied, Change, Job, Patience, Record, Request};
use crate::cli::ChangeArgs;
use crate::config::{Environment, Settings};
use crate::document;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::ledger::Ledger;
use crate::model::{Action, Flag, FlagName, Mapping, Mode, Percent, Shown};
use crate::render;
use clap::Args;
use serde_json::json;

/// Declare a flag that is off, at 0
///
/// Written in the file's own style; makes the file if there is none.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The new flag's name
    #[arg(value_name = "NAME")]
    flag: String,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: String,
    /// Who answers for it; kept in a flags file only
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    #[command(flatten)]
    change: ChangeArgs,
}

/// Where the flag goes.
struct Target {
    environment: Environment,
    mapping: Mapping,
    /// The file's text; `None` if there is no file.
    text: Option<String>,
}

impl NewArgs {
    pub(super) fn run(&self, context: &Context) -> Result<Exit> {
        let interrupt = Interrupt::listen(context);
        let name = FlagName::new(&self.flag)
            .ok_or_else(|| Error::usage("a flag needs a name").help("name it: flagctl new NAME --description \"…\""))?;
        if let Some(hidden) = self.flag.chars().find(|character| crate::model::is_hidden(*character)) {
            return Err(Error::usage(format!("the name `{name}` holds a character that can't be seen: {hidden:?}"))
                .help("leave it out: nobody could type the name, or tell it from another"));
        }
        let settings = context.settings()?;
        if let Some(remote) = settings.environment().ok().and_then(|environment| environment.remote.clone()) {
            return self.declare(context, &settings, &Afar::open(context, &remote)?, &name, &interrupt);
        }
        let target = target(&settings)?;
        let again = context.again();
        let old = target.text.clone().unwrap_or_default();
        let declared = self.declared(&target, &name, &old, &again)?;
        let path = &target.environment.flags;
        let diff = render::diff::unified(path, &old, &declared.text);
        let read = |text: &str| read(&target, &name, text);
        let edit = |text: &str| self.declared(&target, &name, text, &again).map(Some);
        let jobs = vec![Job { flag: name.clone(), planned: None, read: &read, edit: &edit }];
        let environment = target.environment.name.as_deref();
        let aftermath = Aftermath {
            context,
            action: Action::New,
            file: path,
            ledger: settings.ledger.clone(),
            environment,
            inferred: false,
            stood: None,
            limit: None,
            bars: Box::new(|_| Vec::new()),
            unseen: None,
        };
        if self.change.dry_run {
            return aftermath.rehearse(change::rehearse(&jobs, Vec::new(), &old).0, &diff, json!({}));
        }
        if target.text.is_none() {
            change::create(path, "")?;
        }
        if !context.term.json {
            context.term.status(&diff);
        }
        let applied = change::apply(&Request {
            file: path,
            mode: Mode::Careful,
            jobs,
            apart: None,
            record: Record {
                ledger: &Ledger::at(&settings.ledger),
                actor: context.actor(),
                host: super::host(),
                environment: target.environment.name.clone(),
                action: Action::New,
                reason: self.change.reason.clone(),
                verdicts: Vec::new(),
                overrides: Vec::new(),
            },
            patience: Patience {
                timeout: self.change.lock_timeout.unwrap_or(LOCK_TIMEOUT),
                stopped: &|| interrupt.exit(),
                waiting: &|holder| context.term.status(holder),
            },
        });
        aftermath.tell(&applied, json!({}))
    }

    /// Declares a flag in a backend over the wire.
    fn declare(
        &self,
        context: &Context,
        settings: &Settings,
        afar: &Afar,
        name: &FlagName,
        interrupt: &Interrupt,
    ) -> Result<Exit> {
        let environment = settings.environment()?.name.clone();
        let ledger = Ledger::at(&settings.ledger);
        let aftermath = Aftermath {
            context,
            action: Action::New,
            file: afar.address(),
            ledger: settings.ledger.clone(),
            environment: environment.as_deref(),
            inferred: false,
            stood: None,
            limit: None,
            bars: Box::new(|_| Vec::new()),
            unseen: None,
        };
        if self.change.dry_run {
            let writes = afar.backend.declare(name, &self.description);
            let line = |write: &Write| format!("{} {} {}\n", write.method.word(), write.path, write.body);
            let diff: String = writes.iter().map(line).collect();
            let mut applied = Applied::nothing();
            applied.changes.push(Change {
                flag: name.clone(),
                from: None,
                to: Percent::ZERO,
                before: Vec::new(),
                after: Vec::new(),
                notes: self.ownerless(afar).into_iter().collect(),
                held_back: None,
            });
            return aftermath.rehearse(applied, &diff, json!({}));
        }
        let record = Record {
            ledger: &ledger,
            actor: context.actor(),
            host: super::host(),
            environment: environment.clone(),
            action: Action::New,
            reason: self.change.reason.clone(),
            verdicts: Vec::new(),
            overrides: Vec::new(),
        };
        let patience = Patience {
            timeout: self.change.lock_timeout.unwrap_or(LOCK_TIMEOUT),
            stopped: &|| interrupt.exit(),
            waiting: &|holder| context.term.status(holder),
        };
        let what = (name, self.description.as_str());
        let mut applied =
            change::declare_remote(afar.backend.as_ref(), afar.address(), what, &record, &patience, &afar.wait());
        afar.keep_mirror(Mode::Careful, &mut applied);
        if !applied.changes.is_empty() {
            applied.notes.extend(self.ownerless(afar));
        }
        aftermath.tell(&applied, json!({}))
    }

    /// Says that a backend does not keep the owner that was given.
    fn ownerless(&self, afar: &Afar) -> Option<String> {
        let (owner, title) = (self.owner.as_ref()?, afar.remote.kind.title());
        Some(format!("{title} has no place for an owner that flagctl could fill: `{}` is kept nowhere", Shown(owner)))
    }

    fn declared(&self, target: &Target, name: &FlagName, text: &str, again: &str) -> Result<change::Edited> {
        document::declare(text, &target.mapping, name, &self.description, self.owner.as_deref())
            .map(|edited| aftermath::edited(edited, None, Percent::ZERO))
            .map_err(|refusal| {
                let mut error = refusal.into_error(&target.environment.flags, text);
                if document::look_up(text, &target.mapping, name).get(name).is_some() {
                    error.exit = Exit::Usage;
                    let typed = |verb: &str| render::command(again, verb, &[name.as_str()], "");
                    error = error.help(format!("to raise it: {}; to see it: {}", typed("advance"), typed("status")));
                }
                error
            })
    }
}

fn target(settings: &Settings) -> Result<Target> {
    let environment = match settings.environment() {
        Ok(environment) => environment.clone(),
        // No flags file anywhere: the conventional one is made.
        Err(_) if settings.is_nowhere() => Environment::nameless(settings.new_flags_file()),
        Err(error) => return Err(error),
    };
    if environment.flags.symlink_metadata().is_err() {
        let mapping = environment.mapping.clone().unwrap_or_else(Mapping::native);
        return Ok(Target { environment, mapping, text: None });
    }
    let file = FlagsFile::read(&environment.flags)?;
    let mapping = mapping::of(&file.path, &file.text, &environment)?;
    Ok(Target { environment, mapping, text: Some(file.text) })
}

fn read(target: &Target, name: &FlagName, text: &str) -> Result<Flag> {
    let found = document::look_up(text, &target.mapping, name);
    found.get(name).cloned().ok_or_else(|| Error::failed(format!("`{name}` is not in the file")))
}
