# Completion for bash. Asks flagctl itself, so it knows the flags of your file.
# Put it into /usr/share/bash-completion/completions/flagctl, or source it from ~/.bashrc.
eval "$(FLAGCTL_COMPLETE=bash flagctl 2>/dev/null)"
