//! What services need: generated modules at work in Node, vectors in another language, a rollout on a real service.

mod doubt;
mod faithful;
mod hash;
mod load;
mod module;
mod node;
mod rollout;
mod vectors;
