//! The flag that is asked about: its exposure, its ladder, its salt.

use super::super::Context;
use super::super::place::{Home, Place};
use super::{of_salt, say};
use crate::backend::remote::Hashing;
use crate::bucket::Scheme;
use crate::error::{Error, Result};
use crate::model::{Exposure, Field, Flag, FlagName, Ladder, Percent, Shown};
use crate::plan::Impossible;

/// The flag that is asked about.
pub(super) struct Subject {
    pub(super) exposure: Percent,
    /// The flag is switched off.
    pub(super) disabled: bool,
    pub(super) ladder: Ladder,
    /// How users are told apart where it lives.
    pub(super) scheme: Scheme,
    /// The field of users that is hashed, where the backend names one.
    pub(super) stickiness: Option<String>,
    /// What else its backend says of how they are told apart.
    pub(super) hashing: Hashing,
    /// The flag's own.
    pub(super) salt: Result<Option<String>>,
    /// What there is to say of a salt that is another than before.
    pub(super) changed_salt: Option<String>,
    pub(super) environment: Option<String>,
    /// The flags file; `None` where none was needed.
    pub(super) file: Option<String>,
}

/// Returns how the users of a flag are told apart, where its backend tells more of that than a salt.
pub(in super::super) fn hashing(place: &Place, name: &FlagName) -> Hashing {
    match &place.home {
        Home::File(_) => Hashing::default(),
        Home::Remote(afar) => afar.hashing(name),
    }
}

impl Subject {
    /// Finds the flag in its file; where an exposure is given, the file has nothing to say but ladder and salt.
    pub(super) fn of(context: &Context, name: &str, at: Option<Percent>) -> Result<Self> {
        let Some(at) = at else {
            let place = Place::open(context)?;
            let flag = place.flag(name)?;
            place.whole()?;
            let exposure = match flag.exposure() {
                Exposure::Exactly(percent) => percent,
                Exposure::AtLeast { reason, .. } | Exposure::Unknown { reason } => {
                    let why = Impossible::Unknown { flag: flag.name.to_string(), reason };
                    return Err(place.unreadable(&flag, &why));
                }
            };
            let disabled = matches!(flag.enabled, Field::Is(false));
            return Ok(Self { disabled, ..Self::known(&place, &flag, exposure) });
        };
        if name.is_empty() {
            return Err(Error::usage("a flag's name is empty").help("name the flag"));
        }
        match Place::open(context).and_then(|place| place.flag(name).map(|flag| (place, flag))) {
            Ok((place, flag)) => Ok(Self::known(&place, &flag, at)),
            // Another environment is another salt.
            Err(error) if context.arguments.env.is_some() && context.settings().is_err() => Err(error),
            Err(error) => {
                // Where there is no flags file at all, nobody expects one.
                let nowhere = context.settings().is_ok_and(|settings| settings.is_nowhere());
                if !nowhere {
                    say(
                        context,
                        &format!(
                            "{}; so its name alone is hashed: give its salt by `--salt`, if it has one",
                            error.message
                        ),
                    );
                }
                Ok(Self::nowhere(context, name, at))
            }
        }
    }

    fn known(place: &Place, flag: &Flag, exposure: Percent) -> Self {
        Self {
            exposure,
            disabled: false,
            ladder: place.policy(&flag.name).ladder,
            scheme: place.scheme(),
            stickiness: match &place.home {
                Home::File(_) => None,
                Home::Remote(afar) => afar.stickiness(&flag.name),
            },
            hashing: hashing(place, &flag.name),
            salt: place.salt(flag).map(|salt| salt.map(str::to_owned)),
            changed_salt: of_salt(place, flag),
            environment: place.environment.name.clone(),
            file: Some(place.shown_file()),
        }
    }

    fn nowhere(context: &Context, name: &str, exposure: Percent) -> Self {
        let name = FlagName::new(name);
        let ladder = context
            .settings()
            .ok()
            .zip(name)
            .and_then(|(settings, name)| Some(settings.ladder(settings.environment().ok()?, &name)));
        let ladder = ladder.unwrap_or_default();
        Self {
            exposure,
            disabled: false,
            ladder,
            scheme: Scheme::Native,
            stickiness: None,
            hashing: Hashing::default(),
            salt: Ok(None),
            changed_salt: None,
            environment: None,
            file: None,
        }
    }

    /// Returns the line above an answer.
    pub(super) fn title(&self, flag: &str, scheme: &str) -> String {
        let environment = self.environment.iter().map(|name| Shown(name).to_string());
        let file = self.file.iter().map(|file| Shown(file).to_string());
        let parts = [Shown(flag).to_string()].into_iter().chain(environment).chain(file);
        let parts = parts.chain([format!("{}%", self.exposure), scheme.to_owned()]);
        parts.collect::<Vec<_>>().join(" · ")
    }
}
