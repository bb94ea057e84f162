//! The only place that changes anything: lock, compare, apply, read back, record.
