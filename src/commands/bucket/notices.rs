//! What is unusual about ids and salts, and what to do about it. Told once, after the answer, however many ids there are.

use super::super::Context;
use super::super::place::Place;
use crate::backend::file;
use crate::backend::remote::Hashing;
use crate::bucket::Scheme;
use crate::document::{self, Listing};
use crate::model::{Field, Flag, Percent, Shown};
use crate::render;

/// How often something was seen, and where first.
#[derive(Debug, Default)]
struct Seen {
    count: u64,
    first: Option<String>,
}

impl Seen {
    fn add(&mut self, id: &str) {
        self.count += 1;
        self.first.get_or_insert_with(|| id.to_owned());
    }

    /// Returns how many ids, with what they do: in the words for one, or for several.
    fn ids(&self, one: &str, several: &str) -> String {
        if self.count == 1 { format!("1 id {one}") } else { format!("{} ids {several}", self.count) }
    }

    fn first(&self) -> String {
        Shown(self.first.as_deref().unwrap_or_default()).to_string()
    }
}

/// What was unusual so far.
#[derive(Debug)]
pub(in super::super) struct Notices {
    scheme: Scheme,
    empty: Seen,
    blank: Seen,
    foreign: Seen,
}

impl Notices {
    pub(in super::super) fn new(scheme: Scheme) -> Self {
        let (empty, blank, foreign) = (Seen::default(), Seen::default(), Seen::default());
        Self { scheme, empty, blank, foreign }
    }

    /// Looks at an id.
    pub(in super::super) fn see(&mut self, id: &str) {
        if id.is_empty() {
            self.empty.add(id);
            return;
        }
        if id.trim().len() != id.len() {
            self.blank.add(id);
        }
        if self.scheme.is_ascii_only() && !id.is_ascii() {
            self.foreign.add(id);
        }
    }

    /// Says what was unusual.
    pub(in super::super) fn tell(&self, context: &Context) {
        let scheme = self.scheme.name();
        if self.empty.count > 0 {
            let text =
                format!("{}, and below 100% nobody without an identity is in", self.empty.ids("is empty", "are empty"));
            say(context, &format!("{text}: give such users an id that lasts, as from a cookie"));
        }
        if self.blank.count > 0 {
            let text = format!(
                "{}, as `{}`",
                self.blank.ids("has blanks around it", "have blanks around them"),
                self.blank.first()
            );
            say(context, &format!("{text}: they are hashed too; take them away where the ids come from"));
        }
        if self.foreign.count > 0 {
            let text = format!("{}, as `{}`", self.foreign.ids("is not ASCII", "are not ASCII"), self.foreign.first());
            let what =
                format!("the `{scheme}` SDKs for JavaScript hash those otherwise than UTF-8, which is answered here");
            say(context, &format!("{text}: {what}; use ids that are ASCII, or count on servers in other languages"));
        }
    }

    /// Says what Unleash hashes, where that is not the user's id.
    pub(in super::super) fn of_stickiness(&self, context: &Context, field: &str) {
        match field {
            "userId" | "default" => {}
            "random" => say(context, "its stickiness is `random`: who gets it is thrown anew at every request"),
            field => {
                let field = Shown(field);
                say(context, &format!("its stickiness is `{field}`: what is asked about has to be users' `{field}`"));
            }
        }
    }

    /// Says what is hashed, where that is no user's key.
    pub(in super::super) fn of_hashing(&self, context: &Context, hashing: &Hashing) {
        if let Some((kind, by)) = &hashing.of {
            let (kind, by) = (Shown(kind), Shown(by));
            say(
                context,
                &format!(
                    "it is a percentage of `{kind}` by `{by}`: what is asked about has to be the `{by}` of a `{kind}`"
                ),
            );
        }
    }

    /// Says what is unusual about what is hashed beside the ids: a salt or seed, or else the name of the flag.
    pub(in super::super) fn of_name(&self, context: &Context, salt: Option<&str>, flag: &str) {
        let (what, text) = salt.map_or(("name", flag), |salt| ("salt", salt));
        if !text.is_ascii() {
            let why = "and not every SDK hashes such letters alike";
            let help = "give the flag a `salt` that is, before it is rolled out";
            say(context, &format!("the {what} `{}` is not ASCII, {why}: {help}", Shown(text)));
        }
        if self.scheme.parts_by_colon() && text.contains(':') {
            let why = "which parts it from the user in what is hashed";
            let help = "give the flag a `salt` without one, before it is rolled out";
            say(context, &format!("the {what} `{}` has a `:`, {why}: {help}", Shown(text)));
        }
    }
}

/// Returns what to say where the flag's users are hashed otherwise than in the last commit: that is, other users.
pub(in super::super) fn of_salt(place: &Place, flag: &Flag) -> Option<String> {
    let text = file::committed_text(place.path())?;
    let local = place.local().ok()?;
    let Some(before) = document::look_up(&text, &local.mapping, &flag.name).flags.into_iter().next() else {
        return of_rename(&document::listing(&text, &local.mapping), &local.listing, flag);
    };
    if before.salt.value() == flag.salt.value() {
        return None;
    }
    let told = |salt: &Field<String>| match salt {
        Field::Is(salt) => format!("`{}`", Shown(salt)),
        Field::Absent => "its name".to_owned(),
        Field::Unreadable(_) => "what is no text".to_owned(),
    };
    let (now, then) = (told(&flag.salt), told(&before.salt));
    let what = format!("`{}` is hashed with {now}, and with {then} in the last commit: that is other users", flag.name);
    Some(format!("{what}; put the `salt` back unless that is meant"))
}

/// Returns what to say of a flag that is new, where the only one that is gone may have been renamed to it.
fn of_rename(before: &Listing, now: &Listing, flag: &Flag) -> Option<String> {
    let mut gone = before.flags.iter().filter(|old| now.get(&old.name).is_none());
    let (Some(old), None) = (gone.next(), gone.next()) else { return None };
    if old.hashed() == flag.hashed() || old.exposure().known().is_some_and(Percent::is_zero) {
        return None;
    }
    let what = format!("`{}` is not in the last commit, and `{}` is there and gone now", flag.name, old.name);
    let salt = Shown(old.hashed()).to_string();
    Some(format!("{what}: if that is its old name, write `salt: {salt}`, or it is other users"))
}

/// Says a warning.
pub(in super::super) fn say(context: &Context, text: &str) {
    context.term.say(&render::error::caution(text));
}
