//! Tests of `change` and of the file backend: what is written, what is not, and what happens when the world fails.

mod crash;
mod outcomes;
mod remote;
mod stop;
mod together;
mod toy;
mod two;
mod world;
mod writer;
