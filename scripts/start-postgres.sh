#!/usr/bin/env bash
# usage: start-postgres.sh PORT
# Starts an empty PostgreSQL that is thrown away, on 127.0.0.1:PORT; nothing of it has to survive a crash.
# It won't run as root: then it runs as the user `postgres`.
. "$(dirname "$0")/lib.sh"
need setpriv util-linux
port=${1:?usage: start-postgres.sh PORT}
bin=$(find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -1)
[ -n "$bin" ] || die "PostgreSQL is missing; get it with: apt-get install --no-install-recommends postgresql"
bin=$(dirname "$bin")
dir=$(mktemp -d "${TMPDIR:-/tmp}/flagctl-postgres.XXXXXX")
as=()
if [ "$(id -u)" = 0 ]; then
    chown postgres "$dir"
    as=(setpriv --reuid=postgres --regid=postgres --init-groups env HOME=/nonexistent)
fi
# It refuses to work in a folder that its user can't enter.
cd /
"${as[@]}" "$bin/initdb" -D "$dir/data" -U unleash -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/log" 2>&1 \
    || die "initdb failed: $(tail -3 "$dir/log")"
"${as[@]}" "$bin/postgres" -D "$dir/data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=40 >"$dir/log" 2>&1 </dev/null &
pid=$!
for _ in $(seq 300); do
    "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" && break
    kill -0 "$pid" 2>/dev/null || die "it died: $(tail -3 "$dir/log")"
    sleep 0.1
done
echo "pid=$pid url=postgres://unleash@127.0.0.1:$port/postgres dir=$dir"
