#!/bin/sh
# Runs the binary with nothing of the machine's environment but a path, and an actor.
exec env -i PATH="$PATH" HOME= LC_ALL=C.UTF-8 FLAGCTL_ACTOR=ada "$BINARY_UNDER_TEST" "$@"
