//! The sticky hash: which users are in the rollout.
