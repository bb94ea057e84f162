//! One verb a file: its arguments and its run. The only glue.
