#!/usr/bin/env bash
# Runs a command again and again, and lets it die, or fail, at its first, second, third… file call.
#
#   crash-sweep.sh SETUP CHECK [--fail ERRNO] -- COMMAND…
#
# Before every run `sh -c SETUP`, after it `sh -c CHECK`; a CHECK that fails is a broken promise. CHECK finds in its
# environment the call (CALL, NTH) and the file with what the command said (SAID). Without --fail the command is killed
# (SIGKILL) instead of the call, and once more right after it (SIGUSR1: under SIGKILL no call is carried out); with
# --fail the call fails with that error.
#
# strace counts calls by name and by thread, hence two loops: over the names, and up to the first run that is not hit.
# A sweep that hits nothing fails, so that it can't pass by not running.
set -u

setup=$1 check=$2
shift 2
error=
if [ "$1" = --fail ]; then
    error=$2
    shift 2
fi
[ "$1" = -- ] && shift
calls=${CALLS:-openat write fchmod fchown fsync fdatasync rename renameat2 unlink mkdir flock ftruncate fallocate}

command -v strace >/dev/null || { echo "crash-sweep: no strace: apt-get install strace" >&2; exit 3; }
trace=$(mktemp)
SAID=$(mktemp)
trap 'rm -f "$trace" "$SAID"' EXIT
export CALL NTH SAID
points=0 broken=0

# Runs the command once with one injection; true if it was hit.
hit() {
    sh -c "$setup" || { echo "crash-sweep: the set-up failed" >&2; exit 3; }
    # The inner shell keeps bash quiet about the kill: strace dies of the same signal as what it runs.
    sh -c '"$@"; exit $?' - strace -f -qq -o "$trace" -e trace="$CALL" -e inject="$CALL:$1:when=$NTH" "${@:2}" \
        >"$SAID" 2>/dev/null
    local code=$?
    if ! sh -c "$check"; then
        echo "broken at $CALL #$NTH ($1): $(tail -n 1 "$trace" | cut -c 1-160)"
        sed 's/^/    /' "$SAID"
        broken=$((broken + 1))
    fi
    if [ -n "$error" ]; then grep -q INJECTED "$trace"; else [ $code = 137 ] || [ $code = 138 ]; fi
}

ways='signal=KILL:error=EINTR signal=USR1'
[ -z "$error" ] || ways=error=$error
for CALL in $calls; do
    for way in $ways; do
        for ((NTH = 1; NTH < 1000; NTH++)); do
            hit "$way" "$@" || break
            points=$((points + 1))
        done
    done
done
echo "crash-sweep: $points points, $broken broken"
[ $points -gt 0 ] && [ $broken = 0 ]
