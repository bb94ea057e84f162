//! Sources over the wire → evidence. Asks and waits; judges nothing.
