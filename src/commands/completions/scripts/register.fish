function __flagctl_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    FLAGCTL_COMPLETE=SHELL FLAGCTL -- $words (commandline --current-token --cut-at-cursor) 2>/dev/null
end
complete --command flagctl --no-files --keep-order --arguments '(__flagctl_complete)'
