#!/usr/bin/env bash
# usage: start-victoriametrics.sh PORT
# Starts VictoriaMetrics on 127.0.0.1:PORT. It scrapes nothing: POST samples in the text format, with times in
# milliseconds, to $url/api/v1/import/prometheus, then GET $url/internal/force_flush to see them at once.
# Environment: PREFIX=/path to serve below a path.
. "$(dirname "$0")/lib.sh"
need victoria-metrics victoria-metrics
need curl curl
port=${1:?usage: start-victoriametrics.sh PORT}
dir=$(mktemp -d "${TMPDIR:-/tmp}/flagctl-victoriametrics.XXXXXX")
victoria-metrics -httpListenAddr="127.0.0.1:$port" -storageDataPath="$dir/data" -retentionPeriod=1y \
    -search.latencyOffset=0s -memory.allowedBytes=64MB -loggerLevel=WARN ${PREFIX:+-http.pathPrefix="$PREFIX"} \
    >"$dir/log" 2>&1 </dev/null &
pid=$!
url=http://127.0.0.1:$port${PREFIX:-}
ready "$url/health" "$pid" "$dir/log" 200
echo "pid=$pid url=$url dir=$dir"
