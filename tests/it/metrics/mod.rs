//! Metrics: what servers answer, what hostile ones do, and the world.

mod ask;
mod bodies;
mod prometheus;
mod server;
