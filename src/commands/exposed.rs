//! Who of some users a step would expose, and that nobody would lose the flag on the way.

use super::bucket::{Notices, of_salt};
use super::ids::Ids;
use super::place::{Home, Place};
use super::{Context, bucket};
use crate::bucket::Bucketing;
use crate::error::{Error, Result};
use crate::model::{Percent, Shown};
use crate::plan::Plan;
use crate::render::bucket::{Newly, SHOWN};
use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;

/// Looks at every user of a file at every exposure from the plan's beginning to its end.
pub(super) fn newly(context: &Context, place: &Place, plan: &Plan, users: &Path) -> Result<Newly> {
    let (name, salt) = (plan.flag.name.as_str(), place.salt(&plan.flag)?);
    let scheme = place.scheme();
    let hashing = bucket::hashing(place, &plan.flag.name);
    let (salt, seed) = if hashing.seed.is_some() { (None, hashing.seed.as_deref()) } else { (salt, None) };
    let bucketing = Bucketing::new(scheme, name, salt, seed);
    let bucketing = bucketing.map_err(|lacking| Error::usage(lacking.to_string()))?;
    let mut bucketing = bucketing.from_above(hashing.from_above);
    let mut ids = Ids::open(users)?;
    let mut notices = Notices::new(scheme);
    notices.of_name(context, salt, name);
    if let Home::Remote(afar) = &place.home
        && let Some(field) = afar.stickiness(&plan.flag.name)
    {
        notices.of_stickiness(context, &field);
    }
    notices.of_hashing(context, &hashing);
    let from = plan.from.known().unwrap_or_default();
    // Above 0 every plan tells it.
    if from.is_zero() {
        of_salt(place, &plan.flag).iter().for_each(|note| bucket::say(context, note));
    }
    let way: Vec<Percent> = [from].into_iter().chain(plan.jumped.iter().copied()).chain([plan.to]).collect();
    let mut newly = Newly { source: ids.name.clone(), ..Newly::default() };
    // Their hashes do: of a million ids two have the same one in one of forty million lists.
    let mut known: HashSet<u64> = HashSet::new();
    let hasher = RandomState::new();
    while let Some(user) = ids.next()? {
        if !known.insert(hasher.hash_one(user)) {
            newly.repeated += 1;
            continue;
        }
        notices.see(user);
        let bucket = bucketing.bucket(user);
        let within: Vec<bool> = way.iter().map(|exposure| bucketing.is_in(bucket, user, *exposure)).collect();
        newly.count += 1;
        newly.have += u64::from(within.first() == Some(&true));
        newly.lose += u64::from(within.windows(2).any(|pair| pair[0] && !pair[1]));
        if within.first() == Some(&false) && within.last() == Some(&true) {
            newly.newly += 1;
            if context.term.json || newly.names.len() < SHOWN {
                newly.names.push(user.to_owned());
            }
        }
    }
    notices.tell(context);
    if newly.repeated > 0 {
        let what = if newly.repeated == 1 { "1 id stands" } else { &format!("{} ids stand", newly.repeated) };
        context.term.status(&format!("{what} in {} again: each counts once", Shown(&newly.source)));
    }
    Ok(newly)
}
