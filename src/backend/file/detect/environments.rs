//! Blocks of a file that are about one environment, or about all: a flag that stands in several of them has several
//! values, and which is meant can't be told.

use super::candidate::Candidate;
use super::entries::entries;
use super::places;
use crate::document::Node;
use crate::model::KeyPath;

/// How deep in a file blocks are looked for.
const DEPTH: usize = 4;

/// A block of an environment.
struct Block {
    root: KeyPath,
    /// What stands in it, as far as it has keys.
    names: Vec<String>,
}

/// Returns the place that was chosen with the others that hold flags of the same names; none if it is the only one.
pub(super) fn rivals(chosen: &Candidate, all: &[Candidate], documents: &[Node<'_>]) -> Vec<Candidate> {
    let mut blocks = Vec::new();
    if !chosen.bare {
        documents.iter().for_each(|document| collect(document, &mut Vec::new(), chosen, &mut blocks));
    }
    let other = |block: &Block| {
        let known = all.iter().find(|candidate| candidate.mapping.root == block.root && !candidate.bare);
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
    let others: Vec<Candidate> = blocks.iter().map(other).collect();
    if others.is_empty() { others } else { std::iter::once(chosen.clone()).chain(others).collect() }
}

/// Gathers the blocks with flags that the chosen place has too.
fn collect(node: &Node<'_>, path: &mut KeyPath, chosen: &Candidate, found: &mut Vec<Block>) {
    let root = &chosen.mapping.root;
    for (key, value) in node.pairs().iter().filter(|(_, value)| matches!(value, Node::Mapping(_) | Node::List(_))) {
        // What lies inside one of the flags is about that flag alone.
        if path == root && chosen.names.iter().any(|name| name == key) {
            continue;
        }
        path.push(key.clone().into_owned());
        let about = path.iter().any(|key| places::names_environment(key) || places::names_default(key));
        if about && path != root && !found.iter().any(|block| block.root == *path) {
            let mappings = entries(value).into_iter().filter(|entry| matches!(entry.node, Node::Mapping(_)));
            let names: Vec<String> = mappings.map(|entry| entry.name.to_owned()).collect();
            if names.iter().any(|name| chosen.names.contains(name)) {
                found.push(Block { root: path.clone(), names });
            }
        }
        if path.len() < DEPTH {
            collect(value, path, chosen, found);
        }
        path.pop();
    }
}
