# Completion for elvish. Asks flagctl itself, so it knows the flags of your file.
# Put it into ~/.config/elvish/rc.elv.
eval (env FLAGCTL_COMPLETE=elvish flagctl 2>/dev/null | slurp)
