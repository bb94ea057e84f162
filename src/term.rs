//! The terminal: colour, verbosity, prompts. The only one that asks.
