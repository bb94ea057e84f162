#!/usr/bin/env bash
# usage: start-prometheus.sh PORT [TARGET_PORT]
# Starts Prometheus on 127.0.0.1:PORT, scraping 127.0.0.1:TARGET_PORT every second (none: nothing is scraped).
# It takes about 5 s until the first scrape. Environment: CONFIG=file instead of that configuration,
# WEB_CONFIG=file for TLS and basic auth, PREFIX=/path to serve below a path.
. "$(dirname "$0")/lib.sh"
need prometheus prometheus
need curl curl
port=${1:?usage: start-prometheus.sh PORT [TARGET_PORT]}
target=${2:-}
dir=$(mktemp -d "${TMPDIR:-/tmp}/flagctl-prometheus.XXXXXX")
config=${CONFIG:-$dir/prometheus.yml}
if [ -z "${CONFIG:-}" ]; then
    echo 'global: {scrape_interval: 1s, scrape_timeout: 900ms}' >"$config"
    if [ -n "$target" ]; then
        printf 'scrape_configs:\n- job_name: app\n  static_configs: [{targets: ["127.0.0.1:%s"]}]\n' "$target" >>"$config"
    fi
fi
scheme=http
arguments=()
if [ -n "${WEB_CONFIG:-}" ]; then
    arguments+=(--web.config.file="$WEB_CONFIG")
    if grep -q tls_server_config "$WEB_CONFIG"; then scheme=https; fi
fi
url=$scheme://127.0.0.1:$port${PREFIX:-}
if [ -n "${PREFIX:-}" ]; then
    arguments+=(--web.external-url="$url" --web.route-prefix="$PREFIX")
fi
prometheus --config.file="$config" --storage.tsdb.path="$dir/data" --web.listen-address="127.0.0.1:$port" \
    --log.level=warn "${arguments[@]}" >"$dir/log" 2>&1 </dev/null &
pid=$!
# With basic auth every path asks for it.
ready "$url/-/ready" "$pid" "$dir/log" 200 401
echo "pid=$pid url=$url dir=$dir"
