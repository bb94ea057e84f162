#!/usr/bin/env bash
# usage: start-unleash.sh PORT POSTGRES_URL
# Starts Unleash on 127.0.0.1:PORT with an empty database; start-postgres.sh brings one. It calls nobody.
# Its tokens: `*:*.admin-secret` for the admin API, `default:development.sdk-secret` for SDKs. Its user: admin, unleash4all.
. "$(dirname "$0")/lib.sh"
need curl curl
port=${1:?usage: start-unleash.sh PORT POSTGRES_URL}
database=${2:?usage: start-unleash.sh PORT POSTGRES_URL}
build=$("$(dirname "$0")/build-unleash.sh")
export PATH=$build/node/bin:$PATH
dir=$(mktemp -d "${TMPDIR:-/tmp}/flagctl-unleash.XXXXXX")
url=http://127.0.0.1:$port
env -u NODE_OPTIONS DATABASE_URL="$database" DATABASE_SSL=false HTTP_HOST=127.0.0.1 HTTP_PORT="$port" UNLEASH_URL="$url" \
    CHECK_VERSION=false SEND_TELEMETRY=false SCARF_ANALYTICS=false DO_NOT_TRACK=1 LOG_LEVEL=warn \
    INIT_ADMIN_API_TOKENS='*:*.admin-secret' INIT_BACKEND_API_TOKENS='default:development.sdk-secret' \
    UNLEASH_DEFAULT_ADMIN_USERNAME=admin UNLEASH_DEFAULT_ADMIN_PASSWORD=unleash4all \
    node "$build/node_modules/unleash-server/dist/server.js" >"$dir/log" 2>&1 </dev/null &
pid=$!
ready "$url/health" "$pid" "$dir/log" 200
echo "pid=$pid url=$url dir=$dir"
