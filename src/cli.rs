//! The command line as data: globals and the list of verbs.
