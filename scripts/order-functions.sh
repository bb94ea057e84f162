#!/usr/bin/env bash
# usage: order-functions.sh
# Writes scripts/functions.order: the functions that a rollback runs through, as valgrind sees them, by their names: that
# they are few matters, and not which comes first. build.rs has the linker put them side by side. The names hold for one
# compiler and one Cargo.lock; others find fewer of them and only start a little slower. Worth a run before a release, and
# after moving much.
. "$(dirname "$0")/lib.sh"
need valgrind valgrind
root=$(cd "$(dirname "$0")/.." && pwd)
target=$root/target/ordered
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
: >"$root/scripts/functions.order"
# Kept symbols by the profile would give every function another name than in a release.
(cd "$root" && CARGO_TARGET_DIR=$target cargo rustc --locked --release --bin flagctl -- -C strip=none)
mkdir "$dir/config"
for number in $(seq 100); do
    printf 'flag_%s: # of the team\n  enabled: true\n  rollout: 25\n  description: "What it does"\n' "$number"
done >"$dir/config/feature_flags.yaml"
cd "$dir"
# The second of two, so that there is a ledger to follow.
for flag in flag_20 flag_50; do
    valgrind --tool=callgrind --demangle=no --callgrind-out-file="$dir/seen" "$target/release/flagctl" rollback "$flag" \
        2>"$dir/log" >&2 || die "$(tail -5 "$dir/log")"
done
sed -nE "s/^c?fn=\([0-9]+\) ([A-Za-z0-9_.\$]+).*/\1/p" "$dir/seen" | awk '!seen[$0]++' >"$dir/names"
nm --defined-only "$target/release/flagctl" | awk '{print $3}' | sort -u >"$dir/ours"
awk 'NR == FNR { ours[$1]; next } $1 in ours' "$dir/ours" "$dir/names" |
    LC_ALL=C sort >"$root/scripts/functions.order"
echo "$(wc -l <"$root/scripts/functions.order") functions"
