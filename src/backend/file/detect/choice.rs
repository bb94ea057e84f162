//! The choice between the places where flags stand.

use super::candidate::Candidate;
use super::entries::{self, Numbers};
use super::{environments, places};
use crate::document::Node;
use crate::model::KeyPath;

/// What a choice came to.
pub(super) enum Choice {
    One(Candidate),
    Several(Vec<Candidate>),
    None,
}

/// Chooses one place, or several between which a person has to.
pub(super) fn choose(candidates: Vec<Candidate>, documents: &[Node<'_>]) -> Choice {
    let candidates = by_root(candidates);
    let about = candidates.iter().filter(|candidate| environments::is_about_one(&candidate.mapping.root));
    let about: Vec<Candidate> = about.cloned().collect();
    let mut chosen = likely(candidates);
    if let [one] = chosen.as_slice() {
        let rivals = environments::rivals(one, &about, documents);
        chosen.extend(rivals);
    }
    if chosen.len() < 2 {
        return chosen.pop().map_or(Choice::None, Choice::One);
    }
    // One file has one scale.
    let numbers = chosen.iter().fold(Numbers::default(), |numbers, candidate| numbers.and(candidate.numbers));
    for candidate in &mut chosen {
        candidate.mapping.scale = numbers.scale();
    }
    Choice::Several(chosen)
}

/// Returns the likeliest places: where flags usually stand, else all; several groups of flags side by side are one.
fn likely(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    if candidates.iter().any(|candidate| !candidate.bare) {
        candidates.retain(|candidate| !candidate.bare);
    }
    // What is called as places of flags are called, and holds flags, is no flag itself, whatever else stands in it.
    let places: Vec<KeyPath> = candidates.iter().map(|candidate| candidate.mapping.root.clone()).collect();
    let is_place = |root: &KeyPath, name: &String| {
        places::names_flags(name) && places.iter().any(|place| place.split_last() == Some((name, root.as_slice())))
    };
    candidates.retain(|candidate| !candidate.names.iter().all(|name| is_place(&candidate.mapping.root, name)));
    // What lies inside a flag of another candidate is no place of its own.
    let roots: Vec<(KeyPath, Vec<String>)> =
        candidates.iter().map(|candidate| (candidate.mapping.root.clone(), candidate.names.clone())).collect();
    let inside_flag = |root: &KeyPath| {
        roots.iter().any(|(other, names)| {
            root.len() > other.len() && root.starts_with(other) && names.contains(&root[other.len()])
        })
    };
    candidates.retain(|candidate| !inside_flag(&candidate.mapping.root));
    prefer(&mut candidates, |candidate| !candidate.mapping.root.iter().any(|key| places::names_environments(key)));
    if let Some(one) = together(&candidates) {
        return vec![one];
    }
    prefer(&mut candidates, |candidate| candidate.mapping.root.last().is_some_and(|key| places::names_flags(key)));
    if candidates.len() > 1 {
        let least = candidates.iter().map(|candidate| candidate.mapping.root.len()).min();
        prefer(&mut candidates, |candidate| Some(candidate.mapping.root.len()) == least);
    }
    prefer(&mut candidates, |candidate| candidate.mapping.root.last().is_some_and(|key| places::names_default(key)));
    candidates
}

/// Takes what stands at the same path, in several documents or under a key that stands twice, for one place.
fn by_root(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        let environment = |candidate: &Candidate| {
            candidate.mapping.rollout.first().is_some_and(|path| entries::environment(path).is_some())
        };
        let same = |known: &&mut Candidate| {
            known.mapping.root == candidate.mapping.root && known.bare == candidate.bare && !environment(known)
        };
        match kept.iter_mut().find(same) {
            Some(known) => known.take_in(&candidate),
            None => kept.push(candidate),
        }
    }
    kept
}

/// Keeps those that pass, if any does.
fn prefer(candidates: &mut Vec<Candidate>, test: impl Fn(&Candidate) -> bool) {
    if candidates.iter().any(&test) {
        candidates.retain(test);
    }
}

/// Takes groups of flags that stand side by side for one place, if no flag stands in two of them.
fn together(candidates: &[Candidate]) -> Option<Candidate> {
    let (first, rest) = candidates.split_first().filter(|(_, rest)| !rest.is_empty())?;
    let (_, parent) = first.mapping.root.split_last()?;
    let beside = |candidate: &Candidate| candidate.mapping.root.split_last().is_some_and(|(_, above)| above == parent);
    if first.bare
        || !rest.iter().all(beside)
        || candidates
            .iter()
            .any(|candidate| candidate.mapping.root.last().is_some_and(|key| places::names_environment(key)))
    {
        return None;
    }
    let mut one = first.clone();
    for candidate in rest {
        let alike = candidate.mapping.rollout.iter().all(|path| one.mapping.rollout.contains(path))
            && candidate.mapping.name == one.mapping.name;
        if !alike || candidate.names.iter().any(|name| one.names.contains(name)) {
            return None;
        }
        one.take_in(candidate);
    }
    one.mapping.root = parent.iter().cloned().chain(["*".to_owned()]).collect();
    Some(one)
}
