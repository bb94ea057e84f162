//! Blocks of a file that are about one environment, or about all: a flag that stands in several of them has several
//! values, and which is meant can't be told.

use super::candidate::Candidate;
use super::entries::entries;
use super::places;
use crate::document::Node;
use crate::model::KeyPath;
use std::collections::HashSet;

/// How deep in a file blocks are looked for.
const DEPTH: usize = 4;

/// A block of an environment.
struct Block {
    root: KeyPath,
    /// What stands in it, as far as it has keys.
    names: Vec<String>,
}

/// True for a path into a block that is about one environment, or about all.
pub(super) fn is_about_one(path: &[String]) -> bool {
    path.iter().any(|key| places::names_environment(key) || places::names_default(key))
}

/// Returns the blocks that hold flags of the same names as the place that was chosen; `known` are the places with
/// percentages in such blocks.
pub(super) fn rivals(chosen: &Candidate, known: &[Candidate], documents: &[Node<'_>]) -> Vec<Candidate> {
    let mut search = Search {
        root: &chosen.mapping.root,
        names: chosen.names.iter().map(String::as_str).collect(),
        found: Vec::new(),
    };
    if !chosen.bare {
        documents.iter().for_each(|document| search.collect(document, &mut Vec::new()));
    }
    let other = |block: &Block| {
        let known = known.iter().find(|candidate| candidate.mapping.root == block.root && !candidate.bare);
        let mut other = Candidate {
            example: block.names.first().cloned().unwrap_or_default(),
            flags: block.names.len(),
            names: block.names.clone(),
            ..chosen.clone()
        };
        other.mapping.root.clone_from(&block.root);
        // A block may say only what is different there: what it leaves out is spelled as in the others.
        if let Some(known) = known {
            other = Candidate { mapping: other.mapping, ..known.clone() };
            other.spell_as(known);
        }
        other
    };
    search.found.iter().map(other).collect()
}

/// A search for blocks with flags that another place has too.
struct Search<'c> {
    root: &'c KeyPath,
    names: HashSet<&'c str>,
    found: Vec<Block>,
}

impl Search<'_> {
    fn collect(&mut self, node: &Node<'_>, path: &mut KeyPath) {
        for (key, value) in node.pairs().iter().filter(|(_, value)| matches!(value, Node::Mapping(_) | Node::List(_))) {
            // What lies inside one of the flags is about that flag alone.
            if path == self.root && self.names.contains(key.as_ref()) {
                continue;
            }
            path.push(key.clone().into_owned());
            if path != self.root && is_about_one(path) && !self.found.iter().any(|block| block.root == *path) {
                let mappings = entries(value).into_iter().filter(|entry| matches!(entry.node, Node::Mapping(_)));
                let names: Vec<String> = mappings.map(|entry| entry.name.to_owned()).collect();
                if names.iter().any(|name| self.names.contains(name.as_str())) {
                    self.found.push(Block { root: path.clone(), names });
                }
            }
            if path.len() < DEPTH {
                self.collect(value, path);
            }
            path.pop();
        }
    }
}
