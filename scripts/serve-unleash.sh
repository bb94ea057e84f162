#!/usr/bin/env bash
# usage: serve-unleash.sh PORT POSTGRES_PORT
# Starts Unleash with its database and prints its `url=… sdk=…`, the latter the folder of its SDK. Both live as long as
# the standard input stays open: whatever ends the one who holds it, they end too, and leave nothing behind.
. "$(dirname "$0")/lib.sh"
port=${1:?usage: serve-unleash.sh PORT POSTGRES_PORT}
here=$(cd "$(dirname "$0")" && pwd)
database_port=${2:?usage: serve-unleash.sh PORT POSTGRES_PORT}
sdk=$("$here/build-unleash.sh")
pids=()
dirs=()
end() {
    # PostgreSQL takes INT as an order to stop at once.
    for pid in "${pids[@]}"; do kill -INT "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do
        for _ in $(seq 50); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$pid" 2>/dev/null || true
    done
    for dir in "${dirs[@]}"; do rm -rf "$dir"; done
}
trap end EXIT
said=$("$here/start-postgres.sh" "$database_port")
eval "$said"
pids+=("$pid") dirs+=("$dir")
said=$("$here/start-unleash.sh" "$port" "$url")
eval "$said"
pids=("$pid" "${pids[@]}") dirs+=("$dir")
exec 3<&0
# A process of its own, so that nobody who ends this one's family ends it.
(
    trap end EXIT
    cat >/dev/null
) <&3 >/dev/null 2>&1 3<&- &
trap - EXIT
echo "url=$url sdk=$sdk"
