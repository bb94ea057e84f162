# What the start-*.sh scripts share. Source it; it starts nothing.
#
# Every such script listens on 127.0.0.1 only, takes the PORT first, prints `pid=… url=… dir=…` (fit for eval) when the
# server answers, and leaves it running. To stop it: kill "$pid"; rm -r "$dir".
set -euo pipefail

die() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

# need COMMAND PACKAGE
need() {
    command -v "$1" >/dev/null || die "\`$1\` is missing; get it with: apt-get install --no-install-recommends $2"
}

# ready URL PID LOG STATUS… : waits until URL answers with one of the statuses, the process is gone, or 30 s are over.
ready() {
    local url=$1 pid=$2 log=$3 status end
    shift 3
    end=$(($(date +%s) + 30))
    while :; do
        status=$(curl -k -s -o /dev/null -w '%{http_code}' --noproxy '*' --max-time 2 "$url" || true)
        case " $* " in *" $status "*) return 0 ;; esac
        kill -0 "$pid" 2>/dev/null || die "it died: $(tail -3 "$log")"
        [ "$(date +%s)" -lt "$end" ] || die "it does not answer at $url (last: $status): $(tail -3 "$log")"
        sleep 0.1
    done
}
