//! Pure rules for `validate`: one file a rule, one line to register.
