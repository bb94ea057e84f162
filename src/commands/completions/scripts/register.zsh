_flagctl() {
    local line value ret=1
    local -a values shown folders
    for line in "${(@f)$(FLAGCTL_COMPLETE=SHELL FLAGCTL -- "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
        value="${line%%$'\t'*}"
        if [[ -z "$value" ]]; then
            continue
        elif [[ "$value" == *[=/] ]]; then
            folders+=("$value")
        else
            values+=("$value")
            shown+=("${line/$'\t'/  -- }")
        fi
    done
    compadd -V flagctl -S '' -a folders && ret=0
    compadd -V flagctl -l -d shown -a values && ret=0
    return ret
}
(( $+functions[compdef] )) && compdef _flagctl flagctl
