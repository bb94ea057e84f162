#!/usr/bin/env bash
# usage: start-holograph.sh PORT FLAGS_FILE
# Starts the sample service on Node, examples/holograph/server, on 127.0.0.1:PORT with the flags of FLAGS_FILE.
. "$(dirname "$0")/lib.sh"
need curl curl
port=${1:?usage: start-holograph.sh PORT FLAGS_FILE}
flags=$(realpath "${2:?usage: start-holograph.sh PORT FLAGS_FILE}")
build=$("$(dirname "$0")/build-holograph.sh")
dir=$(mktemp -d "${TMPDIR:-/tmp}/flagctl-holograph.XXXXXX")
PORT=$port FLAGS_FILE=$flags node "$build/dist/main.js" >"$dir/log" 2>&1 </dev/null &
pid=$!
url=http://127.0.0.1:$port
ready "$url/healthz" "$pid" "$dir/log" 200
echo "pid=$pid url=$url dir=$dir"
