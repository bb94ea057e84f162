# Completion for fish. Asks flagctl itself, so it knows the flags of your file.
# Put it into ~/.config/fish/completions/flagctl.fish.
FLAGCTL_COMPLETE=fish flagctl 2>/dev/null | source
