//! Metrics: what servers answer, what hostile ones do, and the world.

mod ask;
mod bodies;
mod client;
mod environment;
mod exposition;
mod hostile;
mod json;
mod prometheus;
mod series;
pub(crate) mod server;
pub(crate) mod world;
