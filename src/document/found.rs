//! One flag of a text, found once for reading it and for leading it back.

use super::edit::Edited;
use super::entry::Body;
use super::listing::Listing;
use super::locate::{Located, locate};
use super::place::Places;
use super::refusal::Refusal;
use super::{reading, syntax, urgent};
use crate::model::{Flag, FlagName, Mapping, Values};

/// One flag of a text, every entry of it.
pub struct Found<'t> {
    text: &'t str,
    mapping: &'t Mapping,
    name: &'t FlagName,
    located: Located<'t>,
}

/// Finds a flag in a text; of one that is broken below, in what stands above.
#[must_use]
pub fn find<'t>(text: &'t str, mapping: &'t Mapping, name: &'t FlagName) -> Found<'t> {
    Found { text, mapping, name, located: locate(text, mapping, name) }
}

impl Found<'_> {
    /// Returns the flag, as [`super::look_up`] reads it; `None` if it doesn't stand there.
    #[must_use]
    pub fn flag(&self) -> Option<Flag> {
        let mut places = Places::new(self.text);
        let mut listing = Listing::default();
        for entry in &self.located.entries {
            let Some(flag) = reading::flag(entry, &self.located.anchors, self.mapping, &mut places) else { continue };
            let mut flag = flag;
            if let Some(broken) = self.broken().filter(|_| entry.cut && matches!(entry.body, Body::Mapping)) {
                reading::cut(&mut flag, self.mapping, &broken);
            }
            if listing.flags.is_empty() {
                listing.flags.push(flag);
            } else {
                listing.repeat(0, flag);
            }
        }
        listing.flags.into_iter().next()
    }

    /// Returns where the text stopped being YAML.
    #[must_use]
    pub fn broken(&self) -> Option<Refusal> {
        self.located.broken.as_ref().map(|broken| syntax::refusal(self.text, broken))
    }

    /// Sets the flag's values in urgent mode, as [`super::edit()`] does.
    ///
    /// # Errors
    /// Says why the flag can't be edited, where, and what to write by hand.
    pub fn lead_back(&self, values: Values) -> Result<Edited, Refusal> {
        urgent::edit(self.text, self.mapping, self.name, values, &self.located)
    }
}
